/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-arguments.h"
#include "onward-error.h"
#include "onward-metadata-writer.h"
#include "onward-notice.h"
#include "onward-role-status.h"
#include "onward-verbs.h"

/* A computer that refreshes every day should not have the root key: it is asked for only when the
 * targets expire soon, and missed with a warning. */
static OnwardKeyring *
load_keyring (OnwardRepository *repository, const char *passphrase_file, gboolean *ret_with_root,
              GError **error)
{
  g_autoptr (GError) local_error = NULL;
  OnwardKeyring *keyring;

  if (!onward_metadata_writer_needs_root (repository, ret_with_root, error))
    return NULL;
  if (!*ret_with_root)
    return onward_arguments_load_keyring (repository, passphrase_file, TRUE, error);

  keyring = onward_arguments_load_keyring (repository, passphrase_file, FALSE, &local_error);
  if (g_error_matches (local_error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    {
      onward_notice_warn ("The targets expire soon and need the root key: %s",
                          local_error->message);
      *ret_with_root = FALSE;
      return onward_arguments_load_keyring (repository, passphrase_file, TRUE, error);
    }

  if (keyring == NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return keyring;
}

static gboolean
refresh (OnwardRepository *repository, const char *passphrase_file, GError **error)
{
  gboolean with_root = FALSE;
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (OnwardKeyring) keyring = NULL;

  /* Nothing is signed anew that was not signed before; that it expired is what brings one here. */
  targets = onward_repository_verify_at (repository, 0, error);
  if (targets == NULL)
    return FALSE;

  keyring = load_keyring (repository, passphrase_file, &with_root, error);
  return keyring != NULL &&
         onward_metadata_writer_put_refreshed (repository, keyring, with_root, error) &&
         onward_repository_commit (repository, error);
}

/**
 * onward_refresh_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Signs a new timestamp, and what else expires soon, which keeps the repository from expiring.
 */
OnwardExit
onward_refresh_verb (int argc, char **argv, GError **error)
{
  g_autofree char *passphrase_file = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print one JSON object per line", NULL },
    { "passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &passphrase_file,
      "A file with the passphrase", "FILE" },
    { NULL },
  };
  g_autoptr (OnwardRepository) repository = NULL;

  if (!onward_arguments_parse ("REPO", entries, 1, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;

  repository = onward_repository_open (argv[1], error);
  if (repository == NULL || !refresh (repository, passphrase_file, error))
    return ONWARD_EXIT_FAILED;

  onward_role_status_print (repository, "timestamp", json);
  return ONWARD_EXIT_DONE;
}
