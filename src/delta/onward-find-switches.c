/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>

#include "onward-field-finders.h"
#include "onward-number.h"

/* A switch with fewer cases is no table, and one with more is something else. */
#define MIN_CASES 3
#define MAX_CASES 4096

static int
compare_addresses (gconstpointer a, gconstpointer b)
{
  guint64 left = *(const guint64 *) a;
  guint64 right = *(const guint64 *) b;

  return (left > right) - (left < right);
}

/* What lea instructions load: 48 8D or 4C 8D before an operand byte and the distance. */
static GArray *
list_loaded (const OnwardImage *image, const OnwardFields *fields)
{
  GArray *loaded = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (guint i = 0; i < fields->array->len; i++)
    {
      const OnwardField *field = onward_fields_get (fields, i);
      guint64 place = onward_space_to_address (&image->space, field->offset);
      guint64 target;

      if (field->kind != ONWARD_FIELD_RELATIVE || field->extra != 4 || field->offset < 3 ||
          image->data[field->offset - 2] != 0x8d || (image->data[field->offset - 3] & 0xf8) != 0x48)
        continue;

      target = place + 4 +
               (guint64) (gint64) (gint32) onward_number_get_32 (image->data + field->offset);
      if (target % 4 == 0 && !onward_space_has_code (&image->space, target))
        g_array_append_val (loaded, target);
    }
  g_array_sort (loaded, compare_addresses);
  return loaded;
}

static gboolean
is_case (const OnwardImage *image, guint64 table, guint64 offset)
{
  guint64 code;
  gint32 distance;

  if (offset + 4 > image->size)
    return FALSE;

  distance = (gint32) onward_number_get_32 (image->data + offset);
  code = table + (guint64) (gint64) distance;
  return distance != 0 && onward_space_has_code (&image->space, code) &&
         onward_space_to_offset (&image->space, code, &offset);
}

/* The cases follow one another until something is none, or the next table begins. */
static void
find_cases (const OnwardImage *image, guint64 table, guint64 end, OnwardFields *fields)
{
  guint64 limit = MIN ((end - table) / 4, MAX_CASES);
  guint64 offset;
  guint n = 0;

  if (!onward_space_to_offset (&image->space, table, &offset))
    return;

  while (n < limit && is_case (image, table, offset + n * 4))
    n++;
  for (guint i = 0; n >= MIN_CASES && i < n; i++)
    onward_fields_add (fields, offset + i * 4, ONWARD_FIELD_RELATIVE, -(gint32) (i * 4));
}

/**
 * onward_find_switches:
 * @image: an executable
 * @fields: grows by the jump tables that the x86-64 code found so far loads
 *
 * An #OnwardFieldFinder. Each case is a distance from the beginning of its table.
 */
void
onward_find_switches (const OnwardImage *image, OnwardFields *fields)
{
  g_autoptr (GArray) loaded = NULL;

  if (image->space.machine != EM_X86_64)
    return;

  loaded = list_loaded (image, fields);
  for (guint i = 0; i < loaded->len; i++)
    {
      guint64 table = g_array_index (loaded, guint64, i);
      guint64 next = i + 1 < loaded->len ? g_array_index (loaded, guint64, i + 1) : G_MAXUINT64;

      if (next != table)
        find_cases (image, table, next, fields);
    }
}
