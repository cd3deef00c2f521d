/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-delta-header.h"
#include "onward-delta-make.h"
#include "onward-delta-piece.h"
#include "onward-error.h"
#include "onward-test-delta.h"

static GPtrArray *
make_list (GBytes *bytes)
{
  GPtrArray *list = g_ptr_array_new ();

  g_ptr_array_add (list, bytes);
  return list;
}

static GBytes *
apply (GBytes *old_bytes, GBytes *delta, guint64 new_size, GError **error)
{
  g_autoptr (GPtrArray) old_contents = make_list (old_bytes);

  return onward_test_delta_apply (old_contents, delta, new_size, error);
}

static GBytes *
make (GBytes *old_bytes, GBytes *new_bytes)
{
  const OnwardDeltaMaker maker = { ONWARD_DELTA_BEST };
  g_autoptr (GPtrArray) old_contents = make_list (old_bytes);
  g_autoptr (GPtrArray) new_contents = make_list (new_bytes);
  g_autoptr (GError) error = NULL;
  GBytes *delta = onward_delta_make_run (&maker, old_contents, new_contents, NULL, &error);

  g_assert_no_error (error);
  return delta;
}

static GBytes *
make_random (guint32 seed, gsize size)
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

/* @bytes with a word changed every @step bytes and @inserted bytes put in at the front. */
static GBytes *
make_changed (GBytes *bytes, gsize step, gsize inserted)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  guint8 *changed = g_malloc0 (size + inserted);

  memcpy (changed + inserted, data, size);
  for (gsize i = 0; i < size; i += step)
    changed[inserted + i] ^= 0x5a;
  return g_bytes_new_take (changed, size + inserted);
}

static void
assert_round_trip (GBytes *old_bytes, GBytes *new_bytes, gsize max_delta)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) delta = make (old_bytes, new_bytes);
  g_autoptr (GBytes) rebuilt = apply (old_bytes, delta, g_bytes_get_size (new_bytes), &error);

  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (rebuilt, new_bytes));
  g_assert_cmpuint (g_bytes_get_size (delta), <=, max_delta);
}

/* Empty, equal, changed, grown, shrunk and unlike content all come back. */
static void
test_round_trip (void)
{
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) some = make_random (1, 300000);
  g_autoptr (GBytes) changed = make_changed (some, 10000, 100);
  g_autoptr (GBytes) other = make_random (2, 200000);
  g_autoptr (GBytes) half = g_bytes_new_from_bytes (some, 1000, 150000);

  assert_round_trip (empty, empty, 24);
  assert_round_trip (some, empty, 24);
  assert_round_trip (empty, some, 300200);
  assert_round_trip (some, some, 200);
  assert_round_trip (some, changed, 1000);
  assert_round_trip (changed, some, 1000);
  assert_round_trip (some, half, 200);
  assert_round_trip (some, other, 200200);
}

/* Content of several pieces finds its like from each of them. */
static void
test_pieces (void)
{
  gsize old_size = 1 << 20;
  gsize new_size = ONWARD_DELTA_PIECE_SIZE + old_size;
  g_autoptr (GBytes) old_bytes = make_random (3, old_size);
  guint8 *data = g_malloc0 (new_size);
  g_autoptr (GBytes) new_bytes = g_bytes_new_take (data, new_size);

  memcpy (data, g_bytes_get_data (old_bytes, NULL), old_size);
  memcpy (data + ONWARD_DELTA_PIECE_SIZE, g_bytes_get_data (old_bytes, NULL), old_size);
  assert_round_trip (old_bytes, new_bytes, 4096);
}

/* Where old content is larger than a part, the part around the same fraction of it is taken. */
static void
test_parts (void)
{
  const guint64 mib = 1 << 20;
  const struct
  {
    guint64 old_size, new_size, new_start, part_start, part_size;
  } cases[] = {
    { 0, 1, 0, 0, 0 },
    { 1000, 2000, 0, 0, 1000 },
    { 48 * mib, 48 * mib, 32 * mib, 0, 48 * mib },
    { 96 * mib, 96 * mib, 0, 0, 48 * mib },
    { 96 * mib, 96 * mib, 40 * mib, 24 * mib, 48 * mib },
    { 96 * mib, 96 * mib, 80 * mib, 48 * mib, 48 * mib },
    { 96 * mib, 2, 0, 24 * mib, 48 * mib },
    { 1, 96 * mib, 80 * mib, 0, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      OnwardDeltaPiece piece;

      onward_delta_piece_choose_part (&piece, cases[i].old_size, cases[i].new_size,
                                      cases[i].new_start);
      g_assert_cmpuint (piece.old_start, ==, cases[i].part_start);
      g_assert_cmpuint (piece.old_size, ==, cases[i].part_size);
    }
}

/* Other old bytes of the same size give an error or other new bytes, never more of them. */
static void
test_wrong_old (void)
{
  g_autoptr (GBytes) old_bytes = make_random (5, 100000);
  g_autoptr (GBytes) new_bytes = make_changed (old_bytes, 5000, 50);
  g_autoptr (GBytes) delta = make (old_bytes, new_bytes);

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GBytes) wrong = make_random (100 + i, 100000);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) rebuilt = apply (wrong, delta, g_bytes_get_size (new_bytes), &error);

      g_assert_true (rebuilt == NULL || !g_bytes_equal (rebuilt, new_bytes));
      g_assert_true ((rebuilt == NULL) == (error != NULL));
    }
}

/* Old or new bytes of another size than the delta was made for are refused before any output. */
static void
test_wrong_size (void)
{
  g_autoptr (GBytes) old_bytes = make_random (6, 1000);
  g_autoptr (GBytes) longer = make_random (6, 1001);
  g_autoptr (GBytes) delta = make (old_bytes, longer);
  g_autoptr (GBytes) rebuilt = NULL;
  g_autoptr (GError) error = NULL;

  rebuilt = apply (longer, delta, 1001, &error);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_clear_error (&error);
  rebuilt = apply (old_bytes, delta, 1000, &error);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_clear_error (&error);
  rebuilt = apply (old_bytes, delta, G_MAXUINT64, &error);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_null (rebuilt);
}

/* A delta cut anywhere, or with a byte behind it, is refused. */
static void
test_cut (void)
{
  g_autoptr (GBytes) old_bytes = make_random (7, 3000);
  g_autoptr (GBytes) new_bytes = make_changed (old_bytes, 500, 5);
  g_autoptr (GBytes) delta = make (old_bytes, new_bytes);
  gsize size = g_bytes_get_size (delta);
  guint8 *longer = g_malloc0 (size + 1);
  g_autoptr (GBytes) followed = NULL;
  g_autoptr (GBytes) rebuilt = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize length = 0; length < size; length++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (delta, 0, length);

      rebuilt = apply (old_bytes, cut, 3005, &error);
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_null (rebuilt);
      g_clear_error (&error);
    }

  memcpy (longer, g_bytes_get_data (delta, NULL), size);
  followed = g_bytes_new_take (longer, size + 1);
  rebuilt = apply (old_bytes, followed, 3005, &error);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
}

/* Every single damaged byte gives an error or the right number of bytes, never a crash or more. */
static void
test_damaged (void)
{
  g_autoptr (GBytes) old_bytes = make_random (8, 3000);
  g_autoptr (GBytes) new_bytes = make_changed (old_bytes, 500, 5);
  g_autoptr (GBytes) delta = make (old_bytes, new_bytes);
  gsize size = g_bytes_get_size (delta);

  for (gsize i = 0; i < size * 8; i++)
    {
      guint8 *data = g_memdup2 (g_bytes_get_data (delta, NULL), size);
      g_autoptr (GBytes) damaged = NULL;
      g_autoptr (GBytes) rebuilt = NULL;
      g_autoptr (GError) error = NULL;

      data[i / 8] ^= (guint8) (1u << (i % 8));
      damaged = g_bytes_new_take (data, size);
      rebuilt = apply (old_bytes, damaged, 3005, &error);
      g_assert_true ((rebuilt == NULL) == (error != NULL));
      g_assert_true (rebuilt == NULL || g_bytes_get_size (rebuilt) == 3005);
    }
}

/* A part of the old bytes outside them, near the ends of the integers too, is refused. */
static void
test_hostile_parts (void)
{
  const OnwardDeltaPiece pieces[] = {
    { 1001, 0, 0 },
    { 1000, 1, 0 },
    { 0, 1001, 0 },
    { G_MAXUINT64, 1, 0 },
    { G_MAXUINT64, G_MAXUINT32, 0 },
    { G_MAXINT64, 16, 0 },
    { 0, G_MAXUINT32, 0 },
    { 0, 1000, 1 },
    { 0, 1000, G_MAXUINT32 },
  };
  g_autoptr (GBytes) old_bytes = make_random (9, 1000);
  const OnwardDeltaHeader header = { ONWARD_DELTA_PIECES, 1000, 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr (GByteArray) array = g_byte_array_new ();
      g_autoptr (GBytes) delta = NULL;
      g_autoptr (GBytes) rebuilt = NULL;
      g_autoptr (GError) error = NULL;

      onward_delta_header_append (&header, array);
      onward_delta_piece_append (&pieces[i], array);
      delta = g_byte_array_free_to_bytes (g_steal_pointer (&array));
      rebuilt = apply (old_bytes, delta, 1000, &error);
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_null (rebuilt);
    }
}

/* A delta of a later format says that it needs a newer program. */
static void
test_later_version (void)
{
  const guint8 later[24] = { 'O', 'n', 'w', 'D', 100 };
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) delta = g_bytes_new (later, sizeof later);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) rebuilt = apply (empty, delta, 0, &error);

  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_UNSUPPORTED_FORMAT);
  g_assert_null (rebuilt);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/delta/round-trip", test_round_trip);
  g_test_add_func ("/delta/pieces", test_pieces);
  g_test_add_func ("/delta/parts", test_parts);
  g_test_add_func ("/delta/wrong-old", test_wrong_old);
  g_test_add_func ("/delta/wrong-size", test_wrong_size);
  g_test_add_func ("/delta/cut", test_cut);
  g_test_add_func ("/delta/damaged", test_damaged);
  g_test_add_func ("/delta/hostile-parts", test_hostile_parts);
  g_test_add_func ("/delta/later-version", test_later_version);
  return g_test_run ();
}
