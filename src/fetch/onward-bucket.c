/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-bucket.h"

/* What collects while nobody reads, in parts of a second. */
#define CAPACITY 4
/* Reads of less than so many parts of a second are not worth their while. */
#define PORTION 20
/* Milliseconds: so soon a limit that was changed is noticed. */
#define LONGEST_WAIT 250

static double
get_portion (const OnwardBucket *self)
{
  return MAX ((double) self->rate / PORTION, 1.0);
}

static void
fill (OnwardBucket *self, gint64 now)
{
  double most = MAX ((double) self->rate / CAPACITY, 1.0);
  double step = (double) MAX (now - self->filled_at, 0) / G_USEC_PER_SEC;

  self->level = MIN (self->level + step * (double) self->rate, most);
  self->filled_at = now;
}

/**
 * onward_bucket_set_rate:
 * @rate: bytes a second, or 0 for no limit
 * @now: the present monotonic time
 *
 * Sets the limit from now on.
 */
void
onward_bucket_set_rate (OnwardBucket *self, guint64 rate, gint64 now)
{
  fill (self, now);
  self->rate = rate;
  fill (self, now);
}

/**
 * onward_bucket_take:
 * @wanted: how many bytes somebody would read
 * @now: the present monotonic time
 *
 * Returns: how many may be read now; none before the wait is over
 */
gsize
onward_bucket_take (OnwardBucket *self, gsize wanted, gint64 now)
{
  gsize taken = 0;

  if (self->rate == 0)
    return wanted;
  fill (self, now);
  if (self->level < MIN ((double) wanted, get_portion (self)))
    return 0;
  taken = (gsize) MIN ((double) wanted, self->level);
  self->level -= (double) taken;
  return taken;
}

/**
 * onward_bucket_give_back:
 * @unused: how many of the bytes taken were not read
 */
void
onward_bucket_give_back (OnwardBucket *self, gsize unused)
{
  if (self->rate != 0)
    self->level += (double) unused;
}

/**
 * onward_bucket_get_wait:
 *
 * Returns: after how many milliseconds to ask again, when nothing was to be had
 */
guint
onward_bucket_get_wait (const OnwardBucket *self)
{
  double short_of = get_portion (self) - self->level;

  if (self->rate == 0 || short_of <= 0.0)
    return 1;
  return (guint) CLAMP (1000.0 * short_of / (double) self->rate + 1.0, 1.0, LONGEST_WAIT);
}
