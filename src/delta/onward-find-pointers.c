/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>

#include "onward-field-finders.h"
#include "onward-number.h"

/* Small numbers are counts and flags, not addresses, also where a segment begins at 0. */
#define LOWEST 0x1000

static gboolean
may_hold_pointers (const OnwardImage *image, const OnwardSection *section)
{
  switch (section->type)
    {
    case SHT_INIT_ARRAY:
    case SHT_FINI_ARRAY:
    case SHT_DYNAMIC:
      return TRUE;
    case SHT_PROGBITS:
      return (section->flags & SHF_ALLOC) != 0 && (section->flags & SHF_EXECINSTR) == 0 &&
             ((section->flags & SHF_WRITE) != 0 || image->is_fixed);
    default:
      return FALSE;
    }
}

static void
find_in_section (const OnwardImage *image, const OnwardSection *section, OnwardFields *fields)
{
  for (guint64 at = (8 - section->address % 8) % 8; at + 8 <= section->size; at += 8)
    {
      guint64 value = onward_number_get_64 (section->data + at);

      if (value >= LOWEST && onward_space_has (&image->space, value))
        onward_fields_add (fields, section->offset + at, ONWARD_FIELD_ABSOLUTE, 0);
    }
}

/**
 * onward_find_pointers:
 * @image: an executable
 * @fields: grows by the addresses in its data
 *
 * An #OnwardFieldFinder.
 */
void
onward_find_pointers (const OnwardImage *image, OnwardFields *fields)
{
  for (guint i = 0; i < image->n_sections; i++)
    if (may_hold_pointers (image, &image->sections[i]))
      find_in_section (image, &image->sections[i], fields);
}
