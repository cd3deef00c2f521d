/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-delegation.h"

#include <string.h>

#include "onward-error.h"
#include "onward-json.h"
#include "onward-path-pattern.h"

struct _OnwardDelegation
{
  char *name;       /* (owned) */
  OnwardRole *role; /* (owned) */
  gboolean is_terminating;
  GPtrArray *patterns; /* (owned) (nullable): of paths */
  GPtrArray *prefixes; /* (owned) (nullable): of the hexadecimal SHA-256 of paths */
};

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, why);
  return FALSE;
}

/* A delegated role must not be able to stand in for one of the four. */
static gboolean
is_top_level (const char *name)
{
  for (OnwardRoleKind kind = 0; kind <= ONWARD_ROLE_LAST; kind++)
    {
      if (g_str_equal (name, onward_role_kind_get_name (kind)))
        return TRUE;
    }
  return FALSE;
}

static gboolean
parse_name (OnwardDelegation *self, JsonObject *object, GError **error)
{
  const char *name;

  if (!onward_json_get_string (object, "name", &name, error))
    return FALSE;
  if (*name == '\0' || is_top_level (name))
    return refuse (error, "a delegated role has no name of its own");
  self->name = g_strdup (name);
  return TRUE;
}

/* NULL in @ret_strings when there is no such member. */
static gboolean
parse_strings (JsonObject *object, const char *name, GPtrArray **ret_strings, GError **error)
{
  g_autoptr (GPtrArray) strings = NULL;
  JsonArray *array;

  if (!onward_json_has (object, name))
    return TRUE;
  if (!onward_json_get_array (object, name, &array, error))
    return FALSE;

  strings = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (json_node_get_value_type (node) != G_TYPE_STRING)
        {
          g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                       "Reading member “%s”: one of them is not a string", name);
          return FALSE;
        }
      g_ptr_array_add (strings, json_node_dup_string (node));
    }
  *ret_strings = g_steal_pointer (&strings);
  return TRUE;
}

static gboolean
parse_members (OnwardDelegation *self, JsonObject *object, GHashTable *keys, GError **error)
{
  if (!parse_name (self, object, error) ||
      !onward_json_get_boolean (object, "terminating", &self->is_terminating, error) ||
      !parse_strings (object, "paths", &self->patterns, error) ||
      !parse_strings (object, "path_hash_prefixes", &self->prefixes, error))
    return FALSE;
  if (self->patterns != NULL && self->prefixes != NULL)
    return refuse (error, "a delegated role has both paths and path_hash_prefixes");

  self->role = onward_role_parse (object, keys, error);
  return self->role != NULL;
}

static OnwardDelegation *
onward_delegation_new (JsonNode *node, GHashTable *keys, GError **error)
{
  g_autoptr (OnwardDelegation) self = g_new0 (OnwardDelegation, 1);
  JsonObject *object = onward_json_node_get_object (node, "a delegated role", error);

  if (object == NULL || !parse_members (self, object, keys, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * onward_delegation_parse_all:
 * @object: the "delegations" member of a verified targets document
 * @error: return location for ONWARD_ERROR_MALFORMED
 *
 * Reads whom a document delegates to (TUF specification 4.5). Names must differ, and must not be
 * those of the four top-level roles.
 *
 * Returns: (transfer full) (nullable) (element-type OnwardDelegation): the delegations, in order
 */
GPtrArray *
onward_delegation_parse_all (JsonObject *object, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) keys = NULL;
  g_autoptr (GPtrArray) all = NULL;
  JsonObject *member;
  JsonArray *roles;

  g_return_val_if_fail (object != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!onward_json_get_object (object, "keys", &member, error) ||
      !onward_json_get_array (object, "roles", &roles, error))
    return NULL;
  keys = onward_role_parse_keys (member, error);
  if (keys == NULL)
    return NULL;

  all = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_delegation_free);
  for (guint i = 0; i < json_array_get_length (roles); i++)
    {
      OnwardDelegation *self =
          onward_delegation_new (json_array_get_element (roles, i), keys, error);

      if (self == NULL)
        return NULL;
      g_ptr_array_add (all, self);
      if (!g_hash_table_add (names, self->name))
        {
          (void) refuse (error, "two delegated roles have the same name");
          return NULL;
        }
    }
  return g_steal_pointer (&all);
}

/**
 * onward_delegation_free:
 * @self: (transfer full) (nullable): a delegation
 */
void
onward_delegation_free (OnwardDelegation *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_clear_pointer (&self->role, onward_role_free);
  g_clear_pointer (&self->patterns, g_ptr_array_unref);
  g_clear_pointer (&self->prefixes, g_ptr_array_unref);
  g_free (self);
}

/**
 * onward_delegation_get_name:
 * @self: a delegation
 *
 * Returns: the name of the role, which may hold any character
 */
const char *
onward_delegation_get_name (OnwardDelegation *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * onward_delegation_get_role:
 * @self: a delegation
 *
 * Returns: (transfer none): who speaks for it, as this delegator says
 */
OnwardRole *
onward_delegation_get_role (OnwardDelegation *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->role;
}

/**
 * onward_delegation_is_terminating:
 * @self: a delegation
 *
 * Returns: whether a search that has come to @self looks nowhere else
 */
gboolean
onward_delegation_is_terminating (OnwardDelegation *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->is_terminating;
}

static gboolean
matches_pattern (GPtrArray *patterns, const char *target)
{
  for (guint i = 0; i < patterns->len; i++)
    {
      if (onward_path_pattern_matches (g_ptr_array_index (patterns, i), target))
        return TRUE;
    }
  return FALSE;
}

static gboolean
matches_prefix (GPtrArray *prefixes, const char *target)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, target, -1);

  for (guint i = 0; i < prefixes->len; i++)
    {
      if (g_str_has_prefix (digest, g_ptr_array_index (prefixes, i)))
        return TRUE;
    }
  return FALSE;
}

/**
 * onward_delegation_covers:
 * @self: a delegation
 * @target: the name of a target
 *
 * A delegation that names neither paths nor prefixes covers nothing.
 *
 * Returns: whether @self may speak for @target
 */
gboolean
onward_delegation_covers (OnwardDelegation *self, const char *target)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (target != NULL, FALSE);

  if (self->patterns != NULL)
    return matches_pattern (self->patterns, target);
  return self->prefixes != NULL && matches_prefix (self->prefixes, target);
}
