/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-field-finders.h"
#include "onward-fields.h"

/* More bases than an extra can name are not kept apart. */
#define MAX_BASES (1 << 26)

/* In this order: of two fields at one place the first found counts. */
static const OnwardFieldFinder finders[] = {
  onward_find_x86,     onward_find_aarch64, onward_find_headers,  onward_find_unwinding,
  onward_find_symbols, onward_find_go,      onward_find_pointers, onward_find_switches,
};

/**
 * onward_fields_new:
 *
 * Returns: (transfer full): no fields
 */
OnwardFields *
onward_fields_new (void)
{
  OnwardFields *self = g_new0 (OnwardFields, 1);

  self->array = g_array_new (FALSE, FALSE, sizeof (OnwardField));
  self->bases = g_array_new (FALSE, FALSE, sizeof (guint64));
  return self;
}

/**
 * onward_fields_find:
 * @image: an executable; hostile ones do no harm
 *
 * Finds all its fields. The answer depends on the bytes alone, and is part of the format.
 *
 * Returns: (transfer full): the fields
 */
OnwardFields *
onward_fields_find (const OnwardImage *image)
{
  OnwardFields *self = onward_fields_new ();

  for (guint i = 0; i < G_N_ELEMENTS (finders); i++)
    finders[i](image, self);
  onward_fields_finish (self);
  return self;
}

/**
 * onward_fields_free:
 * @self: (transfer full) (nullable): fields
 *
 * Frees them.
 */
void
onward_fields_free (OnwardFields *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->array);
  g_array_unref (self->bases);
  g_free (self);
}

/**
 * onward_fields_add_base:
 * @self: fields
 * @address: an address that fields to be added refer to
 *
 * Returns: its name, for the fields' extra
 */
gint32
onward_fields_add_base (OnwardFields *self, guint64 address)
{
  if (self->bases->len < MAX_BASES - 1)
    g_array_append_val (self->bases, address);
  return (gint32) self->bases->len - 1;
}

/* Merges two sorted runs, of which the second begins at @middle; of equals those of the first come
 * first. Only the shorter one is copied for it: of a large program there are millions. */
static void
merge (OnwardField *fields, guint middle, guint end)
{
  gboolean is_second = end - middle < middle;
  guint n = is_second ? end - middle : middle;
  g_autofree OnwardField *copy =
      g_memdup2 (fields + (is_second ? middle : 0), n * sizeof (OnwardField));
  guint at = is_second ? end : 0;

  if (is_second)
    while (n > 0)
      fields[--at] = middle > 0 && fields[middle - 1].offset > copy[n - 1].offset ? fields[--middle]
                                                                                  : copy[--n];
  else
    for (guint i = 0; i < n;)
      fields[at++] =
          middle < end && fields[middle].offset < copy[i].offset ? fields[middle++] : copy[i++];
}

static guint
find_run_end (const OnwardField *fields, guint start, guint n)
{
  guint end = start + 1;

  while (end < n && fields[end].offset >= fields[end - 1].offset)
    end++;
  return MIN (end, n);
}

/* One pass over neighbouring runs; whether it takes another. Finders mostly go forward, so
 * there are few. */
static gboolean
merge_runs (OnwardField *fields, guint n)
{
  guint n_runs = 0;

  for (guint start = 0; start < n; n_runs++)
    {
      guint middle = find_run_end (fields, start, n);
      guint end = middle < n ? find_run_end (fields, middle, n) : n;

      if (end > middle)
        merge (fields + start, middle - start, end - start);
      start = end;
    }
  return n_runs > 1;
}

static void
drop_overlaps (GArray *array)
{
  guint64 end = 0;
  guint kept = 0;

  for (guint i = 0; i < array->len; i++)
    {
      OnwardField field = g_array_index (array, OnwardField, i);

      if (field.offset < end)
        continue;

      end = (guint64) field.offset + onward_field_get_size (&field);
      g_array_index (array, OnwardField, kept++) = field;
    }
  g_array_set_size (array, kept);
}

/**
 * onward_fields_finish:
 * @self: fields in any order
 *
 * Puts them in order, and keeps of those that lie upon one another the first.
 */
void
onward_fields_finish (OnwardFields *self)
{
  while (merge_runs ((OnwardField *) (gpointer) self->array->data, self->array->len))
    ;
  drop_overlaps (self->array);
}

/**
 * onward_fields_search:
 * @self: finished fields
 * @offset: a place in the file
 *
 * Returns: the number of fields that begin before @offset
 */
guint
onward_fields_search (const OnwardFields *self, guint64 offset)
{
  guint low = 0;
  guint high = self->array->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (onward_fields_get (self, middle)->offset < offset)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}
