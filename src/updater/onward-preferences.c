/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-preferences.h"

#define SCHEMA "io.github.onward.Updater"
#define ROOT   "/io/github/onward/"

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
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;
  g_autoptr (GSettings) settings = NULL;
  g_autofree char *path = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, SCHEMA, TRUE);
  if (schema == NULL)
    return TRUE;

  path = g_strconcat (ROOT, application_id, "/", NULL);
  settings = g_settings_new_full (schema, NULL, path);
  return g_settings_get_boolean (settings, "check-automatically");
}
