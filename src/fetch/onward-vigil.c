/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-vigil.h"

/* Connections live through a shorter nap. */
#define SHORTEST_SLEEP (5 * G_USEC_PER_SEC)

/**
 * onward_vigil_look:
 * @boot_time: the time since the computer was started
 * @monotonic_time: the same without the time it was asleep
 *
 * To be called now and then.
 *
 * Returns: whether it was asleep since the last look
 */
gboolean
onward_vigil_look (OnwardVigil *self, gint64 boot_time, gint64 monotonic_time)
{
  gint64 asleep = boot_time - monotonic_time;
  gboolean was_asleep = self->is_begun && asleep - self->asleep >= SHORTEST_SLEEP;

  self->is_begun = TRUE;
  self->asleep = asleep;
  return was_asleep;
}
