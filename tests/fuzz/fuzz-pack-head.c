/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "fuzz.h"
#include "onward-pack-head.h"

#define PREFIX_SIZE 24

/* What is in a head is compressed, where mutations do not reach it: so it may also stand here as it
 * is, and gets a prefix that says so. */
static GBytes *
wrap_stored (const uint8_t *data, size_t size, guint32 version)
{
  guint32 numbers[] = { GUINT32_TO_LE (version), GUINT32_TO_LE (ONWARD_FRAME_STORED),
                        GUINT32_TO_LE ((guint32) size), GUINT32_TO_LE ((guint32) size) };
  guint8 *head = g_malloc (PREFIX_SIZE + size);

  memcpy (head, "OnwPack", 8);
  memcpy (head + 8, numbers, sizeof numbers);
  if (size > 0)
    memcpy (head + PREFIX_SIZE, data, size);
  return g_bytes_new_take (head, PREFIX_SIZE + size);
}

/* What a head of version 2 starts from: three files, the last two of them equal. */
static OnwardTree *
make_old_tree (void)
{
  static const char *const paths[] = { "a", "b", "c" };
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      OnwardTreeEntry entry = { .path = paths[i],
                                .kind = ONWARD_ENTRY_FILE,
                                .mode = 0644,
                                .size = 100 + MIN (i, 1),
                                .link_target = "",
                                .component = "",
                                .offset = 100 * MIN (i, 1) };

      memset (entry.digest.bytes, (int) MIN (i, 1) + 1, sizeof entry.digest.bytes);
      g_array_append_val (entries, entry);
    }
  return onward_tree_new (entries, NULL);
}

static void
look_around (OnwardPackHead *head)
{
  OnwardTree *tree = onward_pack_head_get_tree (head);

  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);
      guint64 offset;
      guint frame;

      if (onward_pack_head_locate (head, entry, &frame, &offset))
        g_assert_cmpuint (entry->size, <=, onward_pack_head_get_frame (head, frame)->size - offset);
    }
}

/* A byte that tells which, the size of the pack's frames, and a head. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (OnwardTree) old_tree = make_old_tree ();
  g_autoptr (OnwardPackHead) head = NULL;
  g_autoptr (GError) error = NULL;
  guint64 frames_size;

  if (size < 9)
    return 0;

  memcpy (&frames_size, data + 1, 8);
  bytes = data[0] % 3 == 0 ? g_bytes_new (data + 9, size - 9)
                           : wrap_stored (data + 9, size - 9, data[0] % 3);
  head = onward_pack_head_parse (bytes, g_bytes_get_size (bytes) + GUINT64_FROM_LE (frames_size),
                                 old_tree, &error);
  g_assert_true ((head == NULL) == (error != NULL));
  if (head != NULL)
    look_around (head);
  return 0;
}
