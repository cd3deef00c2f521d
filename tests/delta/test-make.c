/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>

#include "onward-delta-make.h"
#include "onward-suffix-array.h"
#include "onward-test-delta.h"
#include "onward-test-elf.h"
#include "onward-test-forbid.h"

/* What was told, and when to have enough of it. */
typedef struct
{
  guint64 done;
  guint64 total;
  guint n_calls;
  GCancellable *cancellable; /* (nullable): cancelled when so much is done: */
  guint64 most;
} Told;

static void
listen (guint64 done, guint64 total, gpointer user_data)
{
  Told *told = user_data;

  g_assert_cmpuint (done, >=, told->done);
  g_assert_cmpuint (done, <=, total);
  told->done = done;
  told->total = total;
  told->n_calls++;
  if (told->cancellable != NULL && done >= told->most)
    g_cancellable_cancel (told->cancellable);
}

static GPtrArray *
make_list (guint n_functions, guint n_inserted)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (list, onward_test_elf_new (EM_X86_64, 1, n_functions, n_inserted));
  return list;
}

/* Progress only grows, is told at each step, and ends with all of it. */
static void
test_progress (void)
{
  Told told = { 0 };
  const OnwardDeltaMaker maker = { ONWARD_DELTA_FAST, listen, &told };
  g_autoptr (GPtrArray) old_list = make_list (1000, 0);
  g_autoptr (GPtrArray) new_list = make_list (1000, 16);
  g_autoptr (GBytes) delta = onward_delta_make_run (&maker, old_list, new_list, NULL, NULL);

  g_assert_nonnull (delta);
  g_assert_cmpuint (told.total, ==, g_bytes_get_size (g_ptr_array_index (new_list, 0)));
  g_assert_cmpuint (told.done, ==, told.total);
  g_assert_cmpuint (told.n_calls, >=, 4);
}

/* Whoever cancels in any of the steps gets no delta. */
static void
test_cancelled_later (void)
{
  g_autoptr (GPtrArray) old_list = make_list (1000, 0);
  g_autoptr (GPtrArray) new_list = make_list (1000, 16);
  guint64 size = g_bytes_get_size (g_ptr_array_index (new_list, 0));

  for (guint tenth = 0; tenth <= 10; tenth++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Told told = { .cancellable = cancellable, .most = size * tenth / 10 };
      const OnwardDeltaMaker maker = { ONWARD_DELTA_BEST, listen, &told };
      g_autoptr (GError) error = NULL;

      g_assert_null (onward_delta_make_run (&maker, old_list, new_list, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

/* What is told before grows with what there is, and does not wrap around. */
static void
test_estimates (void)
{
  const guint64 mib = 1024 * 1024;

  g_assert_cmpuint (onward_delta_make_estimate (0, 0), >, 0);
  g_assert_cmpuint (onward_delta_make_estimate (100 * mib, 100 * mib), >=, 900 * mib);
  g_assert_cmpuint (onward_delta_make_estimate (ONWARD_DELTA_MAX_WINDOW + 1, 0), <, 3000 * mib);
  g_assert_cmpuint (onward_delta_make_estimate (G_MAXUINT64, G_MAXUINT64), <, 3000 * mib);
  g_assert_cmpuint (onward_delta_make_estimate_seconds (0, 0), >, 0);
  g_assert_cmpuint (onward_delta_make_estimate_seconds (200 * mib, 200 * mib), >,
                    onward_delta_make_estimate_seconds (100 * mib, 100 * mib));
}

/* Archives count as what they give, as far as that is inflated at all. */
static void
test_archives (void)
{
  const guint64 mib = 1024 * 1024;
  const guint64 sizes[] = { 0, 1, 300 * mib, ONWARD_DELTA_MAX_WINDOW + 1, G_MAXUINT64 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    g_assert_cmpuint (onward_delta_make_expect (sizes[i], 0), ==, sizes[i]);
  g_assert_cmpuint (onward_delta_make_expect (100 * mib, mib), >=, 105 * mib);
  g_assert_cmpuint (onward_delta_make_expect (100 * mib, 100 * mib), ==, 356 * mib);
  g_assert_cmpuint (onward_delta_make_expect (400 * mib, 400 * mib), ==, ONWARD_DELTA_MAX_WINDOW);
  g_assert_cmpuint (onward_delta_make_expect (G_MAXUINT64, G_MAXUINT64), ==, G_MAXUINT64);
}

/* The longest beginning of @data in @bytes, found by looking everywhere. */
static gsize
search_slowly (const guint8 *bytes, gsize size, const guint8 *data, gsize most)
{
  gsize best = 0;

  for (gsize at = 0; at < size; at++)
    {
      gsize n = 0;

      while (n < most && at + n < size && bytes[at + n] == data[n])
        n++;
      best = MAX (best, n);
    }
  return best;
}

/* Whatever the bytes are, also at their end and with zeros there, the longest match is found. */
static void
test_search (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint round = 0; round < 200; round++)
    {
      guint8 bytes[64], data[16];
      gsize size = (gsize) g_rand_int_range (random, 0, sizeof bytes + 1);
      g_autoptr (GBytes) all = NULL;
      g_autoptr (OnwardSuffixArray) array = NULL;

      for (gsize i = 0; i < sizeof bytes; i++)
        bytes[i] = (guint8) g_rand_int_range (random, 0, 3);
      all = g_bytes_new (bytes, size);
      array = onward_suffix_array_new (all, NULL);
      for (guint n = 0; n < 20; n++)
        {
          gsize most = (gsize) g_rand_int_range (random, 2, sizeof data + 1);
          gsize expected, length, position;

          for (gsize i = 0; i < sizeof data; i++)
            data[i] = (guint8) g_rand_int_range (random, 0, 3);
          expected = search_slowly (bytes, size, data, most);
          length = onward_suffix_array_search (array, data, most, &position);
          g_assert_true (expected < 2 ? length < 2 : length == expected);
          g_assert_cmpmem (bytes + position, length, data, length);
        }
    }
}

/* Who cancelled gets no array, and need not keep the bytes while they are still being sorted. */
static void
test_sorting_cancelled (void)
{
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (1 << 20), 1 << 20);
      g_autoptr (OnwardSuffixArray) array = NULL;

      if (round == 0)
        g_cancellable_cancel (cancellable);
      array = onward_suffix_array_new (bytes, cancellable);
      g_assert_true ((array == NULL) == (round == 0));
    }
}

/* Where no thread can be made a delta is made as well, also for who might cancel. */
static void
test_no_threads (void)
{
  const OnwardDeltaMaker maker = { ONWARD_DELTA_FAST };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) old_list = NULL;
  g_autoptr (GPtrArray) new_list = NULL;
  g_autoptr (GBytes) delta = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }

  old_list = make_list (1000, 0);
  new_list = make_list (1000, 16);
  onward_test_forbid_threads ();
  delta = onward_delta_make_run (&maker, old_list, new_list, cancellable, NULL);
  g_assert_nonnull (delta);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/make/progress", test_progress);
  g_test_add_func ("/make/cancelled-later", test_cancelled_later);
  g_test_add_func ("/make/estimates", test_estimates);
  g_test_add_func ("/make/archives", test_archives);
  g_test_add_func ("/make/search", test_search);
  g_test_add_func ("/make/sorting-cancelled", test_sorting_cancelled);
  g_test_add_func ("/make/no-threads", test_no_threads);
  return g_test_run ();
}
