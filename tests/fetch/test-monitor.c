/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-monitor.h"

struct _TestMonitor
{
  GObject parent_instance;

  gboolean is_available;
  gboolean is_metered;
};

typedef enum
{
  PROP_AVAILABLE = 1,
  PROP_METERED,
  PROP_CONNECTIVITY,
} TestMonitorProperty;

static void
test_monitor_interface_init (GNetworkMonitorInterface *iface)
{
}

static gboolean
test_monitor_initable_init (GInitable *initable, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

static void
test_monitor_initable_interface_init (GInitableIface *iface)
{
  iface->init = test_monitor_initable_init;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestMonitor, test_monitor, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE,
                                                      test_monitor_initable_interface_init)
                                   G_IMPLEMENT_INTERFACE (G_TYPE_NETWORK_MONITOR,
                                                          test_monitor_interface_init))

static void
test_monitor_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TestMonitor *self = TEST_MONITOR (object);

  switch ((TestMonitorProperty) id)
    {
    case PROP_AVAILABLE:
      g_value_set_boolean (value, self->is_available);
      break;
    case PROP_METERED:
      g_value_set_boolean (value, self->is_metered);
      break;
    case PROP_CONNECTIVITY:
      g_value_set_enum (value, self->is_available ? G_NETWORK_CONNECTIVITY_FULL
                                                  : G_NETWORK_CONNECTIVITY_LOCAL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
test_monitor_class_init (TestMonitorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = test_monitor_get_property;
  g_object_class_override_property (object_class, PROP_AVAILABLE, "network-available");
  g_object_class_override_property (object_class, PROP_METERED, "network-metered");
  g_object_class_override_property (object_class, PROP_CONNECTIVITY, "connectivity");
}

static void
test_monitor_init (TestMonitor *self)
{
  self->is_available = TRUE;
}

/**
 * test_monitor_new:
 *
 * Returns: (transfer full): a monitor of a network that is there
 */
TestMonitor *
test_monitor_new (void)
{
  return g_object_new (TEST_TYPE_MONITOR, NULL);
}

/**
 * test_monitor_set_available:
 * @is_available: whether there is a network from now on
 */
void
test_monitor_set_available (TestMonitor *self, gboolean is_available)
{
  self->is_available = is_available;
  g_signal_emit_by_name (self, "network-changed", is_available);
}

/**
 * test_monitor_set_metered:
 * @is_metered: whether the network may charge for data from now on
 */
void
test_monitor_set_metered (TestMonitor *self, gboolean is_metered)
{
  self->is_metered = is_metered;
  g_object_notify (G_OBJECT (self), "network-metered");
}
