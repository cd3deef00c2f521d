/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib-unix.h>
#include <stdio.h>

#include "onward-byte-count.h"
#include "onward-arguments.h"
#include "onward-error.h"
#include "onward-log.h"
#include "onward-server.h"
#include "onward-verbs.h"

typedef struct
{
  char *address;
  int port;
  char *rate;
  char *drop_after;
  int latency;
  gboolean quiet;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->address);
  g_free (options->rate);
  g_free (options->drop_after);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "port", 0, 0, G_OPTION_ARG_INT, &options->port, "The port (any free one)", "P" },
    { "address", 0, 0, G_OPTION_ARG_STRING, &options->address, "The address (127.0.0.1)", "A" },
    { "rate", 0, 0, G_OPTION_ARG_STRING, &options->rate, "Bytes a second on each connection",
      "BYTES" },
    { "drop-after", 0, 0, G_OPTION_ARG_STRING, &options->drop_after,
      "Cut a response after so many bytes", "BYTES" },
    { "latency", 0, 0, G_OPTION_ARG_INT, &options->latency, "Wait before each response", "MS" },
    { "quiet", 0, 0, G_OPTION_ARG_NONE, &options->quiet, "Do not print the requests", NULL },
    { NULL },
  };

  if (!onward_arguments_parse ("REPO [--port P] [--rate BYTES] [--drop-after BYTES]", entries, 1,
                               argc, argv, error))
    return FALSE;
  if (options->port >= 0 && options->port <= 65535 && options->latency >= 0)
    return TRUE;

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       "--port and --latency take small numbers that are not negative");
  return FALSE;
}

static void
on_request (OnwardServer *server, const char *method, const char *path, guint status, guint64 bytes,
            gpointer user_data)
{
  g_autofree char *shown = onward_log_escape (path, 200);

  printf ("%s %s %u %" G_GUINT64_FORMAT "\n", method, shown, status, bytes);
  fflush (stdout);
}

static gboolean
on_interrupt (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static OnwardExit
serve (OnwardServer *server, const Options *options, const char *folder)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  if (!options->quiet)
    g_signal_connect (server, "request", G_CALLBACK (on_request), NULL);
  g_unix_signal_add (SIGINT, on_interrupt, loop);
  g_unix_signal_add (SIGTERM, on_interrupt, loop);
  printf ("Serving %s at http://%s:%u\n", folder,
          options->address == NULL ? "127.0.0.1" : options->address,
          onward_server_get_port (server));
  fflush (stdout);
  g_main_loop_run (loop);
  onward_server_stop (server);
  return ONWARD_EXIT_DONE;
}

/**
 * onward_serve_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Hands a repository out over HTTP until it is interrupted.
 */
OnwardExit
onward_serve_verb (int argc, char **argv, GError **error)
{
  g_auto (Options) options = { 0 };
  g_autoptr (OnwardServer) server = NULL;
  guint64 rate = 0;
  guint64 drop_after = 0;

  if (!parse (&options, &argc, &argv, error) ||
      !onward_byte_count_parse (options.rate, &rate, error) ||
      !onward_byte_count_parse (options.drop_after, &drop_after, error))
    return ONWARD_EXIT_USAGE;

  server = onward_server_new (argv[1], error);
  if (server == NULL)
    return ONWARD_EXIT_FAILED;
  onward_server_set_rate (server, rate);
  onward_server_set_drop_after (server, drop_after);
  onward_server_set_latency (server, (guint) options.latency);
  if (!onward_server_listen (server, options.address, (guint) options.port, error))
    return ONWARD_EXIT_FAILED;
  return serve (server, &options, argv[1]);
}
