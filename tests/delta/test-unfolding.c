/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <zlib.h>

#include "onward-delta-make.h"
#include "onward-error.h"
#include "onward-gnu-deflate.h"
#include "onward-test-deflate.h"
#include "onward-test-delta.h"
#include "onward-test-elf.h"
#include "onward-test-golden.h"

static const OnwardTestWay usual = { 6, 8, Z_DEFAULT_STRATEGY };

/* Whether something must be deflated again, or everything goes as it is. */
typedef enum
{
  AS_IT_IS,
  DEFLATED,
} Kind;

/* Goes there and back by a delta of this kind, and tells its size. */
static gsize
round_trip (GPtrArray *old_contents, GPtrArray *new_contents, Kind kind)
{
  g_autoptr (GBytes) delta = onward_test_delta_make (ONWARD_DELTA_FAST, old_contents, new_contents);

  g_assert_cmpint (onward_delta_apply_get_levels (delta) != 0, ==, kind == DEFLATED);
  return onward_test_delta_round_trip (ONWARD_DELTA_FAST, old_contents, new_contents);
}

/* A zip of texts, one of which is another when @changed. */
static GBytes *
make_zip (guint n_members, guint changed, const OnwardTestWay *way)
{
  GByteArray *file = g_byte_array_new ();

  for (guint i = 0; i < n_members; i++)
    {
      g_autofree char *name = g_strdup_printf ("member-%u", i);
      g_autoptr (GBytes) text = onward_test_deflate_text (100 + i, 20000 + 1000 * i);
      g_autoptr (GBytes) other = onward_test_deflate_change (text);

      onward_test_deflate_zip (file, name, i == changed ? other : text, way, i % 3 == 0);
    }
  onward_test_deflate_zip_end (file, n_members);
  return g_byte_array_free_to_bytes (file);
}

typedef void (*Wrap) (GByteArray *file, GBytes *bytes, const OnwardTestWay *way);

static void
wrap_png (GByteArray *file, GBytes *bytes, const OnwardTestWay *way)
{
  onward_test_deflate_png (file, bytes, way, MAX_WBITS, 8192);
}

static GBytes *
wrap (Wrap func, GBytes *bytes, const OnwardTestWay *way)
{
  GByteArray *file = g_byte_array_new ();

  func (file, bytes, way);
  return g_byte_array_free_to_bytes (file);
}

/* A zip in which one of many members changed costs next to nothing, at any level. */
static void
test_zip (void)
{
  for (int level = 1; level <= 9; level += 4)
    {
      const OnwardTestWay way = { level, 8, Z_DEFAULT_STRATEGY };
      g_autoptr (GPtrArray) old_list = onward_test_delta_list (make_zip (10, 100, &way), NULL);

      for (guint changed = 0; changed < 10; changed += 9)
        {
          g_autoptr (GPtrArray) new_list =
              onward_test_delta_list (make_zip (10, changed, &way), NULL);

          g_assert_cmpuint (round_trip (old_list, new_list, DEFLATED), <, 250);
        }
    }
}

/* The same for gzip files and pictures; also from one to the other, and from and to nothing. */
static void
test_kinds (void)
{
  static const Wrap wraps[] = { onward_test_deflate_gzip, wrap_png };
  g_autoptr (GBytes) text = onward_test_deflate_text (1, 200000);
  g_autoptr (GBytes) changed = onward_test_deflate_change (text);
  g_autoptr (GPtrArray) nothing = onward_test_delta_list (g_bytes_new_static ("", 0), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (wraps); i++)
    {
      g_autoptr (GPtrArray) old_list = onward_test_delta_list (wrap (wraps[i], text, &usual), NULL);

      for (guint j = 0; j < G_N_ELEMENTS (wraps); j++)
        {
          g_autoptr (GPtrArray) new_list =
              onward_test_delta_list (wrap (wraps[j], changed, &usual), NULL);

          g_assert_cmpuint (round_trip (old_list, new_list, DEFLATED), <, 350);
        }
      (void) round_trip (nothing, old_list, DEFLATED);
      (void) round_trip (old_list, nothing, AS_IT_IS);
    }
}

static gboolean
append_bytes (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

/* A gzip file as gzip itself makes it, at its highest level. */
static GBytes *
wrap_gnu (GBytes *bytes)
{
  GByteArray *file = g_byte_array_new ();
  g_autoptr (OnwardGnuDeflate) deflate = onward_gnu_deflate_new (9, append_bytes, file);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  const guint8 head[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3 };
  const guint32 tail[2] = { GUINT32_TO_LE ((guint32) crc32 (0, data, (uInt) size)),
                            GUINT32_TO_LE ((guint32) size) };

  g_byte_array_append (file, head, sizeof head);
  g_assert_true (onward_gnu_deflate_write (deflate, data, size, NULL));
  g_assert_true (onward_gnu_deflate_finish (deflate, NULL));
  g_byte_array_append (file, (const guint8 *) tail, sizeof tail);
  return g_byte_array_free_to_bytes (file);
}

/* What gzip deflated is inflated, too, where zlib would make something else; no zlib is needed. */
static void
test_gnu (void)
{
  g_autoptr (GBytes) text = onward_test_deflate_text (1, 200000);
  g_autoptr (GBytes) changed = onward_test_deflate_change (text);
  g_autoptr (GPtrArray) old_list = onward_test_delta_list (wrap_gnu (text), NULL);
  g_autoptr (GPtrArray) new_list = onward_test_delta_list (wrap_gnu (changed), NULL);
  g_autoptr (GBytes) delta = onward_test_delta_make (ONWARD_DELTA_FAST, old_list, new_list);

  g_assert_cmpuint (round_trip (old_list, new_list, DEFLATED), <, 350);
  g_assert_cmpuint (onward_delta_apply_get_levels (delta), ==, ONWARD_DELTA_LEVEL_GNU);
}

/* What moved out of a zip, or into one, is found, too. */
static void
test_moved (void)
{
  g_autoptr (GBytes) text = onward_test_deflate_text (2, 200000);
  g_autoptr (GPtrArray) plain = onward_test_delta_list (g_bytes_ref (text), NULL);
  g_autoptr (GPtrArray) packed = onward_test_delta_list (
      wrap (onward_test_deflate_gzip, text, &usual), g_bytes_new_static ("other", 5));

  g_assert_cmpuint (round_trip (plain, packed, DEFLATED), <, 200);
  /* Nothing is to be deflated again here: the old bytes stay as they are. */
  g_assert_cmpuint (round_trip (packed, plain, AS_IT_IS), >, 1000);
}

/* Members that are the same byte for byte are not even inflated, wherever they are. */
static void
test_same_members (void)
{
  g_autoptr (GPtrArray) old_list = onward_test_delta_list (make_zip (5, 100, &usual), NULL);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GPtrArray) new_list = NULL;

  for (guint i = 5; i-- > 0;)
    {
      g_autoptr (GBytes) text = onward_test_deflate_text (100 + i, 20000 + 1000 * i);

      onward_test_deflate_zip (file, "renamed", text, &usual, FALSE);
    }
  new_list = onward_test_delta_list (g_byte_array_free_to_bytes (g_steal_pointer (&file)), NULL);
  g_assert_cmpuint (round_trip (old_list, new_list, AS_IT_IS), <, 400);
}

/* What zlib cannot make again goes as it is, between what it can. */
static void
test_other_ways (void)
{
  const OnwardTestWay other = { 6, 8, Z_HUFFMAN_ONLY };
  g_autoptr (GBytes) text = onward_test_deflate_text (3, 50000);
  g_autoptr (GBytes) changed = onward_test_deflate_change (text);
  g_autoptr (GPtrArray) old_list = onward_test_delta_list (make_zip (3, 100, &other), NULL);
  g_autoptr (GPtrArray) new_list = onward_test_delta_list (make_zip (3, 1, &other), NULL);
  g_autoptr (GByteArray) mixed = g_byte_array_new ();
  g_autoptr (GPtrArray) mixed_list = NULL;

  (void) round_trip (old_list, new_list, AS_IT_IS);

  onward_test_deflate_zip (mixed, "other", text, &other, FALSE);
  onward_test_deflate_zip (mixed, "usual", changed, &usual, FALSE);
  onward_test_deflate_zip (mixed, "another", changed, &other, TRUE);
  mixed_list = onward_test_delta_list (g_byte_array_free_to_bytes (g_steal_pointer (&mixed)), NULL);
  (void) round_trip (old_list, mixed_list, DEFLATED);
  g_ptr_array_add (old_list, wrap (onward_test_deflate_gzip, text, &usual));
  (void) round_trip (old_list, mixed_list, DEFLATED);
}

/* A program in a zip is foretold like any other. */
static void
test_program (void)
{
  g_autoptr (GBytes) old_program = onward_test_elf_new (EM_X86_64, 1, 8000, 0);
  g_autoptr (GBytes) new_program = onward_test_elf_new (EM_X86_64, 1, 8000, 48);
  g_autoptr (GBytes) old_mere = onward_test_elf_disguise (old_program);
  g_autoptr (GBytes) new_mere = onward_test_elf_disguise (new_program);
  g_autoptr (GPtrArray) old_list =
      onward_test_delta_list (wrap (onward_test_deflate_gzip, old_program, &usual), NULL);
  g_autoptr (GPtrArray) new_list =
      onward_test_delta_list (wrap (onward_test_deflate_gzip, new_program, &usual), NULL);
  g_autoptr (GPtrArray) old_mere_list =
      onward_test_delta_list (wrap (onward_test_deflate_gzip, old_mere, &usual), NULL);
  g_autoptr (GPtrArray) new_mere_list =
      onward_test_delta_list (wrap (onward_test_deflate_gzip, new_mere, &usual), NULL);
  gsize mere = round_trip (old_mere_list, new_mere_list, DEFLATED);

  g_assert_cmpuint (round_trip (old_list, new_list, DEFLATED), <, mere / 10);
}

/* Of many old members, only those that are of use are inflated; what others gave moves nothing. */
static void
test_unused (void)
{
  g_autoptr (GPtrArray) old_list = onward_test_delta_list (make_zip (50, 100, &usual), NULL);
  g_autoptr (GPtrArray) new_list = NULL;
  g_autoptr (GByteArray) file = g_byte_array_new ();

  for (guint i = 3; i < 50; i += 20)
    {
      g_autoptr (GBytes) text = onward_test_deflate_text (100 + i, 20000 + 1000 * i);
      g_autoptr (GBytes) other = onward_test_deflate_change (text);

      onward_test_deflate_zip (file, "changed", other, &usual, FALSE);
    }
  new_list = onward_test_delta_list (g_byte_array_free_to_bytes (g_steal_pointer (&file)), NULL);
  g_assert_cmpuint (round_trip (old_list, new_list, DEFLATED), <, 1000);
}

/* A delta tells which levels of zlib it needs. */
static void
test_levels (void)
{
  const OnwardTestWay fast = { 1, 8, Z_DEFAULT_STRATEGY };
  g_autoptr (GBytes) text = onward_test_deflate_text (4, 50000);
  g_autoptr (GBytes) other = onward_test_deflate_text (5, 50000);
  g_autoptr (GPtrArray) plain = onward_test_delta_list (g_bytes_ref (text), NULL);
  g_autoptr (GPtrArray) list = onward_test_delta_list (
      wrap (onward_test_deflate_gzip, text, &usual), wrap (onward_test_deflate_gzip, other, &fast));
  g_autoptr (GBytes) none = onward_test_delta_make (ONWARD_DELTA_FAST, plain, plain);
  g_autoptr (GBytes) both = onward_test_delta_make (ONWARD_DELTA_FAST, plain, list);

  g_assert_cmpuint (onward_delta_apply_get_levels (none), ==, 0);
  g_assert_cmpuint (onward_delta_apply_get_levels (both), ==, 1u << 6 | 1u << 1);
  g_assert_cmpuint (onward_delta_apply_get_levels (text), ==, 0);
}

/* A scratch that counts what it is given. */
typedef struct
{
  GByteArray *bytes;
  guint n_finished;
} Scratch;

static gboolean
write_scratch (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  g_byte_array_append (((Scratch *) user_data)->bytes, data, (guint) size);
  return TRUE;
}

static GBytes *
finish_scratch (gpointer user_data, GError **error)
{
  Scratch *self = user_data;

  self->n_finished++;
  return g_bytes_new (self->bytes->data, self->bytes->len);
}

/* What is inflated of old bytes is kept where the caller wants it, once it is much. */
static void
test_scratch (void)
{
  g_autoptr (GBytes) text = onward_test_deflate_text (6, 3 << 20);
  g_autoptr (GBytes) changed = onward_test_deflate_change (text);
  g_autoptr (GPtrArray) old_list =
      onward_test_delta_list (wrap (onward_test_deflate_gzip, text, &usual), NULL);
  g_autoptr (GPtrArray) new_list =
      onward_test_delta_list (wrap (onward_test_deflate_gzip, changed, &usual), NULL);
  g_autoptr (GBytes) delta = onward_test_delta_make (ONWARD_DELTA_FAST, old_list, new_list);
  GBytes *expected = g_ptr_array_index (new_list, 0);
  g_autoptr (GByteArray) kept = g_byte_array_new ();
  Scratch counts = { kept, 0 };
  const OnwardDeltaScratch scratch = { write_scratch, finish_scratch, &counts };
  OnwardTestDelta output = { g_byte_array_new (), g_bytes_get_size (expected) };
  g_autoptr (GBytes) rebuilt = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_delta_apply_with_scratch (
      old_list, delta, output.limit, &scratch, onward_test_delta_collect, &output, NULL, &error));
  g_assert_no_error (error);
  rebuilt = g_byte_array_free_to_bytes (output.bytes);
  g_assert_true (g_bytes_equal (rebuilt, expected));
  g_assert_cmpuint (kept->len, ==, 3 << 20);
  g_assert_cmpuint (counts.n_finished, ==, 1);
}

/* Any single damaged bit is refused or gives as many bytes, never more; a cut is refused. */
static void
test_damaged (void)
{
  g_autoptr (GBytes) text = onward_test_deflate_text (7, 1500);
  g_autoptr (GBytes) changed = onward_test_deflate_change (text);
  g_autoptr (GPtrArray) old_list = onward_test_delta_list (
      wrap (onward_test_deflate_gzip, text, &usual), wrap (wrap_png, text, &usual));
  g_autoptr (GPtrArray) new_list = onward_test_delta_list (
      wrap (onward_test_deflate_gzip, changed, &usual), wrap (wrap_png, changed, &usual));
  g_autoptr (GBytes) delta = onward_test_delta_make (ONWARD_DELTA_FAST, old_list, new_list);
  g_autoptr (GBytes) expected = onward_test_delta_join (new_list);
  gsize new_size = g_bytes_get_size (expected);
  gsize size = g_bytes_get_size (delta);

  for (gsize i = 0; i < size * 8; i++)
    {
      guint8 *data = g_memdup2 (g_bytes_get_data (delta, NULL), size);
      g_autoptr (GBytes) damaged = g_bytes_new_take (data, size);
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (delta, 0, i / 8);
      g_autoptr (GBytes) rebuilt = NULL;
      g_autoptr (GBytes) of_cut = onward_test_delta_apply (old_list, cut, new_size, NULL);
      g_autoptr (GError) error = NULL;

      data[i / 8] ^= (guint8) (1u << (i % 8));
      rebuilt = onward_test_delta_apply (old_list, damaged, new_size, &error);
      g_assert_null (of_cut);
      g_assert_true ((rebuilt != NULL) == (error == NULL));
      g_assert_true (rebuilt == NULL || g_bytes_get_size (rebuilt) == new_size);
    }
}

/* What a client would refuse as too much work is not made: it goes as it is. */
static void
test_too_much_work (void)
{
  const OnwardTestWay hard = { 9, 8, Z_DEFAULT_STRATEGY };
  const gsize size = 65 << 20;
  guint8 *data = g_malloc0 (size);
  g_autoptr (GBytes) much = g_bytes_new_take (data, size);
  g_autoptr (GBytes) text = onward_test_deflate_text (9, 50000);
  g_autoptr (GPtrArray) nothing = onward_test_delta_list (g_bytes_new_static ("", 0), NULL);
  g_autoptr (GPtrArray) list = NULL;

  /* Something that no other level makes the same. */
  for (gsize i = 0; i < 100000; i++)
    data[i] = (guint8) (i * i >> 5) % 3;
  list = onward_test_delta_list (wrap (onward_test_deflate_gzip, much, &hard), NULL);
  (void) round_trip (nothing, list, AS_IT_IS);
  g_ptr_array_add (list, wrap (onward_test_deflate_gzip, text, &hard));
  (void) round_trip (nothing, list, DEFLATED);
}

/* What the golden delta starts from and leads to is kept, too: another zlib would make others. */
static GPtrArray *
load_golden (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", name, NULL);
  char *text = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &text, &size, NULL));
  return onward_test_delta_list (g_bytes_new_take (text, size), NULL);
}

/* Deltas of versions 3 and 4 stay readable for ever. */
static void
test_golden (void)
{
  static const char *const names[] = { "delta-3", "delta-4", "delta-4-gzip" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *old_name = g_strconcat (names[i], "-old", NULL);
      g_autofree char *new_name = g_strconcat (names[i], "-new", NULL);
      g_autoptr (GPtrArray) old_list = load_golden (old_name);
      g_autoptr (GPtrArray) new_list = load_golden (new_name);
      g_autoptr (GPtrArray) delta_list = load_golden (names[i]);
      GBytes *expected = g_ptr_array_index (new_list, 0);
      g_autoptr (GBytes) rebuilt = NULL;
      g_autoptr (GError) error = NULL;

      rebuilt = onward_test_delta_apply (old_list, g_ptr_array_index (delta_list, 0),
                                         g_bytes_get_size (expected), &error);
      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (rebuilt, expected));
    }
}

static GPtrArray *
make_golden (gboolean is_old)
{
  GByteArray *file = g_byte_array_new ();
  g_autoptr (GBytes) text = onward_test_deflate_text (9, 8000);
  g_autoptr (GBytes) kept = onward_test_deflate_text (10, 2000);
  g_autoptr (GBytes) changed = onward_test_deflate_change (text);
  const OnwardTestWay filtered = { 9, 9, Z_FILTERED };

  onward_test_deflate_zip (file, "kept", kept, &usual, FALSE);
  onward_test_deflate_zip (file, "changed", is_old ? text : changed, &usual, TRUE);
  if (!is_old)
    onward_test_deflate_zip (file, "new", changed, &filtered, FALSE);
  return onward_test_delta_list (g_byte_array_free_to_bytes (file), NULL);
}

static gboolean
write_file (const char *dir, const char *name, GBytes *bytes)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  return g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
                              (gssize) g_bytes_get_size (bytes), NULL);
}

/* What only gzip makes. */
static gboolean
write_golden_gzip (const char *dir)
{
  g_autoptr (GBytes) text = onward_test_deflate_text (9, 40000);
  g_autoptr (GBytes) changed = onward_test_deflate_change (text);
  g_autoptr (GPtrArray) old_list = onward_test_delta_list (wrap_gnu (text), NULL);
  g_autoptr (GPtrArray) new_list = onward_test_delta_list (wrap_gnu (changed), NULL);
  g_autoptr (GBytes) delta = onward_test_delta_make (ONWARD_DELTA_FAST, old_list, new_list);

  return onward_delta_apply_get_levels (delta) == ONWARD_DELTA_LEVEL_GNU &&
         write_file (dir, "delta-4-gzip-old", g_ptr_array_index (old_list, 0)) &&
         write_file (dir, "delta-4-gzip-new", g_ptr_array_index (new_list, 0)) &&
         write_file (dir, "delta-4-gzip", delta);
}

static gboolean
write_golden (const char *dir)
{
  g_autoptr (GPtrArray) old_list = make_golden (TRUE);
  g_autoptr (GPtrArray) new_list = make_golden (FALSE);
  g_autoptr (GBytes) delta = onward_test_delta_make (ONWARD_DELTA_FAST, old_list, new_list);

  return write_file (dir, "delta-4-old", g_ptr_array_index (old_list, 0)) &&
         write_file (dir, "delta-4-new", g_ptr_array_index (new_list, 0)) &&
         write_file (dir, "delta-4", delta) && write_golden_gzip (dir);
}

int
main (int argc, char **argv)
{
  static const OnwardTestGolden tests[] = {
    { "/unfolding/zip", test_zip },
    { "/unfolding/kinds", test_kinds },
    { "/unfolding/gnu", test_gnu },
    { "/unfolding/moved", test_moved },
    { "/unfolding/same-members", test_same_members },
    { "/unfolding/other-ways", test_other_ways },
    { "/unfolding/program", test_program },
    { "/unfolding/unused", test_unused },
    { "/unfolding/levels", test_levels },
    { "/unfolding/scratch", test_scratch },
    { "/unfolding/damaged", test_damaged },
    { "/unfolding/too-much-work", test_too_much_work },
    { "/unfolding/golden", test_golden },
  };

  return onward_test_golden_run (argc, argv, tests, G_N_ELEMENTS (tests), write_golden);
}
