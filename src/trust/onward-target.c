/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-target-private.h"

#include <string.h>

#include "onward-error.h"
#include "onward-file-info.h"
#include "onward-json.h"

struct _OnwardTarget
{
  char *name;           /* (owned) */
  OnwardFileInfo *info; /* (owned) */
  JsonObject *custom;   /* (owned) (nullable) */
  gboolean consistent;
};

static gboolean
parse_custom (OnwardTarget *self, JsonObject *object, GError **error)
{
  JsonObject *custom;

  if (!onward_json_has (object, "custom"))
    return TRUE;
  if (!onward_json_get_object (object, "custom", &custom, error))
    return FALSE;
  self->custom = json_object_ref (custom);
  return TRUE;
}

/**
 * onward_target_new:
 * @name: the name of the target
 * @object: its entry in a verified targets document
 * @consistent: whether its path carries its hash
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable): the target
 */
OnwardTarget *
onward_target_new (const char *name, JsonObject *object, gboolean consistent, GError **error)
{
  g_autoptr (OnwardTarget) self = NULL;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (object != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_new0 (OnwardTarget, 1);
  self->name = g_strdup (name);
  self->consistent = consistent;
  self->info = onward_file_info_parse_target (object, error);
  if (self->info == NULL || !parse_custom (self, object, error))
    {
      g_prefix_error (error, "Target “%s”: ", name);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * onward_target_free:
 * @self: (transfer full) (nullable): a target
 */
void
onward_target_free (OnwardTarget *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_clear_pointer (&self->info, onward_file_info_free);
  g_clear_pointer (&self->custom, json_object_unref);
  g_free (self);
}

/**
 * onward_target_get_name:
 * @self: a target
 *
 * Returns: its name, such as "releases/linux-x86_64/stable/1.2.0.json"
 */
const char *
onward_target_get_name (OnwardTarget *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * onward_target_get_length:
 * @self: a target
 *
 * Returns: its length in bytes
 */
guint64
onward_target_get_length (OnwardTarget *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return (guint64) onward_file_info_get_length (self->info);
}

/**
 * onward_target_get_custom:
 * @self: a target
 *
 * Returns: (transfer none) (nullable): its "custom" member
 */
JsonObject *
onward_target_get_custom (OnwardTarget *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->custom;
}

/**
 * onward_target_dup_path:
 * @self: a target
 *
 * The path below the repository, as part of a URL: the hash goes before the last component when
 * the root says so (TUF specification 6.2), and characters with a meaning in URLs are quoted.
 *
 * Returns: (transfer full): the path
 */
char *
onward_target_dup_path (OnwardTarget *self)
{
  g_autofree char *quoted = NULL;
  g_autofree char *hash = NULL;
  const char *slash, *base;

  g_return_val_if_fail (self != NULL, NULL);

  quoted = g_uri_escape_string (self->name, "/", FALSE);
  if (!self->consistent)
    return g_strconcat ("targets/", quoted, NULL);

  hash = onward_file_info_dup_hash (self->info);
  slash = strrchr (quoted, '/');
  base = slash != NULL ? slash + 1 : quoted;
  return g_strdup_printf ("targets/%.*s%s.%s", (int) (base - quoted), quoted, hash, base);
}

/**
 * onward_target_verify:
 * @self: a target
 * @body: what was received for it
 * @error: return location for ONWARD_ERROR_WRONG_LENGTH or ONWARD_ERROR_WRONG_HASH
 *
 * Returns: whether @body is @self, by length and every hash
 */
gboolean
onward_target_verify (OnwardTarget *self, GBytes *body, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (body != NULL, FALSE);

  if (onward_file_info_verify (self->info, body, error))
    return TRUE;
  g_prefix_error (error, "Verifying “%s”: ", self->name);
  return FALSE;
}

/**
 * onward_target_get_digest:
 * @self: a target
 *
 * Returns: (transfer none) (nullable): its SHA-256, when it is listed by one
 */
const OnwardDigest *
onward_target_get_digest (OnwardTarget *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return onward_file_info_get_digest (self->info);
}
