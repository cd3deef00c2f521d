/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TEST_TYPE_MONITOR (test_monitor_get_type ())

/* A network that comes and goes as a test wishes. */
G_DECLARE_FINAL_TYPE (TestMonitor, test_monitor, TEST, MONITOR, GObject)

TestMonitor *test_monitor_new           (void);
void         test_monitor_set_available (TestMonitor *self, gboolean is_available);
void         test_monitor_set_metered   (TestMonitor *self, gboolean is_metered);

G_END_DECLS
