/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "fuzz.h"
#include "onward-deflate-search.h"
#include "onward-deflates.h"
#include "onward-redeflate.h"

/* What would take long is not inflated. */
#define MAX_INFLATED (64 * 1024)

static gboolean
compare (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  const guint8 **at = user_data;

  g_assert_true (memcmp (*at, data, size) == 0);
  *at += size;
  return TRUE;
}

/* Inflates a place, and deflates it again when there is a way. */
static void
check_deflate (const guint8 *data, OnwardDeflate *deflate)
{
  const guint8 *bytes = data + deflate->start;
  const guint8 *at = bytes;
  g_autoptr (GBytes) inflated = NULL;
  g_autoptr (OnwardRedeflate) redeflate = NULL;
  gsize size;
  const guint8 *content;

  if (deflate->inflated_size > MAX_INFLATED)
    return;

  inflated = onward_deflates_inflate (bytes, deflate);
  if (!onward_deflate_search_run (bytes, inflated, deflate))
    return;

  content = g_bytes_get_data (inflated, &size);
  redeflate = onward_redeflate_new (deflate, compare, &at);
  g_assert_true (onward_redeflate_write (redeflate, content, size, NULL));
  g_assert_true (onward_redeflate_finish (redeflate, NULL));
  g_assert_cmpuint ((guint64) (at - bytes), ==, deflate->size);
}

/* A file: what is found in it lies in it, in order, and comes back if a way is found. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GArray) deflates = onward_deflates_find (data, size);
  guint64 end = 0;

  for (guint i = 0; i < deflates->len; i++)
    {
      OnwardDeflate *deflate = &g_array_index (deflates, OnwardDeflate, i);

      g_assert_cmpuint (deflate->start, >=, end);
      g_assert_cmpuint (deflate->start, <=, size);
      g_assert_cmpuint (deflate->size, <=, size - deflate->start);
      end = deflate->start + deflate->size;
      check_deflate (data, deflate);
    }
  return 0;
}
