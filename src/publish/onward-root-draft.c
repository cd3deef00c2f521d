/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-json.h"
#include "onward-public-key.h"
#include "onward-root-draft.h"

#define MAX_THRESHOLD 16

static const char *const all_roles[] = { "root", "targets", "snapshot", "timestamp" };

/* "online" is two roles that always have the same keys. */
static const char *
get_first (const char *role)
{
  return g_str_equal (role, "online") ? "snapshot" : role;
}

static const char *
get_second (const char *role)
{
  return g_str_equal (role, "online") ? "timestamp" : NULL;
}

static JsonObject *
get_role (JsonObject *draft, const char *role)
{
  JsonObject *roles = NULL;
  JsonObject *entry = NULL;

  return onward_json_get_object (draft, "roles", &roles, NULL) &&
                 onward_json_get_object (roles, role, &entry, NULL)
             ? entry
             : NULL;
}

static JsonArray *
get_ids (JsonObject *draft, const char *role)
{
  JsonObject *entry = get_role (draft, get_first (role));
  JsonArray *ids = NULL;

  return entry != NULL && onward_json_get_array (entry, "keyids", &ids, NULL) ? ids : NULL;
}

/**
 * onward_root_draft_new:
 * @root: the signed part of the root in force
 * @expires: until when the next one is to hold
 *
 * Returns: (transfer full): the next root, with the same keys as yet
 */
JsonObject *
onward_root_draft_new (JsonObject *root, const char *expires)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), root);
  g_autofree char *text = json_to_string (node, FALSE);
  g_autoptr (JsonNode) copy = json_from_string (text, NULL);
  JsonObject *draft = json_node_dup_object (copy);
  gint64 version = 0;

  (void) onward_json_get_integer (root, "version", 1, G_MAXINT32, &version, NULL);
  json_object_set_int_member (draft, "version", version + 1);
  json_object_set_string_member (draft, "expires", expires);
  return draft;
}

/**
 * onward_root_draft_has_key:
 * @draft: a root
 * @role: a role
 * @id: a key id
 *
 * Returns: whether the key signs for the role
 */
gboolean
onward_root_draft_has_key (JsonObject *draft, const char *role, const char *id)
{
  JsonArray *ids = get_ids (draft, role);

  for (guint i = 0; ids != NULL && i < json_array_get_length (ids); i++)
    {
      if (g_strcmp0 (json_array_get_string_element (ids, i), id) == 0)
        return TRUE;
    }
  return FALSE;
}

/**
 * onward_root_draft_list_keys:
 * @draft: a root
 * @role: a role
 *
 * Returns: (transfer full) (element-type utf8): the ids of its keys
 */
GPtrArray *
onward_root_draft_list_keys (JsonObject *draft, const char *role)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  JsonArray *ids = get_ids (draft, role);

  for (guint i = 0; ids != NULL && i < json_array_get_length (ids); i++)
    {
      const char *id = json_array_get_string_element (ids, i);

      if (id != NULL)
        g_ptr_array_add (list, g_strdup (id));
    }
  return list;
}

/**
 * onward_root_draft_get_threshold:
 * @draft: a root
 * @role: a role
 *
 * Returns: how many of the role's keys have to sign, or 0 when the root does not say so
 */
gint64
onward_root_draft_get_threshold (JsonObject *draft, const char *role)
{
  JsonObject *entry = get_role (draft, get_first (role));
  gint64 threshold = 0;

  if (entry != NULL)
    (void) onward_json_get_integer (entry, "threshold", 1, G_MAXINT32, &threshold, NULL);
  return threshold;
}

static gboolean
check_role (JsonObject *draft, const char *role, GError **error)
{
  if (get_ids (draft, role) != NULL)
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
               "Changing the keys of %s: the root does not say who they are", role);
  return FALSE;
}

static void
append (JsonObject *draft, const char *role, const char *id)
{
  if (role != NULL && !onward_root_draft_has_key (draft, role, id))
    json_array_add_string_element (get_ids (draft, role), id);
}

/**
 * onward_root_draft_add_key:
 * @draft: a root
 * @role: a role
 * @public: a TUF public key object
 * @error: return location
 *
 * Lets a key sign for a role.
 */
gboolean
onward_root_draft_add_key (JsonObject *draft, const char *role, JsonObject *public, GError **error)
{
  g_autofree char *id = onward_public_key_compute_id (public, error);
  JsonObject *keys;

  if (id == NULL || !check_role (draft, role, error) ||
      !onward_json_get_object (draft, "keys", &keys, error))
    return FALSE;
  if (onward_root_draft_has_key (draft, role, id))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                   "Adding the key %.8s: it signs for %s already", id, role);
      return FALSE;
    }

  json_object_set_object_member (keys, id, json_object_ref (public));
  append (draft, get_first (role), id);
  append (draft, get_second (role), id);
  return TRUE;
}

static void
take_away (JsonObject *draft, const char *role, const char *id)
{
  JsonArray *ids = role == NULL ? NULL : get_ids (draft, role);

  for (guint i = 0; ids != NULL && i < json_array_get_length (ids); i++)
    {
      if (g_strcmp0 (json_array_get_string_element (ids, i), id) == 0)
        json_array_remove_element (ids, i--);
    }
}

/**
 * onward_root_draft_remove_key:
 * @draft: a root
 * @role: a role
 * @id: a key id
 * @error: return location
 *
 * Takes a role away from a key.
 */
gboolean
onward_root_draft_remove_key (JsonObject *draft, const char *role, const char *id, GError **error)
{
  if (!check_role (draft, role, error))
    return FALSE;
  if (!onward_root_draft_has_key (draft, role, id))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                   "Removing the key %.8s: it does not sign for %s", id, role);
      return FALSE;
    }

  take_away (draft, get_first (role), id);
  take_away (draft, get_second (role), id);
  return TRUE;
}

/**
 * onward_root_draft_set_threshold:
 * @draft: a root
 * @role: a role
 * @threshold: how many of its keys have to sign
 * @error: return location
 *
 * Changes how many keys a role takes.
 */
gboolean
onward_root_draft_set_threshold (JsonObject *draft, const char *role, gint64 threshold,
                                 GError **error)
{
  if (!check_role (draft, role, error))
    return FALSE;
  if (threshold < 1 || threshold > MAX_THRESHOLD)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "A threshold is a number from 1 to %d", MAX_THRESHOLD);
      return FALSE;
    }

  json_object_set_int_member (get_role (draft, get_first (role)), "threshold", threshold);
  if (get_second (role) != NULL)
    json_object_set_int_member (get_role (draft, get_second (role)), "threshold", threshold);
  return TRUE;
}

static gboolean
is_used (JsonObject *draft, const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (all_roles); i++)
    {
      if (onward_root_draft_has_key (draft, all_roles[i], id))
        return TRUE;
    }
  return FALSE;
}

static void
drop_unused_keys (JsonObject *draft)
{
  JsonObject *keys = json_object_get_object_member (draft, "keys");
  GList *ids = json_object_get_members (keys);
  g_autoptr (GPtrArray) unused = g_ptr_array_new_with_free_func (g_free);

  for (GList *link = ids; link != NULL; link = link->next)
    {
      if (!is_used (draft, link->data))
        g_ptr_array_add (unused, g_strdup (link->data));
    }
  g_list_free (ids);
  for (guint i = 0; i < unused->len; i++)
    json_object_remove_member (keys, g_ptr_array_index (unused, i));
}

/**
 * onward_root_draft_finish:
 * @draft: a root
 * @error: return location
 *
 * Forgets the keys that no role has, and refuses a root that nobody could ever follow.
 */
gboolean
onward_root_draft_finish (JsonObject *draft, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (all_roles); i++)
    {
      JsonArray *ids = get_ids (draft, all_roles[i]);
      gint64 threshold = onward_root_draft_get_threshold (draft, all_roles[i]);
      guint n = ids == NULL ? 0 : json_array_get_length (ids);

      if (threshold >= 1 && n >= threshold)
        continue;
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                   "Changing the keys: %s would have %u keys and need %" G_GINT64_FORMAT
                   " of them, so that nothing could be signed any more",
                   all_roles[i], n, MAX (threshold, 1));
      return FALSE;
    }

  drop_unused_keys (draft);
  return TRUE;
}

/**
 * onward_root_draft_keeps_keys:
 * @before: a root
 * @after: the next one
 * @role: a role
 *
 * Returns: whether no key was taken away from the role, so that what it signed still stands
 */
gboolean
onward_root_draft_keeps_keys (JsonObject *before, JsonObject *after, const char *role)
{
  g_autoptr (GPtrArray) ids = onward_root_draft_list_keys (before, role);

  for (guint i = 0; i < ids->len; i++)
    {
      if (!onward_root_draft_has_key (after, role, g_ptr_array_index (ids, i)))
        return FALSE;
    }
  return onward_root_draft_get_threshold (after, role) <=
         onward_root_draft_get_threshold (before, role);
}

static void
describe_keys (GPtrArray *lines, JsonObject *from, JsonObject *to, const char *role,
               const char *verb)
{
  g_autoptr (GPtrArray) ids = onward_root_draft_list_keys (from, role);

  for (guint i = 0; i < ids->len; i++)
    {
      const char *id = g_ptr_array_index (ids, i);

      if (!onward_root_draft_has_key (to, role, id))
        g_ptr_array_add (lines, g_strdup_printf ("%s: %s key %.8s", role, verb, id));
    }
}

static char *
join_ids (GPtrArray *ids)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (text, "%s%.8s", i == 0 ? "" : " ",
                            (const char *) g_ptr_array_index (ids, i));
  return g_string_free (text, FALSE);
}

/* All keys, not only the changes: what is said to be in force may be forged to hide some. */
static void
describe_role (GPtrArray *lines, JsonObject *before, JsonObject *after, const char *role)
{
  g_autoptr (GPtrArray) ids = onward_root_draft_list_keys (after, role);
  g_autofree char *all = join_ids (ids);

  describe_keys (lines, before, after, role, "takes away");
  describe_keys (lines, after, before, role, "adds");
  g_ptr_array_add (lines, g_strdup_printf ("%s: %" G_GINT64_FORMAT " of %u keys (%" G_GINT64_FORMAT
                                           " of %u before): %s",
                                           role, onward_root_draft_get_threshold (after, role),
                                           ids->len, onward_root_draft_get_threshold (before, role),
                                           json_array_get_length (get_ids (before, role)), all));
}

/**
 * onward_root_draft_describe:
 * @before: a root
 * @after: the next one
 *
 * Returns: (transfer full) (element-type utf8): for people: what signing @after would change
 */
GPtrArray *
onward_root_draft_describe (JsonObject *before, JsonObject *after)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  const char *expires = "?";
  gint64 version = 0;

  (void) onward_json_get_integer (after, "version", 1, G_MAXINT32, &version, NULL);
  (void) onward_json_get_string (after, "expires", &expires, NULL);
  g_ptr_array_add (
      lines, g_strdup_printf ("root %" G_GINT64_FORMAT ", which expires on %s", version, expires));
  for (guint i = 0; i < G_N_ELEMENTS (all_roles); i++)
    {
      if (get_ids (before, all_roles[i]) != NULL && get_ids (after, all_roles[i]) != NULL)
        describe_role (lines, before, after, all_roles[i]);
    }
  return lines;
}
