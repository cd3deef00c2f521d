/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Timers that go on while the computer sleeps, and the clock they run by. */
gint64 onward_alarm_get_time (void);
guint  onward_alarm_add      (guint milliseconds, GSourceFunc function, gpointer user_data);

G_END_DECLS
