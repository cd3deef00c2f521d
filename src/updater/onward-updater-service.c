/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-updater-service.h"

#define ID "io.github.onward.Updater"

static void
on_open (GApplication *application, GFile **files, int count, const char *hint, gpointer unused)
{
  for (int i = 0; i < count; i++)
    {
      g_autofree char *dir = g_file_get_path (files[i]);
      const char *argv[] = { "/proc/self/exe", "--install", dir, NULL };
      g_autoptr (GError) error = NULL;

      if (dir != NULL &&
          !g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, &error))
        g_printerr ("onward-updater: %s\n", error->message);
    }
}

/**
 * onward_updater_service_run:
 *
 * Answers on the session bus under the updater's plain name: to open an install folder is to open
 * the window of its updater, which is a process of its own. Ends by itself when nobody asks.
 *
 * Returns: the exit status.
 */
int
onward_updater_service_run (void)
{
  g_autoptr (GApplication) service =
      g_application_new (ID, G_APPLICATION_IS_SERVICE | G_APPLICATION_HANDLES_OPEN);

  g_application_set_inactivity_timeout (service, 10000);
  g_signal_connect (service, "open", G_CALLBACK (on_open), NULL);
  return g_application_run (service, 0, NULL);
}
