/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-digest.h"
#include "onward-hasher.h"
#include "onward-redeflate-proof.h"
#include "onward-redeflate.h"

/* Enough for several blocks, and for the window to slide. */
#define PATTERN_SIZE (96 * 1024)
#define N_WORDS      64
#define WORD_SIZE    11

/* The ways to deflate that are tried at each level. */
static const struct
{
  guint8 memory;
  gboolean is_filtered;
} ways[] = {
  { ONWARD_DEFLATE_MIN_MEMORY, FALSE },
  { ONWARD_DEFLATE_MIN_MEMORY, TRUE },
  { ONWARD_DEFLATE_MAX_MEMORY, FALSE },
};

/* Of each level, what these ways of it make of the pattern: the beginning of the SHA-256. */
/* clang-format off */
static const guint32 expected[ONWARD_DEFLATE_MAX_LEVEL] = {
  0x36a141bd, 0xc2e243d1, 0x1a9c16a5,
  0xccdeb665, 0x4003bac3, 0xadc00457,
  0x3e050a1a, 0x3e050a1a, 0x3e050a1a,
};
/* clang-format on */

static guint32
next_random (guint32 *state)
{
  *state = *state * 1664525 + 1013904223;
  return *state >> 16;
}

/* Text of few words, as programs and pages are, with what cannot be compressed in between. */
static guint8 *
make_pattern (void)
{
  guint8 *pattern = g_malloc (PATTERN_SIZE + WORD_SIZE);
  guint8 words[N_WORDS][WORD_SIZE];
  guint32 state = 1;
  gsize at = 0;

  for (gsize i = 0; i < sizeof words; i++)
    words[i / WORD_SIZE][i % WORD_SIZE] = (guint8) (' ' + next_random (&state) % 64);
  while (at < PATTERN_SIZE)
    {
      guint32 choice = next_random (&state);
      guint length = 1 + choice / N_WORDS % WORD_SIZE;

      memcpy (pattern + at, words[choice % N_WORDS], length);
      if (at / (PATTERN_SIZE / 8) % 2 == 1)
        pattern[at] = (guint8) next_random (&state);
      at += length;
    }
  return pattern;
}

static gboolean
hash (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  onward_hasher_update (user_data, data, size);
  return TRUE;
}

static void
hash_way (const OnwardDeflate *deflate, const guint8 *pattern, OnwardHasher *hasher)
{
  g_autoptr (OnwardRedeflate) redeflate = onward_redeflate_new (deflate, hash, hasher);

  (void) onward_redeflate_write (redeflate, pattern, PATTERN_SIZE, NULL);
  (void) onward_redeflate_finish (redeflate, NULL);
}

/**
 * onward_redeflate_proof_run:
 * @level: zlib's level, 1 to 9
 *
 * Some systems have another library under the name of zlib, which is faster and makes other bytes.
 * Deflates some bytes in ways that a delta may ask for at @level, and compares. Takes some
 * thousandths of a second. Blocking.
 *
 * Returns: whether what deltas need comes out here
 */
gboolean
onward_redeflate_proof_run (guint level)
{
  g_autofree guint8 *pattern = make_pattern ();
  g_autoptr (OnwardHasher) hasher = onward_hasher_new ();
  OnwardDeflate deflate = { .level = (guint8) level, .window = ONWARD_DEFLATE_MAX_WINDOW };
  OnwardDigest digest;
  guint32 start;

  g_return_val_if_fail (level >= 1 && level <= ONWARD_DEFLATE_MAX_LEVEL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      deflate.memory = ways[i].memory;
      deflate.is_filtered = ways[i].is_filtered;
      hash_way (&deflate, pattern, hasher);
    }

  onward_hasher_finish (hasher, &digest);
  memcpy (&start, digest.bytes, sizeof start);
  return GUINT32_FROM_BE (start) == expected[level - 1];
}
