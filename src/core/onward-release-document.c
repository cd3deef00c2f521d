/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-release-document.h"

#include <string.h>

#include "onward-error.h"
#include "onward-json-guard.h"
#include "onward-json.h"
#include "onward-release-private.h"
#include "onward-tree.h"

#define MAX_PACKS 64

struct _OnwardReleaseDocument
{
  OnwardRelease *release; /* (owned) */
  OnwardDigest tree_digest;
  guint64 tree_size;
  GPtrArray *packs;     /* (owned): OnwardPackInfo */
  OnwardPackInfo *full; /* (unowned): one of the packs */
};

static OnwardPackInfo *
find_full_pack (GPtrArray *packs)
{
  for (guint i = 0; i < packs->len; i++)
    if (onward_pack_info_get_kind (packs->pdata[i]) == ONWARD_PACK_FULL)
      return packs->pdata[i];
  return NULL;
}

/**
 * onward_release_document_new:
 * @release: the facts, with the notes if there are any
 * @tree_digest: the SHA-256 of the tree
 * @tree_size: the size of all files of the tree in bytes, as onward_tree_get_size() tells
 * @packs: (element-type OnwardPackInfo): exactly one full pack and any number of deltas
 *
 * Returns: (transfer full): the document
 */
OnwardReleaseDocument *
onward_release_document_new (OnwardRelease *release, const OnwardDigest *tree_digest,
                             guint64 tree_size, GPtrArray *packs)
{
  OnwardReleaseDocument *self;

  g_return_val_if_fail (release != NULL, NULL);
  g_return_val_if_fail (tree_digest != NULL, NULL);
  g_return_val_if_fail (packs != NULL && find_full_pack (packs) != NULL, NULL);

  self = g_atomic_rc_box_new0 (OnwardReleaseDocument);
  self->release = onward_release_ref (release);
  self->tree_digest = *tree_digest;
  self->tree_size = tree_size;
  self->packs = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_pack_info_unref);
  for (guint i = 0; i < packs->len; i++)
    g_ptr_array_add (self->packs, onward_pack_info_ref (packs->pdata[i]));
  self->full = find_full_pack (self->packs);
  return self;
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, why);
  return FALSE;
}

static OnwardRelease *
read_release (JsonObject *object, GError **error)
{
  g_autoptr (OnwardRelease) release = onward_release_new_from_json (object, error);
  JsonObject *notes;

  if (release == NULL || !onward_json_has (object, "notes"))
    return g_steal_pointer (&release);
  if (!onward_json_get_object (object, "notes", &notes, error))
    return NULL;

  return onward_release_with_notes (release, notes, error);
}

static gboolean
read_tree (JsonObject *object, OnwardDigest *ret_digest, guint64 *ret_size, GError **error)
{
  JsonObject *tree;
  const char *hex;
  gint64 size;

  if (!onward_json_get_object (object, "tree", &tree, error) ||
      !onward_json_get_string (tree, "digest", &hex, error) ||
      !onward_json_get_integer (tree, "size", 0, (gint64) ONWARD_TREE_MAX_SIZE, &size, error) ||
      !onward_digest_parse (hex, ret_digest, error))
    return FALSE;

  *ret_size = (guint64) size;
  return TRUE;
}

/* A release has one full pack, and one delta at most from any other tree. */
static gboolean
check_pack (GPtrArray *packs, OnwardPackInfo *pack, const OnwardDigest *tree, GError **error)
{
  const OnwardDigest *from = onward_pack_info_get_from (pack);

  if (from == NULL)
    return find_full_pack (packs) == NULL || refuse (error, "There are two full packs");
  if (onward_digest_equal (from, tree))
    return refuse (error, "A delta starts from the tree it leads to");

  for (guint i = 0; i < packs->len; i++)
    {
      const OnwardDigest *other = onward_pack_info_get_from (packs->pdata[i]);

      if (other != NULL && onward_digest_equal (from, other))
        return refuse (error, "Two deltas start from one tree");
    }
  return TRUE;
}

static gboolean
read_pack (GPtrArray *packs, JsonNode *node, const OnwardDigest *tree, GError **error)
{
  g_autoptr (OnwardPackInfo) pack = NULL;
  JsonObject *object = onward_json_node_get_object (node, "a pack", error);

  if (object == NULL)
    return FALSE;
  pack = onward_pack_info_new_from_json (object, error);
  if (pack == NULL || !check_pack (packs, pack, tree, error))
    return FALSE;

  g_ptr_array_add (packs, g_steal_pointer (&pack));
  return TRUE;
}

static GPtrArray *
read_packs (JsonObject *object, const OnwardDigest *tree, GError **error)
{
  g_autoptr (GPtrArray) packs = NULL;
  JsonArray *array;

  if (!onward_json_get_array (object, "packs", &array, error))
    return NULL;
  if (json_array_get_length (array) > MAX_PACKS)
    {
      (void) refuse (error, "There are too many packs");
      return NULL;
    }

  packs = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_pack_info_unref);
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!read_pack (packs, json_array_get_element (array, i), tree, error))
      {
        g_prefix_error (error, "Pack %u: ", i + 1);
        return NULL;
      }

  if (find_full_pack (packs) == NULL)
    {
      (void) refuse (error, "There is no full pack");
      return NULL;
    }
  return g_steal_pointer (&packs);
}

static OnwardReleaseDocument *
read_document (JsonObject *object, GError **error)
{
  g_autoptr (OnwardRelease) release = NULL;
  g_autoptr (GPtrArray) packs = NULL;
  OnwardDigest tree_digest;
  guint64 tree_size;

  release = read_release (object, error);
  if (release == NULL || !read_tree (object, &tree_digest, &tree_size, error))
    return NULL;

  packs = read_packs (object, &tree_digest, error);
  if (packs == NULL)
    return NULL;

  return onward_release_document_new (release, &tree_digest, tree_size, packs);
}

/**
 * onward_release_document_parse:
 * @bytes: a release document, behind a verified digest
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Reads a release document strictly; members with unknown names are ignored.
 *
 * Returns: (transfer full): the document, or %NULL
 */
OnwardReleaseDocument *
onward_release_document_parse (GBytes *bytes, GError **error)
{
  g_autoptr (JsonNode) root = NULL;
  OnwardReleaseDocument *self = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  root = onward_json_guard_parse (bytes, ONWARD_RELEASE_DOCUMENT_MAX_SIZE, error);
  if (root != NULL)
    self = read_document (json_node_get_object (root), error);
  if (self == NULL)
    g_prefix_error_literal (error, "Reading a release document: ");
  return self;
}

static void
add_tree (OnwardReleaseDocument *self, JsonObject *object)
{
  g_autofree char *hex = onward_digest_to_string (&self->tree_digest);
  JsonObject *tree = json_object_new ();

  json_object_set_string_member (tree, "digest", hex);
  json_object_set_int_member (tree, "size", (gint64) self->tree_size);
  json_object_set_object_member (object, "tree", tree);
}

static void
add_packs (OnwardReleaseDocument *self, JsonObject *object)
{
  JsonArray *packs = json_array_new ();

  for (guint i = 0; i < self->packs->len; i++)
    json_array_add_object_element (packs, onward_pack_info_to_json (self->packs->pdata[i]));
  json_object_set_array_member (object, "packs", packs);
}

/**
 * onward_release_document_serialize:
 * @self: a document
 *
 * Returns: (transfer full): its JSON, the same bytes each time
 */
GBytes *
onward_release_document_serialize (OnwardReleaseDocument *self)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  JsonObject *object, *notes;
  gsize size;

  g_return_val_if_fail (self != NULL, NULL);

  object = onward_release_to_json (self->release);
  notes = onward_release_notes_to_json (self->release);
  if (notes != NULL)
    json_object_set_object_member (object, "notes", notes);
  add_tree (self, object);
  add_packs (self, object);

  json_node_take_object (root, object);
  text = json_to_string (root, FALSE);
  size = strlen (text);
  return g_bytes_new_take (g_steal_pointer (&text), size);
}

/**
 * onward_release_document_ref:
 * @self: a document
 *
 * Returns: (transfer full): @self
 */
OnwardReleaseDocument *
onward_release_document_ref (OnwardReleaseDocument *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
release_document_clear (gpointer data)
{
  OnwardReleaseDocument *self = data;

  g_clear_pointer (&self->release, onward_release_unref);
  g_clear_pointer (&self->packs, g_ptr_array_unref);
}

/**
 * onward_release_document_unref:
 * @self: (transfer full): a document
 */
void
onward_release_document_unref (OnwardReleaseDocument *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, release_document_clear);
}

/**
 * onward_release_document_get_release:
 * @self: a document
 *
 * Returns: (transfer none): the facts and notes
 */
OnwardRelease *
onward_release_document_get_release (OnwardReleaseDocument *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->release;
}

/**
 * onward_release_document_get_tree_digest:
 * @self: a document
 *
 * Returns: (transfer none): the SHA-256 of the tree
 */
const OnwardDigest *
onward_release_document_get_tree_digest (OnwardReleaseDocument *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return &self->tree_digest;
}

/**
 * onward_release_document_get_tree_size:
 * @self: a document
 *
 * Returns: the size of all files of the tree in bytes
 */
guint64
onward_release_document_get_tree_size (OnwardReleaseDocument *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->tree_size;
}

/**
 * onward_release_document_get_packs:
 * @self: a document
 *
 * Returns: (transfer none) (element-type OnwardPackInfo): the packs
 */
GPtrArray *
onward_release_document_get_packs (OnwardReleaseDocument *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->packs;
}

/**
 * onward_release_document_get_full_pack:
 * @self: a document
 *
 * Returns: (transfer none): the one full pack
 */
OnwardPackInfo *
onward_release_document_get_full_pack (OnwardReleaseDocument *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->full;
}
