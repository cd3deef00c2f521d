/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "onward-arguments.h"
#include "onward-ceremony-report.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-key-verbs.h"
#include "onward-notice.h"
#include "onward-report.h"
#include "onward-unlock.h"

#define MAX_IMPORTS 100

typedef struct
{
  OnwardUnlock unlock;
  char *output;
  char *type;
  gboolean yes;
  gboolean json;
} Options;

static void
options_clear (Options *options)
{
  onward_unlock_clear (&options->unlock);
  g_free (options->output);
  g_free (options->type);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* What belongs to one verb only is an option of no other. */
typedef enum
{
  WRITES = 1 << 0,    /* --output */
  MAKES_KEY = 1 << 1, /* --type, --no-passphrase */
  ASKS = 1 << 2,      /* --yes */
} Abilities;

static gboolean
parse (Options *options, const char *usage, Abilities abilities, guint most, int *argc,
       char ***argv, GError **error)
{
  const GOptionEntry common[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, "Print one JSON object per line", NULL },
    ONWARD_UNLOCK_ENTRIES (&options->unlock),
  };
  const GOptionEntry output = {
    "output", 0, 0, G_OPTION_ARG_FILENAME, &options->output, "The file to write", "FILE"
  };
  const GOptionEntry type = {
    "type", 0, 0, G_OPTION_ARG_STRING, &options->type, "ed25519, ecdsa or rsa (ed25519)", "KIND"
  };
  const GOptionEntry plain = { "no-passphrase",
                               0,
                               0,
                               G_OPTION_ARG_NONE,
                               &options->unlock.no_passphrase,
                               "Leave the key unencrypted",
                               NULL };
  const GOptionEntry yes = { "yes", 0, 0, G_OPTION_ARG_NONE, &options->yes, "Do not ask", NULL };
  g_autoptr (GArray) entries = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));
  guint least = most == MAX_IMPORTS ? 2 : most;

  if (abilities & WRITES)
    g_array_append_val (entries, output);
  if (abilities & MAKES_KEY)
    {
      g_array_append_val (entries, type);
      g_array_append_val (entries, plain);
    }
  if (abilities & ASKS)
    g_array_append_val (entries, yes);
  g_array_append_vals (entries, common, G_N_ELEMENTS (common));
  return onward_arguments_parse_some (usage, (const GOptionEntry *) entries->data, least, most,
                                      argc, argv, error);
}

static void
print_public (OnwardKeyFile *file)
{
  g_autoptr (JsonNode) node =
      json_node_init_object (json_node_alloc (), onward_key_file_get_public (file));
  g_autofree char *text = json_to_string (node, FALSE);

  puts (text);
}

static OnwardKeyFile *
generate (const Options *options, OnwardKeyKind kind, const char *path, GError **error)
{
  g_autoptr (OnwardPassphrase) passphrase = onward_unlock_make_passphrase (&options->unlock);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  OnwardKey *key;

  if (g_str_has_suffix (base, ".pub") || g_str_has_suffix (base, ".uri"))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "“%s” is what a public part, or the address of a token, is called; name the "
                   "secret key, such as NAME.pem",
                   path);
      return NULL;
    }
  if (g_str_has_suffix (base, ".pem"))
    base[strlen (base) - strlen (".pem")] = '\0';
  if (!options->unlock.no_passphrase &&
      onward_passphrase_get (passphrase, "the new key", TRUE, error) == NULL)
    return NULL;

  key = onward_key_generate_kind (kind, error);
  return key == NULL
             ? NULL
             : onward_key_file_create (key, folder, base,
                                       options->unlock.no_passphrase ? NULL : passphrase, error);
}

/**
 * onward_key_signing_generate:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Makes a key that belongs to no repository yet: NAME.pem, and NAME.pub to hand on.
 */
OnwardExit
onward_key_signing_generate (int argc, char **argv, GError **error)
{
  g_auto (Options) options = { .unlock = ONWARD_UNLOCK_INIT };
  g_autoptr (OnwardKeyFile) file = NULL;
  OnwardKeyKind kind = ONWARD_KEY_KIND_ED25519;
  JsonBuilder *builder;

  if (!parse (
          &options,
          "NAME.pem\n"
          "Makes a key that signs nothing yet: NAME.pem, which is to be kept, and NAME.pub, its\n"
          "public part, which “key add” and “key split” take.",
          MAKES_KEY, 1, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;
  if (options.type != NULL && !onward_key_kind_parse (options.type, &kind))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "“%s” is not a kind of key: ed25519, ecdsa or rsa", options.type);
      return ONWARD_EXIT_USAGE;
    }

  file = generate (&options, kind, argv[1], error);
  if (file == NULL)
    return ONWARD_EXIT_FAILED;
  if (!options.json)
    {
      printf ("Key %.8s. Hand on the file that ends in .pub; the other one is yours.\n",
              onward_key_file_get_id (file));
      return ONWARD_EXIT_DONE;
    }
  builder = onward_report_begin ("key");
  onward_report_add_string (builder, "id", onward_key_file_get_id (file));
  onward_report_add_string (builder, "path", onward_key_file_get_source (file));
  onward_report_print (builder);
  return ONWARD_EXIT_DONE;
}

/**
 * onward_key_signing_show:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Prints the public part of a key, as NAME.pub has it: of one in a token, above all.
 */
OnwardExit
onward_key_signing_show (int argc, char **argv, GError **error)
{
  g_auto (Options) options = { .unlock = ONWARD_UNLOCK_INIT };
  g_autoptr (OnwardPassphrase) passphrase = NULL;
  g_autoptr (OnwardKeyFile) file = NULL;

  if (!parse (&options,
              "KEY\n"
              "Prints the public part of a key, as NAME.pub has it: above all of one in a token.",
              0, 1, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;

  passphrase = onward_unlock_make_passphrase (&options.unlock);
  file = onward_key_file_open (argv[1], error);
  if (file == NULL || (onward_key_file_get_public (file) == NULL &&
                       !onward_key_file_unlock (file, passphrase, error)))
    return ONWARD_EXIT_FAILED;
  print_public (file);
  return ONWARD_EXIT_DONE;
}

/**
 * onward_key_signing_export:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Writes what root keys elsewhere have to sign.
 */
OnwardExit
onward_key_signing_export (int argc, char **argv, GError **error)
{
  g_auto (Options) options = { .unlock = ONWARD_UNLOCK_INIT };
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardRootRequest) request = NULL;

  if (!parse (
          &options,
          "REPO --output FILE\n"
          "Writes what root keys elsewhere have to sign, when a change waits for them. Take the\n"
          "file to each of them, run “key sign” there, and bring it back with “key import”.",
          WRITES, 1, &argc, &argv, error) ||
      !onward_arguments_require (options.output, "--output", error))
    return ONWARD_EXIT_USAGE;

  repository = onward_unlock_open_repository (&options.unlock, argv[1], error);
  request = repository == NULL ? NULL : onward_ceremony_load (repository, error);
  if (request == NULL || !onward_root_request_save (request, options.output, error))
    return ONWARD_EXIT_FAILED;
  onward_ceremony_report_request (request, options.json);
  return ONWARD_EXIT_DONE;
}

static gboolean
confirm (gboolean yes, GError **error)
{
  char answer[16] = "";

  if (yes)
    return TRUE;
  if (isatty (STDIN_FILENO) == 1)
    {
      fputs ("Sign this? Type yes: ", stderr);
      if (fgets (answer, sizeof answer, stdin) != NULL && g_str_equal (answer, "yes\n"))
        return TRUE;
    }
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
                       "Signing the root: nobody agreed to it; read what it changes, and use "
                       "--yes");
  return FALSE;
}

static gboolean
sign_with (OnwardRootRequest *request, const char *source, OnwardPassphrase *passphrase,
           GError **error)
{
  g_autoptr (OnwardKeyFile) file = onward_key_file_open (source, error);

  return file != NULL && onward_key_file_unlock (file, passphrase, error) &&
         onward_root_request_sign (request, onward_key_file_get_key (file), error);
}

static gboolean
sign (const Options *options, const char *path, GError **error)
{
  g_autoptr (OnwardPassphrase) passphrase = onward_unlock_make_passphrase (&options->unlock);
  g_autoptr (OnwardRootRequest) request = onward_root_request_load (path, error);

  if (request == NULL)
    return FALSE;
  onward_ceremony_report_request (request, options->json);
  if (!confirm (options->yes, error))
    return FALSE;

  for (char **source = options->unlock.sources; *source != NULL; source++)
    {
      if (!sign_with (request, *source, passphrase, error))
        return FALSE;
    }
  if (!onward_root_request_save (request, path, error))
    return FALSE;
  if (!options->json)
    printf ("Signed. Bring “%s” back with “onward-publish key import REPO FILE”.\n", path);
  return TRUE;
}

/**
 * onward_key_signing_sign:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Signs what was exported, on a computer that needs nothing else. What it changes is worked out
 * from the file anew and shown before.
 */
OnwardExit
onward_key_signing_sign (int argc, char **argv, GError **error)
{
  g_auto (Options) options = { .unlock = ONWARD_UNLOCK_INIT };

  if (!parse (&options,
              "FILE --key KEY\n"
              "Shows what a change of the root does, and signs it. Needs nothing but the file and\n"
              "the key: neither the repository nor a network.",
              ASKS, 1, &argc, &argv, error) ||
      !onward_arguments_require (options.unlock.sources == NULL ? NULL : options.unlock.sources[0],
                                 "--key", error))
    return ONWARD_EXIT_USAGE;
  return sign (&options, argv[1], error) ? ONWARD_EXIT_DONE : ONWARD_EXIT_FAILED;
}

/**
 * onward_key_signing_import:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Takes over what was signed elsewhere, and publishes the root when enough have signed.
 */
OnwardExit
onward_key_signing_import (int argc, char **argv, GError **error)
{
  g_auto (Options) options = { .unlock = ONWARD_UNLOCK_INIT };
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardPassphrase) passphrase = NULL;
  g_autoptr (OnwardKeyring) keyring = NULL;
  OnwardCeremonyEnd end = ONWARD_CEREMONY_FAILED;

  if (!parse (&options,
              "REPO FILE…\n"
              "Takes over signatures that “key sign” made elsewhere, and publishes the root when\n"
              "there are enough of them.",
              0, MAX_IMPORTS, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;

  passphrase = onward_unlock_make_passphrase (&options.unlock);
  repository = onward_unlock_open_repository (&options.unlock, argv[1], error);
  if (repository != NULL)
    keyring = onward_unlock_open_keyring (&options.unlock, repository, error);
  if (keyring != NULL)
    end = onward_ceremony_import (repository, keyring, passphrase, argv + 2, error);
  return end == ONWARD_CEREMONY_FAILED ? ONWARD_EXIT_FAILED
                                       : onward_ceremony_report_end (repository, end, options.json);
}

/**
 * onward_key_signing_abort:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Gives up a change that waits for signatures. The keys that were made for it stay, and sign
 * nothing.
 */
OnwardExit
onward_key_signing_abort (int argc, char **argv, GError **error)
{
  g_auto (Options) options = { .unlock = ONWARD_UNLOCK_INIT };
  g_autoptr (OnwardRepository) repository = NULL;
  g_autofree char *path = NULL;

  if (!parse (&options,
              "REPO\n"
              "Gives up a change that waits for signatures. Nothing that is published changes.",
              0, 1, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;

  repository = onward_unlock_open_repository (&options.unlock, argv[1], error);
  if (repository == NULL)
    return ONWARD_EXIT_FAILED;
  path = onward_ceremony_dup_path (repository);
  if (unlink (path) == 0)
    return ONWARD_EXIT_DONE;
  if (errno == ENOENT)
    {
      onward_notice_warn ("No change waits for signatures");
      return ONWARD_EXIT_NOTHING;
    }
  onward_file_set_error (error, errno, "Removing", path);
  return ONWARD_EXIT_FAILED;
}
