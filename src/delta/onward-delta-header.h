/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardDeltaVersion:
 * @ONWARD_DELTA_PIECES: 16 MiB at a time, each with a part of the old bytes at hand
 * @ONWARD_DELTA_COVERS: what is like old bytes, and how it differs
 * @ONWARD_DELTA_DEFLATED: the same, after inflating what is deflated in both
 * @ONWARD_DELTA_TOGETHER: either, with more kinds of fields
 * @ONWARD_DELTA_CHAPTERS: several of the others, one behind the other
 *
 * The versions of the format; all of them stay readable.
 */
typedef enum
{
  ONWARD_DELTA_PIECES = 1,
  ONWARD_DELTA_COVERS = 2,
  ONWARD_DELTA_DEFLATED = 3,
  ONWARD_DELTA_TOGETHER = 4,
  ONWARD_DELTA_CHAPTERS = 5,
} OnwardDeltaVersion;

/**
 * OnwardDeltaHeader:
 * @version: an #OnwardDeltaVersion
 * @old_size: the size of the old bytes
 * @new_size: the size of the rebuilt bytes
 * @is_deflated: whether the table of what is to be inflated and deflated follows; the versions
 *   before %ONWARD_DELTA_TOGETHER say it by themselves
 *
 * The beginning of a delta: "OnwD", the version, both sizes, whether it has that table.
 */
typedef struct
{
  OnwardDeltaVersion version;
  guint64 old_size;
  guint64 new_size;
  gboolean is_deflated;
} OnwardDeltaHeader;

void     onward_delta_header_append (const OnwardDeltaHeader *self, GByteArray *array);
gboolean onward_delta_header_read   (OnwardDeltaHeader *ret_header, GBytes *delta, gsize *position,
                                     GError **error);

G_END_DECLS
