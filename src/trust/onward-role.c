/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-role.h"

#include "onward-error.h"
#include "onward-json.h"
#include "onward-public-key.h"

/* No role needs more; bounds the work a document can cause. */
#define MAX_THRESHOLD 1024

typedef struct
{
  char *id;             /* (owned) */
  OnwardPublicKey *key; /* (owned) (not nullable) */
} RoleKey;

struct _OnwardRole
{
  GPtrArray *keys; /* (owned): RoleKey */
  gint64 threshold;
};

/* clang-format off */
static const struct
{
  const char *name;
  const char *file;
  gsize cap;
} kinds[] = {
  [ONWARD_ROLE_ROOT]      = { "root",      "root.json",      512000 },
  [ONWARD_ROLE_TIMESTAMP] = { "timestamp", "timestamp.json", 16384 },
  [ONWARD_ROLE_SNAPSHOT]  = { "snapshot",  "snapshot.json",  2000000 },
  [ONWARD_ROLE_TARGETS]   = { "targets",   "targets.json",   5000000 },
};
/* clang-format on */

G_STATIC_ASSERT (G_N_ELEMENTS (kinds) == ONWARD_ROLE_LAST + 1);

/**
 * onward_role_kind_get_name:
 * @kind: a top-level role
 *
 * Returns: its name, which is also the "_type" of its documents
 */
const char *
onward_role_kind_get_name (OnwardRoleKind kind)
{
  g_return_val_if_fail (kind <= ONWARD_ROLE_LAST, NULL);

  return kinds[kind].name;
}

/**
 * onward_role_kind_get_file:
 * @kind: a top-level role
 *
 * Returns: the name its document has without a version
 */
const char *
onward_role_kind_get_file (OnwardRoleKind kind)
{
  g_return_val_if_fail (kind <= ONWARD_ROLE_LAST, NULL);

  return kinds[kind].file;
}

/**
 * onward_role_kind_get_cap:
 * @kind: a top-level role
 *
 * Returns: the most bytes its document may have when no other document says how many
 */
gsize
onward_role_kind_get_cap (OnwardRoleKind kind)
{
  g_return_val_if_fail (kind <= ONWARD_ROLE_LAST, 0);

  return kinds[kind].cap;
}

static void
role_key_free (gpointer data)
{
  RoleKey *self = data;

  g_free (self->id);
  onward_public_key_unref (self->key);
  g_free (self);
}

/**
 * onward_role_parse_keys:
 * @object: the "keys" member of a document: key id to key
 * @error: return location for ONWARD_ERROR_MALFORMED
 *
 * Ids are taken as they are: they only have to be unique, which members of an object are.
 *
 * Returns: (transfer full) (nullable) (element-type utf8 OnwardPublicKey): the keys by id
 */
GHashTable *
onward_role_parse_keys (JsonObject *object, GError **error)
{
  g_autoptr (GHashTable) keys = NULL;
  JsonObjectIter iter;
  const char *id;
  JsonNode *node;

  g_return_val_if_fail (object != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                (GDestroyNotify) onward_public_key_unref);
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &id, &node))
    {
      JsonObject *member = onward_json_node_get_object (node, "a key", error);
      OnwardPublicKey *key;

      if (member == NULL)
        return NULL;
      key = onward_public_key_parse (member, error);
      if (key == NULL)
        return NULL;
      g_hash_table_insert (keys, g_strdup (id), key);
    }
  return g_steal_pointer (&keys);
}

/* An id without a key is no error: nothing can be signed with it. */
static gboolean
add_key (OnwardRole *self, JsonNode *node, GHashTable *keys, GError **error)
{
  OnwardPublicKey *key;
  RoleKey *role_key;

  if (json_node_get_value_type (node) != G_TYPE_STRING)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "Reading member “keyids”: an id is not a string");
      return FALSE;
    }

  key = g_hash_table_lookup (keys, json_node_get_string (node));
  if (key == NULL)
    return TRUE;
  role_key = g_new0 (RoleKey, 1);
  role_key->id = json_node_dup_string (node);
  role_key->key = onward_public_key_ref (key);
  g_ptr_array_add (self->keys, role_key);
  return TRUE;
}

/**
 * onward_role_parse:
 * @object: a role as root.json describes it
 * @keys: (element-type utf8 OnwardPublicKey): the keys of the same document
 * @error: return location for ONWARD_ERROR_MALFORMED
 *
 * Reads a role. A threshold below one is refused; one that is higher than the number of keys can
 * never be met, which keeps the role's documents out without locking out the root that says so.
 *
 * Returns: (transfer full) (nullable): the role
 */
OnwardRole *
onward_role_parse (JsonObject *object, GHashTable *keys, GError **error)
{
  g_autoptr (OnwardRole) self = NULL;
  JsonArray *ids;

  g_return_val_if_fail (object != NULL, NULL);
  g_return_val_if_fail (keys != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_new0 (OnwardRole, 1);
  self->keys = g_ptr_array_new_with_free_func (role_key_free);
  if (!onward_json_get_integer (object, "threshold", 1, MAX_THRESHOLD, &self->threshold, error) ||
      !onward_json_get_array (object, "keyids", &ids, error))
    return NULL;

  for (guint i = 0; i < json_array_get_length (ids); i++)
    {
      if (!add_key (self, json_array_get_element (ids, i), keys, error))
        return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * onward_role_free:
 * @self: (transfer full) (nullable): a role
 */
void
onward_role_free (OnwardRole *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->keys);
  g_free (self);
}

static gboolean
holds_key (GPtrArray *keys, OnwardPublicKey *key)
{
  for (guint i = 0; i < keys->len; i++)
    {
      if (onward_public_key_equal (g_ptr_array_index (keys, i), key))
        return TRUE;
    }
  return FALSE;
}

/**
 * onward_role_verify:
 * @self: a role
 * @message: the canonical form of the "signed" part
 * @signatures: (element-type utf8 GBytes): signatures by key id
 * @error: return location for ONWARD_ERROR_UNTRUSTED
 *
 * Counts the distinct public keys of @self that signed @message: one key under two ids, or two
 * signatures by one key, count once.
 *
 * Returns: whether they reach the threshold
 */
gboolean
onward_role_verify (OnwardRole *self, GBytes *message, GHashTable *signatures, GError **error)
{
  g_autoptr (GPtrArray) signers = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (message != NULL, FALSE);
  g_return_val_if_fail (signatures != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  signers = g_ptr_array_new ();
  for (guint i = 0; i < self->keys->len; i++)
    {
      RoleKey *role_key = g_ptr_array_index (self->keys, i);
      GBytes *signature = g_hash_table_lookup (signatures, role_key->id);

      if (signature != NULL && !holds_key (signers, role_key->key) &&
          onward_public_key_verify (role_key->key, message, signature))
        g_ptr_array_add (signers, role_key->key);
    }

  if (signers->len >= self->threshold)
    return TRUE;
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_UNTRUSTED,
               "it has %u good signatures and needs %" G_GINT64_FORMAT, signers->len,
               self->threshold);
  return FALSE;
}

static gboolean
speaks_for (OnwardRole *self, OnwardPublicKey *key)
{
  for (guint i = 0; i < self->keys->len; i++)
    {
      RoleKey *role_key = g_ptr_array_index (self->keys, i);

      if (onward_public_key_equal (role_key->key, key))
        return TRUE;
    }
  return FALSE;
}

/**
 * onward_role_is_kept_by:
 * @self: a role
 * @newer: the same role in a newer root
 *
 * Tells a rotation: a key that was taken away may have been stolen, so what it vouched for no
 * longer counts. Keys that were only added, and unusable ones, change nothing.
 *
 * Returns: whether @newer lists every usable key of @self
 */
gboolean
onward_role_is_kept_by (OnwardRole *self, OnwardRole *newer)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (newer != NULL, FALSE);

  for (guint i = 0; i < self->keys->len; i++)
    {
      RoleKey *role_key = g_ptr_array_index (self->keys, i);

      if (onward_public_key_is_usable (role_key->key) && !speaks_for (newer, role_key->key))
        return FALSE;
    }
  return TRUE;
}

/**
 * onward_role_shares_keys:
 * @self: a role
 * @other: another one
 *
 * Returns: whether a key speaks for both
 */
gboolean
onward_role_shares_keys (OnwardRole *self, OnwardRole *other)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (other != NULL, FALSE);

  for (guint i = 0; i < other->keys->len; i++)
    {
      RoleKey *role_key = g_ptr_array_index (other->keys, i);

      if (speaks_for (self, role_key->key))
        return TRUE;
    }
  return FALSE;
}
