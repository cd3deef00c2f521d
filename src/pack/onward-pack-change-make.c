/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-delta-make.h"
#include "onward-number.h"
#include "onward-pack-change-make.h"
#include "onward-pack-change.h"
#include "onward-pack-head.h"
#include "onward-pack-location.h"
#include "onward-tree-rows.h"

/* The first entry of each content in @tree, by digest: its number and one more. */
static GHashTable *
index_contents (OnwardTree *tree)
{
  GHashTable *numbers = g_hash_table_new (onward_digest_hash, onward_digest_equal);

  for (guint i = onward_tree_get_n_entries (tree); i-- > 0;)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);

      if (entry->kind == ONWARD_ENTRY_FILE && entry->size > 0)
        g_hash_table_replace (numbers, (gpointer) &entry->digest, GUINT_TO_POINTER (i + 1));
    }
  return numbers;
}

static void
append_name (GByteArray *names, GHashTable *numbers, const OnwardDigest *digest, gint64 *last)
{
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (numbers, digest));

  g_assert (number > 0);
  onward_number_append_signed (names, (gint64) number - 1 - *last);
  *last = (gint64) number - 1;
}

static GVariant *
array_to_variant (GByteArray *array)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, array->data, array->len, 1);
}

static GVariant *
name_references (GVariant *references, guint8 method, GHashTable *old_numbers)
{
  g_autoptr (GByteArray) names = g_byte_array_new ();
  gsize step = ONWARD_DIGEST_SIZE + (method == ONWARD_FRAME_TREE_DELTA ? sizeof (guint64) : 0);
  gint64 last = -1;
  gsize size;
  const guint8 *data = g_variant_get_fixed_array (references, &size, 1);

  for (gsize at = 0; at < size; at += step)
    append_name (names, old_numbers, (const OnwardDigest *) (data + at), &last);
  return array_to_variant (names);
}

static GVariant *
name_frames (GVariant *frames, GHashTable *old_numbers)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(yttay)"));

  for (gsize i = 0; i < g_variant_n_children (frames); i++)
    {
      g_autoptr (GVariant) frame = g_variant_get_child_value (frames, i);
      g_autoptr (GVariant) references = NULL;
      guint64 stored_size, size;
      guint8 method;

      g_variant_get (frame, "(ytt@ayt)", &method, &stored_size, &size, &references, NULL);
      g_variant_builder_add (&builder, "(ytt@ay)", method, stored_size, size,
                             name_references (references, method, old_numbers));
    }
  return g_variant_builder_end (&builder);
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const OnwardPackLocation *left = a;
  const OnwardPackLocation *right = b;

  if (left->frame != right->frame)
    return left->frame < right->frame ? -1 : 1;
  return left->offset < right->offset ? -1 : left->offset > right->offset ? 1 : 0;
}

static GArray *
list_places (GVariant *locations)
{
  GArray *places = g_array_new (FALSE, TRUE, sizeof (OnwardPackLocation));

  for (gsize i = 0; i < g_variant_n_children (locations); i++)
    {
      g_autoptr (GVariant) location = g_variant_get_child_value (locations, i);
      g_autoptr (GVariant) digest = NULL;
      OnwardPackLocation place = { 0 };
      gsize size;

      g_variant_get (location, "(@ayut)", &digest, &place.frame, &place.offset);
      memcpy (place.digest.bytes, g_variant_get_fixed_array (digest, &size, 1),
              sizeof place.digest.bytes);
      g_array_append_val (places, place);
    }
  g_array_sort (places, compare_places);
  return places;
}

static GVariant *
name_contents (GVariant *locations, gsize n_frames, GHashTable *numbers)
{
  g_autoptr (GArray) places = list_places (locations);
  g_autoptr (GByteArray) names = g_byte_array_new ();
  gint64 last = -1;
  guint next = 0;

  for (gsize frame = 0; frame < n_frames; frame++)
    {
      guint end = next;

      while (end < places->len && g_array_index (places, OnwardPackLocation, end).frame == frame)
        end++;
      onward_number_append (names, end - next);
      for (; next < end; next++)
        append_name (names, numbers, &g_array_index (places, OnwardPackLocation, next).digest,
                     &last);
    }
  return array_to_variant (names);
}

/* NULL without an error when the tree is not one of a full pack of ours. */
static GBytes *
change_rows (OnwardTree *old_tree, OnwardTree *tree, guint64 *ret_size, GError **error)
{
  const OnwardDeltaMaker maker = { ONWARD_DELTA_BEST };
  g_autoptr (GPtrArray) old_rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  GBytes *bytes = onward_tree_rows_write (tree);
  g_autoptr (OnwardTree) again = NULL;

  g_ptr_array_add (rows, bytes);
  g_ptr_array_add (old_rows, onward_tree_rows_write (old_tree));
  *ret_size = g_bytes_get_size (bytes);
  again = onward_tree_rows_read (bytes, NULL);
  if (again == NULL ||
      !onward_digest_equal (onward_tree_get_digest (again), onward_tree_get_digest (tree)))
    return NULL;
  return onward_delta_make_run (&maker, old_rows, rows, NULL, error);
}

/**
 * onward_pack_change_make:
 * @head: what the head of a delta pack says, of type %ONWARD_PACK_ENVELOPE_TYPE
 * @old_tree: the tree it starts from
 * @tree: the tree it makes
 * @error: return location for an error
 *
 * Says the same to who has @old_tree, in fewer bytes.
 *
 * Returns: (transfer full) (nullable): a variant of type %ONWARD_PACK_CHANGE_TYPE; %NULL without
 *   an error when that cannot be said so
 */
GVariant *
onward_pack_change_make (GVariant *head, OnwardTree *old_tree, OnwardTree *tree, GError **error)
{
  g_autoptr (GHashTable) old_numbers = index_contents (old_tree);
  g_autoptr (GHashTable) numbers = index_contents (tree);
  g_autoptr (GVariant) frames = NULL;
  g_autoptr (GVariant) locations = NULL;
  g_autoptr (GBytes) delta = NULL;
  guint64 size;
  gsize n_frames;

  g_variant_get (head, "(y@ay@a(yttayt)@a(ayut))", NULL, NULL, &frames, &locations);
  delta = change_rows (old_tree, tree, &size, error);
  if (delta == NULL)
    return NULL;

  n_frames = g_variant_n_children (frames);
  return g_variant_ref_sink (g_variant_new (
      "(t@ay@a(yttay)@ay)", size, g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, delta, TRUE),
      name_frames (frames, old_numbers), name_contents (locations, n_frames, numbers)));
}
