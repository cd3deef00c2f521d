/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-power.h"

/* UPower's one device that stands for all batteries together. */
#define SERVICE "org.freedesktop.UPower"
#define DEVICE  "/org/freedesktop/UPower/devices/DisplayDevice"

#define LOW_CHARGE        20.0
#define STATE_DISCHARGING 2
#define WARNING_LOW       3

struct _OnwardPower
{
  GObject parent_instance;

  GDBusProxy *device;        /* (owned) (nullable): until UPower was found */
  GCancellable *cancellable; /* (owned) */
  guint charge;
  gboolean ignored;
  OnwardIntent held;
};

G_DEFINE_FINAL_TYPE (OnwardPower, onward_power, G_TYPE_OBJECT)

typedef enum
{
  PROP_CHARGE = 1,
} OnwardPowerProperty;

static GParamSpec *props[PROP_CHARGE + 1];

static void
onward_power_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_CHARGE)
    g_value_set_uint (value, onward_power_get_charge (ONWARD_POWER (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
onward_power_dispose (GObject *object)
{
  OnwardPower *self = ONWARD_POWER (object);

  g_cancellable_cancel (self->cancellable);
  if (self->device != NULL)
    g_signal_handlers_disconnect_by_data (self->device, self);
  g_clear_object (&self->device);
  G_OBJECT_CLASS (onward_power_parent_class)->dispose (object);
}

static void
onward_power_finalize (GObject *object)
{
  g_object_unref (ONWARD_POWER (object)->cancellable);
  G_OBJECT_CLASS (onward_power_parent_class)->finalize (object);
}

static void
onward_power_class_init (OnwardPowerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = onward_power_get_property;
  object_class->dispose = onward_power_dispose;
  object_class->finalize = onward_power_finalize;

  props[PROP_CHARGE] = g_param_spec_uint ("charge", NULL, NULL, 0, 100, 0,
                                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
onward_power_init (OnwardPower *self)
{
  self->cancellable = g_cancellable_new ();
}

/* 0 where the service tells nothing, or something of another type. */
static guint
read_number (GDBusProxy *device, const char *name)
{
  g_autoptr (GVariant) value = g_dbus_proxy_get_cached_property (device, name);

  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32)
             ? g_variant_get_uint32 (value)
             : 0;
}

static double
read_percentage (GDBusProxy *device)
{
  g_autoptr (GVariant) value = g_dbus_proxy_get_cached_property (device, "Percentage");

  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE)
             ? CLAMP (g_variant_get_double (value), 1.0, 100.0)
             : 100.0;
}

static guint
read_charge (GDBusProxy *device)
{
  double percentage = read_percentage (device);

  if (read_number (device, "State") != STATE_DISCHARGING)
    return 0;
  return percentage <= LOW_CHARGE || read_number (device, "WarningLevel") >= WARNING_LOW
             ? (guint) percentage
             : 0;
}

static void
update (OnwardPower *self)
{
  guint charge = read_charge (self->device);

  if (charge == self->charge)
    return;
  self->charge = charge;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CHARGE]);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OnwardPower) self = user_data;
  g_autoptr (GError) error = NULL;
  GDBusProxy *device = g_dbus_proxy_new_for_bus_finish (result, &error);

  if (device == NULL)
    {
      g_debug ("Watching the battery: %s, ignoring", error->message);
      return;
    }
  self->device = device;
  g_signal_connect_swapped (device, "g-properties-changed", G_CALLBACK (update), self);
  update (self);
}

/**
 * onward_power_new:
 *
 * Begins to watch the battery. Where no service tells of one, none is ever low.
 *
 * Returns: (transfer full): a new watch
 */
OnwardPower *
onward_power_new (void)
{
  OnwardPower *self = g_object_new (ONWARD_TYPE_POWER, NULL);

  g_dbus_proxy_new_for_bus (G_BUS_TYPE_SYSTEM, G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS, NULL,
                            SERVICE, DEVICE, SERVICE ".Device", self->cancellable, on_found,
                            g_object_ref (self));
  return self;
}

/**
 * onward_power_get_charge:
 * @self: a watch
 *
 * Returns: what is left of a battery that is low and not being charged, in percent, from 1 on; 0
 *   when there is none, or when nobody knows
 */
guint
onward_power_get_charge (OnwardPower *self)
{
  g_return_val_if_fail (ONWARD_IS_POWER (self), 0);

  return self->ignored ? 0 : self->charge;
}

/**
 * onward_power_hold:
 * @self: a watch
 * @intent: what is asked for
 *
 * Keeps what begins long work while the battery is low.
 *
 * Returns: whether @intent has to wait
 */
gboolean
onward_power_hold (OnwardPower *self, OnwardIntent intent)
{
  g_return_val_if_fail (ONWARD_IS_POWER (self), FALSE);

  if (onward_power_get_charge (self) == 0 ||
      (intent != ONWARD_INTENT_START && intent != ONWARD_INTENT_RESUME))
    return FALSE;
  self->held = intent;
  return TRUE;
}

/**
 * onward_power_is_holding:
 * @self: a watch
 *
 * Returns: whether anything has to wait
 */
gboolean
onward_power_is_holding (OnwardPower *self)
{
  g_return_val_if_fail (ONWARD_IS_POWER (self), FALSE);

  return self->held != ONWARD_INTENT_NONE;
}

/**
 * onward_power_take_held:
 * @self: a watch
 *
 * Returns: what had to wait and does not any more; %ONWARD_INTENT_NONE when nothing had to.
 */
OnwardIntent
onward_power_take_held (OnwardPower *self)
{
  OnwardIntent held;

  g_return_val_if_fail (ONWARD_IS_POWER (self), ONWARD_INTENT_NONE);

  held = self->held;
  self->held = ONWARD_INTENT_NONE;
  return held;
}

/**
 * onward_power_ignore:
 * @self: a watch
 *
 * From now on no battery counts as low.
 */
void
onward_power_ignore (OnwardPower *self)
{
  g_return_if_fail (ONWARD_IS_POWER (self));

  self->ignored = TRUE;
}
