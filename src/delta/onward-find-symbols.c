/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <string.h>

#include "onward-field-finders.h"
#include "onward-number.h"

#ifndef SHT_RELR
#define SHT_RELR 19
#endif

/* Where a section is: in memory, or behind it. */
static guint64
find_address (const OnwardSection *section)
{
  return section->address != 0 ? section->address : ONWARD_SPACE_UNMAPPED + section->offset;
}

static const OnwardSection *
get_linked (const OnwardImage *image, const OnwardSection *section)
{
  return section->link != 0 && section->link < image->n_sections ? &image->sections[section->link]
                                                                 : NULL;
}

static gboolean
is_relative (const OnwardImage *image, guint32 type)
{
  return type == (image->space.machine == EM_AARCH64 ? R_AARCH64_RELATIVE : R_X86_64_RELATIVE);
}

static void
find_in_relocations (const OnwardImage *image, const OnwardSection *section, OnwardFields *fields)
{
  const OnwardSection *symbols = get_linked (image, section);
  gint32 base = symbols != NULL ? onward_fields_add_base (fields, find_address (symbols)) : 0;

  for (guint64 at = 0; at + sizeof (Elf64_Rela) <= section->size; at += sizeof (Elf64_Rela))
    {
      guint64 place = section->offset + at;
      guint64 info = onward_number_get_64 (section->data + at + 8);

      onward_fields_add (fields, place, ONWARD_FIELD_ABSOLUTE, 0);
      if (symbols != NULL && ELF64_R_SYM (info) != 0)
        onward_fields_add (fields, place + 12, ONWARD_FIELD_INDEX, base);
      if (is_relative (image, ELF64_R_TYPE (info)))
        onward_fields_add (fields, place + 16, ONWARD_FIELD_ABSOLUTE, 0);
    }
}

/* Addresses, and between them words of bits, which are odd. */
static void
find_in_packed_relocations (const OnwardSection *section, OnwardFields *fields)
{
  for (guint64 at = 0; at + 8 <= section->size; at += 8)
    if (section->data[at] % 2 == 0)
      onward_fields_add (fields, section->offset + at, ONWARD_FIELD_ABSOLUTE, 0);
}

static void
find_in_symbols (const OnwardImage *image, const OnwardSection *section, OnwardFields *fields)
{
  const OnwardSection *names = get_linked (image, section);
  gint32 base = names != NULL ? onward_fields_add_base (fields, find_address (names)) : 0;

  for (guint64 at = 0; at + sizeof (Elf64_Sym) <= section->size; at += sizeof (Elf64_Sym))
    {
      guint64 place = section->offset + at;
      guint32 name = onward_number_get_32 (section->data + at);
      guint64 value = onward_number_get_64 (section->data + at + 8);

      if (names != NULL && name != 0 && name < names->size)
        onward_fields_add (fields, place, ONWARD_FIELD_BASED, base);
      if (onward_space_has (&image->space, value))
        onward_fields_add (fields, place + 8, ONWARD_FIELD_ABSOLUTE, 0);
    }
}

/* Each bucket holds the number of its first symbol. */
static void
find_in_hash (const OnwardImage *image, const OnwardSection *section, OnwardFields *fields)
{
  const OnwardSection *symbols = get_linked (image, section);
  guint64 start;
  guint32 n;
  gint32 base;

  if (symbols == NULL || section->size < 16)
    return;

  n = onward_number_get_32 (section->data);
  start = 16 + 8 * (guint64) onward_number_get_32 (section->data + 8);
  base = onward_fields_add_base (fields, find_address (symbols));
  for (guint64 at = start; n > 0 && at + 4 <= section->size; at += 4, n--)
    if (onward_number_get_32 (section->data + at) != 0)
      onward_fields_add (fields, section->offset + at, ONWARD_FIELD_INDEX, base);
}

/**
 * onward_find_symbols:
 * @image: an executable
 * @fields: grows by what relocations, symbol tables and their hash tables point at
 *
 * An #OnwardFieldFinder.
 */
void
onward_find_symbols (const OnwardImage *image, OnwardFields *fields)
{
  for (guint i = 0; i < image->n_sections; i++)
    {
      const OnwardSection *section = &image->sections[i];

      switch (section->type)
        {
        case SHT_RELA:
          find_in_relocations (image, section, fields);
          break;
        case SHT_RELR:
          find_in_packed_relocations (section, fields);
          break;
        case SHT_SYMTAB:
        case SHT_DYNSYM:
          find_in_symbols (image, section, fields);
          break;
        case SHT_GNU_HASH:
          find_in_hash (image, section, fields);
          break;
        default:
          break;
        }
    }
}
