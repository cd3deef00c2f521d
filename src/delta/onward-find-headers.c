/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>

#include "onward-field-finders.h"
#include "onward-number.h"

/**
 * onward_find_headers:
 * @image: an executable
 * @fields: grows by the addresses and places of its sections, in their headers
 *
 * An #OnwardFieldFinder.
 */
void
onward_find_headers (const OnwardImage *image, OnwardFields *fields)
{
  guint64 at = onward_number_get_64 (image->data + G_STRUCT_OFFSET (Elf64_Ehdr, e_shoff));

  for (guint i = 0; i < image->n_sections; i++, at += sizeof (Elf64_Shdr))
    {
      const OnwardSection *section = &image->sections[i];

      if (section->size == 0)
        continue;
      if (section->address != 0)
        onward_fields_add (fields, at + G_STRUCT_OFFSET (Elf64_Shdr, sh_addr),
                           ONWARD_FIELD_ABSOLUTE, 0);
      onward_fields_add (fields, at + G_STRUCT_OFFSET (Elf64_Shdr, sh_offset), ONWARD_FIELD_PLACE,
                         0);
    }
}
