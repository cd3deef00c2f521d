/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-preferences.h"

#include "onward-client-subject.h"
#include "onward-error-texts.h"

/**
 * onward_preferences_bind:
 * @settings: (nullable): the user's settings
 * @client: an #OnwardClient, or what has its properties
 *
 * Makes the properties “use-metered” and “rate-limit” follow the user's choice, also when it
 * changes while a download runs.
 */
void
onward_preferences_bind (GSettings *settings, gpointer client)
{
  if (settings == NULL)
    return;
  g_settings_bind (settings, "use-metered", client, "use-metered", G_SETTINGS_BIND_GET);
  g_settings_bind (settings, "limit-rate", client, "rate-limit", G_SETTINGS_BIND_GET);
}

/**
 * onward_preferences_download:
 * @client: an update
 *
 * Returns: whether what a check in the background has found is to be installed without asking
 */
gboolean
onward_preferences_download (OnwardClient *client)
{
  GSettings *settings = onward_client_get_settings (client);

  return settings != NULL && g_settings_get_boolean (settings, "download-automatically");
}

static void
render (OnwardPreferencesDialog *dialog, OnwardClient *client, const GError *error)
{
  g_auto (GStrv) channels = onward_client_list_channels (client);
  g_auto (GStrv) skipped = onward_client_list_skipped (client);
  g_autoptr (OnwardSubject) subject = onward_client_subject_new (client);
  g_autofree char *problem = NULL;

  if (error != NULL)
    problem = onward_error_texts_dup_body (error, onward_client_get_status (client), subject);
  onward_preferences_dialog_set_channels (dialog, (const char *const *) channels,
                                          onward_client_get_channel (client));
  onward_preferences_dialog_set_skipped (dialog, skipped);
  onward_preferences_dialog_set_problem (dialog, problem);
}

static void
on_channel_chosen (OnwardPreferencesDialog *dialog, const char *channel, OnwardClient *client)
{
  g_autoptr (GError) error = NULL;

  (void) onward_client_set_channel (client, channel, &error);
  render (dialog, client, error);
}

static void
on_reset (OnwardPreferencesDialog *dialog, OnwardClient *client)
{
  g_autoptr (GError) error = NULL;

  (void) onward_client_forget_skipped (client, &error);
  render (dialog, client, error);
}

/**
 * onward_preferences_open:
 * @client: the update
 * @parent: the window that asked
 *
 * Shows what the user has chosen, and takes what they choose.
 *
 * Returns: (transfer none): the dialog, which GTK owns.
 */
OnwardPreferencesDialog *
onward_preferences_open (OnwardClient *client, GtkWindow *parent)
{
  OnwardPreferencesDialog *dialog =
      onward_preferences_dialog_new (parent, onward_client_get_settings (client));

  render (dialog, client, NULL);
  g_signal_connect_object (dialog, "channel-chosen", G_CALLBACK (on_channel_chosen), client, 0);
  g_signal_connect_object (dialog, "reset", G_CALLBACK (on_reset), client, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}
