/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <locale.h>
#include <stdlib.h>

#include <glib/gi18n-lib.h>

#include "onward-updater-application.h"
#include "onward-updater-service.h"

#define EXIT_USAGE 2

typedef struct
{
  char *install; /* (owned) (nullable) */
  gboolean background;
  gboolean forced;
  gboolean service;
} Options;

static gboolean
parse (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "install", 0, 0, G_OPTION_ARG_FILENAME, &options->install,
      N_ ("The folder the application is installed in"), N_ ("FOLDER") },
    { "background", 0, 0, G_OPTION_ARG_NONE, &options->background,
      N_ ("Show a window only when there is an update"), NULL },
    { "forced", 0, 0, G_OPTION_ARG_NONE, &options->forced,
      N_ ("The application cannot go on without an update"), NULL },
    { "service", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &options->service, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (context, _ ("Shows the updates of one application."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if ((options->install != NULL || options->service) && *argc == 1)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                       _ ("which application? Name its folder with --install"));
  return FALSE;
}

/* GNOME shows notifications of its own protocol only for ids that have a desktop file, and the id
 * of a window has the install's in it; the common protocol has no such rule. */
static void
set_up_notifications (void)
{
  if (!g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS))
    g_setenv ("GNOTIFICATION_BACKEND", "freedesktop", FALSE);
}

/* An application that ships the updater ships its translations beside it. */
static char *
dup_locale_folder (void)
{
  g_autofree char *own = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *bin = own != NULL ? g_path_get_dirname (own) : NULL;
  g_autofree char *shipped = bin != NULL ? g_build_filename (bin, "../share/locale", NULL) : NULL;

  if (shipped != NULL && g_file_test (shipped, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&shipped);
  return g_strdup (LOCALEDIR);
}

static int
run (const Options *options)
{
  g_autoptr (OnwardUpdaterApplication) application = NULL;

  if (options->service)
    return onward_updater_service_run ();
  application =
      onward_updater_application_new (options->install, options->background, options->forced);
  return onward_updater_application_run (application);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *locale_folder = dup_locale_folder ();
  Options options = { NULL };
  int status;

  (void) setlocale (LC_ALL, "");
  (void) bindtextdomain (GETTEXT_PACKAGE, locale_folder);
  (void) bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  set_up_notifications ();
  if (!parse (&options, &argc, &argv, &error))
    {
      g_printerr ("onward-updater: %s\n", error->message);
      g_free (options.install);
      return EXIT_USAGE;
    }
  /* Under this name desktops find the window's icon and screen readers the window. */
  g_set_prgname ("io.github.onward.Updater");
  g_set_application_name (_ ("Software Update"));
  gtk_window_set_default_icon_name ("io.github.onward.Updater");
  status = run (&options);
  g_free (options.install);
  return status;
}
