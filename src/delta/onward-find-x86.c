/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>

#include "onward-field-finders.h"
#include "onward-number.h"
#include "onward-x86-length.h"

static void
check_reference (const OnwardImage *image, const OnwardSection *section, guint64 at,
                 const OnwardX86Instruction *instruction, OnwardFields *fields)
{
  guint64 place = at + instruction->field;
  gint32 distance = (gint32) onward_number_get_32 (section->data + place);
  guint extra = instruction->length - instruction->field;
  guint64 target = section->address + place + extra + (guint64) (gint64) distance;
  gboolean fits = instruction->reference == ONWARD_X86_BRANCH
                      ? onward_space_has_code (&image->space, target)
                      : onward_space_has (&image->space, target);

  if (fits)
    onward_fields_add (fields, section->offset + place, ONWARD_FIELD_RELATIVE, (gint32) extra);
}

/* From the section's first byte on, one instruction behind the other. */
static void
sweep (const OnwardImage *image, const OnwardSection *section, OnwardFields *fields)
{
  guint64 at = 0;

  while (at + ONWARD_X86_MAX_LENGTH <= section->size)
    {
      OnwardX86Instruction instruction;

      onward_x86_length_decode (&instruction, section->data + at);
      if (instruction.reference != ONWARD_X86_NOTHING)
        check_reference (image, section, at, &instruction, fields);
      at += instruction.length;
    }
}

/**
 * onward_find_x86:
 * @image: an executable
 * @fields: grows by the distances in its x86-64 code: of calls and jumps, and to data
 *
 * An #OnwardFieldFinder.
 */
void
onward_find_x86 (const OnwardImage *image, OnwardFields *fields)
{
  for (guint i = 0; image->space.machine == EM_X86_64 && i < image->n_sections; i++)
    if (image->sections[i].type == SHT_PROGBITS && (image->sections[i].flags & SHF_EXECINSTR) != 0)
      sweep (image, &image->sections[i], fields);
}
