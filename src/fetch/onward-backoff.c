/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-backoff.h"

#define LONGEST_DELAY 60
#define JITTER        0.25

/**
 * onward_backoff_get_delay:
 * @attempt: how many tries have failed in a row, from 1
 * @random: at least 0 and less than 1
 *
 * How long to wait before the next try: 1, 2, 4 … 60 s, a quarter more or less, so that clients
 * that lost their server together do not come back together. Pure.
 *
 * Returns: milliseconds
 */
guint
onward_backoff_get_delay (guint attempt, double random)
{
  guint seconds = LONGEST_DELAY;

  g_return_val_if_fail (random >= 0.0 && random < 1.0, 1000);

  if (attempt <= 1)
    seconds = 1;
  else if (attempt <= 6)
    seconds = 1u << (attempt - 1);
  return (guint) (seconds * 1000 * (1.0 - JITTER + 2 * JITTER * random));
}
