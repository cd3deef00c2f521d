/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OnwardPlace:
 * @start: where deflated bytes may begin
 * @end: they end no later, and
 * @ends_there: not before, either
 * @chunk: 0, or of a PNG the bytes in each of its chunks but the last
 *
 * Where a file says that deflated bytes are, which is not to be believed.
 */
typedef struct
{
  gsize start;
  gsize end;
  gboolean ends_there;
  guint32 chunk;
} OnwardPlace;

/* Finds the first place from @from on, which is 0 or where the last one ended; FALSE: no more. */
typedef gboolean (*OnwardDeflateFinder) (const guint8 *data, gsize size, gsize from,
                                         OnwardPlace *ret_place);

G_END_DECLS
