/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <string.h>

#include "onward-number.h"
#include "onward-test-elf.h"

#define FUNCTION_SIZE 64
/* So many functions lie between two places where something is inserted. */
#define EVERY      50
#define CODE_START 0x1000
#define NAMES      "\0.text\0.data\0.names"

typedef struct
{
  guint16 machine;
  guint n_functions;
  guint n_inserted;
  GRand *random;
  GByteArray *bytes;
} Builder;

static guint64
place_function (const Builder *self, guint index)
{
  return CODE_START + (guint64) index * FUNCTION_SIZE + index / EVERY * (guint64) self->n_inserted;
}

static void
append (Builder *self, gconstpointer data, gsize size)
{
  g_byte_array_append (self->bytes, data, (guint) size);
}

static void
append_word (Builder *self, guint32 word)
{
  word = GUINT32_TO_LE (word);
  append (self, &word, sizeof word);
}

/* mov eax, n; call f; and so on; ret. */
static void
append_x86 (Builder *self)
{
  for (guint i = 0; i < 6; i++)
    {
      guint64 target =
          place_function (self, (guint) g_rand_int_range (self->random, 0, self->n_functions));

      append (self, "\xb8", 1);
      append_word (self, g_rand_int (self->random) & 0xff);
      append (self, "\xe8", 1);
      append_word (self, (guint32) (target - self->bytes->len - 4));
    }
  append (self, "\xc3\x90\x90\x90", 4);
}

/* mov w0, n; bl f; and so on; ret. */
static void
append_aarch64 (Builder *self)
{
  for (guint i = 0; i < 7; i++)
    {
      guint64 target =
          place_function (self, (guint) g_rand_int_range (self->random, 0, self->n_functions));

      append_word (self, 0x52800000 | (g_rand_int (self->random) & 0xff) << 5);
      append_word (self, 0x94000000 | ((guint32) ((target - self->bytes->len) >> 2) & 0x3ffffff));
    }
  append_word (self, 0xd65f03c0);
  append_word (self, 0xd503201f);
}

static void
append_segment (Builder *self, guint64 size)
{
  Elf64_Phdr header = { .p_type = GUINT32_TO_LE (PT_LOAD),
                        .p_flags = GUINT32_TO_LE (PF_X | PF_W | PF_R),
                        .p_filesz = GUINT64_TO_LE (size),
                        .p_memsz = GUINT64_TO_LE (size) };

  append (self, &header, sizeof header);
}

static void
append_section (Builder *self, guint32 name, guint32 type, guint64 flags, guint64 start,
                guint64 size)
{
  Elf64_Shdr header = { .sh_name = GUINT32_TO_LE (name),
                        .sh_type = GUINT32_TO_LE (type),
                        .sh_flags = GUINT64_TO_LE (flags),
                        .sh_addr = GUINT64_TO_LE (start),
                        .sh_offset = GUINT64_TO_LE (start),
                        .sh_size = GUINT64_TO_LE (size) };

  append (self, &header, sizeof header);
}

static void
append_head (Builder *self, guint64 names_start)
{
  Elf64_Ehdr header = { .e_ident = ELFMAG,
                        .e_type = GUINT16_TO_LE (ET_DYN),
                        .e_machine = GUINT16_TO_LE (self->machine),
                        .e_phoff = GUINT64_TO_LE (sizeof (Elf64_Ehdr)),
                        .e_shoff = GUINT64_TO_LE (names_start + sizeof NAMES),
                        .e_phentsize = GUINT16_TO_LE (sizeof (Elf64_Phdr)),
                        .e_phnum = GUINT16_TO_LE (1),
                        .e_shentsize = GUINT16_TO_LE (sizeof (Elf64_Shdr)),
                        .e_shnum = GUINT16_TO_LE (4),
                        .e_shstrndx = GUINT16_TO_LE (3) };

  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  append (self, &header, sizeof header);
  append_segment (self, names_start);
  g_byte_array_set_size (self->bytes, CODE_START);
  memset (self->bytes->data + sizeof header + sizeof (Elf64_Phdr), 0,
          CODE_START - sizeof header - sizeof (Elf64_Phdr));
}

static void
append_code (Builder *self)
{
  for (guint i = 0; i < self->n_functions; i++)
    {
      if (self->machine == EM_X86_64)
        append_x86 (self);
      else
        append_aarch64 (self);
      for (guint n = 0; (i + 1) % EVERY == 0 && n < self->n_inserted; n++)
        append (self, "\x1f", 1);
    }
}

static void
append_pointers (Builder *self)
{
  for (guint i = 0; i < self->n_functions; i++)
    {
      guint64 pointer = GUINT64_TO_LE (place_function (self, i * 7 % self->n_functions));

      append (self, &pointer, sizeof pointer);
    }
}

GBytes *
onward_test_elf_new (guint16 machine, guint32 seed, guint n_functions, guint n_inserted)
{
  Builder self = { machine, n_functions, n_inserted, g_rand_new_with_seed (seed),
                   g_byte_array_new () };
  guint64 data_start = place_function (&self, n_functions);
  guint64 names_start = data_start + n_functions * 8;

  append_head (&self, names_start);
  append_code (&self);
  append_pointers (&self);
  append (&self, NAMES, sizeof NAMES);
  append_section (&self, 0, SHT_NULL, 0, 0, 0);
  append_section (&self, 1, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, CODE_START,
                  data_start - CODE_START);
  append_section (&self, 7, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, data_start,
                  names_start - data_start);
  append_section (&self, 13, SHT_STRTAB, 0, names_start, sizeof NAMES);
  g_rand_free (self.random);
  return g_byte_array_free_to_bytes (self.bytes);
}

GBytes *
onward_test_elf_disguise (GBytes *program)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (program, &size);
  guint8 *copy = g_memdup2 (data, size);

  copy[0] = 'X';
  return g_bytes_new_take (copy, size);
}
