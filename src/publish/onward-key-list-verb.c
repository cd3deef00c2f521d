/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-arguments.h"
#include "onward-json.h"
#include "onward-key-verbs.h"
#include "onward-log.h"
#include "onward-report.h"
#include "onward-root-draft.h"
#include "onward-unlock.h"

#define MAX_CHARS 200

static const char *const roles[] = { "root", "targets", "snapshot", "timestamp" };

static char *
join_roles (JsonObject *root, const char *id)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; id != NULL && i < G_N_ELEMENTS (roles); i++)
    {
      if (onward_root_draft_has_key (root, roles[i], id))
        g_ptr_array_add (names, (gpointer) roles[i]);
    }
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **) names->pdata);
}

static void
print_key (JsonObject *root, const char *id, OnwardKeyFile *file, gboolean json)
{
  const char *source = file == NULL ? NULL : onward_key_file_get_source (file);
  const char *name = file == NULL ? "" : onward_key_file_get_name (file);
  g_autofree char *signs = join_roles (root, id);
  g_autofree char *shown = onward_log_escape (name, MAX_CHARS);
  JsonBuilder *builder;

  if (!json)
    {
      printf ("%-8.8s  %-34s %-20s %s\n", id == NULL ? "locked" : id,
              *signs == '\0' ? "nothing" : signs, shown, source == NULL ? "elsewhere" : "here");
      return;
    }

  builder = onward_report_begin ("key");
  if (id != NULL)
    onward_report_add_string (builder, "id", id);
  onward_report_add_string (builder, "signs", signs);
  onward_report_add_string (builder, "name", name);
  onward_report_add_boolean (builder, "here", source != NULL);
  onward_report_print (builder);
}

static void
print_thresholds (JsonObject *root, gboolean json)
{
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      g_autoptr (GPtrArray) ids = onward_root_draft_list_keys (root, roles[i]);
      gint64 threshold = onward_root_draft_get_threshold (root, roles[i]);
      JsonBuilder *builder;

      if (!json)
        {
          printf ("%-10s %" G_GINT64_FORMAT " of %u keys\n", roles[i], threshold, ids->len);
          continue;
        }
      builder = onward_report_begin ("threshold");
      onward_report_add_string (builder, "role", roles[i]);
      onward_report_add_integer (builder, "threshold", threshold);
      onward_report_add_integer (builder, "keys", ids->len);
      onward_report_print (builder);
    }
}

static gboolean
list (OnwardRepository *repository, OnwardKeyring *keyring, gboolean json, GError **error)
{
  g_autoptr (JsonObject) root = onward_repository_load_role (repository, "root", error);
  GPtrArray *files = onward_keyring_list (keyring);
  JsonObject *keys;
  GList *ids;

  if (root == NULL || !onward_json_get_object (root, "keys", &keys, error))
    return FALSE;

  print_thresholds (root, json);
  ids = json_object_get_members (keys);
  for (GList *id = ids; id != NULL; id = id->next)
    print_key (root, id->data, onward_keyring_find (keyring, id->data), json);
  g_list_free (ids);
  for (guint i = 0; i < files->len; i++)
    {
      OnwardKeyFile *file = g_ptr_array_index (files, i);
      const char *id = onward_key_file_get_id (file);

      if (id == NULL || !json_object_has_member (keys, id))
        print_key (root, id, file, json);
    }
  return TRUE;
}

/**
 * onward_key_list_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Tells which key signs what, and which of them are here. No key is unlocked.
 */
OnwardExit
onward_key_list_verb (int argc, char **argv, GError **error)
{
  g_auto (OnwardUnlock) unlock = ONWARD_UNLOCK_INIT;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print one JSON object per line", NULL },
    { "keys", 0, 0, G_OPTION_ARG_FILENAME, &unlock.folder, "The folder of the keys, if they moved",
      "DIR" },
    { NULL },
  };
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardKeyring) keyring = NULL;

  if (!onward_arguments_parse ("REPO\n"
                               "Tells which keys sign for which role, how many it takes, and which "
                               "of them are here.",
                               entries, 1, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;

  repository = onward_unlock_open_repository_to_read (&unlock, argv[1], error);
  if (repository != NULL)
    keyring = onward_unlock_open_keyring (&unlock, repository, error);
  return keyring != NULL && list (repository, keyring, json, error) ? ONWARD_EXIT_DONE
                                                                    : ONWARD_EXIT_FAILED;
}
