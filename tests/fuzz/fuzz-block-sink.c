/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <string.h>

#include "fuzz.h"

#include "onward-block-check.h"

#define BLOCK 8
#define TEXT  "the quick brown fox jumps"
#define SIZE  (sizeof TEXT - 1)

static GBytes *
make_digests (void)
{
  OnwardDigest digests[(SIZE + BLOCK - 1) / BLOCK];

  for (gsize block = 0; block < G_N_ELEMENTS (digests); block++)
    onward_digest_of_data (&TEXT[block * BLOCK], MIN (BLOCK, SIZE - block * BLOCK),
                           &digests[block]);
  return g_bytes_new (digests, sizeof digests);
}

/* What is said to be proven is there, byte for byte. */
static void
check_proven (OnwardBlockFile *file, const OnwardRanges *proven)
{
  for (guint i = 0; proven != NULL && i < onward_ranges_get_count (proven); i++)
    {
      const OnwardRange *range = onward_ranges_get (proven, i);
      gsize length = (gsize) (range->end - range->start);
      guint8 data[SIZE];

      g_assert_cmpuint (onward_block_file_read (file, range->start, data, length, NULL), ==,
                        length);
      g_assert_cmpmem (data, length, &TEXT[range->start], length);
    }
}

/* Each five bytes of input: where to write, how much, of right or of wrong bytes, and by whom. */
static void
write_all (OnwardBlockFile *file, const uint8_t *data, size_t size)
{
  g_autoptr (OnwardBlockSink) sink = onward_block_sink_new (file);

  for (; size >= 5; data += 5, size -= 5)
    {
      g_auto (OnwardBlockResult) result = { 0 };
      gsize offset = data[0] % (SIZE + BLOCK);
      gsize length = data[1] % (SIZE + BLOCK);
      guint8 bytes[2 * (SIZE + BLOCK)] = { 0 };

      memcpy (bytes, TEXT, SIZE);
      bytes[offset + data[2] % BLOCK] ^= data[3] & 1;
      onward_block_sink_set_source (sink, data[4] & 3, data[4] & 4 ? "\"a\"" : NULL);
      if (data[4] & 8)
        onward_block_sink_drop_beginning (sink);
      g_assert_true (onward_block_sink_write (sink, offset, bytes + offset, length, &result, NULL));
      check_proven (file, result.proven);
    }
}

/* A record of an earlier run, in whatever words, of a file with whatever in it. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const OnwardBlockGrid grid = { SIZE, BLOCK };
  g_autofree char *dir = g_dir_make_tmp ("onward-fuzz-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "part", NULL);
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GBytes) digests = make_digests ();
  g_autoptr (OnwardBlockFile) file = onward_block_file_new (path, &grid, digests);
  g_autoptr (OnwardRanges) missing = onward_ranges_parse ("0-25", SIZE);
  g_autoptr (OnwardRanges) hints = onward_ranges_parse (text, G_MAXUINT64);
  g_autoptr (OnwardBlockCheck) check = NULL;

  g_assert_true (onward_block_file_open (file, NULL));
  write_all (file, data, size);
  if (hints != NULL)
    {
      check = onward_block_check_new (missing, hints);
      g_assert_true (onward_block_check_run (check, file, NULL, NULL));
      check_proven (file, check->proven);
    }
  g_unlink (path);
  g_rmdir (dir);
  return 0;
}
