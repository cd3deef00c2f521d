/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "fuzz.h"
#include "onward-delta.h"

#define OLD_SIZE 4096
#define MAX_SIZE (1 << 20)

/* The old bytes that the seeds were made from. */
static GBytes *
make_old (void)
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
  g_autoptr (GPtrArray) old_contents =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GBytes) delta = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  guint64 left = 0;
  gboolean ok;

  g_ptr_array_add (old_contents, make_old ());
  if (size >= 24)
    memcpy (&left, data + 16, sizeof left);
  left = MIN (GUINT64_FROM_LE (left), MAX_SIZE);
  ok = onward_delta_apply (old_contents, delta, left, count, &left, NULL, &error);
  g_assert_true (ok == (error == NULL));
  g_assert_true (!ok || left == 0);
  return 0;
}
