/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dlfcn.h>
#include <zlib.h>

#include "onward-delta-make.h"
#include "onward-redeflate-proof.h"
#include "onward-test-deflate.h"

/* At this level the zlib of this program makes what zlib itself makes at the next lower one. */
#define OTHER_LEVEL 6

typedef int (*DeflateInit) (z_streamp, int, int, int, int, int, const char *, int);

/* Stands before the library's, as on a system that has another library under its name. */
int
deflateInit2_ (z_streamp stream, int level, int method, int window, int memory, int strategy,
               const char *version, int size)
{
  DeflateInit init = (DeflateInit) dlsym (RTLD_NEXT, "deflateInit2_");

  return init (stream, level == OTHER_LEVEL ? level - 1 : level, method, window, memory, strategy,
               version, size);
}

static GPtrArray *
make_file (GBytes *text, int level)
{
  const OnwardTestWay way = { level, 8, Z_DEFAULT_STRATEGY };
  GPtrArray *contents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  GByteArray *file = g_byte_array_new ();

  onward_test_deflate_gzip (file, text, &way);
  g_ptr_array_add (contents, g_byte_array_free_to_bytes (file));
  return contents;
}

static guint
list_levels (int level)
{
  const OnwardDeltaMaker maker = { ONWARD_DELTA_FAST };
  g_autoptr (GBytes) old_text = onward_test_deflate_text (1, 100000);
  g_autoptr (GBytes) new_text = onward_test_deflate_change (old_text);
  g_autoptr (GPtrArray) old_contents = make_file (old_text, level);
  g_autoptr (GPtrArray) new_contents = make_file (new_text, level);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) delta =
      onward_delta_make_run (&maker, old_contents, new_contents, NULL, &error);

  g_assert_no_error (error);
  return onward_delta_apply_get_levels (delta);
}

/* The proof tells this zlib from the one that deltas are made for. */
static void
test_proof (void)
{
  for (guint level = 1; level <= 9; level++)
    g_assert_true (onward_redeflate_proof_run (level) == (level != OTHER_LEVEL));
}

/* Who publishes with it asks no client for what only it makes; the other levels serve as ever. */
static void
test_make (void)
{
  g_assert_cmpuint (list_levels (OTHER_LEVEL), ==, 0);
  g_assert_cmpuint (list_levels (9), ==, 1u << 9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/other-zlib/proof", test_proof);
  g_test_add_func ("/other-zlib/make", test_make);
  return g_test_run ();
}
