/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-deflate-search.h"
#include "onward-error.h"
#include "onward-redeflate.h"

/* Likely ones first. */
static const guint8 levels[] = { 6, 9, 1, 5, 7, 8, 4, 3, 2 };
static const guint8 gnu_levels[] = { 9, 6, 8, 7, 5, 4 };

/* What must come. */
typedef struct
{
  const guint8 *data;
  guint64 left;
} Expected;

/* Says no at the first byte that is another one. */
static gboolean
compare (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  Expected *expected = user_data;

  if (size > expected->left || memcmp (expected->data, data, size) != 0)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_FAILED, "Something else");
      return FALSE;
    }

  expected->data += size;
  expected->left -= size;
  return TRUE;
}

static gboolean
try_way (const guint8 *bytes, GBytes *inflated, const OnwardDeflate *deflate)
{
  Expected expected = { bytes, deflate->size };
  g_autoptr (OnwardRedeflate) redeflate = onward_redeflate_new (deflate, compare, &expected);
  gsize size;
  const guint8 *data = g_bytes_get_data (inflated, &size);

  return onward_redeflate_write (redeflate, data, size, NULL) &&
         onward_redeflate_finish (redeflate, NULL) && expected.left == 0;
}

static gboolean
try_levels (const guint8 *bytes, GBytes *inflated, OnwardDeflate *deflate)
{
  for (guint memory = ONWARD_DEFLATE_MIN_MEMORY; memory <= ONWARD_DEFLATE_MAX_MEMORY; memory++)
    for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
      {
        deflate->memory = (guint8) memory;
        deflate->level = levels[i];
        if (try_way (bytes, inflated, deflate))
          return TRUE;
      }
  return FALSE;
}

/* Programs for PNG use the strategy for filtered data, too. */
static gboolean
try_strategies (const guint8 *bytes, GBytes *inflated, OnwardDeflate *deflate)
{
  deflate->is_filtered = FALSE;
  if (try_levels (bytes, inflated, deflate))
    return TRUE;

  deflate->is_filtered = TRUE;
  return deflate->chunk > 0 && try_levels (bytes, inflated, deflate);
}

/* gzip is mostly run at its highest level, or at its usual one. */
static gboolean
try_gnu (const guint8 *bytes, GBytes *inflated, OnwardDeflate *deflate)
{
  deflate->is_gnu = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (gnu_levels); i++)
    {
      deflate->level = gnu_levels[i];
      if (try_way (bytes, inflated, deflate))
        return TRUE;
    }
  deflate->is_gnu = FALSE;
  return FALSE;
}

/**
 * onward_deflate_search_run:
 * @bytes: deflated bytes, as they are in the file
 * @inflated: what they give
 * @deflate: (inout): their size, and their chunks; the way to deflate is set
 *
 * Looks for a way to deflate that gives the same bytes again. Most ways are given up after the
 * first block, so that trying them all takes little longer than deflating once. Blocking.
 *
 * Returns: whether there is one
 */
gboolean
onward_deflate_search_run (const guint8 *bytes, GBytes *inflated, OnwardDeflate *deflate)
{
  guint window = (deflate->head[0] >> 4) + 8u;

  deflate->window = ONWARD_DEFLATE_MAX_WINDOW;
  if (try_strategies (bytes, inflated, deflate) ||
      (deflate->chunk == 0 && try_gnu (bytes, inflated, deflate)))
    return TRUE;

  deflate->window = (guint8) window;
  return deflate->chunk > 0 && window >= ONWARD_DEFLATE_MIN_WINDOW &&
         window < ONWARD_DEFLATE_MAX_WINDOW && try_strategies (bytes, inflated, deflate);
}
