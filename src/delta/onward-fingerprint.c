/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-field-value.h"
#include "onward-fingerprint.h"
#include "onward-parallel.h"

/* How much of the target is looked at. */
#define LOOK_SIZE 16
/* The fingerprint of what cannot be looked at. */
#define NOWHERE 0x1234567

typedef struct
{
  const OnwardParts *parts;
  guint8 *output;
  GCancellable *cancellable;
} Work;

static guint32
hash (const guint8 *data)
{
  guint32 value = 2166136261u;

  for (guint i = 0; i < LOOK_SIZE; i++)
    value = (value ^ data[i]) * 16777619u;
  value ^= value >> 15;
  value *= 0x85ebca6bu;
  return value ^ value >> 13;
}

/* @blank is the file with nothing in its fields. */
static guint32
fingerprint (const OnwardImage *image, const OnwardFields *fields, const OnwardField *field,
             const guint8 *blank)
{
  guint64 place = onward_space_to_address (&image->space, field->offset);
  guint64 anchor = onward_field_value_get_anchor (fields, field, place);
  guint64 value = onward_field_value_read (field, image->data + field->offset);
  guint64 target = onward_field_value_decode (field, value, anchor, &image->space);
  guint64 offset;

  if (!onward_space_to_offset (&image->space, target, &offset) || offset + LOOK_SIZE > image->size)
    return NOWHERE;
  return hash (blank + offset);
}

/* Of an instruction only the address changes. */
static guint64
make_value (const OnwardField *field, guint64 old_value, guint32 print)
{
  switch ((OnwardFieldKind) field->kind)
    {
    case ONWARD_FIELD_BRANCH:
      return onward_field_value_encode (field, (guint64) print << 2, 0, old_value, NULL);
    case ONWARD_FIELD_PAGE:
      return onward_field_value_encode (field, (guint64) print << 12, 0, old_value, NULL);
    case ONWARD_FIELD_LOW:
    case ONWARD_FIELD_LOW_SCALED:
      return onward_field_value_encode (field, print, 0, old_value, NULL);
    case ONWARD_FIELD_RELATIVE:
    case ONWARD_FIELD_BACKWARD:
    case ONWARD_FIELD_BASED:
    case ONWARD_FIELD_INDEX:
    case ONWARD_FIELD_WORDS:
    case ONWARD_FIELD_ABSOLUTE:
    case ONWARD_FIELD_PLACE:
      break;
    }
  return (guint64) (guint32) (print * 2654435761u) << 32 | print;
}

static void
mask_executable (const OnwardImage *image, guint8 *output)
{
  g_autoptr (OnwardFields) fields = onward_fields_find (image);
  guint n = fields->array->len;
  g_autofree guint32 *prints = g_new (guint32, n + 1);

  for (guint i = 0; i < n; i++)
    {
      const OnwardField *field = onward_fields_get (fields, i);

      memset (output + field->offset, 0, onward_field_get_size (field));
    }
  for (guint i = 0; i < n; i++)
    prints[i] = fingerprint (image, fields, onward_fields_get (fields, i), output);
  for (guint i = 0; i < n; i++)
    {
      const OnwardField *field = onward_fields_get (fields, i);
      guint64 value = onward_field_value_read (field, image->data + field->offset);

      onward_number_put (output + field->offset, make_value (field, value, prints[i]),
                         onward_field_get_size (field));
    }
}

static void
mask_part (guint index, gpointer user_data)
{
  const Work *work = user_data;
  guint64 start;
  gsize size;
  const guint8 *data = onward_parts_get (work->parts, index, &start, &size);
  g_autoptr (OnwardImage) image = NULL;

  if (g_cancellable_is_cancelled (work->cancellable))
    return;

  image = onward_image_new (data, size, ONWARD_DELTA_TOGETHER);
  memcpy (work->output + start, data, size);
  if (image != NULL)
    mask_executable (image, work->output + start);
}

/**
 * onward_fingerprint_parts:
 * @parts: contents
 * @cancellable: (nullable): a cancellable; then the result is of no use
 *
 * Makes what is compared to find similar bytes: two calls of the same function look alike, wherever
 * they and the function are. Blocking.
 *
 * Returns: (transfer full): as many bytes as the parts have
 */
GBytes *
onward_fingerprint_parts (const OnwardParts *parts, GCancellable *cancellable)
{
  guint64 size = onward_parts_get_size (parts);
  Work work = { parts, g_malloc (size + 1), cancellable };

  onward_parallel_run (onward_parts_get_n (parts), mask_part, &work);
  return g_bytes_new_take (work.output, size);
}
