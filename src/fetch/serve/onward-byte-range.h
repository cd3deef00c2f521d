/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OnwardByteRange:
 * @ONWARD_BYTE_RANGE_NONE: no range that is understood: the whole file answers it
 * @ONWARD_BYTE_RANGE_ONE: one range that the file has
 * @ONWARD_BYTE_RANGE_OUTSIDE: a range beyond the end of the file
 *
 * What the Range header of a request asks for.
 */
typedef enum
{
  ONWARD_BYTE_RANGE_NONE,
  ONWARD_BYTE_RANGE_ONE,
  ONWARD_BYTE_RANGE_OUTSIDE,
} OnwardByteRange;

OnwardByteRange onward_byte_range_parse (const char *header, guint64 size, guint64 *ret_start,
                                         guint64 *ret_end);

G_END_DECLS
