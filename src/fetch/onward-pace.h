/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint onward_pace_get_wait     (guint milliseconds);
guint onward_pace_get_deadline (guint seconds);
guint onward_pace_get_tick (void);
gint64 onward_pace_get_time (gint64 now);

G_END_DECLS
