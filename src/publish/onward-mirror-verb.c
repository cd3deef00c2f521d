/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-arguments.h"
#include "onward-json.h"
#include "onward-log.h"
#include "onward-metadata-writer.h"
#include "onward-mirror-list.h"
#include "onward-report.h"
#include "onward-unlock.h"
#include "onward-verbs.h"

#define MAX_ADDRESS_CHARS 200

typedef gboolean (*Change) (OnwardRepository *repository, const char *address, GError **error);

/* The releases stay as they are. */
static gboolean
sign_again (OnwardRepository *repository, OnwardKeyring *keyring, GError **error)
{
  g_autoptr (JsonObject) content = onward_repository_load_role (repository, "targets", error);
  JsonObject *targets;

  return content != NULL && onward_json_get_object (content, "targets", &targets, error) &&
         onward_metadata_writer_put_targets (repository, keyring, targets, error) &&
         onward_repository_commit (repository, error);
}

static gboolean
change (Change do_change, const OnwardUnlock *unlock, const char *folder, const char *address,
        GError **error)
{
  g_autoptr (OnwardRepository) repository = onward_unlock_open_repository (unlock, folder, error);
  g_autoptr (OnwardPassphrase) passphrase = onward_unlock_make_passphrase (unlock);
  g_autoptr (OnwardKeyring) keyring = NULL;

  if (repository == NULL || !do_change (repository, address, error))
    return FALSE;

  keyring = onward_unlock_open_keyring (unlock, repository, error);
  return keyring != NULL && onward_unlock_daily (keyring, repository, passphrase, error) &&
         sign_again (repository, keyring, error);
}

static void
print_mirror (const char *address, gboolean json)
{
  g_autofree char *shown = onward_log_escape (address, MAX_ADDRESS_CHARS);

  if (json)
    {
      JsonBuilder *builder = onward_report_begin ("mirror");

      onward_report_add_string (builder, "address", address);
      onward_report_print (builder);
    }
  else
    printf ("%s\n", shown);
}

static gboolean
list (const char *folder, gboolean json, GError **error)
{
  g_autoptr (OnwardRepository) repository = onward_repository_open_to_read (folder, error);
  g_auto (GStrv) mirrors = NULL;

  if (repository == NULL)
    return FALSE;

  mirrors = onward_mirror_list_load (repository);
  for (char **mirror = mirrors; *mirror != NULL; mirror++)
    print_mirror (*mirror, json);
  return TRUE;
}

/**
 * onward_mirror_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Tells clients, in signed targets, where else the same files are handed out.
 */
OnwardExit
onward_mirror_verb (int argc, char **argv, GError **error)
{
  g_auto (OnwardUnlock) unlock = ONWARD_UNLOCK_INIT;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print one JSON object per line", NULL },
    ONWARD_UNLOCK_ENTRIES (&unlock),
    { NULL },
  };
  gboolean done;

  if (!onward_arguments_parse_some ("list|add|remove REPO [URL]", entries, 2, 3, &argc, &argv,
                                    error))
    return ONWARD_EXIT_USAGE;

  if (argc == 3 && g_str_equal (argv[1], "list"))
    done = list (argv[2], json, error);
  else if (argc == 4 && g_str_equal (argv[1], "add"))
    done = change (onward_mirror_list_add, &unlock, argv[2], argv[3], error);
  else if (argc == 4 && g_str_equal (argv[1], "remove"))
    done = change (onward_mirror_list_remove, &unlock, argv[2], argv[3], error);
  else
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                   "Usage: %s list|add|remove REPO [URL]", g_get_prgname ());
      return ONWARD_EXIT_USAGE;
    }
  return done ? ONWARD_EXIT_DONE : ONWARD_EXIT_FAILED;
}
