/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-pack-info.h"

#include <string.h>

#include "onward-error.h"
#include "onward-json.h"
#include "onward-names.h"

/* A pack holds at most one tree of 64 GiB, which compression may make a little larger. */
#define MAX_SIZE       (G_GINT64_CONSTANT (72) << 30)
#define MAX_HEAD_SIZE  (G_GINT64_CONSTANT (128) << 20)
#define MIN_BLOCK_SIZE (64 * 1024)
#define MAX_BLOCK_SIZE (16 * 1024 * 1024)

struct _OnwardPackInfo
{
  OnwardPackKind kind;
  OnwardDigest from; /* zeros for a full pack */
  OnwardDigest digest;
  guint64 size;
  guint64 head_size;
  guint32 block_size;
  GBytes *blocks;      /* (owned) */
  char **requirements; /* (owned) (not nullable): plain names */
};

static gsize
count_blocks (guint64 size, guint32 block_size)
{
  return (gsize) ((size + block_size - 1) / block_size);
}

/**
 * onward_pack_info_new:
 * @kind: full or delta
 * @from: (nullable): the digest of the tree that a delta starts from; %NULL for a full pack
 * @digest: the SHA-256 of the whole pack
 * @size: the pack's size in bytes
 * @head_size: the size of its head in bytes
 * @block_size: the size of a block in bytes; the last one may be shorter
 * @blocks: the concatenated SHA-256 of each block
 *
 * Returns: (transfer full): the pack's description
 */
OnwardPackInfo *
onward_pack_info_new (OnwardPackKind kind, const OnwardDigest *from, const OnwardDigest *digest,
                      guint64 size, guint64 head_size, guint32 block_size, GBytes *blocks)
{
  OnwardPackInfo *self;

  g_return_val_if_fail ((kind == ONWARD_PACK_DELTA) == (from != NULL), NULL);
  g_return_val_if_fail (digest != NULL, NULL);
  g_return_val_if_fail (head_size <= size && block_size > 0, NULL);
  g_return_val_if_fail (blocks != NULL, NULL);
  g_return_val_if_fail (
      g_bytes_get_size (blocks) == count_blocks (size, block_size) * ONWARD_DIGEST_SIZE, NULL);

  self = g_atomic_rc_box_new0 (OnwardPackInfo);
  self->kind = kind;
  if (from != NULL)
    self->from = *from;
  self->digest = *digest;
  self->size = size;
  self->head_size = head_size;
  self->block_size = block_size;
  self->blocks = g_bytes_ref (blocks);
  self->requirements = g_new0 (char *, 1);
  return self;
}

/**
 * onward_pack_info_new_requiring:
 * @self: a pack's description
 * @requirements: (array zero-terminated=1): plain names; a client that does not know one of them,
 *   or cannot do what it stands for, has no use for the pack
 *
 * Returns: (transfer full): a description of the same pack that requires these
 */
OnwardPackInfo *
onward_pack_info_new_requiring (OnwardPackInfo *self, const char *const *requirements)
{
  OnwardPackInfo *requiring;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (requirements != NULL, NULL);

  requiring = onward_pack_info_new (self->kind, onward_pack_info_get_from (self), &self->digest,
                                    self->size, self->head_size, self->block_size, self->blocks);
  g_strfreev (requiring->requirements);
  requiring->requirements = g_strdupv ((char **) requirements);
  return requiring;
}

static gboolean
read_digest (JsonObject *object, const char *name, OnwardDigest *ret_digest, GError **error)
{
  const char *text;

  if (!onward_json_get_string (object, name, &text, error))
    return FALSE;
  if (!onward_digest_parse (text, ret_digest, error))
    {
      g_prefix_error (error, "Reading member “%s”: ", name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_kind (JsonObject *object, OnwardPackKind *ret_kind, GError **error)
{
  const char *text;

  if (!onward_json_get_string (object, "kind", &text, error))
    return FALSE;

  if (g_str_equal (text, "full"))
    *ret_kind = ONWARD_PACK_FULL;
  else if (g_str_equal (text, "delta"))
    *ret_kind = ONWARD_PACK_DELTA;
  else
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "Reading member “kind”: it is neither “full” nor “delta”");
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_block_size (JsonObject *object, guint32 *ret_size, GError **error)
{
  gint64 size;

  if (!onward_json_get_integer (object, "block", MIN_BLOCK_SIZE, MAX_BLOCK_SIZE, &size, error))
    return FALSE;
  if ((size & (size - 1)) != 0)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "Reading member “block”: it is not a power of two");
      return FALSE;
    }

  *ret_size = (guint32) size;
  return TRUE;
}

/* g_base64_decode() skips what it does not know, so the one right spelling is compared. */
static GBytes *
read_blocks (JsonObject *object, gsize n_blocks, GError **error)
{
  g_autofree guchar *digests = NULL;
  g_autofree char *canonical = NULL;
  const char *text;
  gsize size;

  if (!onward_json_get_string (object, "blocks", &text, error))
    return NULL;

  digests = g_base64_decode (text, &size);
  canonical = g_base64_encode (digests, size);
  if (size != n_blocks * ONWARD_DIGEST_SIZE || !g_str_equal (text, canonical))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                   "Reading member “blocks”: it is not the base64 of %zu digests", n_blocks);
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&digests), size);
}

/**
 * onward_pack_info_new_from_json:
 * @object: one of the "packs" of a release document
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Returns: (transfer full): the pack's description, or %NULL
 */
OnwardPackInfo *
onward_pack_info_new_from_json (JsonObject *object, GError **error)
{
  g_autoptr (GBytes) blocks = NULL;
  g_autoptr (OnwardPackInfo) self = NULL;
  g_auto (GStrv) requirements = NULL;
  OnwardPackKind kind;
  OnwardDigest from, digest;
  gint64 size, head_size;
  guint32 block_size;

  g_return_val_if_fail (object != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!read_kind (object, &kind, error) || !read_digest (object, "sha256", &digest, error) ||
      !onward_json_get_integer (object, "size", 1, MAX_SIZE, &size, error) ||
      !onward_json_get_integer (object, "head", 1, MIN (size, MAX_HEAD_SIZE), &head_size, error) ||
      !read_block_size (object, &block_size, error))
    return NULL;
  if (kind == ONWARD_PACK_DELTA && !read_digest (object, "from", &from, error))
    return NULL;

  blocks = read_blocks (object, count_blocks ((guint64) size, block_size), error);
  if (blocks == NULL || !onward_names_read (object, "requires", &requirements, error))
    return NULL;

  self = onward_pack_info_new (kind, kind == ONWARD_PACK_DELTA ? &from : NULL, &digest,
                               (guint64) size, (guint64) head_size, block_size, blocks);
  return onward_pack_info_new_requiring (self, (const char *const *) requirements);
}

static void
set_digest (JsonObject *object, const char *name, const OnwardDigest *digest)
{
  g_autofree char *hex = onward_digest_to_string (digest);

  json_object_set_string_member (object, name, hex);
}

/**
 * onward_pack_info_to_json:
 * @self: a pack's description
 *
 * Returns: (transfer full): what onward_pack_info_new_from_json() reads
 */
JsonObject *
onward_pack_info_to_json (OnwardPackInfo *self)
{
  g_autofree char *blocks = NULL;
  JsonObject *object;
  gconstpointer data;
  gsize size;

  g_return_val_if_fail (self != NULL, NULL);

  object = json_object_new ();
  json_object_set_string_member (object, "kind", self->kind == ONWARD_PACK_FULL ? "full" : "delta");
  if (self->kind == ONWARD_PACK_DELTA)
    set_digest (object, "from", &self->from);
  set_digest (object, "sha256", &self->digest);
  json_object_set_int_member (object, "size", (gint64) self->size);
  json_object_set_int_member (object, "head", (gint64) self->head_size);
  json_object_set_int_member (object, "block", self->block_size);

  data = g_bytes_get_data (self->blocks, &size);
  blocks = g_base64_encode (data, size);
  json_object_set_string_member (object, "blocks", blocks);
  if (self->requirements[0] != NULL)
    onward_names_add (object, "requires", (const char *const *) self->requirements);
  return object;
}

/**
 * onward_pack_info_ref:
 * @self: a pack's description
 *
 * Returns: (transfer full): @self
 */
OnwardPackInfo *
onward_pack_info_ref (OnwardPackInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
pack_info_clear (gpointer data)
{
  OnwardPackInfo *self = data;

  g_clear_pointer (&self->blocks, g_bytes_unref);
  g_strfreev (self->requirements);
}

/**
 * onward_pack_info_unref:
 * @self: (transfer full): a pack's description
 */
void
onward_pack_info_unref (OnwardPackInfo *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, pack_info_clear);
}

/**
 * onward_pack_info_get_kind:
 * @self: a pack's description
 *
 * Returns: full or delta
 */
OnwardPackKind
onward_pack_info_get_kind (OnwardPackInfo *self)
{
  g_return_val_if_fail (self != NULL, ONWARD_PACK_FULL);

  return self->kind;
}

/**
 * onward_pack_info_get_from:
 * @self: a pack's description
 *
 * Returns: (transfer none) (nullable): the digest of the tree a delta starts from, or %NULL for
 *   a full pack
 */
const OnwardDigest *
onward_pack_info_get_from (OnwardPackInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->kind == ONWARD_PACK_DELTA ? &self->from : NULL;
}

/**
 * onward_pack_info_get_digest:
 * @self: a pack's description
 *
 * Returns: (transfer none): the SHA-256 of the whole pack
 */
const OnwardDigest *
onward_pack_info_get_digest (OnwardPackInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return &self->digest;
}

/**
 * onward_pack_info_get_size:
 * @self: a pack's description
 *
 * Returns: the pack's size in bytes
 */
guint64
onward_pack_info_get_size (OnwardPackInfo *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->size;
}

/**
 * onward_pack_info_get_head_size:
 * @self: a pack's description
 *
 * Returns: the size of the pack's head in bytes
 */
guint64
onward_pack_info_get_head_size (OnwardPackInfo *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->head_size;
}

/**
 * onward_pack_info_get_block_size:
 * @self: a pack's description
 *
 * Returns: the size of a block in bytes
 */
guint32
onward_pack_info_get_block_size (OnwardPackInfo *self)
{
  g_return_val_if_fail (self != NULL, ONWARD_PACK_BLOCK_SIZE);

  return self->block_size;
}

/**
 * onward_pack_info_get_blocks:
 * @self: a pack's description
 *
 * Returns: (transfer none): the concatenated SHA-256 of each block
 */
GBytes *
onward_pack_info_get_blocks (OnwardPackInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->blocks;
}

/**
 * onward_pack_info_get_requirements:
 * @self: a pack's description
 *
 * Returns: (transfer none) (array zero-terminated=1): what a client must be able to do; mostly
 *   nothing
 */
const char *const *
onward_pack_info_get_requirements (OnwardPackInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char *const *) self->requirements;
}

/**
 * onward_pack_info_dup_file_name:
 * @self: a pack's description
 *
 * Returns: (transfer full): the pack's name below packs/, "<sha256>.full" or "<sha256>.delta"
 */
char *
onward_pack_info_dup_file_name (OnwardPackInfo *self)
{
  g_autofree char *hex = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  hex = onward_digest_to_string (&self->digest);
  return g_strconcat (hex, self->kind == ONWARD_PACK_FULL ? ".full" : ".delta", NULL);
}
