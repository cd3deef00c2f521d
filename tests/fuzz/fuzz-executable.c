/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"
#include "onward-fields.h"

/* An executable: whatever it says, its fields lie within it, in order, none upon another. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);
  g_autoptr (OnwardImage) image = onward_image_new (copy, size, ONWARD_DELTA_TOGETHER);
  g_autoptr (OnwardFields) fields = NULL;
  guint64 end = 0;

  if (image == NULL)
    return 0;

  fields = onward_fields_find (image);
  for (guint i = 0; i < fields->array->len; i++)
    {
      const OnwardField *field = onward_fields_get (fields, i);

      g_assert_cmpuint (field->offset, >=, end);
      end = (guint64) field->offset + onward_field_get_size (field);
      g_assert_cmpuint (end, <=, size);
    }
  return 0;
}
