/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-arguments.h"
#include "onward-catalogue.h"
#include "onward-metadata-writer.h"
#include "onward-verbs.h"

static void
print_expiry (OnwardRepository *repository, const char *role)
{
  g_autoptr (JsonObject) content = onward_repository_load_role (repository, role, NULL);

  if (content != NULL)
    printf ("%-10s version %-5" G_GINT64_FORMAT " expires %s\n", role,
            json_object_get_int_member (content, "version"),
            json_object_get_string_member (content, "expires"));
}

static void
print_release (OnwardRepository *repository, OnwardTargets *targets, OnwardRelease *release)
{
  g_autoptr (OnwardReleaseDocument) document =
      onward_catalogue_load_document (repository, targets, release, NULL);
  g_autofree char *size = NULL;
  guint deltas = 0;

  if (document != NULL)
    {
      size = g_format_size (
          onward_pack_info_get_size (onward_release_document_get_full_pack (document)));
      deltas = onward_release_document_get_packs (document)->len - 1;
    }

  printf ("%-16s %5" G_GUINT64_FORMAT "  %-10s %-16s %-10s %10s  %u deltas%s\n",
          onward_release_get_version (release), onward_release_get_sequence (release),
          onward_release_get_channel (release), onward_release_get_platform (release),
          onward_release_get_date (release), size == NULL ? "?" : size, deltas,
          onward_release_is_withdrawn (release) ? "  withdrawn" : "");
}

/**
 * onward_status_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Lists the releases and what expires when.
 */
OnwardExit
onward_status_verb (int argc, char **argv, GError **error)
{
  static const char *const roles[] = { "root", "targets", "snapshot", "timestamp" };
  const GOptionEntry entries[] = { { NULL } };
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (GPtrArray) releases = NULL;

  if (!onward_arguments_parse ("REPO", entries, 1, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;

  repository = onward_repository_open (argv[1], error);
  if (repository == NULL)
    return ONWARD_EXIT_FAILED;

  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    print_expiry (repository, roles[i]);

  targets = onward_repository_verify (repository, error);
  if (targets == NULL)
    return ONWARD_EXIT_FAILED;

  releases = onward_catalogue_list (targets);
  for (guint i = 0; i < releases->len; i++)
    print_release (repository, targets, g_ptr_array_index (releases, i));
  return ONWARD_EXIT_DONE;
}

/**
 * onward_refresh_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Signs a new timestamp, which keeps the repository from expiring.
 */
OnwardExit
onward_refresh_verb (int argc, char **argv, GError **error)
{
  g_autofree char *passphrase_file = NULL;
  const GOptionEntry entries[] = {
    { "passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &passphrase_file,
      "A file with the passphrase", "FILE" },
    { NULL },
  };
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardKeyring) keyring = NULL;

  if (!onward_arguments_parse ("REPO", entries, 1, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;

  repository = onward_repository_open (argv[1], error);
  if (repository == NULL)
    return ONWARD_EXIT_FAILED;
  keyring = onward_arguments_load_keyring (repository, passphrase_file, TRUE, error);
  if (keyring == NULL || !onward_metadata_writer_put_timestamp (repository, keyring, error) ||
      !onward_repository_commit (repository, error))
    return ONWARD_EXIT_FAILED;

  print_expiry (repository, "timestamp");
  return ONWARD_EXIT_DONE;
}
