/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-pack-change-make.h"
#include "onward-pack-envelope.h"
#include "onward-pack-head-private.h"

static GVariant *
digest_to_variant (const OnwardDigest *digest)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, digest->bytes, sizeof digest->bytes, 1);
}

/* One content's digest; of several, each digest with its size behind it. */
static GVariant *
references_to_variant (const OnwardFrame *frame, guint64 *ret_size)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  *ret_size = 0;
  for (guint i = 0; frame->references != NULL && i < frame->references->len; i++)
    {
      const OnwardReference *reference = &g_array_index (frame->references, OnwardReference, i);
      guint64 size = GUINT64_TO_LE (reference->size);

      g_byte_array_append (bytes, reference->digest.bytes, sizeof reference->digest.bytes);
      if (frame->method == ONWARD_FRAME_TREE_DELTA)
        g_byte_array_append (bytes, (const guint8 *) &size, sizeof size);
      *ret_size += reference->size;
    }
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes->data, bytes->len, 1);
}

static GVariant *
frames_to_variant (GArray *frames)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(yttayt)"));

  for (guint i = 0; i < frames->len; i++)
    {
      const OnwardFrame *frame = &g_array_index (frames, OnwardFrame, i);
      guint64 reference_size;
      GVariant *references = references_to_variant (frame, &reference_size);

      g_variant_builder_add (&builder, "(ytt@ayt)", (guint8) frame->method, frame->stored_size,
                             frame->size, references, reference_size);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
locations_to_variant (GArray *locations)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ayut)"));

  for (guint i = 0; locations != NULL && i < locations->len; i++)
    {
      const OnwardPackLocation *location = &g_array_index (locations, OnwardPackLocation, i);

      g_variant_builder_add (&builder, "(@ayut)", digest_to_variant (&location->digest),
                             location->frame, location->offset);
    }
  return g_variant_builder_end (&builder);
}

/* A whole head, which anyone can read. */
static GVariant *
make_whole (OnwardPackKind kind, OnwardTree *tree, GArray *frames, GArray *locations)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (onward_tree_get_bytes (tree), &size);
  GVariant *children[] = {
    g_variant_new_byte ((guint8) kind),
    g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, size, 1),
    frames_to_variant (frames),
    locations_to_variant (locations),
  };

  return g_variant_ref_sink (g_variant_new_tuple (children, G_N_ELEMENTS (children)));
}

/**
 * onward_pack_head_serialize:
 * @old_tree: (nullable): for a delta pack: the tree that it starts from
 * @tree: the tree that the pack makes
 * @frames: (element-type OnwardFrame): its frames in the order of the file; offsets are left out
 * @locations: (nullable) (element-type OnwardPackLocation): for a delta pack: where contents are,
 *   sorted by onward_pack_location_compare()
 * @error: return location for an error
 *
 * Writes a head: of a delta pack what changes, if that can be said.
 *
 * Returns: (transfer full): its bytes, for onward_pack_head_parse()
 */
GBytes *
onward_pack_head_serialize (OnwardTree *old_tree, OnwardTree *tree, GArray *frames,
                            GArray *locations, GError **error)
{
  OnwardPackKind kind = old_tree != NULL ? ONWARD_PACK_DELTA : ONWARD_PACK_FULL;
  g_autoptr (GVariant) whole = make_whole (kind, tree, frames, locations);
  g_autoptr (GVariant) change = NULL;
  g_autoptr (GError) failure = NULL;

  if (old_tree != NULL)
    change = onward_pack_change_make (whole, old_tree, tree, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  return onward_pack_envelope_wrap (change != NULL ? change : whole, error);
}
