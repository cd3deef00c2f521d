/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-client-private.h"

#define SCHEMA   "io.github.onward.Updater"
#define ROOT     "/io/github/onward/"
#define INTERVAL "check-interval"
#define DAY      (24 * 60 * 60)

/* The current version's own goes before the system's, which may be older and know fewer keys. */
static GSettingsSchema *
find_schema (OnwardClient *self)
{
  GSettingsSchemaSource *installed = g_settings_schema_source_get_default ();
  g_autofree char *folder = g_build_filename (onward_client_get_install_dir (self), "current",
                                              "share", "glib-2.0", "schemas", NULL);
  g_autoptr (GSettingsSchemaSource) own =
      g_settings_schema_source_new_from_directory (folder, installed, FALSE, NULL);
  GSettingsSchemaSource *source = own != NULL ? own : installed;
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, SCHEMA, TRUE);
  if (schema == NULL || !g_settings_schema_has_key (schema, INTERVAL))
    return NULL;
  return g_steal_pointer (&schema);
}

/**
 * onward_client_get_settings:
 * @self: a client
 *
 * The user's preferences for the updates of this application, of the schema
 * `io.github.onward.Updater`: “check-interval”, by which every check goes that the user did not ask
 * for, and “download-automatically”, “use-metered” and “limit-rate”, which are for whoever shows or
 * makes the update: the updater's window follows them. An administrator can lock each of them.
 *
 * Returns: (transfer none) (nullable): the preferences; %NULL when their schema is neither a part
 *   of the current version, below `share/glib-2.0/schemas`, nor installed for everybody
 */
GSettings *
onward_client_get_settings (OnwardClient *self)
{
  g_autoptr (GSettingsSchema) schema = NULL;
  g_autofree char *path = NULL;

  g_return_val_if_fail (ONWARD_IS_CLIENT (self), NULL);

  if (self->settings_open)
    return self->settings;

  self->settings_open = TRUE;
  schema = find_schema (self);
  path = g_strconcat (ROOT, onward_client_get_application_id (self), "/", NULL);
  if (schema != NULL)
    self->settings = g_settings_new_full (schema, NULL, path);
  return self->settings;
}

/**
 * onward_client_preferences_are_due:
 * @self: a client
 *
 * Applications ask once a day by themselves, so that “daily” is as often as they do.
 *
 * Returns: whether the user wants a check by now that nobody has asked for
 */
gboolean
onward_client_preferences_are_due (OnwardClient *self)
{
  GSettings *settings = onward_client_get_settings (self);
  gint64 days = settings != NULL ? g_settings_get_enum (settings, INTERVAL) : 1;
  gint64 last = onward_flow_choices_get_last_check (self->flow);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  /* What is known to be there and not decided yet costs no further check. */
  if (days <= 1 ||
      onward_status_get_state (onward_client_get_status (self)) == ONWARD_STATE_AVAILABLE)
    return days != 0;
  /* A clock that was set back must not put the next check off for years. */
  return now < last || now - last >= days * DAY;
}

/**
 * onward_client_list_channels:
 * @self: a client
 *
 * Returns: (transfer full): the names of the channels to choose from: “stable”, “beta”, and that of
 *   the install where it is another one
 */
char **
onward_client_list_channels (OnwardClient *self)
{
  const char *usual[] = { "stable", "beta", NULL };
  g_autoptr (GStrvBuilder) channels = g_strv_builder_new ();
  const char *own;

  g_return_val_if_fail (ONWARD_IS_CLIENT (self), NULL);

  own = onward_application_get_channel (onward_flow_get_application (self->flow));
  g_strv_builder_addv (channels, usual);
  if (!g_strv_contains (usual, own))
    g_strv_builder_add (channels, own);
  return g_strv_builder_end (channels);
}

/**
 * onward_client_get_channel:
 * @self: a client
 *
 * Returns: the channel that updates come from, beside “stable”: the user's choice, or that of the
 *   install
 */
const char *
onward_client_get_channel (OnwardClient *self)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), NULL);

  return onward_flow_choices_get_channel (self->flow);
}

/**
 * onward_client_set_channel:
 * @self: a client
 * @channel: the name of a channel
 * @error: return location
 *
 * Follows @channel from the next check on, in this process and in every later one. Who leaves a
 * channel keeps the installed version until another channel has a newer one.
 *
 * Returns: %FALSE with %ONWARD_ERROR_BUSY while another process works on the install, and with
 *   %ONWARD_ERROR_MALFORMED when no channel can have that name
 */
gboolean
onward_client_set_channel (OnwardClient *self, const char *channel, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (channel != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return onward_flow_choices_set_channel (self->flow, channel, error);
}

/**
 * onward_client_list_skipped:
 * @self: a client
 *
 * Returns: (transfer full): the versions that onward_client_skip() was called for, the latest first
 */
char **
onward_client_list_skipped (OnwardClient *self)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), NULL);

  return onward_flow_choices_list_skipped (self->flow);
}

/**
 * onward_client_forget_skipped:
 * @self: a client
 * @error: return location
 *
 * Has every skipped version offered again by the next check.
 *
 * Returns: %FALSE with %ONWARD_ERROR_BUSY while another process works on the install
 */
gboolean
onward_client_forget_skipped (OnwardClient *self, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return onward_flow_choices_forget_skipped (self->flow, error);
}
