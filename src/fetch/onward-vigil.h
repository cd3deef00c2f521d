/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OnwardVigil:
 *
 * Notices that the computer was asleep: its boot time goes on meanwhile, its monotonic time does
 * not. Pure, the times are given.
 */
typedef struct
{
  gboolean is_begun;
  gint64 asleep;
} OnwardVigil;

gboolean onward_vigil_look (OnwardVigil *self, gint64 boot_time, gint64 monotonic_time);

G_END_DECLS
