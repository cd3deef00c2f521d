/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-backoff.h"

#define LONGEST_DELAY 60
/* Milliseconds: what is worth calling a wait. */
#define SHORTEST_DELAY 500

/**
 * onward_backoff_get_delay:
 * @attempt: how many tries have failed in a row, from 1
 * @random: at least 0 and less than 1
 *
 * How long to wait before the next try: anything up to 1, 2, 4 … 60 s, so that a million clients
 * that lost their server together come back evenly spread. Pure.
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
  return SHORTEST_DELAY + (guint) ((seconds * 1000 - SHORTEST_DELAY) * random);
}
