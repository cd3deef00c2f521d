/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "hostile-frames.h"

#include <string.h>

#include "onward-delta-make.h"
#include "onward-frame-codec.h"
#include "onward-pack-envelope.h"

#define STORED ONWARD_FRAME_STORED
#define LZMA2  ONWARD_FRAME_LZMA2
#define X86    ONWARD_FRAME_LZMA2_X86
#define ZSTD   ONWARD_FRAME_ZSTD
#define DELTA  ONWARD_FRAME_DELTA

#define KIB G_GUINT64_CONSTANT (1024)
#define MIB (KIB * KIB)

/* clang-format off */
static const HostileFrame frames[] = {
  /* Frames like any other. */
  { "stored", NULL, STORED, STORED, 64 * KIB, 64 * KIB },
  { "LZMA2", NULL, LZMA2, LZMA2, MIB, MIB },
  { "LZMA2 for programs", NULL, X86, X86, MIB, MIB },
  { "zstd", NULL, ZSTD, ZSTD, MIB, MIB },
  { "a delta", NULL, DELTA, DELTA, 16 * KIB, 16 * KIB },

  /* Bombs: what comes out is as large as was said, or nothing is made of it. */
  { "16 MiB of LZMA2 that are said to be 1", "larger than promised", LZMA2, LZMA2, MIB, 16 * MIB },
  { "16 MiB of LZMA2 for programs that are said to be 1", "larger than promised", X86, X86, MIB, 16 * MIB },
  { "32,000:1 by zstd, 1 GiB that is said to be 1 MiB", "larger than promised", ZSTD, ZSTD, MIB, 1024 * MIB },
  { "32,000:1 by zstd, 64 GiB that are said to be 16 MiB", "larger than promised", ZSTD, ZSTD, 16 * MIB, 65536 * MIB },
  { "a delta that makes 4 MiB of 16 KiB", "The delta leads from", DELTA, DELTA, 16 * KIB, 4 * MIB },

  /* Sizes that lie by a byte. */
  { "LZMA2 with a byte more", "larger than promised", LZMA2, LZMA2, MIB, MIB + 1 },
  { "LZMA2 with a byte less", "does not end where it should", LZMA2, LZMA2, MIB, MIB - 1 },
  { "zstd with a byte more", "larger than promised", ZSTD, ZSTD, MIB, MIB + 1 },
  { "zstd with a byte less", "early, with", ZSTD, ZSTD, MIB, MIB - 1 },
  { "a delta with a byte more", "The delta leads from", DELTA, DELTA, 16 * KIB, 16 * KIB + 1 },
  { "a delta with a byte less", "The delta leads from", DELTA, DELTA, 16 * KIB, 16 * KIB - 1 },

  /* Other content than was signed. */
  { "stored, other bytes", "differ from the signed digest", STORED, STORED, 64 * KIB, 64 * KIB, FRAME_OTHER_CONTENT },
  { "LZMA2, other bytes", "differ from the signed digest", LZMA2, LZMA2, MIB, MIB, FRAME_OTHER_CONTENT },
  { "zstd, other bytes", "differ from the signed digest", ZSTD, ZSTD, MIB, MIB, FRAME_OTHER_CONTENT },
  { "a delta, other bytes", "differ from the signed digest", DELTA, DELTA, 16 * KIB, 16 * KIB, FRAME_OTHER_CONTENT },
  { "stored, nothing fetched", "differ from the signed digest", STORED, STORED, 64 * KIB, 64 * KIB, FRAME_NOISE },
  { "two files that overlap", "outside its place in the pack", STORED, STORED, 64 * KIB, 64 * KIB, FRAME_OVERLAP },
  { "two files that overlap in zstd", "outside its place in the pack", ZSTD, ZSTD, MIB, MIB, FRAME_OVERLAP },

  /* Streams that are none, or more than one. */
  { "zstd called LZMA2", "LZMA failed", LZMA2, ZSTD, MIB, MIB },
  { "LZMA2 called zstd", "Not a zstd frame", ZSTD, LZMA2, MIB, MIB },
  { "LZMA2 called a delta", "Not a delta", DELTA, LZMA2, 16 * KIB, 16 * KIB },
  { "LZMA2 that was cut", "is cut off", LZMA2, LZMA2, MIB, MIB, FRAME_CUT },
  { "zstd that was cut", "is cut off", ZSTD, ZSTD, MIB, MIB, FRAME_CUT },
  { "a delta that was cut", "is cut off", DELTA, DELTA, 16 * KIB, 16 * KIB, FRAME_CUT },
  { "stored, and the file is cut", "cut off", STORED, STORED, 64 * KIB, 64 * KIB, FRAME_CUT_FILE },
  { "zstd, and the file is cut", "cut off", ZSTD, ZSTD, MIB, MIB, FRAME_CUT_FILE },
  { "a hole for LZMA2", "does not end where it should", LZMA2, LZMA2, MIB, MIB, FRAME_HOLE },
  { "a hole for zstd", "Not a zstd frame", ZSTD, ZSTD, MIB, MIB, FRAME_HOLE },
  { "a hole for a delta", "Not a delta", DELTA, DELTA, 16 * KIB, 16 * KIB, FRAME_HOLE },
  { "noise for LZMA2", "is cut off", LZMA2, LZMA2, MIB, MIB, FRAME_NOISE },
  { "noise for LZMA2 for programs", "is cut off", X86, X86, MIB, MIB, FRAME_NOISE },
  { "noise for zstd", "Not a zstd frame", ZSTD, ZSTD, MIB, MIB, FRAME_NOISE },
  { "noise for a delta", "Not a delta", DELTA, DELTA, 16 * KIB, 16 * KIB, FRAME_NOISE },
  { "LZMA2 and more behind it", "does not end where it should", LZMA2, LZMA2, MIB, MIB, FRAME_TRAILING },
  { "zstd and more behind it", "early, with", ZSTD, ZSTD, MIB, MIB, FRAME_TRAILING },
  { "LZMA2 twice", "does not end where it should", LZMA2, LZMA2, MIB, MIB / 2, FRAME_TWICE },
  { "zstd twice", "early, with", ZSTD, ZSTD, MIB, MIB / 2, FRAME_TWICE },
  { "zstd behind what is to be skipped", "Not a zstd frame", ZSTD, ZSTD, MIB, MIB, FRAME_SKIPPABLE },
  { "zstd that asks for gigabytes of memory", "requires too much memory", ZSTD, ZSTD, MIB, MIB, FRAME_WIDE },

  /* Deltas from what is not here. */
  { "a delta from nothing that is here", "neither in the pack nor in the installed version", DELTA, DELTA, 16 * KIB, 16 * KIB, FRAME_OTHER_OLD },
  { "a delta from a longer file", "no longer holds this content", DELTA, DELTA, 16 * KIB, 16 * KIB, FRAME_LONGER_OLD },

  /* Heads whose size lies. */
  { "a head that is said to be shorter", "promised size", STORED, STORED, 64 * KIB, 64 * KIB, FRAME_HEAD_SHORTER },
  { "a head that is said to be longer", "promised size", STORED, STORED, 64 * KIB, 64 * KIB, FRAME_HEAD_LONGER },
  { "a head that is said to be longer than the pack", "out of range", STORED, STORED, 64 * KIB, 64 * KIB, FRAME_HEAD_ENDLESS },
  { "a file that ends within the head", "too short", STORED, STORED, 64 * KIB, 64 * KIB, FRAME_HEAD_CUT },
};
/* clang-format on */

const HostileFrame *
hostile_frames_get (guint *ret_n_frames)
{
  *ret_n_frames = G_N_ELEMENTS (frames);
  return frames;
}

/* Content is one byte, again and again. */
static guint8
get_byte (const HostileFrame *frame)
{
  return frame->twist == FRAME_OTHER_CONTENT ? 'y' : 'x';
}

static GBytes *
make_content (guint64 size, guint8 byte)
{
  guint8 *data = g_malloc (size);

  memset (data, byte, size);
  return g_bytes_new_take (data, size);
}

/* Blocks that repeat one byte: 4 bytes of stream for each 128 KiB. */
static void
append_zstd (GByteArray *stored, const HostileFrame *frame)
{
  const guint8 begin[] = { 0x28, 0xb5, 0x2f, 0xfd, 0, frame->twist == FRAME_WIDE ? 0xf8 : 0x58 };
  guint64 left = frame->held;

  g_byte_array_append (stored, begin, sizeof begin);
  while (left > 0)
    {
      guint32 size = (guint32) MIN (left, 128 * KIB);
      guint32 header = size << 3 | 1 << 1 | (left == size);
      const guint8 block[] = { (guint8) header, (guint8) (header >> 8), (guint8) (header >> 16),
                               get_byte (frame) };

      g_byte_array_append (stored, block, sizeof block);
      left -= size;
    }
}

static gboolean
append (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

static void
append_delta (GByteArray *stored, GBytes *content)
{
  const OnwardDeltaMaker maker = { ONWARD_DELTA_FAST };
  g_autoptr (GPtrArray) old = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) new = g_ptr_array_new ();
  g_autoptr (GBytes) delta = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (old, hostile_victim_make_old ());
  g_ptr_array_add (new, content);
  delta = onward_delta_make_run (&maker, old, new, NULL, &error);
  g_assert_no_error (error);
  g_byte_array_append (stored, g_bytes_get_data (delta, NULL), (guint) g_bytes_get_size (delta));
}

static void
append_stream (GByteArray *stored, const HostileFrame *frame)
{
  g_autoptr (GBytes) content = NULL;
  g_autoptr (GError) error = NULL;

  if (frame->really == ONWARD_FRAME_ZSTD)
    {
      append_zstd (stored, frame);
      return;
    }

  content = make_content (frame->held, get_byte (frame));
  if (frame->really == ONWARD_FRAME_DELTA)
    append_delta (stored, content);
  else
    onward_frame_codec_encode (frame->really, &(OnwardDeltaInput){ content }, append, stored, NULL,
                               &error);
  g_assert_no_error (error);
}

static void
fill (GByteArray *stored, gboolean is_noise)
{
  for (guint i = 0; i < stored->len; i++)
    stored->data[i] = is_noise ? (guint8) (i * 167 + i / 13 + 1) : 0;
}

static GByteArray *
make_stored (const HostileFrame *frame)
{
  static const guint8 skippable[] = { 0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4 };
  GByteArray *stored = g_byte_array_new ();

  if (frame->twist == FRAME_SKIPPABLE)
    g_byte_array_append (stored, skippable, sizeof skippable);
  append_stream (stored, frame);
  if (frame->twist == FRAME_TWICE)
    append_stream (stored, frame);
  if (frame->twist == FRAME_TRAILING)
    g_byte_array_append (stored, (const guint8 *) "more", 4);
  if (frame->twist == FRAME_CUT)
    g_byte_array_set_size (stored, stored->len / 2);
  if (frame->twist == FRAME_HOLE || frame->twist == FRAME_NOISE)
    fill (stored, frame->twist == FRAME_NOISE);
  return stored;
}

/* The signed tree: one file, or two that share bytes. */
static OnwardTree *
make_tree (const HostileFrame *frame)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));
  OnwardTreeEntry entry = { .path = "a",
                            .kind = ONWARD_ENTRY_FILE,
                            .mode = 0644,
                            .size = frame->size,
                            .link_target = "",
                            .component = "" };
  g_autoptr (GBytes) content = make_content (frame->size, 'x');
  g_autoptr (GError) error = NULL;
  OnwardTree *tree;

  onward_digest_of_bytes (content, &entry.digest);
  g_array_append_val (entries, entry);
  if (frame->twist == FRAME_OVERLAP)
    {
      entry.path = "b";
      entry.size = frame->size / 2;
      entry.offset = frame->size / 2;
      onward_digest_of_data (g_bytes_get_data (content, NULL), entry.size, &entry.digest);
      g_array_append_val (entries, entry);
    }
  tree = onward_tree_new (entries, &error);
  g_assert_no_error (error);
  return tree;
}

static GVariant *
digest_to_variant (const OnwardDigest *digest, gsize size)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, digest->bytes, size, 1);
}

static GVariant *
make_frames (const HostileFrame *frame, gsize stored_size)
{
  g_autoptr (GBytes) old = hostile_victim_make_old ();
  gboolean is_delta = frame->method == ONWARD_FRAME_DELTA;
  gsize old_size = g_bytes_get_size (old) + (frame->twist == FRAME_LONGER_OLD ? 1 : 0);
  OnwardDigest digest;

  onward_digest_of_bytes (old, &digest);
  if (frame->twist == FRAME_OTHER_OLD)
    digest.bytes[0] ^= 1;
  return g_variant_new_array (
      G_VARIANT_TYPE ("(yttayt)"),
      (GVariant *[]){
          g_variant_new ("(ytt@ayt)", (guint8) frame->method, (guint64) stored_size, frame->size,
                         digest_to_variant (&digest, is_delta ? sizeof digest.bytes : 0),
                         (guint64) (is_delta ? old_size : 0)) },
      1);
}

static GVariant *
make_locations (const HostileFrame *frame, OnwardTree *tree)
{
  const OnwardTreeEntry *entry = onward_tree_get_entry (tree, 0);
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ayut)"));

  if (frame->method == ONWARD_FRAME_DELTA)
    g_variant_builder_add (&builder, "(@ayut)",
                           digest_to_variant (&entry->digest, sizeof entry->digest.bytes), 0u,
                           (guint64) 0);
  return g_variant_builder_end (&builder);
}

static GBytes *
make_head (const HostileFrame *frame, gsize stored_size)
{
  g_autoptr (OnwardTree) tree = make_tree (frame);
  g_autoptr (GError) error = NULL;
  guint8 kind = frame->method == ONWARD_FRAME_DELTA ? ONWARD_PACK_DELTA : ONWARD_PACK_FULL;
  GBytes *head = onward_pack_envelope_wrap (
      g_variant_new (
          "(y@ay@a(yttayt)@a(ayut))", kind,
          g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, onward_tree_get_bytes (tree), TRUE),
          make_frames (frame, stored_size), make_locations (frame, tree)),
      &error);

  g_assert_no_error (error);
  return head;
}

void
hostile_frames_make_pack (const HostileFrame *frame, HostilePack *ret_pack)
{
  g_autoptr (GByteArray) stored = make_stored (frame);
  g_autoptr (GBytes) head = make_head (frame, stored->len);
  GByteArray *pack = g_byte_array_new ();

  *ret_pack =
      (HostilePack){ .head_size = g_bytes_get_size (head), .limit = frame->size + 64 * KIB };
  g_byte_array_append (pack, g_bytes_get_data (head, NULL), (guint) ret_pack->head_size);
  g_byte_array_append (pack, stored->data, stored->len);
  ret_pack->size = pack->len;
  if (frame->twist == FRAME_CUT_FILE)
    g_byte_array_set_size (pack, pack->len - 1);
  if (frame->twist == FRAME_HEAD_CUT)
    g_byte_array_set_size (pack, (guint) ret_pack->head_size - 1);
  if (frame->twist == FRAME_HEAD_SHORTER)
    ret_pack->head_size--;
  if (frame->twist == FRAME_HEAD_LONGER)
    ret_pack->head_size++;
  if (frame->twist == FRAME_HEAD_ENDLESS)
    ret_pack->head_size = ret_pack->size + 1;
  ret_pack->bytes = g_byte_array_free_to_bytes (pack);
}
