/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-delta.h"
#include "onward-error.h"
#include "onward-number.h"
#include "onward-pack-change.h"
#include "onward-pack-envelope.h"
#include "onward-pack-head.h"
#include "onward-pack-location.h"
#include "onward-tree-rows.h"

/* Numbers that name the entries of a tree, each by its distance from the last. */
typedef struct
{
  OnwardTree *tree;
  const guint8 *data;
  gsize size;
  gsize position;
  gint64 last;
} Names;

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Reading a change of trees: %s", why);
  return FALSE;
}

static Names
names_new (OnwardTree *tree, GVariant *numbers)
{
  Names names = { .tree = tree, .last = -1 };

  names.data = g_variant_get_fixed_array (numbers, &names.size, 1);
  return names;
}

static const OnwardTreeEntry *
next_file (Names *names, GError **error)
{
  guint n_entries = onward_tree_get_n_entries (names->tree);
  const OnwardTreeEntry *entry = NULL;
  guint64 folded;
  gint64 step;

  if (onward_number_read (names->data, names->size, &names->position, &folded))
    {
      step = onward_number_unfold (folded);
      if (step >= -names->last && step < (gint64) n_entries - names->last)
        {
          names->last += step;
          entry = onward_tree_get_entry (names->tree, (guint) names->last);
        }
    }
  if (entry != NULL && entry->kind == ONWARD_ENTRY_FILE && entry->size > 0)
    return entry;

  (void) refuse (error, "A number names no file");
  return NULL;
}

static gboolean
append_piece (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

static OnwardTree *
expand_tree (GVariant *delta, guint64 size, OnwardTree *old_tree, GError **error)
{
  g_autoptr (GPtrArray) old_contents =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GBytes) stored = g_variant_get_data_as_bytes (delta);
  g_autoptr (GByteArray) rows = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;

  if (size > ONWARD_TREE_MAX_BYTES)
    {
      (void) refuse (error, "The tree is too large");
      return NULL;
    }

  g_ptr_array_add (old_contents, onward_tree_rows_write (old_tree));
  if (!onward_delta_apply (old_contents, stored, size, append_piece, rows, NULL, error))
    return NULL;

  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&rows));
  return onward_tree_rows_read (bytes, error);
}

static void
append_reference (GByteArray *array, const OnwardTreeEntry *entry, guint8 method)
{
  guint64 size = GUINT64_TO_LE (entry->size);

  g_byte_array_append (array, entry->digest.bytes, sizeof entry->digest.bytes);
  if (method == ONWARD_FRAME_TREE_DELTA)
    g_byte_array_append (array, (const guint8 *) &size, sizeof size);
}

/* A number takes a byte, what it stands for up to forty: all together are no more than a whole head
 * could hold. @left is what of that is left. */
static gboolean
expand_frame (GVariant *frame, OnwardTree *old_tree, gsize *left, GVariantBuilder *builder,
              GError **error)
{
  g_autoptr (GVariant) numbers = NULL;
  g_autoptr (GByteArray) references = g_byte_array_new ();
  guint64 stored_size, size, total = 0;
  guint8 method;
  Names names;

  g_variant_get (frame, "(ytt@ay)", &method, &stored_size, &size, &numbers);
  names = names_new (old_tree, numbers);
  while (names.position < names.size)
    {
      const OnwardTreeEntry *entry = next_file (&names, error);

      if (entry == NULL)
        return FALSE;
      append_reference (references, entry, method);
      total += entry->size;
      if (total > ONWARD_TREE_MAX_SIZE || references->len > *left)
        return refuse (error, "A frame starts from too much");
    }

  *left -= references->len;
  g_variant_builder_add (
      builder, "(ytt@ayt)", method, stored_size, size,
      g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, references->data, references->len, 1), total);
  return TRUE;
}

static GVariant *
expand_frames (GVariant *frames, OnwardTree *old_tree, GError **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(yttayt)"));
  gsize left = ONWARD_PACK_ENVELOPE_MAX_SIZE;

  for (gsize i = 0; i < g_variant_n_children (frames); i++)
    {
      g_autoptr (GVariant) frame = g_variant_get_child_value (frames, i);

      if (!expand_frame (frame, old_tree, &left, &builder, error))
        return NULL;
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/* Contents lie in their frame one behind the other. */
static gboolean
read_locations (GVariant *numbers, gsize n_frames, OnwardTree *tree, GArray *locations,
                GError **error)
{
  Names names = names_new (tree, numbers);

  for (gsize frame = 0; frame < n_frames; frame++)
    {
      OnwardPackLocation location = { .frame = (guint32) frame };
      guint64 count;

      if (!onward_number_read (names.data, names.size, &names.position, &count) ||
          count > onward_tree_get_n_entries (tree) - locations->len)
        return refuse (error, "A frame holds more than the tree");
      for (guint64 i = 0; i < count; i++)
        {
          const OnwardTreeEntry *entry = next_file (&names, error);

          if (entry == NULL)
            return FALSE;
          location.digest = entry->digest;
          g_array_append_val (locations, location);
          location.offset += entry->size;
        }
    }
  return names.position == names.size || refuse (error, "Contents are in no frame");
}

static GVariant *
expand_locations (GVariant *numbers, gsize n_frames, OnwardTree *tree, GError **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ayut)"));
  g_autoptr (GArray) locations = g_array_new (FALSE, FALSE, sizeof (OnwardPackLocation));

  if (!read_locations (numbers, n_frames, tree, locations, error))
    return NULL;

  g_array_sort (locations, onward_pack_location_compare);
  for (guint i = 0; i < locations->len; i++)
    {
      const OnwardPackLocation *location = &g_array_index (locations, OnwardPackLocation, i);

      g_variant_builder_add (&builder, "(@ayut)",
                             g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, location->digest.bytes,
                                                        sizeof location->digest.bytes, 1),
                             location->frame, location->offset);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/**
 * onward_pack_change_expand:
 * @change: of type %ONWARD_PACK_CHANGE_TYPE; a hostile one does no harm
 * @old_tree: the tree it starts from; with another one something is refused, or what comes out is
 *   not what the publisher signed
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Makes the whole head of a delta pack of what changes between two trees.
 *
 * Returns: (transfer full): what a head says, of type %ONWARD_PACK_ENVELOPE_TYPE, to be checked
 *   like any other
 */
GVariant *
onward_pack_change_expand (GVariant *change, OnwardTree *old_tree, GError **error)
{
  g_autoptr (GVariant) delta = NULL;
  g_autoptr (GVariant) changed_frames = NULL;
  g_autoptr (GVariant) numbers = NULL;
  g_autoptr (GVariant) frames = NULL;
  g_autoptr (GVariant) locations = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  guint64 size;

  g_variant_get (change, "(t@ay@a(yttay)@ay)", &size, &delta, &changed_frames, &numbers);
  if (g_variant_n_children (changed_frames) > ONWARD_TREE_MAX_ENTRIES)
    {
      (void) refuse (error, "There are too many frames");
      return NULL;
    }

  tree = expand_tree (delta, size, old_tree, error);
  if (tree == NULL)
    return NULL;
  frames = expand_frames (changed_frames, old_tree, error);
  if (frames == NULL)
    return NULL;
  locations = expand_locations (numbers, g_variant_n_children (frames), tree, error);
  if (locations == NULL)
    return NULL;

  return g_variant_ref_sink (g_variant_new (
      "(y@ay@a(yttayt)@a(ayut))", (guint8) ONWARD_PACK_DELTA,
      g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, onward_tree_get_bytes (tree), TRUE),
      frames, locations));
}
