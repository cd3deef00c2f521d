/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-stall.h"

#define SLOWEST_RATE 1024

/**
 * onward_stall_tick:
 * @bytes: how many bytes the connection has brought in all
 *
 * To be called once a second, beginning one second after the connection.
 *
 * Returns: whether less than 1 KiB a second came over the last 30 s
 */
gboolean
onward_stall_tick (OnwardStall *self, guint64 bytes)
{
  guint slot = self->ticks++ % ONWARD_STALL_SAMPLES;
  guint64 before = self->bytes[slot];

  self->bytes[slot] = bytes;
  /* The first round compares with the beginning, when nothing had come yet. */
  return self->ticks >= ONWARD_STALL_SAMPLES &&
         bytes - before < (guint64) SLOWEST_RATE * ONWARD_STALL_SAMPLES;
}
