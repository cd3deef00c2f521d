/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-share.h"
#include "onward-test.h"

#define MIB (G_GUINT64_CONSTANT (1) << 20)

/* All in half MiB, but for the blocks, of one MiB: where a lane is, where its stretch ends, what
 * it has before it, what all have on average, and where the part of others begins. */
typedef struct
{
  guint64 position, end, rest, share, begin;
} Case;

/* clang-format off */
static const Case cases[] = {
  /* One of four that begin: a quarter is kept, and the way of the new ones. */
  { 0,  64, 64, 16, 16 },
  { 1,  64, 63, 15, 16 },
  { 16, 64, 48, 16, 32 },
  { 32, 64, 32, 16, 48 },
  /* Halves, when there are as many rests as there are to be lanes. */
  { 4,  20, 16, 14, 12 },
  { 4,  20, 16, 99, 12 },
  { 4,  20, 16, 0,  6  },
  /* The last blocks: one is taken over as long as another one is kept, or what is left of it. */
  { 0,  6,  6,  2,  2  },
  { 0,  4,  4,  1,  2  },
  { 1,  4,  3,  1,  2  },
  { 2,  4,  2,  1,  0  },
  { 3,  4,  1,  1,  0  },
  { 4,  4,  0,  1,  0  },
  /* The server sends less than it was asked for: the others take what it leaves as well. */
  { 0,  4,  64, 16, 2  },
};
/* clang-format on */

/* Work is shared evenly and in whole blocks, down to the last one. */
static void
test_share_evenly (void)
{
  OnwardBlockGrid grid = { 1000 * MIB, MIB };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *with = &cases[i];
      OnwardStretch stretch = { .range = { 0, with->end * MIB / 2 },
                                .position = with->position * MIB / 2 };
      guint64 begin =
          onward_share_find_begin (&grid, &stretch, with->rest * MIB / 2, with->share * MIB / 2);

      g_test_message ("case %u", i);
      g_assert_cmpuint (begin, ==, with->begin * MIB / 2);
    }
}

/* Wherever a lane is, and whatever the sizes: what it has asked for already stays its own, and both
 * parts are whole blocks. */
static void
test_share_bounds (void)
{
  static const guint32 sizes[] = { 1, 1000, 65536, 1 << 20, 3 << 20 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint64 share = 0; share < 8 * MIB; share += MIB / 2 + 1)
      for (guint64 position = 0; position <= 20 * sizes[i]; position += sizes[i] / 3 + 1)
        {
          OnwardBlockGrid grid = { 20 * (guint64) sizes[i], sizes[i] };
          OnwardStretch stretch = { .range = { 0, grid.size }, .position = position };
          guint64 begin = onward_share_find_begin (&grid, &stretch, grid.size - position, share);

          if (begin == 0)
            continue;
          g_assert_cmpuint (begin % sizes[i], ==, 0);
          g_assert_cmpuint (begin, >=, position + MIN (512 * 1024, 2 * (guint64) sizes[i]));
          g_assert_cmpuint (begin, <, grid.size);
        }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/share/evenly", test_share_evenly);
  g_test_add_func ("/share/bounds", test_share_bounds);
  return g_test_run ();
}
