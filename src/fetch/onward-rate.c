/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <math.h>

#include "onward-rate.h"

/* The average forgets a change of speed within about this time. */
#define MEMORY         (5.0 * G_USEC_PER_SEC)
#define SHORTEST_STEP  (G_USEC_PER_SEC / 4)
#define FIRST_ESTIMATE (3 * G_USEC_PER_SEC)
/* Seconds within which a wrong time left is put right. */
#define DRIFT        4.0
#define LONGEST_TIME (100 * 24 * 60 * 60)

/**
 * onward_rate_reset:
 * @now: the present monotonic time, in microseconds
 * @bytes: how many bytes have been received so far
 *
 * Begins anew, as after a pause.
 */
void
onward_rate_reset (OnwardRate *self, gint64 now, guint64 bytes)
{
  g_return_if_fail (self != NULL);

  *self = (OnwardRate){ .begun_at = now, .sampled_at = now, .sampled_bytes = bytes };
}

/**
 * onward_rate_add:
 * @now: the present monotonic time, in microseconds
 * @bytes: how many bytes have been received in all; fewer than before counts as none
 *
 * Takes a sample. May be called as often as bytes arrive.
 */
void
onward_rate_add (OnwardRate *self, gint64 now, guint64 bytes)
{
  gint64 step = 0;
  double rate = 0.0, weight = 0.0;

  g_return_if_fail (self != NULL);

  step = now - self->sampled_at;
  if (step < SHORTEST_STEP)
    return;

  rate = bytes > self->sampled_bytes ? (double) (bytes - self->sampled_bytes) : 0.0;
  rate = rate * G_USEC_PER_SEC / (double) step;
  /* Young averages weigh all samples the same, so that the first one does not rule for long. */
  weight =
      MAX (1.0 - exp (-(double) step / MEMORY), (double) step / (double) (now - self->begun_at));
  self->average += weight * (rate - self->average);
  self->sampled_at = now;
  self->sampled_bytes = bytes;
}

/**
 * onward_rate_get:
 *
 * Returns: bytes a second
 */
guint64
onward_rate_get (const OnwardRate *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return (guint64) self->average;
}

/**
 * onward_rate_get_time_left:
 * @now: the present monotonic time, in microseconds
 * @bytes_left: how many bytes are still to come
 *
 * What was said before counts down with the clock and drifts towards what the rate says now, so
 * that the time shown does not jump.
 *
 * Returns: seconds, or -1 while nothing sensible can be said
 */
int
onward_rate_get_time_left (OnwardRate *self, gint64 now, guint64 bytes_left)
{
  double left = 0.0, passed = 0.0;

  g_return_val_if_fail (self != NULL, -1);

  if (now - self->begun_at < FIRST_ESTIMATE || self->average < 1.0)
    return -1;
  left = (double) bytes_left / self->average;

  if (self->shown_at != 0)
    {
      passed = (double) MAX (now - self->shown_at, 0) / G_USEC_PER_SEC;
      self->shown_left = MAX (self->shown_left - passed, 0.0);
      left = self->shown_left + (left - self->shown_left) * (1.0 - exp (-passed / DRIFT));
    }
  self->shown_left = bytes_left == 0 ? 0.0 : left;
  self->shown_at = now;
  return self->shown_left > LONGEST_TIME ? -1 : (int) ceil (self->shown_left);
}
