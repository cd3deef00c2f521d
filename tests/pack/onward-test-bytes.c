/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <string.h>

#include "onward-test-bytes.h"

/**
 * onward_test_bytes_random:
 * @seed: tells one content from another
 * @size: how many bytes
 *
 * Returns: (transfer full): bytes that cannot be compressed
 */
GBytes *
onward_test_bytes_random (guint32 seed, gsize size)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  guint8 *data = g_malloc (size + 4);

  for (gsize i = 0; i < size; i += 4)
    {
      guint32 word = g_rand_int (random);

      memcpy (data + i, &word, 4);
    }
  return g_bytes_new_take (data, size);
}

/**
 * onward_test_bytes_text:
 * @seed: tells one content from another
 * @size: how many bytes
 *
 * Returns: (transfer full): bytes that can be compressed well
 */
GBytes *
onward_test_bytes_text (guint32 seed, gsize size)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (GString) text = g_string_new (NULL);

  while (text->len < size)
    g_string_append_printf (text, "The line of the text is %u.\n", g_rand_int (random) % 100000);
  g_string_truncate (text, size);
  return g_string_free_to_bytes (g_steal_pointer (&text));
}

static const guint8 elf_start[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0 };

/**
 * onward_test_bytes_code:
 * @seed: tells one content from another
 * @size: how many bytes, at least 64
 *
 * Returns: (transfer full): bytes that begin like an x86-64 ELF file and are full of calls to a few
 *   functions
 */
GBytes *
onward_test_bytes_code (guint32 seed, gsize size)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  guint8 *data = g_malloc0 (size);

  memcpy (data, elf_start, sizeof elf_start);
  data[sizeof elf_start] = EM_X86_64;
  for (gsize i = 64; i + 5 <= size; i += 5 + (gsize) g_rand_int_range (random, 0, 40))
    {
      guint32 target = (guint32) g_rand_int_range (random, 0, 50) * 4096;
      guint32 relative = target - (guint32) (i + 5);

      data[i] = 0xe8;
      memcpy (data + i + 1, &relative, 4);
    }
  return g_bytes_new_take (data, size);
}

/**
 * onward_test_bytes_code_arm64:
 * @seed: tells one content from another
 * @size: how many bytes, at least 64
 *
 * Returns: (transfer full): bytes that begin like an AArch64 ELF file and are full of calls to a
 *   few functions
 */
GBytes *
onward_test_bytes_code_arm64 (guint32 seed, gsize size)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  guint8 *data = g_malloc0 (size);

  memcpy (data, elf_start, sizeof elf_start);
  data[sizeof elf_start] = EM_AARCH64;
  for (gsize i = 64; i + 4 <= size; i += 4 * (gsize) g_rand_int_range (random, 1, 10))
    {
      guint32 target = (guint32) g_rand_int_range (random, 0, 50) * 1024;
      guint32 call = GUINT32_TO_LE (0x94000000 | ((target - (guint32) (i / 4)) & 0x3ffffff));

      memcpy (data + i, &call, 4);
    }
  return g_bytes_new_take (data, size);
}

/**
 * onward_test_bytes_sparse:
 * @seed: tells one content from another
 * @size: how many bytes
 *
 * Returns: (transfer full): bytes that are nearly all zero, so that many of them compress quickly
 */
GBytes *
onward_test_bytes_sparse (guint32 seed, gsize size)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  guint8 *data = g_malloc0 (size);

  for (gsize i = 0; i < size; i += 65536)
    data[i] = (guint8) g_rand_int (random);
  return g_bytes_new_take (data, size);
}

/**
 * onward_test_bytes_change:
 * @bytes: some bytes
 * @step: how far one change is from the next
 *
 * Returns: (transfer full): the same but for one byte in @step
 */
GBytes *
onward_test_bytes_change (GBytes *bytes, gsize step)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  guint8 *changed = g_memdup2 (data, size);

  for (gsize i = step / 2; i < size; i += step)
    changed[i] ^= 0x20;
  return g_bytes_new_take (changed, size);
}
