/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "../fetch/test-monitor.h"

/* A GIO module that gives a program the network which a file describes: "metered", "offline" or
 * nothing. The file is named by ONWARD_TEST_NETWORK and may change while the program runs, which
 * then cannot tell it from a real network that changes. */
#define INTERVAL_MS 20

G_MODULE_EXPORT void g_io_onward_test_network_load (GIOModule *module);
G_MODULE_EXPORT void g_io_onward_test_network_unload (GIOModule *module);
G_MODULE_EXPORT char **g_io_onward_test_network_query (void);

static gboolean
read_network (gpointer unused)
{
  GNetworkMonitor *monitor = g_network_monitor_get_default ();
  g_autofree char *text = NULL;
  gboolean is_metered, is_available;

  if (!TEST_IS_MONITOR (monitor) ||
      !g_file_get_contents (g_getenv ("ONWARD_TEST_NETWORK"), &text, NULL, NULL))
    return G_SOURCE_CONTINUE;

  is_metered = g_str_has_prefix (text, "metered");
  is_available = !g_str_has_prefix (text, "offline");
  if (is_metered != g_network_monitor_get_network_metered (monitor))
    test_monitor_set_metered (TEST_MONITOR (monitor), is_metered);
  if (is_available != g_network_monitor_get_network_available (monitor))
    test_monitor_set_available (TEST_MONITOR (monitor), is_available);
  return G_SOURCE_CONTINUE;
}

/* Before anything else happens in the program. */
static gboolean
read_first (gpointer unused)
{
  (void) read_network (NULL);
  return G_SOURCE_REMOVE;
}

void
g_io_onward_test_network_load (GIOModule *module)
{
  if (g_getenv ("ONWARD_TEST_NETWORK") == NULL)
    return;

  /* A type that is not dynamic must never go away. */
  g_type_module_use (G_TYPE_MODULE (module));
  g_io_extension_point_implement (G_NETWORK_MONITOR_EXTENSION_POINT_NAME, TEST_TYPE_MONITOR,
                                  "onward-test", 1000);
  g_idle_add_full (G_PRIORITY_HIGH, read_first, NULL, NULL);
  g_timeout_add_full (G_PRIORITY_HIGH, INTERVAL_MS, read_network, NULL, NULL);
}

void
g_io_onward_test_network_unload (GIOModule *module)
{
}

char **
g_io_onward_test_network_query (void)
{
  const char *points[] = { G_NETWORK_MONITOR_EXTENSION_POINT_NAME, NULL };

  return g_strdupv ((char **) points);
}
