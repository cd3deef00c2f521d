/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-client-private.h"

G_DEFINE_FINAL_TYPE (OnwardClient, onward_client, G_TYPE_OBJECT)

typedef enum
{
  PROP_STATUS = 1,
  PROP_INSTALL_DIR,
  PROP_APPLICATION_ID,
  PROP_APPLICATION_NAME,
  PROP_ICON_NAME,
  PROP_VERSION,
  PROP_USE_METERED,
  PROP_RATE_LIMIT,
} OnwardClientProperty;

static GParamSpec *props[PROP_RATE_LIMIT + 1];

static void
onward_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OnwardClient *self = ONWARD_CLIENT (object);

  switch ((OnwardClientProperty) id)
    {
    case PROP_STATUS:
      g_value_set_boxed (value, onward_client_get_status (self));
      return;
    case PROP_INSTALL_DIR:
      g_value_set_string (value, onward_client_get_install_dir (self));
      return;
    case PROP_APPLICATION_ID:
      g_value_set_string (value, onward_client_get_application_id (self));
      return;
    case PROP_APPLICATION_NAME:
      g_value_set_string (value, onward_client_get_application_name (self));
      return;
    case PROP_ICON_NAME:
      g_value_set_string (value, onward_client_get_icon_name (self));
      return;
    case PROP_VERSION:
      g_value_set_string (value, onward_client_get_version (self));
      return;
    case PROP_USE_METERED:
      g_value_set_boolean (value, onward_client_get_use_metered (self));
      return;
    case PROP_RATE_LIMIT:
      g_value_set_uint64 (value, onward_client_get_rate_limit (self));
      return;
    }

  G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
onward_client_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  OnwardClient *self = ONWARD_CLIENT (object);

  if (id == PROP_USE_METERED)
    onward_client_set_use_metered (self, g_value_get_boolean (value));
  else if (id == PROP_RATE_LIMIT)
    onward_client_set_rate_limit (self, g_value_get_uint64 (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* What still runs keeps the flow, not the client, alive. */
static void
onward_client_finalize (GObject *object)
{
  OnwardClient *self = ONWARD_CLIENT (object);

  if (self->flow != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->flow, self);
      onward_flow_close (self->flow);
    }
  g_clear_object (&self->flow);
  g_clear_object (&self->settings);
  g_free (self->version);

  G_OBJECT_CLASS (onward_client_parent_class)->finalize (object);
}

static void
add_string_property (OnwardClientProperty id, const char *name)
{
  props[id] =
      g_param_spec_string (name, NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
add_settings (void)
{
  /**
   * OnwardClient:use-metered:
   *
   * Whether downloads may use networks that may charge for data. Checks, which cost next to
   * nothing, always may.
   */
  props[PROP_USE_METERED] =
      g_param_spec_boolean ("use-metered", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  /**
   * OnwardClient:rate-limit:
   *
   * How many bytes a second downloads may take; 0 is no limit.
   */
  props[PROP_RATE_LIMIT] =
      g_param_spec_uint64 ("rate-limit", NULL, NULL, 0, G_MAXUINT64, 0,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
}

static void
onward_client_class_init (OnwardClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = onward_client_get_property;
  object_class->set_property = onward_client_set_property;
  object_class->finalize = onward_client_finalize;

  /**
   * OnwardClient:status:
   *
   * Where the update stands; notified whenever anything in it changes.
   */
  props[PROP_STATUS] = g_param_spec_boxed ("status", NULL, NULL, ONWARD_TYPE_STATUS,
                                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  add_string_property (PROP_INSTALL_DIR, "install-dir");
  add_string_property (PROP_APPLICATION_ID, "application-id");
  add_string_property (PROP_APPLICATION_NAME, "application-name");
  add_string_property (PROP_ICON_NAME, "icon-name");
  add_string_property (PROP_VERSION, "version");

  add_settings ();
  onward_client_components_add_signals (klass);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
onward_client_init (OnwardClient *self)
{
}

static void
on_status (OnwardFlow *flow, GParamSpec *pspec, OnwardClient *self)
{
  const char *version = onward_flow_get_version (flow);

  g_object_freeze_notify (G_OBJECT (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATUS]);
  if (g_strcmp0 (self->version, version) != 0)
    {
      g_free (self->version);
      self->version = g_strdup (version);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_VERSION]);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

/**
 * onward_client_new:
 * @install_dir: (type filename): the install folder, the one that holds onward.ini
 * @error: return location
 *
 * Opens an install. Nothing is fetched; an update that an earlier run had begun is taken up in the
 * status. When the last reference goes away while an update runs, it stops as if the process had
 * ended, and the next client takes it up.
 *
 * Returns: (transfer full): a new client
 */
OnwardClient *
onward_client_new (const char *install_dir, GError **error)
{
  g_autoptr (OnwardFlow) flow = NULL;
  OnwardClient *self;

  g_return_val_if_fail (install_dir != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  flow = onward_flow_new (install_dir, error);
  if (flow == NULL)
    return NULL;

  self = g_object_new (ONWARD_TYPE_CLIENT, NULL);
  self->flow = g_steal_pointer (&flow);
  self->version = g_strdup (onward_flow_get_version (self->flow));
  g_signal_connect (self->flow, "notify::status", G_CALLBACK (on_status), self);
  return self;
}

/**
 * onward_client_new_for_application:
 * @error: return location
 *
 * Opens the install that the running application was started from: its launcher names it in the
 * environment.
 *
 * Returns: (transfer full): a new client; %ONWARD_ERROR_NOT_FOUND when the application was not
 *   started by its launcher
 */
OnwardClient *
onward_client_new_for_application (GError **error)
{
  const char *install_dir = onward_paths_get_own_install ();

  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (install_dir != NULL)
    return onward_client_new (install_dir, error);

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                       "Finding the install: this program was not started by its launcher");
  return NULL;
}

/**
 * onward_client_get_install_dir:
 * @self: a client
 *
 * Returns: (type filename): the absolute path of the install folder
 */
const char *
onward_client_get_install_dir (OnwardClient *self)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), NULL);

  return onward_paths_get_install (onward_flow_get_paths (self->flow));
}

/**
 * onward_client_get_application_id:
 * @self: a client
 *
 * Returns: the application's id
 */
const char *
onward_client_get_application_id (OnwardClient *self)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), NULL);

  return onward_application_get_id (onward_flow_get_application (self->flow));
}

/**
 * onward_client_get_application_name:
 * @self: a client
 *
 * Returns: the application's name, for people
 */
const char *
onward_client_get_application_name (OnwardClient *self)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), NULL);

  return onward_application_get_name (onward_flow_get_application (self->flow));
}

/**
 * onward_client_get_icon_name:
 * @self: a client
 *
 * Returns: (nullable): the name of a themed icon, or the path of one relative to the current
 *   version's folder
 */
const char *
onward_client_get_icon_name (OnwardClient *self)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), NULL);

  return onward_application_get_icon (onward_flow_get_application (self->flow));
}

/**
 * onward_client_get_version:
 * @self: a client
 *
 * Returns: the version that is current: the one that the next start of the application runs. When
 *   another one was current when the client was made, onward_status_is_restart_due() says so.
 */
const char *
onward_client_get_version (OnwardClient *self)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), NULL);

  return onward_flow_get_version (self->flow);
}

/**
 * onward_client_get_status:
 * @self: a client
 *
 * Returns: (transfer none): the present status
 */
OnwardStatus *
onward_client_get_status (OnwardClient *self)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), NULL);

  return onward_flow_get_status (self->flow);
}

/**
 * onward_client_was_interrupted:
 * @self: a client
 *
 * Returns: whether an earlier run was cut off in the middle of an update that nobody had paused: it
 *   can be resumed at once
 */
gboolean
onward_client_was_interrupted (OnwardClient *self)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);

  return onward_flow_was_interrupted (self->flow);
}

/**
 * onward_client_start:
 * @self: a client
 * @error: return location
 *
 * Begins the update to the release in the status.
 *
 * Returns: %FALSE with %ONWARD_ERROR_WRONG_STATE when that does not fit the present state
 */
gboolean
onward_client_start (OnwardClient *self, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return onward_flow_start (self->flow, error);
}

/**
 * onward_client_pause:
 * @self: a client
 * @error: return location
 *
 * Pauses the download; what was received is kept, also over a restart.
 *
 * Returns: %FALSE with %ONWARD_ERROR_WRONG_STATE when that does not fit the present state
 */
gboolean
onward_client_pause (OnwardClient *self, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return onward_flow_pause (self->flow, error);
}

/**
 * onward_client_resume:
 * @self: a client
 * @error: return location
 *
 * Goes on with a paused download, of this run or of an earlier one.
 *
 * Returns: %FALSE with %ONWARD_ERROR_WRONG_STATE when that does not fit the present state
 */
gboolean
onward_client_resume (OnwardClient *self, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return onward_flow_resume (self->flow, error);
}

/**
 * onward_client_cancel:
 * @self: a client
 * @error: return location
 *
 * Gives the check or the update up. What was received is kept for a week.
 *
 * Returns: %FALSE with %ONWARD_ERROR_WRONG_STATE when that does not fit the present state
 */
gboolean
onward_client_cancel (OnwardClient *self, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return onward_flow_cancel (self->flow, error);
}

/**
 * onward_client_retry_now:
 * @self: a client
 * @error: return location
 *
 * Tries to reconnect at once.
 *
 * Returns: %FALSE with %ONWARD_ERROR_WRONG_STATE when that does not fit the present state
 */
gboolean
onward_client_retry_now (OnwardClient *self, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return onward_flow_retry_now (self->flow, error);
}

/**
 * onward_client_dismiss:
 * @self: a client
 * @error: return location
 *
 * Puts an error, or a release that is available, aside until the next check.
 *
 * Returns: %FALSE with %ONWARD_ERROR_WRONG_STATE when that does not fit the present state
 */
gboolean
onward_client_dismiss (OnwardClient *self, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return onward_flow_dismiss (self->flow, error);
}

/**
 * onward_client_skip:
 * @self: a client
 * @error: return location
 *
 * Does not offer the release in the status again by itself.
 *
 * Returns: %FALSE with %ONWARD_ERROR_WRONG_STATE when that does not fit the present state
 */
gboolean
onward_client_skip (OnwardClient *self, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return onward_flow_skip (self->flow, error);
}

/**
 * onward_client_remind_later:
 * @self: a client
 * @seconds: when
 * @error: return location
 *
 * Offers nothing by itself for a while.
 *
 * Returns: %FALSE with %ONWARD_ERROR_WRONG_STATE when that does not fit the present state
 */
gboolean
onward_client_remind_later (OnwardClient *self, guint seconds, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return onward_flow_remind_later (self->flow, seconds, error);
}

/**
 * onward_client_choose:
 * @self: a client whose status is available
 * @version: one of the newer versions
 * @error: return location
 *
 * Chooses another release than the newest.
 *
 * Returns: %FALSE with %ONWARD_ERROR_NOT_FOUND when @version is not among the newer ones
 */
gboolean
onward_client_choose (OnwardClient *self, const char *version, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (version != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return onward_flow_choose (self->flow, version, error);
}
