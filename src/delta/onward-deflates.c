/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-deflate-finders.h"
#include "onward-deflates.h"
#include "onward-delta.h"
#include "onward-inflate.h"

/* Less is not worth its line in a delta. */
#define MIN_SIZE 32
/* A file that says so often that something is deflated which is not, is none of its kind. */
#define MAX_FAILURES 1000

static const OnwardDeflateFinder finders[] = {
  onward_find_gzip,
  onward_find_png,
  onward_find_zip,
  onward_find_zlib,
};

static gboolean
count (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  guint64 *total = user_data;

  *total += size;
  return TRUE;
}

/* Whether deflated bytes are really there. */
static gboolean
try_place (const guint8 *data, const OnwardPlace *place, OnwardDeflate *ret_deflate)
{
  guint64 inflated_size = 0;
  gsize size;

  if (!onward_inflate_run (data + place->start, place->end - place->start, place->chunk > 0,
                           ONWARD_DELTA_MAX_INFLATED, count, &inflated_size, &size, NULL) ||
      (place->ends_there && size != place->end - place->start))
    return FALSE;

  *ret_deflate = (OnwardDeflate){
    .start = place->start, .size = size, .inflated_size = inflated_size, .chunk = place->chunk
  };
  if (place->chunk > 0)
    memcpy (ret_deflate->head, data + place->start + ONWARD_DEFLATE_CHUNK_HEADER,
            sizeof ret_deflate->head);
  return TRUE;
}

static void
find_by (OnwardDeflateFinder finder, const guint8 *data, gsize size, GArray *deflates)
{
  guint n_failures = 0;
  gsize from = 0;
  OnwardPlace place;

  while (n_failures < MAX_FAILURES && finder (data, size, from, &place))
    {
      OnwardDeflate deflate;

      from = place.start;
      if (!try_place (data, &place, &deflate))
        {
          n_failures++;
          continue;
        }

      from = (gsize) (deflate.start + deflate.size);
      if (deflate.size >= MIN_SIZE && (deflate.chunk == 0 || deflate.chunk > sizeof deflate.head))
        g_array_append_val (deflates, deflate);
    }
}

/**
 * onward_deflates_find:
 * @data: a file; hostile bytes do no harm
 * @size: its size
 *
 * Finds what is deflated in a file, by what it begins with, if it is of a kind that is known.
 * Blocking.
 *
 * Returns: (transfer full) (element-type OnwardDeflate): what was found, in order; nothing is said
 *   of the ways to deflate it again
 */
GArray *
onward_deflates_find (const guint8 *data, gsize size)
{
  GArray *deflates = g_array_new (FALSE, FALSE, sizeof (OnwardDeflate));

  for (guint i = 0; i < G_N_ELEMENTS (finders) && deflates->len == 0 && size > 0; i++)
    find_by (finders[i], data, size, deflates);
  return deflates;
}

/**
 * onward_deflates_begin:
 * @start: how a file begins
 * @size: how many bytes of it are there
 *
 * Returns: whether that is how archives, compressed files and pictures begin
 */
gboolean
onward_deflates_begin (const guint8 *start, gsize size)
{
  static const char *const signatures[] = { "PK\x03\x04", "\x1f\x8b\x08", "\x89PNG" };

  for (guint i = 0; i < G_N_ELEMENTS (signatures); i++)
    if (size >= strlen (signatures[i]) &&
        memcmp (start, signatures[i], strlen (signatures[i])) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
append (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  guint8 **end = user_data;

  memcpy (*end, data, size);
  *end += size;
  return TRUE;
}

/**
 * onward_deflates_inflate:
 * @bytes: the deflated bytes, as they are in the file
 * @deflate: what is known of them
 *
 * Returns: (transfer full): what it gives
 */
GBytes *
onward_deflates_inflate (const guint8 *bytes, const OnwardDeflate *deflate)
{
  guint8 *inflated = g_malloc (deflate->inflated_size + 1);
  guint8 *end = inflated;
  gsize used;
  gboolean ok = onward_inflate_run (bytes, deflate->size, deflate->chunk > 0,
                                    deflate->inflated_size, append, &end, &used, NULL);

  g_assert (ok && end == inflated + deflate->inflated_size);
  return g_bytes_new_take (inflated, deflate->inflated_size);
}
