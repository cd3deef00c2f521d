/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OnwardRate:
 *
 * Rate and time left by an exponential moving average: pure, the time is given. Time left is
 * unknown for the first 3 s and never jumps.
 */
typedef struct
{
  gint64 begun_at;
  gint64 sampled_at;
  guint64 sampled_bytes;
  double average;
  double shown_left;
  gint64 shown_at;
} OnwardRate;

void    onward_rate_reset         (OnwardRate *self, gint64 now, guint64 bytes);
void    onward_rate_add           (OnwardRate *self, gint64 now, guint64 bytes);
guint64 onward_rate_get           (const OnwardRate *self);
/* Seconds, or -1 while unknown. */
int     onward_rate_get_time_left (OnwardRate *self, gint64 now, guint64 bytes_left);

G_END_DECLS
