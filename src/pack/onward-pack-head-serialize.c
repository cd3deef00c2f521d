/* SPDX-License-Identifier: LGPL-2.1-or-later */

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

/**
 * onward_pack_head_serialize:
 * @kind: full or delta
 * @tree: the tree that the pack makes
 * @frames: (element-type OnwardFrame): its frames in the order of the file; offsets are left out
 * @locations: (nullable) (element-type OnwardPackLocation): for a delta pack: where contents are,
 *   sorted by onward_pack_location_compare()
 * @error: return location for an error
 *
 * Writes a head.
 *
 * Returns: (transfer full): its bytes, for onward_pack_head_parse()
 */
GBytes *
onward_pack_head_serialize (OnwardPackKind kind, OnwardTree *tree, GArray *frames,
                            GArray *locations, GError **error)
{
  GBytes *bytes = onward_tree_get_bytes (tree);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  GVariant *children[] = {
    g_variant_new_byte ((guint8) kind),
    g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, size, 1),
    frames_to_variant (frames),
    locations_to_variant (locations),
  };

  return onward_pack_envelope_wrap (g_variant_new_tuple (children, G_N_ELEMENTS (children)), error);
}
