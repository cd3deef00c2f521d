/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-status.h"

G_BEGIN_DECLS

/**
 * OnwardStatusFields:
 * @state: where the update stands
 * @release: (nullable): the release it is about
 * @releases: (nullable): every newer release, newest first
 * @forced: whether the installed version must not go on
 * @described: whether notes and sizes are known
 * @bytes_done: bytes of the plan that are already there
 * @bytes_total: bytes of the plan
 * @full_size: bytes of the whole application's full pack
 * @files_done: files already staged
 * @files_total: files to stage
 * @progress: 0.0 to 1.0 over download, verification and staging
 * @rate: bytes a second, a moving average
 * @time_left: seconds, or -1 while unknown
 * @retry_at: when the next try begins, in µs of onward_clock_get_time(); 0 while one is under way
 * @error: (nullable): why, in failed; what was lost, in reconnecting
 * @obstacle: what stands in the way
 * @waiting_for: (nullable): the copy of the application that has to be closed first
 * @stopping: whether a pause or a cancellation was asked for and is not yet done
 * @elsewhere: whether another process is at work, of which this tells
 * @lost: (nullable) (array zero-terminated=1): components that are here and that @release lacks
 * @restart_due: whether the current version is another one than when this process began
 *
 * The contents of a status. onward_status_new() copies and references what they point at.
 */
typedef struct
{
  OnwardState state;
  OnwardRelease *release;
  GPtrArray *releases;
  gboolean forced;
  gboolean described;
  guint64 bytes_done;
  guint64 bytes_total;
  guint64 full_size;
  guint files_done;
  guint files_total;
  double progress;
  guint64 rate;
  gint time_left;
  gint64 retry_at;
  const GError *error;
  OnwardObstacle obstacle;
  const char *waiting_for;
  gboolean stopping;
  gboolean elsewhere;
  const char *const *lost;
  gboolean restart_due;
} OnwardStatusFields;

OnwardStatus             *onward_status_new        (const OnwardStatusFields *fields);
/* Borrowed: copy the struct, change what differs, and make a new status of it. */
const OnwardStatusFields *onward_status_get_fields (OnwardStatus *self);

G_END_DECLS
