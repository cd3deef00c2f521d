/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-arguments.h"
#include "onward-bundle.h"
#include "onward-interrupt.h"
#include "onward-report.h"
#include "onward-verbs.h"

static void
options_clear (OnwardBundleOptions *options)
{
  g_free (options->version);
  g_free (options->platform);
  g_free (options->channel);
  g_free (options->url);
  g_free (options->output);
  g_strfreev (options->keep);
  g_free (options->layout);
  g_strfreev (options->without);
  g_strfreev (options->with);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OnwardBundleOptions, options_clear)

static gboolean
parse (OnwardBundleOptions *options, gboolean *json, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "version", 0, 0, G_OPTION_ARG_STRING, &options->version, "The version to install", "V" },
    { "repository", 0, 0, G_OPTION_ARG_STRING, &options->url, "Where clients find the repository",
      "URL" },
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &options->output, "A new folder, or FILE.tar.zst",
      "PATH" },
    { "platform", 0, 0, G_OPTION_ARG_STRING, &options->platform, "The platform (this computer's)",
      "P" },
    { "channel", 0, 0, G_OPTION_ARG_STRING, &options->channel,
      "The channel to follow (the release's)", "C" },
    { "allow-http", 0, 0, G_OPTION_ARG_NONE, &options->allow_http, "Let clients use plain http",
      NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, json, "Print one JSON object per line", NULL },
    { "keep", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->keep,
      "Files of the user's own to carry over", "GLOB" },
    { "layout", 0, 0, G_OPTION_ARG_STRING, &options->layout,
      "How versions lie there: side-by-side, or in-place for an application that must live at one "
      "path, and is then updated when it is closed (side-by-side)",
      "LAYOUT" },
    { "supervise", 0, 0, G_OPTION_ARG_NONE, &options->supervise,
      "Let the launcher stay beside a new version, and start the old one when it fails", NULL },
    { "good-after", 0, 0, G_OPTION_ARG_INT, &options->good_after,
      "Take a version that lives so long as one that works", "SECONDS" },
    { "without", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->without,
      "Leave this component out (those that come on demand are left out)", "NAME" },
    { "with", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->with,
      "Put this component in, though it comes on demand", "NAME" },
    { NULL },
  };

  return onward_arguments_parse ("REPO --version V --repository URL --output PATH", entries, 1,
                                 argc, argv, error) &&
         onward_arguments_require (options->version, "--version", error) &&
         onward_arguments_require (options->url, "--repository", error) &&
         onward_arguments_require (options->output, "--output", error);
}

static void
report (const OnwardBundleOptions *options, gboolean json)
{
  JsonBuilder *builder;

  if (!json)
    {
      printf ("Install of %s: %s\n", options->version, options->output);
      return;
    }

  builder = onward_report_begin ("bundled");
  onward_report_add_string (builder, "version", options->version);
  onward_report_add_string (builder, "path", options->output);
  onward_report_print (builder);
}

/**
 * onward_bundle_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Makes the first install of a version.
 */
OnwardExit
onward_bundle_verb (int argc, char **argv, GError **error)
{
  g_auto (OnwardBundleOptions) options = { 0 };
  g_autoptr (OnwardInterrupt) interrupt = NULL;
  gboolean json = FALSE;
  g_autoptr (OnwardRepository) repository = NULL;

  if (!parse (&options, &json, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;

  interrupt = onward_interrupt_new ();
  options.cancellable = onward_interrupt_get_cancellable (interrupt);
  repository = onward_repository_open_to_read (argv[1], error);
  if (repository == NULL || !onward_bundle_write (&options, repository, error))
    return ONWARD_EXIT_FAILED;

  report (&options, json);
  return ONWARD_EXIT_DONE;
}
