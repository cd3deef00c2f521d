/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-delta.h"
#include "onward-pack-need.h"

/* What a delta inflates of the old content it starts from is mostly no more than so many times that
 * content: what is deflated in it and stays as it was is left alone. */
#define INFLATION 2

/**
 * onward_pack_need_new_set:
 *
 * Returns: (transfer full) (element-type OnwardDigest): a set of contents, which it borrows
 */
GHashTable *
onward_pack_need_new_set (void)
{
  return g_hash_table_new (onward_digest_hash, onward_digest_equal);
}

static gboolean
has_content (const OnwardTreeEntry *entry)
{
  return entry->kind == ONWARD_ENTRY_FILE && entry->size > 0;
}

/**
 * onward_pack_need_list:
 * @tree: a tree, which must outlive the set
 *
 * Returns: (transfer full) (element-type OnwardDigest): the contents of its files
 */
GHashTable *
onward_pack_need_list (OnwardTree *tree)
{
  GHashTable *contents = onward_pack_need_new_set ();

  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);

      if (has_content (entry))
        g_hash_table_add (contents, (gpointer) &entry->digest);
    }
  return contents;
}

/**
 * onward_pack_need_remove:
 * @set: (element-type OnwardDigest): contents
 * @other: (element-type OnwardDigest): others
 *
 * Takes the contents of @other out of @set.
 */
void
onward_pack_need_remove (GHashTable *set, GHashTable *other)
{
  GHashTableIter iter;
  gpointer digest;

  g_hash_table_iter_init (&iter, other);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    g_hash_table_remove (set, digest);
}

/* A frame can be made by who has all old content that it starts from. */
static gboolean
is_whole (const OnwardFrame *frame, GHashTable *here)
{
  for (guint i = 0; frame->references != NULL && i < frame->references->len; i++)
    if (!g_hash_table_contains (here,
                                &g_array_index (frame->references, OnwardReference, i).digest))
      return FALSE;
  return TRUE;
}

static void
want_references (const OnwardFrame *frame, GHashTable *here, GHashTable *wanted)
{
  for (guint i = 0; frame->references != NULL && i < frame->references->len; i++)
    {
      OnwardReference *reference = &g_array_index (frame->references, OnwardReference, i);

      if (!g_hash_table_contains (here, &reference->digest))
        g_hash_table_add (wanted, &reference->digest);
    }
}

static void
add_frame (OnwardRanges *ranges, const OnwardFrame *frame)
{
  onward_ranges_add (ranges, frame->offset, frame->offset + frame->stored_size);
}

/* What the frames that are read start from is wanted in its turn. */
static void
add_frames (OnwardPackHead *head, const guint8 *is_read, GHashTable *here, GHashTable *wanted,
            OnwardRanges *ranges)
{
  for (guint i = 0; i < onward_pack_head_get_n_frames (head); i++)
    {
      const OnwardFrame *frame = onward_pack_head_get_frame (head, i);

      if (!is_read[i])
        continue;
      add_frame (ranges, frame);
      want_references (frame, here, wanted);
    }
}

/**
 * onward_pack_need_take:
 * @head: the head of a pack
 * @here: (element-type OnwardDigest): contents that need not be made
 * @wanted: (element-type OnwardDigest): contents that do; what the pack makes of them is taken out,
 *   and what it is made from and is not @here is put in
 * @only_whole: whether to leave frames alone that start from what is not @here
 * @ranges: grows by the bytes of the pack that are needed
 *
 * Lets a pack make what it can. So for a chain of packs, from the last to the first, with one set:
 * what is left in it in the end has to come from elsewhere.
 *
 * Returns: (transfer full) (element-type OnwardDigest): what the pack makes; of @head's tree
 */
GHashTable *
onward_pack_need_take (OnwardPackHead *head, GHashTable *here, GHashTable *wanted,
                       gboolean only_whole, OnwardRanges *ranges)
{
  OnwardTree *tree = onward_pack_head_get_tree (head);
  g_autofree guint8 *is_read = g_malloc0 (onward_pack_head_get_n_frames (head) + 1);
  GHashTable *made = onward_pack_need_new_set ();

  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);
      guint64 offset;
      guint frame;

      if (!has_content (entry) || !g_hash_table_contains (wanted, &entry->digest) ||
          !onward_pack_head_locate (head, entry, &frame, &offset) ||
          (only_whole && !is_whole (onward_pack_head_get_frame (head, frame), here)))
        continue;
      is_read[frame] = TRUE;
      g_hash_table_add (made, (gpointer) &entry->digest);
      g_hash_table_remove (wanted, &entry->digest);
    }
  add_frames (head, is_read, here, wanted, ranges);
  return made;
}

/* The blocks that @ranges touch, as they are fetched and verified. */
static OnwardRanges *
round_to_blocks (OnwardPackInfo *pack, const OnwardRanges *ranges)
{
  guint64 size = onward_pack_info_get_size (pack);
  guint64 block = onward_pack_info_get_block_size (pack);
  OnwardRanges *blocks = onward_ranges_new ();

  for (guint i = 0; i < onward_ranges_get_count (ranges); i++)
    {
      const OnwardRange *range = onward_ranges_get (ranges, i);
      guint64 end = (range->end + block - 1) / block * block;

      onward_ranges_add (blocks, range->start / block * block, MIN (end, size));
    }
  return blocks;
}

/**
 * onward_pack_need_count:
 * @pack: a pack
 * @ranges: bytes of it that are needed
 * @received: (nullable): bytes of it that are here
 *
 * Returns: how many bytes have to be fetched, in whole blocks
 */
guint64
onward_pack_need_count (OnwardPackInfo *pack, const OnwardRanges *ranges,
                        const OnwardRanges *received)
{
  g_autoptr (OnwardRanges) blocks = round_to_blocks (pack, ranges);

  for (guint i = 0; received != NULL && i < onward_ranges_get_count (received); i++)
    {
      const OnwardRange *range = onward_ranges_get (received, i);

      onward_ranges_subtract (blocks, range->start, range->end);
    }
  return onward_ranges_get_length (blocks);
}

/* How large each frame of a full pack is, as far as its files tell, and which of them are read;
 * by frame. */
static GArray *
measure_frames (OnwardTree *tree, GHashTable *wanted, GHashTable *read)
{
  GArray *sizes = g_array_new (FALSE, TRUE, sizeof (guint64));

  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);
      guint64 *size;

      if (!has_content (entry) || entry->frame >= ONWARD_TREE_MAX_ENTRIES)
        continue;
      if (entry->frame >= sizes->len)
        g_array_set_size (sizes, entry->frame + 1);
      size = &g_array_index (sizes, guint64, entry->frame);
      *size = MAX (*size, entry->offset + entry->size);
      if (g_hash_table_contains (wanted, &entry->digest))
        g_hash_table_add (read, GUINT_TO_POINTER (entry->frame));
    }
  return sizes;
}

/**
 * onward_pack_need_estimate:
 * @pack: a full pack
 * @tree: the tree that it makes
 * @wanted: (element-type OnwardDigest): contents
 *
 * Guesses what it costs to take @wanted from the pack before its head was read, as if everything in
 * it was compressed alike.
 *
 * Returns: bytes, in whole blocks, with those of the head
 */
guint64
onward_pack_need_estimate (OnwardPackInfo *pack, OnwardTree *tree, GHashTable *wanted)
{
  g_autoptr (GHashTable) read = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) sizes = measure_frames (onward_tree_get_whole (tree), wanted, read);
  g_autoptr (OnwardRanges) ranges = onward_ranges_new ();
  guint64 start = onward_pack_info_get_head_size (pack);
  double body = (double) (onward_pack_info_get_size (pack) - start);
  double ratio = 0.0, at = (double) start;

  onward_ranges_add (ranges, 0, start);
  for (guint i = 0; i < sizes->len; i++)
    ratio += (double) g_array_index (sizes, guint64, i);
  ratio = ratio > 0.0 ? body / ratio : 0.0;
  for (guint i = 0; i < sizes->len; i++)
    {
      double end = at + (double) g_array_index (sizes, guint64, i) * ratio;

      if (g_hash_table_contains (read, GUINT_TO_POINTER (i)) && end > at)
        onward_ranges_add (ranges, (guint64) at,
                           MIN ((guint64) end + 1, onward_pack_info_get_size (pack)));
      at = end;
    }
  return onward_pack_need_count (pack, ranges, NULL);
}

/**
 * onward_pack_need_scratch:
 * @pack: a pack
 * @head: its head
 *
 * Guesses what onward_pack_reader_set_scratch() takes: how much a delta inflates is only known from
 * its frame. One frame is unpacked at a time.
 *
 * Returns: bytes; 0 of a pack that requires nothing, since it inflates nothing
 */
guint64
onward_pack_need_scratch (OnwardPackInfo *pack, OnwardPackHead *head)
{
  guint64 most = 0;

  if (onward_pack_info_get_requirements (pack)[0] == NULL)
    return 0;

  for (guint i = 0; i < onward_pack_head_get_n_frames (head); i++)
    {
      const OnwardFrame *frame = onward_pack_head_get_frame (head, i);
      guint64 size = 0;

      for (guint j = 0; frame->references != NULL && j < frame->references->len; j++)
        size += g_array_index (frame->references, OnwardReference, j).size;
      most = MAX (most, size);
    }
  return MIN (most, ONWARD_DELTA_MAX_INFLATED / INFLATION) * INFLATION;
}
