/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <string.h>

#include "onward-number.h"
#include "onward-space.h"

/* Larger addresses and sizes are none of a program's, and leave room to add them up. */
#define LIMIT (G_GUINT64_CONSTANT (1) << 46)

G_STATIC_ASSERT (sizeof (Elf64_Ehdr) == ONWARD_SPACE_MIN_HEAD);

#define GET_16(data, type, member) onward_number_get_16 ((data) + G_STRUCT_OFFSET (type, member))
#define GET_64(data, type, member) onward_number_get_64 ((data) + G_STRUCT_OFFSET (type, member))

/**
 * onward_space_measure_head:
 * @data: the beginning of a file
 * @available: how much of it there is
 *
 * Finds out how much of a file must be known to tell its address space. The answer is the same for
 * every @available from %ONWARD_SPACE_MIN_HEAD up.
 *
 * Returns: the number of bytes; 0 when the file is no executable
 */
gsize
onward_space_measure_head (const guint8 *data, gsize available)
{
  guint64 start;
  guint64 end;

  if (available < ONWARD_SPACE_MIN_HEAD || memcmp (data, ELFMAG, SELFMAG) != 0 ||
      data[EI_CLASS] != ELFCLASS64 || data[EI_DATA] != ELFDATA2LSB)
    return 0;

  start = GET_64 (data, Elf64_Ehdr, e_phoff);
  if (start < sizeof (Elf64_Ehdr) || start > ONWARD_SPACE_MAX_HEAD ||
      GET_16 (data, Elf64_Ehdr, e_phentsize) != sizeof (Elf64_Phdr))
    return 0;

  end = start + (guint64) GET_16 (data, Elf64_Ehdr, e_phnum) * sizeof (Elf64_Phdr);
  return end > ONWARD_SPACE_MAX_HEAD ? 0 : (gsize) end;
}

static gboolean
add_segment (OnwardSpace *self, const guint8 *data)
{
  OnwardSegment *segment = &self->segments[self->n_segments];

  if (onward_number_get_32 (data) != PT_LOAD)
    return TRUE;
  if (self->n_segments == ONWARD_SPACE_MAX_SEGMENTS)
    return FALSE;

  segment->address = GET_64 (data, Elf64_Phdr, p_vaddr);
  segment->memory_size = GET_64 (data, Elf64_Phdr, p_memsz);
  segment->offset = GET_64 (data, Elf64_Phdr, p_offset);
  segment->file_size = GET_64 (data, Elf64_Phdr, p_filesz);
  segment->is_code =
      (onward_number_get_32 (data + G_STRUCT_OFFSET (Elf64_Phdr, p_flags)) & PF_X) != 0;
  self->n_segments++;
  return segment->address < LIMIT && segment->memory_size < LIMIT &&
         segment->file_size <= segment->memory_size && segment->offset <= self->size &&
         segment->file_size <= self->size - segment->offset;
}

/**
 * onward_space_parse:
 * @ret_space: (out): the address space
 * @data: the beginning of a file
 * @available: how much of it there is
 * @size: the size of the file
 *
 * Reads the program headers of an ELF file. What is odd is no executable; hostile bytes do no harm.
 *
 * Returns: whether the file is an executable, library or object with segments
 */
gboolean
onward_space_parse (OnwardSpace *ret_space, const guint8 *data, gsize available, guint64 size)
{
  gsize head = onward_space_measure_head (data, available);
  OnwardSpace space = { 0 };

  if (head == 0 || head > available || size > G_MAXUINT32)
    return FALSE;

  space.machine = GET_16 (data, Elf64_Ehdr, e_machine);
  space.size = size;
  for (gsize at = (gsize) GET_64 (data, Elf64_Ehdr, e_phoff); at < head; at += sizeof (Elf64_Phdr))
    if (!add_segment (&space, data + at))
      return FALSE;

  *ret_space = space;
  return space.n_segments > 0;
}
