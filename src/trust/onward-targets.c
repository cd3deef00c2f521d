/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-targets-private.h"

#include <string.h>

#include "onward-error.h"
#include "onward-json.h"
#include "onward-target-private.h"

struct _OnwardTargets
{
  OnwardMetadata *metadata; /* (owned) */
  GPtrArray *list;          /* (owned): OnwardTarget, in the order of the document */
  GHashTable *by_name;      /* (owned): name to OnwardTarget; both belong to list */
  GPtrArray *delegations;   /* (owned) (nullable): OnwardDelegation, in the order of the document */
  GPtrArray *mirrors;       /* (owned) (element-type utf8) */
  gint64 expiry;            /* of the whole chain */
};

/* More would only be asked in vain for a long time. */
#define MAX_MIRRORS     16
#define MAX_MIRROR_SIZE 2048

/* Something that paths can be put after; whether it may be asked is for whoever asks to judge. */
static gboolean
is_base_address (const char *text)
{
  gsize size = strlen (text);

  if (size == 0 || size > MAX_MIRROR_SIZE || strpbrk (text, "?#") != NULL)
    return FALSE;
  for (; *text != '\0'; text++)
    if (!g_ascii_isgraph (*text))
      return FALSE;
  return TRUE;
}

static void
add_once (GPtrArray *addresses, const char *address)
{
  if (!g_ptr_array_find_with_equal_func (addresses, address, g_str_equal, NULL))
    g_ptr_array_add (addresses, g_strdup (address));
}

static void
add_mirror (GPtrArray *mirrors, JsonNode *node)
{
  g_autofree char *address = NULL;

  if (json_node_get_value_type (node) != G_TYPE_STRING ||
      !is_base_address (json_node_get_string (node)))
    return;

  address = json_node_dup_string (node);
  while (g_str_has_suffix (address, "/"))
    address[strlen (address) - 1] = '\0';
  if (mirrors->len < MAX_MIRRORS && *address != '\0')
    add_once (mirrors, address);
}

/* A list that is none, or entries that later versions understand, are no reason to refuse all. */
static void
parse_mirrors (OnwardTargets *self)
{
  JsonNode *node =
      json_object_get_member (onward_metadata_get_content (self->metadata), "x-mirrors");
  JsonArray *list = NULL;

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    list = json_node_get_array (node);
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    add_mirror (self->mirrors, json_array_get_element (list, i));
}

static gboolean
parse_content (OnwardTargets *self, gboolean consistent, GError **error)
{
  JsonObjectIter iter;
  JsonObject *targets;
  const char *name;
  JsonNode *node;

  if (!onward_json_get_object (onward_metadata_get_content (self->metadata), "targets", &targets,
                               error))
    return FALSE;

  json_object_iter_init_ordered (&iter, targets);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonObject *entry = onward_json_node_get_object (node, "a target", error);
      OnwardTarget *target;

      if (entry == NULL)
        return FALSE;
      target = onward_target_new (name, entry, consistent, error);
      if (target == NULL)
        return FALSE;
      g_ptr_array_add (self->list, target);
      g_hash_table_insert (self->by_name, (gpointer) onward_target_get_name (target), target);
    }
  return TRUE;
}

static gboolean
parse_delegations (OnwardTargets *self, GError **error)
{
  JsonObject *content = onward_metadata_get_content (self->metadata);
  JsonObject *delegations;

  if (!onward_json_has (content, "delegations"))
    return TRUE;
  if (!onward_json_get_object (content, "delegations", &delegations, error))
    return FALSE;
  self->delegations = onward_delegation_parse_all (delegations, error);
  return self->delegations != NULL;
}

/**
 * onward_targets_new:
 * @bytes: a targets document as received
 * @role: who must have signed it
 * @consistent: whether the paths of targets carry their hashes
 * @expiry: when the first of the documents it hangs on expires
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable): the targets, once @role vouched for them
 */
OnwardTargets *
onward_targets_new (GBytes *bytes, OnwardRole *role, gboolean consistent, gint64 expiry,
                    GError **error)
{
  g_autoptr (OnwardTargets) self = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (role != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_atomic_rc_box_new0 (OnwardTargets);
  self->list = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_target_free);
  self->mirrors = g_ptr_array_new_with_free_func (g_free);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->metadata = onward_metadata_parse (bytes, ONWARD_ROLE_TARGETS, error);
  if (self->metadata == NULL || !onward_metadata_verify (self->metadata, role, error) ||
      !parse_content (self, consistent, error) || !parse_delegations (self, error))
    return NULL;
  parse_mirrors (self);
  self->expiry = MIN (expiry, onward_metadata_get_expiry (self->metadata));
  return g_steal_pointer (&self);
}

/**
 * onward_targets_ref:
 * @self: targets
 *
 * Returns: (transfer full): @self
 */
OnwardTargets *
onward_targets_ref (OnwardTargets *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
onward_targets_clear (gpointer data)
{
  OnwardTargets *self = data;

  g_clear_pointer (&self->by_name, g_hash_table_unref);
  g_clear_pointer (&self->list, g_ptr_array_unref);
  g_clear_pointer (&self->delegations, g_ptr_array_unref);
  g_clear_pointer (&self->mirrors, g_ptr_array_unref);
  g_clear_pointer (&self->metadata, onward_metadata_unref);
}

/**
 * onward_targets_unref:
 * @self: (transfer full): targets
 */
void
onward_targets_unref (OnwardTargets *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, onward_targets_clear);
}

/**
 * onward_targets_get_metadata:
 * @self: targets
 *
 * Returns: (transfer none): their envelope
 */
OnwardMetadata *
onward_targets_get_metadata (OnwardTargets *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->metadata;
}

/**
 * onward_targets_get_n_delegations:
 * @self: targets
 *
 * Returns: to how many roles the document delegates
 */
guint
onward_targets_get_n_delegations (OnwardTargets *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->delegations != NULL ? self->delegations->len : 0;
}

/**
 * onward_targets_get_delegation:
 * @self: targets
 * @index: less than onward_targets_get_n_delegations()
 *
 * Returns: (transfer none): one of them, in the order of the document
 */
OnwardDelegation *
onward_targets_get_delegation (OnwardTargets *self, guint index)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < onward_targets_get_n_delegations (self), NULL);

  return g_ptr_array_index (self->delegations, index);
}

/**
 * onward_targets_get_n_targets:
 * @self: targets
 *
 * Returns: how many there are
 */
guint
onward_targets_get_n_targets (OnwardTargets *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->list->len;
}

/**
 * onward_targets_get_target:
 * @self: targets
 * @index: less than onward_targets_get_n_targets()
 *
 * Returns: (transfer none): one of them, in the order of the document
 */
OnwardTarget *
onward_targets_get_target (OnwardTargets *self, guint index)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < self->list->len, NULL);

  return g_ptr_array_index (self->list, index);
}

/**
 * onward_targets_lookup:
 * @self: targets
 * @name: a target's name
 *
 * Returns: (transfer none) (nullable): the target of that name
 */
OnwardTarget *
onward_targets_lookup (OnwardTargets *self, const char *name)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return g_hash_table_lookup (self->by_name, name);
}

/**
 * onward_targets_get_version:
 * @self: targets
 *
 * Returns: the version of the top-level targets document
 */
guint64
onward_targets_get_version (OnwardTargets *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return (guint64) onward_metadata_get_version (self->metadata);
}

/**
 * onward_targets_get_issued:
 * @self: targets
 *
 * Returns: when the signer of the top-level targets document says that it was made, seconds since
 *   1970; 0 when it does not say
 */
gint64
onward_targets_get_issued (OnwardTargets *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return onward_metadata_get_issued (self->metadata);
}

/**
 * onward_targets_get_expiry:
 * @self: targets
 *
 * Returns: when the first of root, timestamp, snapshot and targets expires, seconds since 1970
 */
gint64
onward_targets_get_expiry (OnwardTargets *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->expiry;
}

/**
 * onward_targets_add_mirrors:
 * @self: targets
 * @addresses: (element-type utf8): base addresses without a slash at their end, owned by the array
 *
 * Appends the mirrors that the publisher names, at most 16, which are not in @addresses yet.
 * They are addresses by their characters only: they are judged like any other when they are asked.
 */
void
onward_targets_add_mirrors (OnwardTargets *self, GPtrArray *addresses)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (addresses != NULL);

  for (guint i = 0; i < self->mirrors->len; i++)
    add_once (addresses, g_ptr_array_index (self->mirrors, i));
}
