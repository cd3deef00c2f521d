/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>

#include "fuzz.h"
#include "onward-delta-header.h"
#include "onward-delta.h"
#include "onward-test-deflate.h"
#include "onward-test-elf.h"

#define OLD_SIZE 4096
#define MAX_SIZE (1 << 16)

/* Made once: an input takes microseconds then. */
typedef struct
{
  GPtrArray *one;  /* (owned): what deltas of version 1 start from */
  GPtrArray *both; /* (owned): and version 2: an executable besides */
  GPtrArray *all;  /* (owned): and those since: something deflated besides */
  GPtrArray *more; /* (owned): and version 5: an executable for another processor */
} Old;

/* The old bytes that the seeds were made from. */
static GBytes *
make_bytes (void)
{
  guint8 *data = g_malloc (OLD_SIZE);
  guint32 state = 1;

  for (gsize i = 0; i < OLD_SIZE; i++)
    {
      state = state * 1664525 + 1013904223;
      data[i] = (guint8) (state >> 24);
    }
  return g_bytes_new_take (data, OLD_SIZE);
}

static GBytes *
make_deflated (void)
{
  const OnwardTestWay way = { 6, 8, 0 };
  g_autoptr (GBytes) text = onward_test_deflate_text (1, 1000);
  GByteArray *file = g_byte_array_new ();

  onward_test_deflate_gzip (file, text, &way);
  return g_byte_array_free_to_bytes (file);
}

static GPtrArray *
choose (const Old *old, OnwardDeltaVersion version)
{
  return version == ONWARD_DELTA_CHAPTERS   ? old->more
         : version >= ONWARD_DELTA_DEFLATED ? old->all
         : version == ONWARD_DELTA_COVERS   ? old->both
                                            : old->one;
}

static gpointer
make_old (gpointer user_data)
{
  static Old old;
  GBytes *bytes = make_bytes ();

  old.one = g_ptr_array_new ();
  old.both = g_ptr_array_new ();
  g_ptr_array_add (old.one, bytes);
  g_ptr_array_add (old.both, bytes);
  g_ptr_array_add (old.both, onward_test_elf_new (EM_X86_64, 1, 40, 0));
  old.all = g_ptr_array_new ();
  g_ptr_array_extend (old.all, old.both, NULL, NULL);
  g_ptr_array_add (old.all, make_deflated ());
  old.more = g_ptr_array_new ();
  g_ptr_array_extend (old.more, old.all, NULL, NULL);
  g_ptr_array_add (old.more, onward_test_elf_new (EM_AARCH64, 2, 40, 0));
  return &old;
}

static gboolean
count (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  guint64 *left = user_data;

  g_assert_cmpuint (size, <=, *left);
  *left -= size;
  return TRUE;
}

/* A delta; the size of the new bytes is the one it names. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static GOnce once = G_ONCE_INIT;
  const Old *old = g_once (&once, make_old, NULL);
  g_autoptr (GBytes) delta = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  OnwardDeltaHeader header = { 0 };
  gsize position;
  guint64 left;
  gboolean ok;

  (void) onward_delta_header_read (&header, delta, &position, NULL);
  left = MIN (header.new_size, MAX_SIZE);
  ok = onward_delta_apply (choose (old, header.version), delta, left, count, &left, NULL, &error);
  g_assert_true (ok == (error == NULL));
  g_assert_true (!ok || left == 0);
  (void) onward_delta_apply_get_levels (delta);
  return 0;
}
