/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib-unix.h>

#include "onward-byte-count.h"
#include "onward-command.h"
#include "onward-error.h"
#include "onward-explanation.h"
#include "onward-report.h"
#include "onward-terminal.h"

static void
command_clear (OnwardCommand *self)
{
  g_clear_object (&self->client);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->result);
  g_free (self->install);
  g_free (self->to);
  g_free (self->limit_rate);
  g_strfreev (self->words);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OnwardCommand, command_clear)

static gboolean
on_interrupt (gpointer user_data)
{
  OnwardCommand *self = user_data;

  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_CONTINUE;
}

static void
add_entries (OnwardCommand *self, GOptionContext *context, const OnwardVerb *verb)
{
  const GOptionEntry entries[] = {
    { "install", 0, 0, G_OPTION_ARG_FILENAME, &self->install, "The install folder", "DIR" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, "Print one JSON object per line", NULL },
    { NULL },
  };
  const GOptionEntry fetch_entries[] = {
    { "retries", 0, 0, G_OPTION_ARG_INT, &self->retries, "Give up after N tries in a row (never)",
      "N" },
    { NULL },
  };
  const GOptionEntry update_entries[] = {
    { "yes", 'y', 0, G_OPTION_ARG_NONE, &self->yes, "Ask nothing", NULL },
    { "to", 0, 0, G_OPTION_ARG_STRING, &self->to, "Update to this version", "VERSION" },
    { "no-delta", 0, 0, G_OPTION_ARG_NONE, &self->no_delta, "Leave deltas out", NULL },
    { "limit-rate", 0, 0, G_OPTION_ARG_STRING, &self->limit_rate,
      "Download no more than so many bytes a second, such as 500k or 1.5M", "RATE" },
    { "metered", 0, 0, G_OPTION_ARG_NONE, &self->metered,
      "Download over networks that may charge for data, too", NULL },
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, NULL);
  if (verb->updates || verb->fetches)
    g_option_context_add_main_entries (context, fetch_entries, NULL);
  if (verb->updates)
    g_option_context_add_main_entries (context, update_entries, NULL);
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, why);
  return FALSE;
}

static gboolean
parse (OnwardCommand *self, const OnwardVerb *verb, int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (verb->words);
  g_autofree char *name = g_strdup_printf ("onward %s", verb->name);
  g_autoptr (GError) local_error = NULL;

  g_set_prgname (name);
  g_option_context_set_summary (context, verb->help);
  add_entries (self, context, verb);
  if (!g_option_context_parse (context, argc, argv, &local_error))
    return refuse (error, local_error->message);
  self->words = g_strdupv (*argv + 1);
  if (*argc > 1 && verb->words == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "Unexpected argument “%s”",
                   (*argv)[1]);
      return FALSE;
    }
  if (self->retries < -1)
    return refuse (error, "--retries takes a number that is not negative");
  return onward_byte_count_parse (self->limit_rate, &self->rate_limit, error);
}

static gboolean
open_client (OnwardCommand *self, GError **error)
{
  if (self->install != NULL)
    self->client = onward_client_new (self->install, error);
  else
    self->client = onward_client_new_for_application (error);

  if (self->client != NULL)
    {
      onward_client_set_retries (self->client, self->retries);
      onward_client_set_use_deltas (self->client, !self->no_delta);
      onward_client_set_use_metered (self->client, self->metered);
      onward_client_set_rate_limit (self->client, self->rate_limit);
      return TRUE;
    }

  if (self->install != NULL || !g_error_matches (*error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    return FALSE;

  g_clear_error (error);
  return refuse (error, "The option --install DIR is missing");
}

/* A refusal says what was checked, what that means and what to do, as the window does. */
static void
explain (const GError *error)
{
  if (onward_explanation_get_check (error) == NULL)
    return;

  onward_terminal_say ("  Name of the refusal: %s",
                       onward_error_get_nick ((OnwardError) error->code));
  onward_terminal_say ("  What was checked: %s", onward_explanation_get_check (error));
  onward_terminal_say ("  What it means: %s", onward_explanation_get_meaning (error));
  onward_terminal_say ("  What to do: %s", onward_explanation_get_advice (error));
}

static OnwardExit
fail (OnwardCommand *self, const GError *error)
{
  g_autofree char *message = onward_terminal_escape (error->message);

  if (self->json)
    onward_report_error (error);
  onward_terminal_say ("onward: %s", message);
  explain (error);
  return onward_exit_for_error (error);
}

/**
 * onward_command_run:
 * @verb: what to do
 * @argc: the number of arguments, the verb's name included
 * @argv: the arguments
 *
 * Reads the options, opens the install, does it and reports what went wrong.
 *
 * Returns: the exit status
 */
OnwardExit
onward_command_run (const OnwardVerb *verb, int argc, char **argv)
{
  g_auto (OnwardCommand) self = { .retries = -1 };
  g_autoptr (GError) error = NULL;
  OnwardExit status;

  /* A command line that cannot be read is reported, too. */
  self.json = g_strv_contains ((const char *const *) argv, "--json");
  self.cancellable = g_cancellable_new ();
  if (!parse (&self, verb, &argc, &argv, &error) || !open_client (&self, &error))
    return fail (&self, error);

  g_unix_signal_add (SIGINT, on_interrupt, &self);
  g_unix_signal_add (SIGTERM, on_interrupt, &self);
  status = verb->run (&self, &error);
  if (error != NULL)
    return fail (&self, error);
  return status;
}

/**
 * onward_command_take_result:
 * @source: where the operation ran
 * @result: what it gave
 * @self: an #OnwardCommand
 *
 * A #GAsyncReadyCallback for onward_command_await().
 */
void
onward_command_take_result (GObject *source, GAsyncResult *result, gpointer self)
{
  g_set_object (&((OnwardCommand *) self)->result, result);
}

/**
 * onward_command_await:
 * @self: a command with an operation under way
 *
 * Returns: (transfer full): what the operation gave
 */
GAsyncResult *
onward_command_await (OnwardCommand *self)
{
  while (self->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (&self->result);
}

/**
 * onward_command_check:
 * @self: a command
 * @error: return location
 *
 * Asks the repository, for every newer version. Returns: whether there is one
 */
gboolean
onward_command_check (OnwardCommand *self, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  onward_client_check_async (self->client, TRUE, self->cancellable, onward_command_take_result,
                             self);
  result = onward_command_await (self);
  return onward_client_check_finish (self->client, result, error);
}

/**
 * onward_command_describe:
 * @self: a command whose client's status is available
 * @error: return location
 *
 * Fetches notes and sizes.
 */
gboolean
onward_command_describe (OnwardCommand *self, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  onward_client_describe_async (self->client, self->cancellable, onward_command_take_result, self);
  result = onward_command_await (self);
  return onward_client_describe_finish (self->client, result, error);
}

/**
 * onward_command_tell_lost:
 * @self: a command whose client's status is available
 *
 * Says, before anything is decided, which components of those that are here the release lacks.
 */
void
onward_command_tell_lost (OnwardCommand *self)
{
  OnwardStatus *status = onward_client_get_status (self->client);
  const char *const *lost = onward_status_get_lost_components (status);
  const char *version = onward_release_get_version (onward_status_get_release (status));

  for (; lost != NULL && *lost != NULL; lost++)
    onward_terminal_say ("Version %s no longer has the component “%s”: what it holds is a part of "
                         "the rest, of another component, or gone",
                         version, *lost);
}
