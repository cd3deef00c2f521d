/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ONWARD_STALL_SAMPLES 30

/**
 * OnwardStall:
 *
 * Notices a connection that is as good as lost: pure, asked once a second.
 */
typedef struct
{
  guint64 bytes[ONWARD_STALL_SAMPLES];
  guint ticks;
} OnwardStall;

gboolean onward_stall_tick (OnwardStall *self, guint64 bytes);

G_END_DECLS
