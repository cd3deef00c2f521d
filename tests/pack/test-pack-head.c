/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-pack-envelope.h"
#include "onward-pack-head.h"

#define N_FRAMES    2
#define FULL        ONWARD_PACK_FULL
#define DELTA       ONWARD_PACK_DELTA
#define MALFORMED   ONWARD_ERROR_MALFORMED
#define UNSUPPORTED ONWARD_ERROR_UNSUPPORTED_FORMAT

/* What can be wrong with a head. */
typedef enum
{
  KIND,
  METHOD,
  STORED_SIZE,
  SIZE,
  REFERENCE_LENGTH,
  REFERENCE_SIZE,
  ENTRY_FRAME,
  ENTRY_OFFSET,
  LOCATION_FRAME,
  LOCATION_OFFSET,
  LOCATION_LENGTH,
  LOCATION_DIGEST,
  N_LOCATIONS,
  PACK_SIZE,
  MANY_FRAMES,
  TREE_LENGTH,
} Field;

typedef struct
{
  guint8 method;
  guint64 stored_size;
  guint64 size;
  gsize reference_length;
  guint64 reference_size;
} FrameParts;

typedef struct
{
  guint8 digest[64];
  gsize length;
  guint32 frame;
  guint64 offset;
} LocationParts;

/* A head before it is serialized, so that it can say what no writer would. */
typedef struct
{
  guint8 kind;
  OnwardTreeEntry entries[4];
  FrameParts frames[N_FRAMES];
  guint8 references[96];
  LocationParts locations[3];
  gsize n_locations;
  gsize repeat_frames;
  gsize cut_tree;
  gint64 pack_size_off;
} Parts;

typedef struct
{
  const char *name;
  OnwardPackKind kind;
  Field field;
  guint index;
  guint64 value;
  OnwardError code;
} Mutation;

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

/* Four files, two of them equal, in two frames; the delta leaves out the third content. */
static Parts
make_parts (OnwardPackKind kind)
{
  Parts parts = { .kind = (guint8) kind, .repeat_frames = 1 };
  gboolean is_delta = kind == ONWARD_PACK_DELTA;

  parts.entries[0] = make_file ("a", 1, 10, 0, 0);
  parts.entries[1] = make_file ("b", 2, 60, 1, 0);
  parts.entries[2] = make_file ("c", 3, 40, 1, 60);
  parts.entries[3] = make_file ("d", 2, 60, 1, 0);
  parts.frames[0] = (FrameParts){ ONWARD_FRAME_STORED, 10, 10, 0, 0 };
  parts.frames[1] = (FrameParts){ ONWARD_FRAME_LZMA2, 50, 100, 0, 0 };
  if (is_delta)
    parts.frames[1] = (FrameParts){ ONWARD_FRAME_DELTA, 20, 60, 32, 55 };
  for (guint i = 0; i < G_N_ELEMENTS (parts.locations); i++)
    {
      parts.locations[i] = (LocationParts){ .length = 32, .frame = i };
      memset (parts.locations[i].digest, (int) i + 1, 64);
    }
  parts.n_locations = is_delta ? 2 : 0;
  return parts;
}

static GVariant *
frames_to_variant (const Parts *parts)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(yttayt)"));
  for (gsize i = 0; i < N_FRAMES * parts->repeat_frames; i++)
    {
      const FrameParts *frame = &parts->frames[i % N_FRAMES];

      g_variant_builder_add (&builder, "(ytt@ayt)", frame->method, frame->stored_size, frame->size,
                             g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, parts->references,
                                                        frame->reference_length, 1),
                             frame->reference_size);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
locations_to_variant (const Parts *parts)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ayut)"));

  for (gsize i = 0; i < parts->n_locations; i++)
    {
      const LocationParts *location = &parts->locations[i];

      g_variant_builder_add (
          &builder, "(@ayut)",
          g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, location->digest, location->length, 1),
          location->frame, location->offset);
    }
  return g_variant_builder_end (&builder);
}

static GBytes *
serialize (const Parts *parts)
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

static OnwardPackHead *
parse (const Parts *parts, GError **error)
{
  g_autoptr (GBytes) head = serialize (parts);
  guint64 size = g_bytes_get_size (head) + (guint64) parts->pack_size_off;

  for (guint i = 0; i < N_FRAMES; i++)
    size += parts->frames[i].stored_size;
  return onward_pack_head_parse (head, size, NULL, error);
}

static void
mutate (Parts *parts, const Mutation *mutation)
{
  guint i = mutation->index;
  guint64 value = mutation->value;

  switch (mutation->field)
    {
    case KIND:
      parts->kind = (guint8) value;
      break;
    case METHOD:
      parts->frames[i].method = (guint8) value;
      break;
    case STORED_SIZE:
      parts->frames[i].stored_size = value;
      break;
    case SIZE:
      parts->frames[i].size = value;
      break;
    case REFERENCE_LENGTH:
      parts->frames[i].reference_length = value;
      break;
    case REFERENCE_SIZE:
      parts->frames[i].reference_size = value;
      break;
    case ENTRY_FRAME:
      parts->entries[i].frame = (guint32) value;
      break;
    case ENTRY_OFFSET:
      parts->entries[i].offset = value;
      break;
    case LOCATION_FRAME:
      parts->locations[i].frame = (guint32) value;
      break;
    case LOCATION_OFFSET:
      parts->locations[i].offset = value;
      break;
    case LOCATION_LENGTH:
      parts->locations[i].length = value;
      break;
    case LOCATION_DIGEST:
      memset (parts->locations[i].digest, (int) value, 64);
      break;
    case N_LOCATIONS:
      parts->n_locations = value;
      break;
    case PACK_SIZE:
      parts->pack_size_off = (gint64) value;
      break;
    case MANY_FRAMES:
      parts->repeat_frames = value;
      break;
    case TREE_LENGTH:
      parts->cut_tree = value;
      break;
    }
}

/* clang-format off */
static const Mutation mutations[] = {
  { "unknown kind", FULL, KIND, 0, 2, MALFORMED },
  { "full called delta", FULL, KIND, 0, 255, MALFORMED },
  { "delta called full", DELTA, KIND, 0, FULL, MALFORMED },
  { "unknown method", FULL, METHOD, 1, 6, UNSUPPORTED },
  { "delta of a tree in a full pack", FULL, METHOD, 1, ONWARD_FRAME_TREE_DELTA, MALFORMED },
  { "list without sizes", DELTA, METHOD, 1, ONWARD_FRAME_TREE_DELTA, MALFORMED },
  { "far method", FULL, METHOD, 1, 255, UNSUPPORTED },
  { "delta in a full pack", FULL, METHOD, 1, ONWARD_FRAME_DELTA, MALFORMED },
  { "compressed called stored", FULL, METHOD, 1, ONWARD_FRAME_STORED, MALFORMED },
  { "stored called compressed", FULL, METHOD, 0, ONWARD_FRAME_ZSTD, MALFORMED },
  { "nothing stored", FULL, STORED_SIZE, 1, 0, MALFORMED },
  { "not smaller", FULL, STORED_SIZE, 1, 100, MALFORMED },
  { "stored too large", FULL, STORED_SIZE, 0, 11, MALFORMED },
  { "stored wraps", FULL, STORED_SIZE, 1, G_MAXUINT64, MALFORMED },
  { "empty frame", FULL, SIZE, 1, 0, MALFORMED },
  { "frame too small for its files", FULL, SIZE, 1, 99, MALFORMED },
  { "frames larger than the tree", FULL, SIZE, 1, 161, MALFORMED },
  { "frame of all the world", FULL, SIZE, 1, G_MAXUINT64, MALFORMED },
  { "frame of 2^63", FULL, SIZE, 1, G_GUINT64_CONSTANT (1) << 63, MALFORMED },
  { "reference without a delta", FULL, REFERENCE_LENGTH, 1, 32, MALFORMED },
  { "size of no reference", FULL, REFERENCE_SIZE, 1, 1, MALFORMED },
  { "delta without reference", DELTA, REFERENCE_LENGTH, 1, 0, MALFORMED },
  { "short reference", DELTA, REFERENCE_LENGTH, 1, 31, MALFORMED },
  { "long reference", DELTA, REFERENCE_LENGTH, 1, 64, MALFORMED },
  { "huge reference", DELTA, REFERENCE_SIZE, 1, G_MAXUINT64, MALFORMED },
  { "file in no frame", FULL, ENTRY_FRAME, 0, 2, MALFORMED },
  { "file in frame 2^32 - 1", FULL, ENTRY_FRAME, 0, G_MAXUINT32, MALFORMED },
  { "file beyond its frame", FULL, ENTRY_OFFSET, 2, 61, MALFORMED },
  { "file far beyond its frame", FULL, ENTRY_OFFSET, 2, ONWARD_TREE_MAX_SIZE - 40, MALFORMED },
  { "location in a full pack", FULL, N_LOCATIONS, 0, 1, MALFORMED },
  { "location in no frame", DELTA, LOCATION_FRAME, 1, 2, MALFORMED },
  { "location in the wrong frame", DELTA, LOCATION_FRAME, 1, 0, MALFORMED },
  { "location beyond its frame", DELTA, LOCATION_OFFSET, 1, 1, MALFORMED },
  { "location wraps", DELTA, LOCATION_OFFSET, 1, G_MAXUINT64, MALFORMED },
  { "short location", DELTA, LOCATION_LENGTH, 0, 31, MALFORMED },
  { "long location", DELTA, LOCATION_LENGTH, 0, 33, MALFORMED },
  { "location of nothing", DELTA, LOCATION_LENGTH, 0, 0, MALFORMED },
  { "location twice", DELTA, LOCATION_DIGEST, 0, 2, MALFORMED },
  { "locations in disorder", DELTA, LOCATION_DIGEST, 0, 3, MALFORMED },
  { "location of no file", DELTA, LOCATION_DIGEST, 1, 7, MALFORMED },
  { "location in a third frame", DELTA, N_LOCATIONS, 0, 3, MALFORMED },
  { "pack too long", FULL, PACK_SIZE, 0, 1, MALFORMED },
  { "pack too short", FULL, PACK_SIZE, 0, (guint64) -1, MALFORMED },
  { "pack without frames", FULL, PACK_SIZE, 0, (guint64) -60, MALFORMED },
  { "pack shorter than its head", FULL, PACK_SIZE, 0, (guint64) -90, MALFORMED },
  { "frames twice", FULL, MANY_FRAMES, 0, 2, MALFORMED },
  { "no frames", FULL, MANY_FRAMES, 0, 0, MALFORMED },
  { "a hundred thousand frames", FULL, MANY_FRAMES, 0, 101000, MALFORMED },
  { "cut tree", FULL, TREE_LENGTH, 0, 1, MALFORMED },
  { "half a tree", FULL, TREE_LENGTH, 0, 100, MALFORMED },
};
/* clang-format on */

/* Every single thing that can be wrong with a head is found. */
static void
test_mutations (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (mutations); i++)
    {
      Parts parts = make_parts (mutations[i].kind);
      g_autoptr (OnwardPackHead) head = NULL;
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", mutations[i].name);
      mutate (&parts, &mutations[i]);
      head = parse (&parts, &error);
      g_assert_error (error, ONWARD_ERROR, (int) mutations[i].code);
      g_assert_null (head);
    }
}

/* A full pack's head says where each file is; equal files share a place. */
static void
test_full (void)
{
  Parts parts = make_parts (ONWARD_PACK_FULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardPackHead) head = parse (&parts, &error);
  const guint64 offsets[] = { 0, 0, 60, 0 };
  OnwardTree *tree;

  g_assert_no_error (error);
  g_assert_cmpint (onward_pack_head_get_kind (head), ==, ONWARD_PACK_FULL);
  g_assert_cmpuint (onward_pack_head_get_n_frames (head), ==, 2);
  g_assert_cmpuint (onward_pack_head_get_frame (head, 1)->offset, ==,
                    onward_pack_head_get_frame (head, 0)->offset + 10);
  tree = onward_pack_head_get_tree (head);
  for (guint i = 0; i < 4; i++)
    {
      guint64 offset;
      guint frame;

      g_assert_true (
          onward_pack_head_locate (head, onward_tree_get_entry (tree, i), &frame, &offset));
      g_assert_cmpuint (frame, ==, MIN (i, 1));
      g_assert_cmpuint (offset, ==, offsets[i]);
    }
}

/* A delta pack's head says where content is, and that unchanged content is not there. */
static void
test_delta (void)
{
  Parts parts = make_parts (ONWARD_PACK_DELTA);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardPackHead) head = parse (&parts, &error);
  OnwardTree *tree;
  guint64 offset;
  guint frame;

  g_assert_no_error (error);
  g_assert_cmpint (onward_pack_head_get_kind (head), ==, ONWARD_PACK_DELTA);
  g_assert_cmpuint (onward_pack_head_get_frame (head, 1)->references->len, ==, 1);
  g_assert_cmpuint (
      g_array_index (onward_pack_head_get_frame (head, 1)->references, OnwardReference, 0).size, ==,
      55);
  tree = onward_pack_head_get_tree (head);
  g_assert_true (onward_pack_head_locate (head, onward_tree_lookup (tree, "a"), &frame, &offset));
  g_assert_cmpuint (frame, ==, 0);
  g_assert_true (onward_pack_head_locate (head, onward_tree_lookup (tree, "d"), &frame, &offset));
  g_assert_cmpuint (frame, ==, 1);
  g_assert_false (onward_pack_head_locate (head, onward_tree_lookup (tree, "c"), &frame, &offset));
}

/* Every single damaged bit of a head gives an error or a head, never a crash. */
static void
test_damaged (void)
{
  Parts parts = make_parts (ONWARD_PACK_DELTA);
  g_autoptr (GBytes) bytes = serialize (&parts);
  gsize size = g_bytes_get_size (bytes);

  for (gsize bit = 0; bit < size * 8; bit++)
    {
      guint8 *data = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
      g_autoptr (GBytes) damaged = g_bytes_new_take (data, size);
      g_autoptr (OnwardPackHead) head = NULL;
      g_autoptr (GError) error = NULL;

      data[bit / 8] ^= (guint8) (1u << (bit % 8));
      head = onward_pack_head_parse (damaged, size + 30, NULL, &error);
      g_assert_true ((head == NULL) == (error != NULL));
      g_assert_true (head == NULL || bit / 8 >= ONWARD_PACK_ENVELOPE_PREFIX);
    }
}

/* A head cut anywhere, or longer than it says, is malformed. */
static void
test_sizes (void)
{
  Parts parts = make_parts (ONWARD_PACK_FULL);
  g_autoptr (GBytes) bytes = serialize (&parts);
  gsize size = g_bytes_get_size (bytes);
  guint8 *longer = g_malloc0 (size + 1);
  g_autoptr (GBytes) followed = g_bytes_new_take (longer, size + 1);
  g_autoptr (GError) error = NULL;

  memcpy (longer, g_bytes_get_data (bytes, NULL), size);
  g_assert_null (onward_pack_head_parse (followed, size + 61, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  for (gsize length = 0; length < size; length++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (bytes, 0, length);

      g_clear_error (&error);
      g_assert_null (onward_pack_head_parse (cut, size + 60, NULL, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

/* What is not a pack is malformed; a later pack, or a later way to compress it, is unsupported. */
static void
test_prefix (void)
{
  const struct
  {
    gsize position;
    guint8 value;
    OnwardError code;
  } cases[] = {
    { 0, 'o', ONWARD_ERROR_MALFORMED },
    { 7, 'X', ONWARD_ERROR_MALFORMED },
    { 8, 0, ONWARD_ERROR_UNSUPPORTED_FORMAT },
    { 8, 2, ONWARD_ERROR_NOT_FOUND },
    { 8, 3, ONWARD_ERROR_UNSUPPORTED_FORMAT },
    { 11, 1, ONWARD_ERROR_UNSUPPORTED_FORMAT },
    { 12, ONWARD_FRAME_DELTA, ONWARD_ERROR_UNSUPPORTED_FORMAT },
    { 12, 200, ONWARD_ERROR_UNSUPPORTED_FORMAT },
    { 12, ONWARD_FRAME_ZSTD, ONWARD_ERROR_MALFORMED },
    { 12, ONWARD_FRAME_STORED, ONWARD_ERROR_MALFORMED },
    { 19, 4, ONWARD_ERROR_MALFORMED },
    { 19, 255, ONWARD_ERROR_MALFORMED },
    { 23, 255, ONWARD_ERROR_MALFORMED },
  };
  Parts parts = make_parts (ONWARD_PACK_FULL);
  g_autoptr (GBytes) bytes = serialize (&parts);
  gsize size = g_bytes_get_size (bytes);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint8 *data = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
      g_autoptr (GBytes) other = g_bytes_new_take (data, size);
      g_autoptr (GError) error = NULL;

      data[cases[i].position] = cases[i].value;
      g_assert_null (onward_pack_head_parse (other, size + 60, NULL, &error));
      g_assert_error (error, ONWARD_ERROR, (int) cases[i].code);
    }
}

/* A head that says the right thing in other than the one right form is malformed. */
static void
test_normal_form (void)
{
  const guint8 junk[] = { 0, 1, 2, 3, 255, 255, 255, 255, 8, 8, 8 };
  g_autoptr (GBytes) bytes = g_bytes_new_static (junk, sizeof junk);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) head = onward_pack_envelope_wrap (
      g_variant_new_from_bytes (G_VARIANT_TYPE (ONWARD_PACK_ENVELOPE_TYPE), bytes, FALSE), &error);

  g_assert_no_error (error);
  g_assert_null (onward_pack_head_parse (head, g_bytes_get_size (head), NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
}

/* A frame may start from several contents; their sizes must be as many bytes as it says. */
static void
test_references (void)
{
  const struct
  {
    gsize length;
    guint64 first, second, total;
    gboolean is_right;
  } cases[] = {
    { 80, 5, 50, 55, TRUE },
    { 80, 0, 55, 55, TRUE },
    { 40, 55, 0, 55, TRUE },
    { 80, 5, 51, 55, FALSE },
    { 80, 5, 49, 55, FALSE },
    { 80, 56, G_MAXUINT64, 55, FALSE },
    { 80, G_MAXUINT64, 56, 55, FALSE },
    { 80, G_MAXUINT64 / 2, G_MAXUINT64 / 2, G_MAXUINT64 - 1, FALSE },
    { 79, 5, 50, 55, FALSE },
    { 41, 55, 0, 55, FALSE },
    { 32, 55, 0, 55, FALSE },
    { 0, 0, 0, 0, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Parts parts = make_parts (ONWARD_PACK_DELTA);
      guint64 sizes[2] = { GUINT64_TO_LE (cases[i].first), GUINT64_TO_LE (cases[i].second) };
      g_autoptr (OnwardPackHead) head = NULL;
      g_autoptr (GError) error = NULL;

      parts.frames[1].method = ONWARD_FRAME_TREE_DELTA;
      parts.frames[1].reference_length = cases[i].length;
      parts.frames[1].reference_size = cases[i].total;
      memcpy (parts.references + 32, &sizes[0], 8);
      memcpy (parts.references + 72, &sizes[1], 8);
      head = parse (&parts, &error);
      g_assert_true ((head != NULL) == cases[i].is_right);
      if (head != NULL)
        g_assert_cmpuint (onward_pack_head_get_frame (head, 1)->references->len, ==,
                          cases[i].length / 40);
      else
        g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/pack-head/full", test_full);
  g_test_add_func ("/pack-head/delta", test_delta);
  g_test_add_func ("/pack-head/references", test_references);
  g_test_add_func ("/pack-head/mutations", test_mutations);
  g_test_add_func ("/pack-head/damaged", test_damaged);
  g_test_add_func ("/pack-head/sizes", test_sizes);
  g_test_add_func ("/pack-head/prefix", test_prefix);
  g_test_add_func ("/pack-head/normal-form", test_normal_form);
  return g_test_run ();
}
