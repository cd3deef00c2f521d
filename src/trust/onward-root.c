/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-root.h"

#include "onward-error.h"
#include "onward-json.h"

struct _OnwardRoot
{
  OnwardMetadata *metadata;                /* (owned) */
  OnwardRole *roles[ONWARD_ROLE_LAST + 1]; /* (owned) */
  gboolean consistent;
};

static gboolean
parse_roles (OnwardRoot *self, JsonObject *content, GError **error)
{
  g_autoptr (GHashTable) keys = NULL;
  JsonObject *member, *roles;

  if (!onward_json_get_object (content, "keys", &member, error) ||
      !onward_json_get_object (content, "roles", &roles, error))
    return FALSE;
  keys = onward_role_parse_keys (member, error);
  if (keys == NULL)
    return FALSE;

  for (OnwardRoleKind kind = 0; kind <= ONWARD_ROLE_LAST; kind++)
    {
      if (!onward_json_get_object (roles, onward_role_kind_get_name (kind), &member, error))
        return FALSE;
      self->roles[kind] = onward_role_parse (member, keys, error);
      if (self->roles[kind] == NULL)
        return FALSE;
    }
  return TRUE;
}

/* The member is optional; without it names carry no version. */
static gboolean
parse_content (OnwardRoot *self, GError **error)
{
  JsonObject *content = onward_metadata_get_content (self->metadata);

  if (onward_json_has (content, "consistent_snapshot") &&
      !onward_json_get_boolean (content, "consistent_snapshot", &self->consistent, error))
    return FALSE;
  return parse_roles (self, content, error);
}

/* TUF specification 5.3.4 and 5.3.5. */
static gboolean
check_predecessor (OnwardRoot *self, OnwardRoot *predecessor, GError **error)
{
  gint64 expected = onward_root_get_version (predecessor) + 1;
  gint64 version = onward_root_get_version (self);

  if (!onward_metadata_verify (self->metadata, predecessor->roles[ONWARD_ROLE_ROOT], error))
    {
      g_prefix_error_literal (error, "by the keys of the trusted root, ");
      return FALSE;
    }
  if (version == expected)
    return TRUE;
  g_set_error (error, ONWARD_ERROR,
               version < expected ? ONWARD_ERROR_ROLLED_BACK : ONWARD_ERROR_WRONG_VERSION,
               "it is version %" G_GINT64_FORMAT " instead of %" G_GINT64_FORMAT, version,
               expected);
  return FALSE;
}

/**
 * onward_root_new:
 * @bytes: a root document as received
 * @predecessor: (nullable): the trusted root before it, or %NULL for one that is trusted because
 *   of where it came from
 * @error: return location for a #GError
 *
 * Makes a root whose own keys signed it and, unless it is where trust begins, whose predecessor's
 * keys did so too and which is exactly the next version. Its expiry is not looked at: an expired
 * root may still lead to a newer one.
 *
 * Returns: (transfer full) (nullable): the root
 */
OnwardRoot *
onward_root_new (GBytes *bytes, OnwardRoot *predecessor, GError **error)
{
  g_autoptr (OnwardRoot) self = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_atomic_rc_box_new0 (OnwardRoot);
  self->metadata = onward_metadata_parse (bytes, ONWARD_ROLE_ROOT, error);
  if (self->metadata == NULL)
    return NULL;
  if (predecessor != NULL && !check_predecessor (self, predecessor, error))
    return NULL;
  if (!parse_content (self, error) ||
      !onward_metadata_verify (self->metadata, self->roles[ONWARD_ROLE_ROOT], error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * onward_root_ref:
 * @self: a root
 *
 * Returns: (transfer full): @self
 */
OnwardRoot *
onward_root_ref (OnwardRoot *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
onward_root_clear (gpointer data)
{
  OnwardRoot *self = data;

  g_clear_pointer (&self->metadata, onward_metadata_unref);
  for (OnwardRoleKind kind = 0; kind <= ONWARD_ROLE_LAST; kind++)
    g_clear_pointer (&self->roles[kind], onward_role_free);
}

/**
 * onward_root_unref:
 * @self: (transfer full): a root
 */
void
onward_root_unref (OnwardRoot *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, onward_root_clear);
}

/**
 * onward_root_get_metadata:
 * @self: a root
 *
 * Returns: (transfer none): its envelope
 */
OnwardMetadata *
onward_root_get_metadata (OnwardRoot *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->metadata;
}

/**
 * onward_root_get_role:
 * @self: a root
 * @kind: a top-level role
 *
 * Returns: (transfer none): who speaks for it
 */
OnwardRole *
onward_root_get_role (OnwardRoot *self, OnwardRoleKind kind)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (kind <= ONWARD_ROLE_LAST, NULL);

  return self->roles[kind];
}

/**
 * onward_root_get_version:
 * @self: a root
 *
 * Returns: its version
 */
gint64
onward_root_get_version (OnwardRoot *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return onward_metadata_get_version (self->metadata);
}

/**
 * onward_root_is_consistent:
 * @self: a root
 *
 * Returns: whether names in the repository carry versions and hashes (TUF specification 6.2)
 */
gboolean
onward_root_is_consistent (OnwardRoot *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->consistent;
}

/**
 * onward_root_is_rotated_by:
 * @self: a root
 * @newer: the next root
 *
 * What a key vouched for that was taken away no longer counts, so that an attacker who drove the
 * versions up with a stolen key cannot lock clients out (TUF specification 5.3.11).
 *
 * Returns: whether stored timestamp and snapshot documents must be forgotten
 */
gboolean
onward_root_is_rotated_by (OnwardRoot *self, OnwardRoot *newer)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (newer != NULL, FALSE);

  return !onward_role_is_kept_by (self->roles[ONWARD_ROLE_TIMESTAMP],
                                  newer->roles[ONWARD_ROLE_TIMESTAMP]) ||
         !onward_role_is_kept_by (self->roles[ONWARD_ROLE_SNAPSHOT],
                                  newer->roles[ONWARD_ROLE_SNAPSHOT]);
}
