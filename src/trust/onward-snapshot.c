/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-snapshot.h"

#include "onward-error.h"
#include "onward-json.h"

struct _OnwardSnapshot
{
  OnwardMetadata *metadata; /* (owned) */
  GHashTable *files;        /* (owned): file name to OnwardFileInfo */
};

static gboolean
parse_content (OnwardSnapshot *self, GError **error)
{
  JsonObjectIter iter;
  JsonObject *meta;
  const char *name;
  JsonNode *node;

  if (!onward_json_get_object (onward_metadata_get_content (self->metadata), "meta", &meta, error))
    return FALSE;

  json_object_iter_init (&iter, meta);
  while (json_object_iter_next (&iter, &name, &node))
    {
      JsonObject *entry = onward_json_node_get_object (node, "an entry of “meta”", error);
      OnwardFileInfo *info;

      if (entry == NULL)
        return FALSE;
      info = onward_file_info_parse_document (entry, error);
      if (info == NULL)
        return FALSE;
      g_hash_table_insert (self->files, g_strdup (name), info);
    }

  if (onward_snapshot_lookup (self, onward_role_kind_get_file (ONWARD_ROLE_TARGETS)) != NULL)
    return TRUE;
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                       "it does not list “targets.json”");
  return FALSE;
}

/**
 * onward_snapshot_new:
 * @bytes: a snapshot document as received
 * @role: who must have signed it
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable): the document, once @role vouched for it
 */
OnwardSnapshot *
onward_snapshot_new (GBytes *bytes, OnwardRole *role, GError **error)
{
  g_autoptr (OnwardSnapshot) self = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (role != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_atomic_rc_box_new0 (OnwardSnapshot);
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify) onward_file_info_free);
  self->metadata = onward_metadata_parse (bytes, ONWARD_ROLE_SNAPSHOT, error);
  if (self->metadata == NULL || !onward_metadata_verify (self->metadata, role, error) ||
      !parse_content (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * onward_snapshot_ref:
 * @self: a snapshot
 *
 * Returns: (transfer full): @self
 */
OnwardSnapshot *
onward_snapshot_ref (OnwardSnapshot *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
onward_snapshot_clear (gpointer data)
{
  OnwardSnapshot *self = data;

  g_clear_pointer (&self->metadata, onward_metadata_unref);
  g_clear_pointer (&self->files, g_hash_table_unref);
}

/**
 * onward_snapshot_unref:
 * @self: (transfer full): a snapshot
 */
void
onward_snapshot_unref (OnwardSnapshot *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, onward_snapshot_clear);
}

/**
 * onward_snapshot_get_metadata:
 * @self: a snapshot
 *
 * Returns: (transfer none): its envelope
 */
OnwardMetadata *
onward_snapshot_get_metadata (OnwardSnapshot *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->metadata;
}

/**
 * onward_snapshot_list_files:
 * @self: a snapshot
 *
 * Returns: (transfer container) (array zero-terminated=1): the names of the documents that it lists
 */
const char **
onward_snapshot_list_files (OnwardSnapshot *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char **) g_hash_table_get_keys_as_array (self->files, NULL);
}

/**
 * onward_snapshot_lookup:
 * @self: a snapshot
 * @file: the name of a document without its version, "targets.json"
 *
 * Returns: (transfer none) (nullable): what it says of that document
 */
OnwardFileInfo *
onward_snapshot_lookup (OnwardSnapshot *self, const char *file)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (file != NULL, NULL);

  return g_hash_table_lookup (self->files, file);
}

/**
 * onward_snapshot_check_follows:
 * @self: a snapshot
 * @older: the one trusted before
 * @error: return location for ONWARD_ERROR_ROLLED_BACK
 *
 * Returns: whether no document @older lists vanished or went back (TUF specification 5.5.5)
 */
gboolean
onward_snapshot_check_follows (OnwardSnapshot *self, OnwardSnapshot *older, GError **error)
{
  GHashTableIter iter;
  gpointer name, value;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (older != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  g_hash_table_iter_init (&iter, older->files);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      OnwardFileInfo *info = onward_snapshot_lookup (self, name);
      gint64 known = onward_file_info_get_version (value);

      if (info != NULL && onward_file_info_get_version (info) >= known)
        continue;
      g_set_error (
          error, ONWARD_ERROR, ONWARD_ERROR_ROLLED_BACK,
          "it lists version %" G_GINT64_FORMAT " of “%s”, %" G_GINT64_FORMAT " was seen before",
          info != NULL ? onward_file_info_get_version (info) : 0, (const char *) name, known);
      return FALSE;
    }
  return TRUE;
}
