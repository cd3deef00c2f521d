/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-deflate-search.h"
#include "onward-deflated.h"
#include "onward-deflates.h"
#include "onward-parallel.h"
#include "onward-redeflate-proof.h"

/* Levels of zlib: bit n is level n. */
typedef struct
{
  guint asked;
  guint held;
} Proofs;

/* What is done to each content, or to each place. */
typedef struct
{
  GPtrArray *contents;
  GArray **found; /* of OnwardDeflate, of each content; %NULL when cancelled */
  GArray *list;
  gboolean comes_back;
  GCancellable *cancellable;
} Work;

static void
clear (gpointer data)
{
  OnwardDeflated *self = data;

  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&self->inflated, g_bytes_unref);
}

static void
find_in_content (guint index, gpointer user_data)
{
  Work *work = user_data;
  gsize size;
  const guint8 *data = g_bytes_get_data (g_ptr_array_index (work->contents, index), &size);

  if (!g_cancellable_is_cancelled (work->cancellable))
    work->found[index] = onward_deflates_find (data, size);
}

static void
append_content (GArray *list, guint index, GBytes *content, const GArray *found)
{
  for (guint i = 0; i < found->len; i++)
    {
      const OnwardDeflate *deflate = &g_array_index (found, OnwardDeflate, i);
      OnwardDeflated self = { .content = index, .deflate = *deflate };

      self.bytes = g_bytes_new_from_bytes (content, deflate->start, deflate->size);
      g_array_append_val (list, self);
    }
}

/**
 * onward_deflated_list:
 * @contents: (element-type GBytes): contents
 * @cancellable: (nullable): a cancellable; then the list is not complete
 *
 * Finds what is deflated in files. Blocking.
 *
 * Returns: (transfer full) (element-type OnwardDeflated): all of it
 */
GArray *
onward_deflated_list (GPtrArray *contents, GCancellable *cancellable)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (OnwardDeflated));
  g_autofree GArray **found = g_new0 (GArray *, contents->len + 1);
  Work work = { .contents = contents, .found = found, .cancellable = cancellable };

  g_array_set_clear_func (list, clear);
  onward_parallel_run (contents->len, find_in_content, &work);
  for (guint i = 0; i < contents->len; i++)
    {
      if (found[i] != NULL)
        append_content (list, i, g_ptr_array_index (contents, i), found[i]);
      g_clear_pointer (&found[i], g_array_unref);
    }
  return list;
}

/* Keeps those that @keeps says TRUE of, in order. */
static void
filter (GArray *list, gboolean (*keeps) (const OnwardDeflated *self, gpointer user_data),
        gpointer user_data)
{
  guint n_kept = 0;

  for (guint i = 0; i < list->len; i++)
    {
      OnwardDeflated *self = &g_array_index (list, OnwardDeflated, i);

      if (!keeps (self, user_data))
        continue;
      if (n_kept < i)
        {
          OnwardDeflated *place = &g_array_index (list, OnwardDeflated, n_kept);
          OnwardDeflated dropped = *place;

          *place = *self;
          *self = dropped;
        }
      n_kept++;
    }
  g_array_set_size (list, n_kept);
}

static gboolean
is_loaded (const OnwardDeflated *self, gpointer user_data)
{
  return self->inflated != NULL;
}

/**
 * onward_deflated_settle:
 * @list: (inout) (element-type OnwardDeflated): places
 *
 * Drops those that are not inflated.
 */
void
onward_deflated_settle (GArray *list)
{
  filter (list, is_loaded, NULL);
}

static gboolean
is_not_among (const OnwardDeflated *self, gpointer set)
{
  return !g_hash_table_contains (set, self->bytes);
}

static GHashTable *
make_set (const GArray *list)
{
  GHashTable *set =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);

  for (guint i = 0; i < list->len; i++)
    g_hash_table_add (set, g_bytes_ref (g_array_index (list, OnwardDeflated, i).bytes));
  return set;
}

/**
 * onward_deflated_drop:
 * @list: (inout) (element-type OnwardDeflated): places
 * @other_list: (inout) (element-type OnwardDeflated): those of the other side
 *
 * Leaves alone what both sides have as it is: that is found without inflating it.
 */
void
onward_deflated_drop (GArray *list, GArray *other_list)
{
  g_autoptr (GHashTable) set = make_set (list);
  g_autoptr (GHashTable) other_set = make_set (other_list);

  filter (list, is_not_among, other_set);
  filter (other_list, is_not_among, set);
}

static gboolean
is_affordable (const OnwardDeflated *self, gpointer user_data)
{
  guint64 *left = user_data;

  if (self->deflate.inflated_size == 0 || self->deflate.inflated_size > *left)
    return FALSE;

  *left -= self->deflate.inflated_size;
  return TRUE;
}

/**
 * onward_deflated_limit:
 * @list: (inout) (element-type OnwardDeflated): places
 * @n: the most that are kept
 * @limit: the most bytes that they may give together
 *
 * Bounds what inflating them all costs.
 */
void
onward_deflated_limit (GArray *list, guint n, guint64 limit)
{
  filter (list, is_affordable, &limit);
  g_array_set_size (list, MIN (list->len, n));
}

static gboolean
is_workable (const OnwardDeflated *self, gpointer user_data)
{
  guint64 *left = user_data;
  guint64 work = onward_deflate_get_work (&self->deflate);

  if (work > *left)
    return FALSE;

  *left -= work;
  return TRUE;
}

static void
load_one (guint index, gpointer user_data)
{
  Work *work = user_data;
  OnwardDeflated *self = &g_array_index (work->list, OnwardDeflated, index);
  const guint8 *bytes = g_bytes_get_data (self->bytes, NULL);

  if (g_cancellable_is_cancelled (work->cancellable))
    return;

  self->inflated = onward_deflates_inflate (bytes, &self->deflate);
  if (work->comes_back && !onward_deflate_search_run (bytes, self->inflated, &self->deflate))
    g_clear_pointer (&self->inflated, g_bytes_unref);
}

/* Asks once for each level; what zlib has no part in always is. */
static gboolean
is_made_everywhere (const OnwardDeflated *self, gpointer user_data)
{
  Proofs *proofs = user_data;
  guint bit = 1u << self->deflate.level;

  if (self->deflate.is_gnu)
    return TRUE;
  if ((proofs->asked & bit) == 0 && onward_redeflate_proof_run (self->deflate.level))
    proofs->held |= bit;
  proofs->asked |= bit;
  return (proofs->held & bit) != 0;
}

/**
 * onward_deflated_load:
 * @list: (inout) (element-type OnwardDeflated): places
 * @comes_back: whether each must be deflated again; then how is set
 * @cancellable: (nullable): a cancellable; then some are dropped
 *
 * Inflates them. What clients would refuse as too much work to deflate is dropped. So is what only
 * another library under the name of zlib makes again, as some systems have one: no client could.
 * Blocking.
 */
void
onward_deflated_load (GArray *list, gboolean comes_back, GCancellable *cancellable)
{
  Work work = { .list = list, .comes_back = comes_back, .cancellable = cancellable };
  guint64 work_left = ONWARD_DEFLATE_MAX_WORK;
  Proofs proofs = { 0 };

  onward_parallel_run (list->len, load_one, &work);
  onward_deflated_settle (list);
  if (!comes_back)
    return;

  filter (list, is_made_everywhere, &proofs);
  filter (list, is_workable, &work_left);
}
