/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-preferences.h"

#define SCHEMA "io.github.onward.Updater"
#define ROOT   "/io/github/onward/"

/* NULL where the schema is not installed. */
static GSettings *
open_settings (const char *application_id)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;
  g_autofree char *path = g_strconcat (ROOT, application_id, "/", NULL);

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, SCHEMA, TRUE);
  return schema != NULL ? g_settings_new_full (schema, NULL, path) : NULL;
}

/**
 * onward_preferences_checks_automatically:
 * @application_id: the application's id
 *
 * Whether the application may look for new versions by itself: the user's choice, or that of an
 * administrator who locked it. Without an installed schema it may.
 *
 * Returns: whether it may
 */
gboolean
onward_preferences_checks_automatically (const char *application_id)
{
  g_autoptr (GSettings) settings = open_settings (application_id);

  return settings == NULL || g_settings_get_boolean (settings, "check-automatically");
}

/**
 * onward_preferences_bind:
 * @application_id: the application's id
 * @client: an #OnwardClient, or what has its properties
 *
 * Makes the properties “use-metered” and “rate-limit” follow the user's choice, also when it
 * changes while a download runs.
 *
 * Returns: (transfer full) (nullable): what they follow for as long as it is held; %NULL without an
 *   installed schema
 */
GSettings *
onward_preferences_bind (const char *application_id, gpointer client)
{
  GSettings *settings = open_settings (application_id);

  if (settings == NULL)
    return NULL;
  g_settings_bind (settings, "use-metered", client, "use-metered", G_SETTINGS_BIND_GET);
  g_settings_bind (settings, "limit-rate", client, "rate-limit", G_SETTINGS_BIND_GET);
  return settings;
}
