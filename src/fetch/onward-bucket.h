/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OnwardBucket:
 * @rate: bytes a second, or 0 for no limit
 *
 * A limit on a rate that several connections share: what may be read drips into it, at most a
 * quarter of a second's worth. Pure, the time is given.
 */
typedef struct
{
  guint64 rate;
  double level;
  gint64 filled_at;
} OnwardBucket;

void  onward_bucket_set_rate  (OnwardBucket *self, guint64 rate, gint64 now);
gsize onward_bucket_take      (OnwardBucket *self, gsize wanted, gint64 now);
void  onward_bucket_give_back (OnwardBucket *self, gsize unused);
guint onward_bucket_get_wait  (const OnwardBucket *self);

G_END_DECLS
