/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>

#include "onward-delta-make.h"
#include "onward-error.h"
#include "onward-test-delta.h"
#include "onward-test-elf.h"
#include "onward-test-golden.h"

/* Programs for two processors, and what is none. */
static void
make_golden_lists (GPtrArray **ret_old_list, GPtrArray **ret_new_list)
{
  *ret_old_list = onward_test_delta_list (onward_test_elf_new (EM_X86_64, 21, 300, 0),
                                          onward_test_elf_new (EM_AARCH64, 22, 300, 0));
  *ret_new_list = onward_test_delta_list (onward_test_elf_new (EM_AARCH64, 22, 300, 16),
                                          g_bytes_new_static ("neither", 7));
  g_ptr_array_add (*ret_new_list, onward_test_elf_new (EM_X86_64, 21, 300, 32));
}

static const guint16 machines[] = { EM_X86_64, EM_AARCH64 };

/* A program whose functions all moved costs a fraction of what it costs as mere bytes. */
static void
test_moved (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (machines); i++)
    {
      GBytes *old_bytes = onward_test_elf_new (machines[i], 1, 8000, 0);
      GBytes *new_bytes = onward_test_elf_new (machines[i], 1, 8000, 48);
      g_autoptr (GPtrArray) old_mere =
          onward_test_delta_list (onward_test_elf_disguise (old_bytes), NULL);
      g_autoptr (GPtrArray) new_mere =
          onward_test_delta_list (onward_test_elf_disguise (new_bytes), NULL);
      g_autoptr (GPtrArray) old_list = onward_test_delta_list (old_bytes, NULL);
      g_autoptr (GPtrArray) new_list = onward_test_delta_list (new_bytes, NULL);
      gsize mere = onward_test_delta_round_trip (ONWARD_DELTA_FAST, old_mere, new_mere);

      g_assert_cmpuint (onward_test_delta_round_trip (ONWARD_DELTA_FAST, old_list, new_list), <,
                        mere / 10);
    }
}

/* Several programs, in another order, with something else between them. */
static void
test_several (void)
{
  GBytes *first = onward_test_elf_new (EM_X86_64, 1, 3000, 0);
  GBytes *second = onward_test_elf_new (EM_AARCH64, 2, 2000, 0);
  g_autoptr (GPtrArray) old_list = onward_test_delta_list (first, second);
  g_autoptr (GPtrArray) new_list = onward_test_delta_list (
      onward_test_elf_new (EM_AARCH64, 2, 2000, 32), g_bytes_new_static ("between", 7));

  g_ptr_array_add (new_list, onward_test_elf_new (EM_X86_64, 1, 3000, 16));
  g_assert_cmpuint (onward_test_delta_round_trip (ONWARD_DELTA_BEST, old_list, new_list), <, 1500);
  g_assert_cmpuint (onward_test_delta_round_trip (ONWARD_DELTA_BEST, new_list, old_list), <, 1500);
}

/* A program that begins, or ends, somewhere within itself is rebuilt like any bytes. */
static void
test_torn (void)
{
  g_autoptr (GBytes) whole = onward_test_elf_new (EM_X86_64, 3, 400, 0);
  g_autoptr (GBytes) moved = onward_test_elf_new (EM_X86_64, 3, 400, 16);
  const gsize sizes[] = { 1, 16, 63, 64, 65, 119, 120, 121, 4095, 4096, 4097, 20000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GPtrArray) start =
          onward_test_delta_list (g_bytes_new_from_bytes (moved, 0, sizes[i]), NULL);
      g_autoptr (GPtrArray) full = onward_test_delta_list (g_bytes_ref (whole), NULL);

      (void) onward_test_delta_round_trip (ONWARD_DELTA_FAST, full, start);
      (void) onward_test_delta_round_trip (ONWARD_DELTA_FAST, start, full);
    }
}

/* What repeats itself without end is found in bounded time. */
static void
test_repetition (void)
{
  gsize size = 1 << 20;
  guint8 *old_data = g_malloc0 (size);
  guint8 *new_data = g_malloc0 (size + 100);
  g_autoptr (GPtrArray) old_list = NULL;
  g_autoptr (GPtrArray) new_list = NULL;

  for (gsize i = 0; i < size; i += 4099)
    old_data[i] = new_data[i + 50] = (guint8) i;
  old_list = onward_test_delta_list (g_bytes_new_take (old_data, size), NULL);
  new_list = onward_test_delta_list (g_bytes_new_take (new_data, size + 100), NULL);
  g_assert_cmpuint (onward_test_delta_round_trip (ONWARD_DELTA_FAST, old_list, new_list), <, 4000);
}

/* Any single damaged bit of a program's delta is refused or gives as many bytes, never more. */
static void
test_damaged (void)
{
  g_autoptr (GPtrArray) old_list =
      onward_test_delta_list (onward_test_elf_new (EM_X86_64, 4, 200, 0), NULL);
  g_autoptr (GPtrArray) new_list =
      onward_test_delta_list (onward_test_elf_new (EM_X86_64, 4, 201, 16), NULL);
  g_autoptr (GBytes) delta = onward_test_delta_make (ONWARD_DELTA_FAST, old_list, new_list);
  gsize new_size = g_bytes_get_size (g_ptr_array_index (new_list, 0));
  gsize size = g_bytes_get_size (delta);

  for (gsize i = 0; i < size * 8; i++)
    {
      guint8 *data = g_memdup2 (g_bytes_get_data (delta, NULL), size);
      g_autoptr (GBytes) damaged = g_bytes_new_take (data, size);
      g_autoptr (GBytes) rebuilt = NULL;
      g_autoptr (GError) error = NULL;

      data[i / 8] ^= (guint8) (1u << (i % 8));
      rebuilt = onward_test_delta_apply (old_list, damaged, new_size, &error);
      g_assert_true ((rebuilt != NULL) == (error == NULL));
      g_assert_true (rebuilt == NULL || g_bytes_get_size (rebuilt) == new_size);
    }
}

/* Deltas of version 2 and 4 stay readable for ever: what counts as a field must never change. */
static void
test_golden (void)
{
  static const char *const names[] = { "delta-2", "delta-4-programs" };
  g_autoptr (GPtrArray) old_list = NULL;
  g_autoptr (GPtrArray) new_list = NULL;
  g_autoptr (GBytes) expected = NULL;

  make_golden_lists (&old_list, &new_list);
  expected = onward_test_delta_join (new_list);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", names[i], NULL);
      g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
      g_autoptr (GBytes) delta = file != NULL ? g_mapped_file_get_bytes (file) : NULL;
      g_autoptr (GBytes) rebuilt = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_nonnull (delta);
      rebuilt = onward_test_delta_apply (old_list, delta, g_bytes_get_size (expected), &error);
      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (rebuilt, expected));
    }
}

static gboolean
write_golden (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "delta-4-programs", NULL);
  g_autoptr (GPtrArray) old_list = NULL;
  g_autoptr (GPtrArray) new_list = NULL;
  g_autoptr (GBytes) delta = NULL;

  make_golden_lists (&old_list, &new_list);
  delta = onward_test_delta_make (ONWARD_DELTA_BEST, old_list, new_list);
  return g_file_set_contents (path, g_bytes_get_data (delta, NULL),
                              (gssize) g_bytes_get_size (delta), NULL);
}

/* Who cancels gets no delta, and no rebuilt bytes. */
static void
test_cancelled (void)
{
  const OnwardDeltaMaker maker = { ONWARD_DELTA_FAST };
  g_autoptr (GPtrArray) list =
      onward_test_delta_list (onward_test_elf_new (EM_X86_64, 5, 2000, 0), NULL);
  g_autoptr (GBytes) delta = onward_test_delta_make (ONWARD_DELTA_FAST, list, list);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  OnwardTestDelta output = { g_byte_array_new (), 0 };

  g_cancellable_cancel (cancelled);
  g_assert_null (onward_delta_make_run (&maker, list, list, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (onward_delta_apply (list, delta, g_bytes_get_size (g_ptr_array_index (list, 0)),
                                      onward_test_delta_collect, &output, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_byte_array_unref (output.bytes);
}

static const OnwardTestGolden tests[] = {
  { "/executables/moved", test_moved },         { "/executables/several", test_several },
  { "/executables/torn", test_torn },           { "/executables/repetition", test_repetition },
  { "/executables/damaged", test_damaged },     { "/executables/golden", test_golden },
  { "/executables/cancelled", test_cancelled },
};

int
main (int argc, char **argv)
{
  return onward_test_golden_run (argc, argv, tests, G_N_ELEMENTS (tests), write_golden);
}
