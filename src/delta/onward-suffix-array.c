/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <divsufsort.h>
#include <string.h>

#include "onward-parallel.h"
#include "onward-suffix-array.h"

/* Large arrays are entered by three bytes, small ones by two. */
#define LARGE (4 * 1024 * 1024)
/* Between looks whether it was cancelled. */
#define CANCEL_STEP (4 * 1024 * 1024)

struct _OnwardSuffixArray
{
  GBytes *bytes; /* (owned) */
  const guint8 *data;
  gsize size;
  GCancellable *cancellable; /* (unowned) (nullable): while it is made */
  saidx_t *suffixes;         /* (owned) (nullable) */
  guint key_size;
  guint32 *entries; /* (owned): for each key the first suffix that is not before it */
};

static guint32
make_key (const guint8 *data, gsize available, guint key_size)
{
  guint32 key = 0;

  for (guint i = 0; i < key_size; i++)
    key = key << 8 | (i < available ? data[i] : 0);
  return key;
}

/* Counts what begins with each key: so the entries need not wait for the order. */
static void
fill_entries (OnwardSuffixArray *self)
{
  guint32 n_keys = (guint32) 1 << (8 * self->key_size);
  guint32 n_before = 0;

  self->entries = g_new0 (guint32, n_keys + 1);
  for (gsize at = 0; at < self->size; at++)
    {
      if (at % CANCEL_STEP == 0 && g_cancellable_is_cancelled (self->cancellable))
        return;
      self->entries[make_key (self->data + at, self->size - at, self->key_size)]++;
    }
  for (guint32 key = 0; key <= n_keys; key++)
    {
      guint32 n = self->entries[key];

      self->entries[key] = n_before;
      n_before += n;
    }
}

static void
sort_in_thread (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (task_data, &size);
  saidx_t *suffixes = g_new (saidx_t, size + 1);

  if (size > 0 && divsufsort (data, suffixes, (saidx_t) size) != 0)
    g_clear_pointer (&suffixes, g_free);
  g_task_return_pointer (task, suffixes, g_free);
}

/* Nothing can interrupt sorting: who cancels leaves it alone with its bytes, and goes on. */
static saidx_t *
sort (GBytes *bytes, GCancellable *cancellable)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, NULL, NULL);

  g_task_set_source_tag (task, sort);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_set_task_data (task, g_bytes_ref (bytes), (GDestroyNotify) g_bytes_unref);
  g_task_run_in_thread_sync (task, sort_in_thread);
  return g_task_propagate_pointer (task, NULL);
}

static void
run_half (guint index, gpointer user_data)
{
  OnwardSuffixArray *self = user_data;

  if (index == 1)
    fill_entries (self);
  else
    self->suffixes = sort (self->bytes, self->cancellable);
}

/**
 * onward_suffix_array_new:
 * @bytes: less than 2 GiB of them
 * @cancellable: (nullable): a cancellable
 *
 * Sorts all suffixes of @bytes, in memory of four times its size and 64 MiB. Who cancels does not
 * wait until they are sorted, but the memory is only free then. Blocking.
 *
 * Returns: (transfer full) (nullable): the array; %NULL when cancelled
 */
OnwardSuffixArray *
onward_suffix_array_new (GBytes *bytes, GCancellable *cancellable)
{
  g_autoptr (OnwardSuffixArray) self = g_new0 (OnwardSuffixArray, 1);

  self->bytes = g_bytes_ref (bytes);
  self->data = g_bytes_get_data (bytes, &self->size);
  self->cancellable = cancellable;
  self->key_size = self->size >= LARGE ? 3 : 2;
  g_assert (self->size <= G_MAXINT32);
  onward_parallel_run (2, run_half, self);
  return self->suffixes != NULL && !g_cancellable_is_cancelled (cancellable)
             ? g_steal_pointer (&self)
             : NULL;
}

/**
 * onward_suffix_array_free:
 * @self: (transfer full) (nullable): an array
 *
 * Frees it.
 */
void
onward_suffix_array_free (OnwardSuffixArray *self)
{
  if (self == NULL)
    return;

  g_bytes_unref (self->bytes);
  g_free (self->suffixes);
  g_free (self->entries);
  g_free (self);
}

static gsize
count_equal (const guint8 *a, const guint8 *b, gsize size)
{
  gsize i = 0;

  for (; i + 8 <= size; i += 8)
    {
      guint64 left, right;

      memcpy (&left, a + i, 8);
      memcpy (&right, b + i, 8);
      if (left != right)
        break;
    }
  while (i < size && a[i] == b[i])
    i++;
  return i;
}

/* The bytes at @at, of which @known are known to be equal: how many are. */
static gsize
compare (const OnwardSuffixArray *self, gsize at, const guint8 *data, gsize size, gsize known)
{
  gsize most = MIN (self->size - at, size);

  return known + count_equal (self->data + at + known, data + known, most - known);
}

/**
 * onward_suffix_array_search:
 * @self: an array
 * @data: bytes
 * @size: how many
 * @ret_position: (out): where in the array's bytes the match is
 *
 * Looks for the longest beginning of @data. Safe on several threads.
 *
 * Returns: its length; less than 2 when there is none of more than one byte
 */
gsize
onward_suffix_array_search (const OnwardSuffixArray *self, const guint8 *data, gsize size,
                            gsize *ret_position)
{
  guint32 key = make_key (data, size, self->key_size);
  guint32 low = self->entries[key];
  guint32 high = self->entries[key + 1];
  gsize best = 0, low_known = 0, high_known = 0;

  *ret_position = 0;
  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;
      gsize at = (gsize) self->suffixes[middle];
      gsize known = MIN (MIN (low_known, high_known), self->size - at);
      gsize length = compare (self, at, data, size, known);

      if (length > best)
        {
          best = length;
          *ret_position = at;
        }
      if (length == size)
        break;
      if (at + length >= self->size || self->data[at + length] < data[length])
        {
          low = middle + 1;
          low_known = length;
        }
      else
        {
          high = middle;
          high_known = length;
        }
    }
  return best;
}
