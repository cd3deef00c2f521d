/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-timestamp.h"

#include "onward-error.h"
#include "onward-json.h"

struct _OnwardTimestamp
{
  OnwardMetadata *metadata; /* (owned) */
  OnwardFileInfo *snapshot; /* (owned) */
};

static gboolean
parse_content (OnwardTimestamp *self, GError **error)
{
  JsonObject *meta, *entry;

  if (!onward_json_get_object (onward_metadata_get_content (self->metadata), "meta", &meta,
                               error) ||
      !onward_json_get_object (meta, onward_role_kind_get_file (ONWARD_ROLE_SNAPSHOT), &entry,
                               error))
    return FALSE;
  self->snapshot = onward_file_info_parse_document (entry, error);
  return self->snapshot != NULL;
}

/**
 * onward_timestamp_new:
 * @bytes: a timestamp document as received
 * @role: who must have signed it
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable): the document, once @role vouched for it
 */
OnwardTimestamp *
onward_timestamp_new (GBytes *bytes, OnwardRole *role, GError **error)
{
  g_autoptr (OnwardTimestamp) self = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (role != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_atomic_rc_box_new0 (OnwardTimestamp);
  self->metadata = onward_metadata_parse (bytes, ONWARD_ROLE_TIMESTAMP, error);
  if (self->metadata == NULL || !onward_metadata_verify (self->metadata, role, error) ||
      !parse_content (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * onward_timestamp_ref:
 * @self: a timestamp
 *
 * Returns: (transfer full): @self
 */
OnwardTimestamp *
onward_timestamp_ref (OnwardTimestamp *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
onward_timestamp_clear (gpointer data)
{
  OnwardTimestamp *self = data;

  g_clear_pointer (&self->metadata, onward_metadata_unref);
  g_clear_pointer (&self->snapshot, onward_file_info_free);
}

/**
 * onward_timestamp_unref:
 * @self: (transfer full): a timestamp
 */
void
onward_timestamp_unref (OnwardTimestamp *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, onward_timestamp_clear);
}

/**
 * onward_timestamp_get_metadata:
 * @self: a timestamp
 *
 * Returns: (transfer none): its envelope
 */
OnwardMetadata *
onward_timestamp_get_metadata (OnwardTimestamp *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->metadata;
}

/**
 * onward_timestamp_get_snapshot:
 * @self: a timestamp
 *
 * Returns: (transfer none): what it says of the snapshot
 */
OnwardFileInfo *
onward_timestamp_get_snapshot (OnwardTimestamp *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->snapshot;
}
