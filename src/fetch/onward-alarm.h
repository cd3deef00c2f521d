/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A timer that goes on while the computer sleeps, by onward_clock_get_time(). */
guint onward_alarm_add (guint milliseconds, GSourceFunc function, gpointer user_data);

G_END_DECLS
