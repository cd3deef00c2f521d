/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <string.h>

#include "onward-arguments.h"
#include "onward-ceremony-report.h"
#include "onward-error.h"
#include "onward-json.h"
#include "onward-key-verbs.h"
#include "onward-root-draft.h"
#include "onward-unlock.h"

#define LEAST_ID_CHARS 8

typedef struct
{
  OnwardUnlock unlock;
  OnwardKeyKind kind;
  char *type;
  char *with;
  char **roots;
  char *targets;
  char *online;
  int threshold;
  gboolean lost;
  gboolean no_spare;
  gboolean json;
} Options;

/* What a verb does to the next root; @words are its arguments after the repository. */
typedef gboolean (*Change) (OnwardCeremony *ceremony, const Options *options, char **words,
                            GError **error);

static const char *const roles[] = { "root", "targets", "online" };
static const char *const names[] = { "root", "targets", "online", NULL };

static void
options_clear (Options *options)
{
  onward_unlock_clear (&options->unlock);
  g_free (options->type);
  g_free (options->with);
  g_strfreev (options->roots);
  g_free (options->targets);
  g_free (options->online);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
check_role (const char *role, GError **error)
{
  if (g_strv_contains (names, role))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "“%s” is not a role: root, targets or online (snapshot and timestamp)", role);
  return FALSE;
}

static gboolean
set_threshold (OnwardCeremony *ceremony, const Options *options, const char *role, GError **error)
{
  if (options->threshold == 0)
    return TRUE;
  if (g_str_equal (role, "root"))
    return onward_root_draft_set_threshold (onward_ceremony_get_draft (ceremony), role,
                                            options->threshold, error);
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       "--threshold is for root keys; each key of another role signs alone");
  return FALSE;
}

static gboolean
has_any_role (JsonObject *root, const char *id)
{
  for (guint i = 0; id != NULL && i < G_N_ELEMENTS (roles); i++)
    if (onward_root_draft_has_key (root, roles[i], id))
      return TRUE;
  return FALSE;
}

static char *
find_by_beginning (JsonObject *root, const char *word, GError **error)
{
  JsonObject *keys = NULL;
  GList *ids = NULL;
  char *found = NULL;

  if (strlen (word) >= LEAST_ID_CHARS && onward_json_get_object (root, "keys", &keys, error))
    ids = json_object_get_members (keys);
  for (GList *id = ids; id != NULL && found == NULL; id = id->next)
    {
      if (g_str_has_prefix (id->data, word))
        found = g_strdup (id->data);
    }
  g_list_free (ids);
  return found;
}

static char *
find_only_key (JsonObject *root, const char *role)
{
  g_autoptr (GPtrArray) ids = NULL;

  if (!check_role (role, NULL))
    return NULL;
  ids = onward_root_draft_list_keys (root, role);
  return ids->len == 1 ? g_strdup (g_ptr_array_index (ids, 0)) : NULL;
}

/* The successor of a key, which is named after its role and the day it was made. */
static char *
find_successor (OnwardCeremony *ceremony, const char *word)
{
  GPtrArray *files = onward_keyring_list (onward_ceremony_get_keyring (ceremony));
  g_autofree char *stem = g_strconcat (word, "-2", NULL);
  char *found = NULL;

  for (guint i = 0; i < files->len; i++)
    {
      OnwardKeyFile *file = g_ptr_array_index (files, i);
      const char *id = onward_key_file_get_id (file);

      if (!g_str_has_prefix (onward_key_file_get_name (file), stem) ||
          !has_any_role (onward_ceremony_get_before (ceremony), id))
        continue;
      if (found != NULL)
        {
          g_free (found);
          return NULL;
        }
      found = g_strdup (id);
    }
  return found;
}

/* The id of a key that has a role: by the name of its file, the beginning of its id, or its role,
 * when no other key has it. */
static char *
find_key (OnwardCeremony *ceremony, const char *word, GError **error)
{
  JsonObject *root = onward_ceremony_get_before (ceremony);
  OnwardKeyFile *file = onward_keyring_find (onward_ceremony_get_keyring (ceremony), word);
  char *id = NULL;

  if (file != NULL && has_any_role (root, onward_key_file_get_id (file)))
    return g_strdup (onward_key_file_get_id (file));
  id = find_by_beginning (root, word, NULL);
  if (id == NULL)
    id = find_successor (ceremony, word);
  if (id == NULL)
    id = find_only_key (root, word);
  if (id == NULL)
    g_set_error (
        error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
        "Looking for the key “%s”: no key of that name or id signs anything, and no single "
        "key has that role; “key list” tells the names and ids",
        word);
  return id;
}

static gboolean
add (OnwardCeremony *ceremony, const Options *options, char **words, GError **error)
{
  return check_role (words[0], error) &&
         onward_ceremony_open_key (ceremony, words[0], words[1], error) != NULL &&
         set_threshold (ceremony, options, words[0], error);
}

/* With the next root key that gets lost nobody could change keys ever again. */
static gboolean
check_spare (OnwardCeremony *ceremony, const Options *options, GError **error)
{
  JsonObject *draft = onward_ceremony_get_draft (ceremony);
  g_autoptr (GPtrArray) left = onward_root_draft_list_keys (draft, "root");

  if (options->no_spare || left->len != onward_root_draft_get_threshold (draft, "root"))
    return TRUE;
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
               "Removing the root key: %u would be left and all of them have to sign, so that none "
               "may ever get lost; “key add REPO root” a spare first, “key replace” the key "
               "instead, or say --no-spare",
               left->len);
  return FALSE;
}

static gboolean
drop (OnwardCeremony *ceremony, const Options *options, char **words, GError **error)
{
  g_autofree char *id = NULL;

  if (!check_role (words[0], error))
    return FALSE;
  id = find_key (ceremony, words[1], error);
  return id != NULL && set_threshold (ceremony, options, words[0], error) &&
         onward_root_draft_remove_key (onward_ceremony_get_draft (ceremony), words[0], id, error) &&
         (!g_str_equal (words[0], "root") || check_spare (ceremony, options, error));
}

/* The new key gets every role of the old one. */
static gboolean
hand_over (OnwardCeremony *ceremony, const Options *options, const char *id, const char *with,
           GError **error)
{
  JsonObject *draft = onward_ceremony_get_draft (ceremony);
  OnwardKeyFile *file = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      if (!onward_root_draft_has_key (draft, roles[i], id))
        continue;
      if (!onward_root_draft_remove_key (draft, roles[i], id, error))
        return FALSE;

      if (file != NULL)
        {
          if (!onward_root_draft_add_key (draft, roles[i], onward_key_file_get_public (file),
                                          error))
            return FALSE;
          continue;
        }
      file = with != NULL ? onward_ceremony_open_key (ceremony, roles[i], with, error)
                          : onward_ceremony_make_key (ceremony, roles[i], options->kind, error);
      if (file == NULL)
        return FALSE;
    }
  return TRUE;
}

/* Who stole a key of root or targets may have driven versions up with the online keys, which only
 * a rotation of these makes clients forget. */
static gboolean
hand_over_online (OnwardCeremony *ceremony, const Options *options, GError **error)
{
  g_autoptr (GPtrArray) ids =
      onward_root_draft_list_keys (onward_ceremony_get_before (ceremony), "online");

  for (guint i = 0; i < ids->len; i++)
    {
      if (!hand_over (ceremony, options, g_ptr_array_index (ids, i), NULL, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
replace (OnwardCeremony *ceremony, const Options *options, char **words, GError **error)
{
  g_autofree char *id = find_key (ceremony, words[0], error);

  if (id == NULL || !hand_over (ceremony, options, id, options->with, error))
    return FALSE;
  if (options->lost ||
      onward_root_draft_has_key (onward_ceremony_get_before (ceremony), "online", id))
    return TRUE;
  return hand_over_online (ceremony, options, error);
}

static gboolean
is_split (JsonObject *root)
{
  g_autoptr (GPtrArray) ids = onward_root_draft_list_keys (root, "targets");

  for (guint i = 0; i < ids->len; i++)
    if (onward_root_draft_has_key (root, "root", g_ptr_array_index (ids, i)))
      return FALSE;
  return TRUE;
}

static gboolean
remove_all (JsonObject *draft, JsonObject *before, const char *role, GError **error)
{
  g_autoptr (GPtrArray) ids = onward_root_draft_list_keys (before, role);

  for (guint i = 0; i < ids->len; i++)
    {
      if (!onward_root_draft_remove_key (draft, role, g_ptr_array_index (ids, i), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
give_role (OnwardCeremony *ceremony, const Options *options, const char *role, const char *source,
           GError **error)
{
  if (!remove_all (onward_ceremony_get_draft (ceremony), onward_ceremony_get_before (ceremony),
                   role, error))
    return FALSE;
  return source != NULL ? onward_ceremony_open_key (ceremony, role, source, error) != NULL
                        : onward_ceremony_make_key (ceremony, role, options->kind, error) != NULL;
}

/* Co-maintainers, whose keys sign nothing but releases, go on. */
static gboolean
give_up_targets (OnwardCeremony *ceremony, GError **error)
{
  JsonObject *before = onward_ceremony_get_before (ceremony);
  g_autoptr (GPtrArray) ids = onward_root_draft_list_keys (before, "targets");

  for (guint i = 0; i < ids->len; i++)
    {
      const char *id = g_ptr_array_index (ids, i);

      if (onward_root_draft_has_key (before, "root", id) &&
          !onward_root_draft_remove_key (onward_ceremony_get_draft (ceremony), "targets", id,
                                         error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
split (OnwardCeremony *ceremony, const Options *options, char **words, GError **error)
{
  if (is_split (onward_ceremony_get_before (ceremony)))
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                           "Splitting the keys: root and targets have keys of their own already");
      return FALSE;
    }

  for (char **root = options->roots; root != NULL && *root != NULL; root++)
    {
      if (onward_ceremony_open_key (ceremony, "root", *root, error) == NULL)
        return FALSE;
    }
  return give_up_targets (ceremony, error) &&
         (options->targets != NULL
              ? onward_ceremony_open_key (ceremony, "targets", options->targets, error) != NULL
              : onward_ceremony_make_key (ceremony, "targets", options->kind, error) != NULL) &&
         (options->online == NULL ||
          give_role (ceremony, options, "online", options->online, error)) &&
         set_threshold (ceremony, options, "root", error);
}

/* A root key that is here, so that it can sign releases, too. */
static OnwardKeyFile *
find_root_key (OnwardCeremony *ceremony)
{
  GPtrArray *files = onward_keyring_list (onward_ceremony_get_keyring (ceremony));

  for (guint i = 0; i < files->len; i++)
    {
      OnwardKeyFile *file = g_ptr_array_index (files, i);

      if (onward_key_file_get_source (file) != NULL && onward_key_file_get_id (file) != NULL &&
          onward_root_draft_has_key (onward_ceremony_get_before (ceremony), "root",
                                     onward_key_file_get_id (file)))
        return file;
    }
  return NULL;
}

static gboolean
join (OnwardCeremony *ceremony, const Options *options, char **words, GError **error)
{
  JsonObject *draft = onward_ceremony_get_draft (ceremony);
  OnwardKeyFile *file = options->targets == NULL ? find_root_key (ceremony) : NULL;

  if (!is_split (onward_ceremony_get_before (ceremony)) ||
      (options->targets == NULL && file == NULL))
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                           is_split (onward_ceremony_get_before (ceremony))
                               ? "Joining the keys: no root key is here; name it with --targets KEY"
                               : "Joining the keys: one key signs for root and targets already");
      return FALSE;
    }

  return give_role (ceremony, options, "targets",
                    file == NULL ? options->targets : onward_key_file_get_name (file), error) &&
         onward_root_draft_set_threshold (draft, "root", MAX (options->threshold, 1), error);
}

static gboolean
renew (OnwardCeremony *ceremony, const Options *options, char **words, GError **error)
{
  return set_threshold (ceremony, options, "root", error);
}

/* What belongs to some verbs only is an option of no other. */
typedef enum
{
  SETS_THRESHOLD = 1 << 0, /* --threshold */
  MAKES_KEYS = 1 << 1,     /* --type, --no-passphrase */
  REPLACES = 1 << 2,       /* --with, --lost */
  SPLITS = 1 << 3,         /* --root, --online */
  GIVES_TARGETS = 1 << 4,  /* --targets */
  REMOVES = 1 << 5,        /* --no-spare */
} Abilities;

static gboolean
check_type (Options *options, GError **error)
{
  if (options->type == NULL || onward_key_kind_parse (options->type, &options->kind))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "“%s” is not a kind of key: ed25519, ecdsa or rsa", options->type);
  return FALSE;
}

static gboolean
parse (Options *options, const char *usage, Abilities abilities, guint n_words, int *argc,
       char ***argv, GError **error)
{
  /* clang-format off */
  const struct { Abilities needs; GOptionEntry entry; } all[] = {
    { SETS_THRESHOLD, { "threshold", 0, 0, G_OPTION_ARG_INT, &options->threshold,
      "How many root keys have to sign from now on", "N" } },
    { REPLACES, { "with", 0, 0, G_OPTION_ARG_FILENAME, &options->with,
      "The new key, instead of one that is made", "KEY" } },
    { REPLACES, { "lost", 0, 0, G_OPTION_ARG_NONE, &options->lost,
      "Nobody stole it, so that the online keys can stay", NULL } },
    { SPLITS, { "root", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->roots,
      "One more root key", "KEY" } },
    { GIVES_TARGETS, { "targets", 0, 0, G_OPTION_ARG_FILENAME, &options->targets,
      "The key that signs releases", "KEY" } },
    { SPLITS, { "online", 0, 0, G_OPTION_ARG_FILENAME, &options->online,
      "The key of snapshot and timestamp", "KEY" } },
    { REMOVES, { "no-spare", 0, 0, G_OPTION_ARG_NONE, &options->no_spare,
      "Leave no more root keys than have to sign", NULL } },
    { MAKES_KEYS, { "type", 0, 0, G_OPTION_ARG_STRING, &options->type,
      "The kind of new keys: ed25519, ecdsa or rsa (ed25519)", "KIND" } },
    { MAKES_KEYS, { "no-passphrase", 0, 0, G_OPTION_ARG_NONE, &options->unlock.no_passphrase,
      "Leave new keys unencrypted", NULL } },
  };
  /* clang-format on */
  const GOptionEntry common[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, "Print one JSON object per line", NULL },
    ONWARD_UNLOCK_ENTRIES (&options->unlock),
  };
  g_autoptr (GArray) entries = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if ((abilities & all[i].needs) != 0)
      g_array_append_val (entries, all[i].entry);
  g_array_append_vals (entries, common, G_N_ELEMENTS (common));
  return onward_arguments_parse (usage, (const GOptionEntry *) entries->data, n_words + 1, argc,
                                 argv, error) &&
         check_type (options, error);
}

static OnwardExit
conduct (const Options *options, Change change, const char *folder, char **words, GError **error)
{
  g_autoptr (OnwardRepository) repository =
      onward_unlock_open_repository (&options->unlock, folder, error);
  g_autoptr (OnwardPassphrase) passphrase = onward_unlock_make_passphrase (&options->unlock);
  g_autoptr (OnwardKeyring) keyring = NULL;
  g_autoptr (OnwardCeremony) ceremony = NULL;
  OnwardCeremonyEnd end = ONWARD_CEREMONY_FAILED;

  if (repository != NULL)
    keyring = onward_unlock_open_keyring (&options->unlock, repository, error);
  if (keyring != NULL)
    ceremony = onward_ceremony_begin (repository, keyring, passphrase, error);
  if (ceremony == NULL)
    return ONWARD_EXIT_FAILED;

  if (options->unlock.no_passphrase)
    onward_ceremony_leave_plain (ceremony);
  if (change (ceremony, options, words, error))
    end = onward_ceremony_finish (ceremony, error);
  return end == ONWARD_CEREMONY_FAILED
             ? ONWARD_EXIT_FAILED
             : onward_ceremony_report_end (repository, end, options->json);
}

static OnwardExit
run (Change change, const char *usage, Abilities abilities, guint n_words, int argc, char **argv,
     GError **error)
{
  g_auto (Options) options = { .unlock = ONWARD_UNLOCK_INIT };

  if (!parse (&options, usage, abilities, n_words, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;
  return conduct (&options, change, argv[1], argv + 2, error);
}

/**
 * onward_key_change_add:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Lets another key sign for a role: a co-maintainer's, or one more root key.
 */
OnwardExit
onward_key_change_add (int argc, char **argv, GError **error)
{
  return run (
      add,
      "REPO root|targets|online KEY\n"
      "Lets another key sign for a role, beside those that do: a co-maintainer's for targets,\n"
      "one more spare for root. KEY is the file of a public or secret key, a PKCS#11 URI, or\n"
      "the name of a key that is here.",
      SETS_THRESHOLD, 2, argc, argv, error);
}

/**
 * onward_key_change_remove:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Takes a role away from a key.
 */
OnwardExit
onward_key_change_remove (int argc, char **argv, GError **error)
{
  return run (drop,
              "REPO root|targets|online KEY\n"
              "Takes a role away from a key. One that may be in wrong hands is to be replaced\n"
              "instead.",
              SETS_THRESHOLD | REMOVES, 2, argc, argv, error);
}

/**
 * onward_key_change_replace:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Replaces a key in every role that it has. Unless it was only lost, the online keys are replaced
 * with it.
 */
OnwardExit
onward_key_change_replace (int argc, char **argv, GError **error)
{
  return run (
      replace,
      "REPO KEY\n"
      "Replaces a key in all its roles by a new one, or by the one that --with names. KEY is\n"
      "a name that “key list” tells, the beginning of an id, or a role that one key alone has.\n"
      "Unless it was only lost, the online keys are replaced with it: a thief may have driven\n"
      "their versions up.",
      REPLACES | MAKES_KEYS, 1, argc, argv, error);
}

/**
 * onward_key_change_split:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Goes from one key for root and targets to keys of their own, so that the root keys can be kept
 * off-line.
 */
OnwardExit
onward_key_change_split (int argc, char **argv, GError **error)
{
  return run (
      split,
      "REPO\n"
      "Gives targets a key of their own, so that the root keys can be kept off this computer\n"
      "from then on, and the online keys where the repository is refreshed.",
      SETS_THRESHOLD | SPLITS | GIVES_TARGETS | MAKES_KEYS, 0, argc, argv, error);
}

/**
 * onward_key_change_join:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Goes back to one key for root and targets.
 */
OnwardExit
onward_key_change_join (int argc, char **argv, GError **error)
{
  return run (
      join,
      "REPO\n"
      "Lets a root key sign releases again, as in a new repository. One root key has to sign\n"
      "from then on, unless --threshold says otherwise.",
      SETS_THRESHOLD | GIVES_TARGETS, 0, argc, argv, error);
}

/**
 * onward_key_change_rotate:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Signs the next root, with the same keys, before the one in force expires.
 */
OnwardExit
onward_key_change_rotate (int argc, char **argv, GError **error)
{
  return run (renew,
              "REPO\n"
              "Signs the next root with the same keys, before the one in force expires.",
              SETS_THRESHOLD, 0, argc, argv, error);
}
