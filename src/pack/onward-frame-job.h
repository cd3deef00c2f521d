/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-make.h"
#include "onward-frame-layout.h"
#include "onward-pack-head.h"
#include "onward-pack-writer.h"

G_BEGIN_DECLS

/**
 * OnwardFrameJob:
 * @compression: how to compress
 * @spool_dir: (unowned): a folder for temporary files
 * @dirfd: (unowned): the folder with the files
 * @entries: (owned) (element-type OnwardTreeEntry): the files of the frame
 * @method: how LZMA compresses them
 * @size: the bytes they have together
 * @old_dirfd: (unowned): the folder with @old_entries
 * @old_entries: (nullable) (owned) (element-type OnwardTreeEntry): the old files to start from:
 *   then the frame is a delta or none
 * @effort: how hard to try for a delta
 * @permille: how much of it is made; may be read on any thread
 * @frame: (out): the frame, without its offset
 * @stored: (out) (owned) (nullable): its bytes; none when no delta is worth it
 * @error: (out) (owned) (nullable): why it failed
 * @is_done: (out): whether it has run
 *
 * One frame to be made, on any thread.
 */
typedef struct
{
  /* Input. */
  OnwardCompression compression;
  const char *spool_dir;
  int dirfd;
  GPtrArray *entries;
  OnwardFrameMethod method;
  guint64 size;
  int old_dirfd;
  GPtrArray *old_entries;
  OnwardDeltaEffort effort;

  /* In progress. */
  int permille; /* atomic */

  /* Output. */
  OnwardFrame frame;
  GBytes *stored;
  GError *error;
  gboolean is_done;
} OnwardFrameJob;

OnwardFrameJob *onward_frame_job_new  (OnwardCompression compression, const char *spool_dir,
                                       int dirfd, GPtrArray *entries, OnwardFrameMethod method);
void            onward_frame_job_free (OnwardFrameJob *self);
gboolean        onward_frame_job_run  (OnwardFrameJob *self, GCancellable *cancellable,
                                       GError **error);

/* The memory that a frame without old files takes, and about how many seconds of a core. */
guint64         onward_frame_job_estimate         (const OnwardFrameJob *self);
double          onward_frame_job_estimate_seconds (const OnwardFrameJob *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardFrameJob, onward_frame_job_free)

G_END_DECLS
