/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "head-lies.h"

#include <string.h>

#include "onward-pack-envelope.h"

#define FULL        ONWARD_PACK_FULL
#define DELTA       ONWARD_PACK_DELTA
#define MALFORMED   ONWARD_ERROR_MALFORMED
#define UNSUPPORTED ONWARD_ERROR_UNSUPPORTED_FORMAT

static OnwardTreeEntry
make_file (const char *path, guint8 content, guint64 size, guint32 frame, guint64 offset)
{
  OnwardTreeEntry entry = { .path = path,
                            .kind = ONWARD_ENTRY_FILE,
                            .mode = 0644,
                            .size = size,
                            .link_target = "",
                            .component = "",
                            .frame = frame,
                            .offset = offset };

  memset (entry.digest.bytes, content, sizeof entry.digest.bytes);
  return entry;
}

HeadParts
head_lies_make_parts (OnwardPackKind kind)
{
  HeadParts parts = { .kind = (guint8) kind, .repeat_frames = 1 };
  gboolean is_delta = kind == ONWARD_PACK_DELTA;

  parts.entries[0] = make_file ("a", 1, 10, 0, 0);
  parts.entries[1] = make_file ("b", 2, 60, 1, 0);
  parts.entries[2] = make_file ("c", 3, 40, 1, 60);
  parts.entries[3] = make_file ("d", 2, 60, 1, 0);
  parts.frames[0] = (HeadFrame){ ONWARD_FRAME_STORED, 10, 10, 0, 0 };
  parts.frames[1] = (HeadFrame){ ONWARD_FRAME_LZMA2, 50, 100, 0, 0 };
  if (is_delta)
    parts.frames[1] = (HeadFrame){ ONWARD_FRAME_DELTA, 20, 60, 32, 55 };
  for (guint i = 0; i < G_N_ELEMENTS (parts.locations); i++)
    {
      parts.locations[i] = (HeadLocation){ .length = 32, .frame = i };
      memset (parts.locations[i].digest, (int) i + 1, 64);
    }
  parts.n_locations = is_delta ? 2 : 0;
  return parts;
}

static GVariant *
frames_to_variant (const HeadParts *parts)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(yttayt)"));
  for (gsize i = 0; i < HEAD_LIES_N_FRAMES * parts->repeat_frames; i++)
    {
      const HeadFrame *frame = &parts->frames[i % HEAD_LIES_N_FRAMES];

      g_variant_builder_add (&builder, "(ytt@ayt)", frame->method, frame->stored_size, frame->size,
                             g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, parts->references,
                                                        frame->reference_length, 1),
                             frame->reference_size);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
locations_to_variant (const HeadParts *parts)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ayut)"));

  for (gsize i = 0; i < parts->n_locations; i++)
    {
      const HeadLocation *location = &parts->locations[i];

      g_variant_builder_add (
          &builder, "(@ayut)",
          g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, location->digest, location->length, 1),
          location->frame, location->offset);
    }
  return g_variant_builder_end (&builder);
}

GBytes *
head_lies_serialize (const HeadParts *parts)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (GError) error = NULL;
  GVariant *children[4];
  GBytes *head;
  gsize size;
  gconstpointer data;

  g_array_append_vals (entries, parts->entries, G_N_ELEMENTS (parts->entries));
  tree = onward_tree_new (entries, &error);
  g_assert_no_error (error);
  data = g_bytes_get_data (onward_tree_get_bytes (tree), &size);
  children[0] = g_variant_new_byte (parts->kind);
  children[1] = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, size - parts->cut_tree, 1);
  children[2] = frames_to_variant (parts);
  children[3] = locations_to_variant (parts);
  head = onward_pack_envelope_wrap (g_variant_new_tuple (children, 4), &error);
  g_assert_no_error (error);
  return head;
}

void
head_lies_apply (HeadParts *parts, const HeadLie *lie)
{
  guint i = lie->index;
  guint64 value = lie->value;

  switch (lie->field)
    {
    case LIE_KIND:
      parts->kind = (guint8) value;
      break;
    case LIE_METHOD:
      parts->frames[i].method = (guint8) value;
      break;
    case LIE_STORED_SIZE:
      parts->frames[i].stored_size = value;
      break;
    case LIE_SIZE:
      parts->frames[i].size = value;
      break;
    case LIE_REFERENCE_LENGTH:
      parts->frames[i].reference_length = value;
      break;
    case LIE_REFERENCE_SIZE:
      parts->frames[i].reference_size = value;
      break;
    case LIE_ENTRY_FRAME:
      parts->entries[i].frame = (guint32) value;
      break;
    case LIE_ENTRY_OFFSET:
      parts->entries[i].offset = value;
      break;
    case LIE_LOCATION_FRAME:
      parts->locations[i].frame = (guint32) value;
      break;
    case LIE_LOCATION_OFFSET:
      parts->locations[i].offset = value;
      break;
    case LIE_LOCATION_LENGTH:
      parts->locations[i].length = value;
      break;
    case LIE_LOCATION_DIGEST:
      memset (parts->locations[i].digest, (int) value, 64);
      break;
    case LIE_N_LOCATIONS:
      parts->n_locations = value;
      break;
    case LIE_PACK_SIZE:
      parts->pack_size_off = (gint64) value;
      break;
    case LIE_MANY_FRAMES:
      parts->repeat_frames = value;
      break;
    case LIE_TREE_LENGTH:
      parts->cut_tree = value;
      break;
    }
}

/* clang-format off */
static const HeadLie lies[] = {
  { "unknown kind", FULL, LIE_KIND, 0, 2, MALFORMED },
  { "full called delta", FULL, LIE_KIND, 0, 255, MALFORMED },
  { "delta called full", DELTA, LIE_KIND, 0, FULL, MALFORMED },
  { "unknown method", FULL, LIE_METHOD, 1, ONWARD_FRAME_LAST + 1, UNSUPPORTED },
  { "delta of a tree in a full pack", FULL, LIE_METHOD, 1, ONWARD_FRAME_TREE_DELTA, MALFORMED },
  { "list without sizes", DELTA, LIE_METHOD, 1, ONWARD_FRAME_TREE_DELTA, MALFORMED },
  { "far method", FULL, LIE_METHOD, 1, 255, UNSUPPORTED },
  { "delta in a full pack", FULL, LIE_METHOD, 1, ONWARD_FRAME_DELTA, MALFORMED },
  { "compressed called stored", FULL, LIE_METHOD, 1, ONWARD_FRAME_STORED, MALFORMED },
  { "stored called compressed", FULL, LIE_METHOD, 0, ONWARD_FRAME_ZSTD, MALFORMED },
  { "nothing stored", FULL, LIE_STORED_SIZE, 1, 0, MALFORMED },
  { "not smaller", FULL, LIE_STORED_SIZE, 1, 100, MALFORMED },
  { "stored too large", FULL, LIE_STORED_SIZE, 0, 11, MALFORMED },
  { "stored wraps", FULL, LIE_STORED_SIZE, 1, G_MAXUINT64, MALFORMED },
  { "empty frame", FULL, LIE_SIZE, 1, 0, MALFORMED },
  { "frame too small for its files", FULL, LIE_SIZE, 1, 99, MALFORMED },
  { "frames larger than the tree", FULL, LIE_SIZE, 1, 161, MALFORMED },
  { "frame of all the world", FULL, LIE_SIZE, 1, G_MAXUINT64, MALFORMED },
  { "frame of 2^63", FULL, LIE_SIZE, 1, G_GUINT64_CONSTANT (1) << 63, MALFORMED },
  { "reference without a delta", FULL, LIE_REFERENCE_LENGTH, 1, 32, MALFORMED },
  { "size of no reference", FULL, LIE_REFERENCE_SIZE, 1, 1, MALFORMED },
  { "delta without reference", DELTA, LIE_REFERENCE_LENGTH, 1, 0, MALFORMED },
  { "short reference", DELTA, LIE_REFERENCE_LENGTH, 1, 31, MALFORMED },
  { "long reference", DELTA, LIE_REFERENCE_LENGTH, 1, 64, MALFORMED },
  { "huge reference", DELTA, LIE_REFERENCE_SIZE, 1, G_MAXUINT64, MALFORMED },
  { "file in no frame", FULL, LIE_ENTRY_FRAME, 0, 2, MALFORMED },
  { "file in frame 2^32 - 1", FULL, LIE_ENTRY_FRAME, 0, G_MAXUINT32, MALFORMED },
  { "file beyond its frame", FULL, LIE_ENTRY_OFFSET, 2, 61, MALFORMED },
  { "file far beyond its frame", FULL, LIE_ENTRY_OFFSET, 2, ONWARD_TREE_MAX_SIZE - 40, MALFORMED },
  { "location in a full pack", FULL, LIE_N_LOCATIONS, 0, 1, MALFORMED },
  { "location in no frame", DELTA, LIE_LOCATION_FRAME, 1, 2, MALFORMED },
  { "location in the wrong frame", DELTA, LIE_LOCATION_FRAME, 1, 0, MALFORMED },
  { "location beyond its frame", DELTA, LIE_LOCATION_OFFSET, 1, 1, MALFORMED },
  { "location wraps", DELTA, LIE_LOCATION_OFFSET, 1, G_MAXUINT64, MALFORMED },
  { "short location", DELTA, LIE_LOCATION_LENGTH, 0, 31, MALFORMED },
  { "long location", DELTA, LIE_LOCATION_LENGTH, 0, 33, MALFORMED },
  { "location of nothing", DELTA, LIE_LOCATION_LENGTH, 0, 0, MALFORMED },
  { "location twice", DELTA, LIE_LOCATION_DIGEST, 0, 2, MALFORMED },
  { "locations in disorder", DELTA, LIE_LOCATION_DIGEST, 0, 3, MALFORMED },
  { "location of no file", DELTA, LIE_LOCATION_DIGEST, 1, 7, MALFORMED },
  { "location in a third frame", DELTA, LIE_N_LOCATIONS, 0, 3, MALFORMED },
  { "pack too long", FULL, LIE_PACK_SIZE, 0, 1, MALFORMED },
  { "pack too short", FULL, LIE_PACK_SIZE, 0, (guint64) -1, MALFORMED },
  { "pack without frames", FULL, LIE_PACK_SIZE, 0, (guint64) -60, MALFORMED },
  { "pack shorter than its head", FULL, LIE_PACK_SIZE, 0, (guint64) -90, MALFORMED },
  { "frames twice", FULL, LIE_MANY_FRAMES, 0, 2, MALFORMED },
  { "no frames", FULL, LIE_MANY_FRAMES, 0, 0, MALFORMED },
  { "a hundred thousand frames", FULL, LIE_MANY_FRAMES, 0, 101000, MALFORMED },
  { "cut tree", FULL, LIE_TREE_LENGTH, 0, 1, MALFORMED },
  { "half a tree", FULL, LIE_TREE_LENGTH, 0, 100, MALFORMED },
};
/* clang-format on */

const HeadLie *
head_lies_get (guint *ret_n_lies)
{
  *ret_n_lies = G_N_ELEMENTS (lies);
  return lies;
}

guint64
head_lies_pack_size (const HeadParts *parts, GBytes *head)
{
  guint64 size = g_bytes_get_size (head) + (guint64) parts->pack_size_off;

  for (guint i = 0; i < HEAD_LIES_N_FRAMES; i++)
    size += parts->frames[i].stored_size;
  return size;
}
