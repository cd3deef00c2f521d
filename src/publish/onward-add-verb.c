/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-addition.h"
#include "onward-arguments.h"
#include "onward-interrupt.h"
#include "onward-unlock.h"
#include "onward-verbs.h"

static gboolean
parse (OnwardAdditionOptions *options, OnwardUnlock *unlock, int *argc, char ***argv,
       GError **error)
{
  const GOptionEntry entries[] = {
    { "version", 0, 0, G_OPTION_ARG_STRING, &options->version, "The new version (SemVer 2.0)",
      "V" },
    { "channel", 0, 0, G_OPTION_ARG_STRING, &options->channel, "The channel (stable)", "C" },
    { "platform", 0, 0, G_OPTION_ARG_STRING, &options->platform, "The platform (this computer's)",
      "P" },
    { "notes", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->notes, "Release notes in CommonMark",
      "FILE[:LANG]" },
    { "minimum", 0, 0, G_OPTION_ARG_STRING, &options->minimum, "Older versions must not go on",
      "V" },
    { "reason", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->reasons, "Why, for people",
      "[LANG:]TEXT" },
    { "grace-days", 0, 0, G_OPTION_ARG_INT, &options->grace_days,
      "How long they may go on when no update works", "N" },
    { "severity", 0, 0, G_OPTION_ARG_STRING, &options->severity, "normal, security or forced",
      "S" },
    { "deltas", 0, 0, G_OPTION_ARG_INT, &options->deltas,
      "Make deltas from the N newest releases (5)", "N" },
    { "effort", 0, 0, G_OPTION_ARG_STRING, &options->effort,
      "How hard to try for small deltas: fast or best (best)", "E" },
    { "delta-from", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->delta_from,
      "Make a delta from this version, too", "V" },
    { "compression", 0, 0, G_OPTION_ARG_STRING, &options->compression, "lzma or zstd (lzma)", "C" },
    { "component", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->components,
      "A folder of TREE that installs can do without; several of one NAME are one component",
      "NAME=FOLDER" },
    { "on-demand", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->on_demand,
      "A component that comes only to who asks for it", "NAME" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, "Print one JSON object per line", NULL },
    ONWARD_UNLOCK_ENTRIES (unlock),
    { NULL },
  };

  return onward_arguments_parse ("REPO TREE --version V", entries, 2, argc, argv, error) &&
         onward_arguments_require (options->version, "--version", error);
}

static gboolean
add (OnwardAdditionOptions *options, const OnwardUnlock *unlock, const char *folder,
     const char *tree, GError **error)
{
  g_autoptr (OnwardRepository) repository = onward_unlock_open_repository (unlock, folder, error);
  g_autoptr (OnwardPassphrase) passphrase = onward_unlock_make_passphrase (unlock);
  g_autoptr (OnwardInterrupt) interrupt = NULL;
  g_autoptr (OnwardKeyring) keyring = NULL;

  keyring = repository == NULL ? NULL : onward_unlock_open_keyring (unlock, repository, error);
  if (keyring == NULL || !onward_unlock_daily (keyring, repository, passphrase, error))
    return FALSE;

  interrupt = onward_interrupt_new ();
  options->cancellable = onward_interrupt_get_cancellable (interrupt);
  return onward_addition_run (options, repository, keyring, tree, error);
}

/**
 * onward_add_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Publishes a folder as a new version.
 */
OnwardExit
onward_add_verb (int argc, char **argv, GError **error)
{
  g_auto (OnwardAdditionOptions) options = { .deltas = 5 };
  g_auto (OnwardUnlock) unlock = ONWARD_UNLOCK_INIT;

  if (!parse (&options, &unlock, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;
  return add (&options, &unlock, argv[1], argv[2], error) ? ONWARD_EXIT_DONE : ONWARD_EXIT_FAILED;
}
