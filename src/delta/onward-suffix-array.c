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

/* What a thread sorts, and whoever waits for it. */
typedef struct
{
  GBytes *bytes; /* (owned) */
  GMutex mutex;  /* guards @is_done */
  GCond cond;
  gboolean is_done;
  saidx_t *suffixes; /* (owned) (nullable): until @is_done the thread's */
} Sorting;

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
sorting_clear (gpointer data)
{
  Sorting *self = data;

  g_bytes_unref (self->bytes);
  g_free (self->suffixes);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
}

static void
sorting_unref (Sorting *self)
{
  g_atomic_rc_box_release_full (self, sorting_clear);
}

/* Takes over a reference of @data. */
static gpointer
run_sorting (gpointer data)
{
  Sorting *self = data;
  gsize size;
  const guint8 *bytes = g_bytes_get_data (self->bytes, &size);

  if (size > 0 && divsufsort (bytes, self->suffixes, (saidx_t) size) != 0)
    g_clear_pointer (&self->suffixes, g_free);

  g_mutex_lock (&self->mutex);
  self->is_done = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);
  sorting_unref (self);
  return NULL;
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Sorting *self = user_data;

  g_mutex_lock (&self->mutex);
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);
}

static saidx_t *
wait_for (Sorting *self, GCancellable *cancellable)
{
  gulong handler = cancellable == NULL
                       ? 0
                       : g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL);
  saidx_t *suffixes = NULL;

  g_mutex_lock (&self->mutex);
  while (!self->is_done && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&self->cond, &self->mutex);
  if (self->is_done)
    suffixes = g_steal_pointer (&self->suffixes);
  g_mutex_unlock (&self->mutex);
  g_cancellable_disconnect (cancellable, handler);
  return suffixes;
}

/* Nothing can interrupt sorting: who cancels leaves it alone with its bytes, and goes on. Where no
 * thread can be made, it is waited for. */
static saidx_t *
sort (GBytes *bytes, GCancellable *cancellable)
{
  Sorting *self = g_atomic_rc_box_new0 (Sorting);
  g_autoptr (GThread) thread = NULL;
  saidx_t *suffixes;

  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->bytes = g_bytes_ref (bytes);
  self->suffixes = g_new (saidx_t, g_bytes_get_size (bytes) + 1);
  thread = g_thread_try_new ("sort", run_sorting, g_atomic_rc_box_acquire (self), NULL);
  if (thread == NULL)
    (void) run_sorting (self);

  suffixes = wait_for (self, cancellable);
  sorting_unref (self);
  return suffixes;
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
