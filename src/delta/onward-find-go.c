/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <string.h>

#include "onward-field-finders.h"
#include "onward-number.h"

/* The tables of Go 1.18 and 1.20: their first words. */
#define MAGIC_1_18 0xfffffff0
#define MAGIC_1_20 0xfffffff1
/* Words of the module's data, counted from the pointer to the tables. */
#define WORD_TYPES     37
#define WORD_FUNC_DATA 40
#define N_WORDS        44
/* A function's record, before what follows it. */
#define RECORD_SIZE 44

/* A Go program's tables, and what the words in them count from. */
typedef struct
{
  const OnwardImage *image;
  const OnwardSection *section;
  OnwardFields *fields;
  guint64 n_functions;
  guint64 functions; /* where in the section the list of them begins */
  gint32 text;
  gint32 names;
  gint32 counters;
  gint32 records;
  gint32 func_data; /* or -1 */
} Tables;

static guint32
get_word (const Tables *self, guint64 at)
{
  return onward_number_get_32 (self->section->data + at);
}

static void
add (const Tables *self, guint64 at, gint32 base)
{
  onward_fields_add (self->fields, self->section->offset + at, ONWARD_FIELD_BASED, base);
}

static void
add_unless_zero (const Tables *self, guint64 at, gint32 base)
{
  if (get_word (self, at) != 0)
    add (self, at, base);
}

/* Behind a record: the program's counters of several kinds, then its other data. */
static void
find_behind_record (const Tables *self, guint64 at)
{
  const guint8 *record = self->section->data + at;
  guint32 n_counters = onward_number_get_32 (record + 28);
  guint n_data = record[43];
  guint64 room = (self->section->size - at - RECORD_SIZE) / 4;

  if (n_counters > 64)
    return;

  for (guint64 i = 0; i < MIN (n_counters, room); i++)
    add_unless_zero (self, at + RECORD_SIZE + i * 4, self->counters);
  for (guint64 i = n_counters; self->func_data >= 0 && i < MIN (n_counters + n_data, room); i++)
    if (get_word (self, at + RECORD_SIZE + i * 4) != G_MAXUINT32)
      add (self, at + RECORD_SIZE + i * 4, self->func_data);
}

static void
find_in_record (const Tables *self, guint64 at)
{
  if (at + RECORD_SIZE > self->section->size)
    return;

  add (self, at, self->text);
  add_unless_zero (self, at + 4, self->names);
  for (guint i = 16; i <= 24; i += 4)
    add_unless_zero (self, at + i, self->counters);
  find_behind_record (self, at);
}

/* Pairs: where a function's code begins, and where its record is; at the end, where code ends. */
static void
find_in_functions (const Tables *self)
{
  guint64 room = (self->section->size - self->functions) / 8;

  for (guint64 i = 0; i < MIN (self->n_functions, room); i++)
    {
      guint64 at = self->functions + i * 8;

      add (self, at, self->text);
      add (self, at + 4, self->records);
      find_in_record (self, self->functions + get_word (self, at + 4));
    }
  if (self->n_functions < room)
    add (self, self->functions + self->n_functions * 8, self->text);
}

/* Each type has a name and mostly a pointer to itself, counted like the links to types. */
static void
find_in_types (const Tables *self, guint64 types)
{
  const OnwardSection *links = onward_image_find_section (self->image, ".typelink");
  gint32 base = onward_fields_add_base (self->fields, types);

  for (guint64 at = 0; links != NULL && at + 4 <= links->size; at += 4)
    {
      guint64 address = types + onward_number_get_32 (links->data + at);
      guint64 place;

      onward_fields_add (self->fields, links->offset + at, ONWARD_FIELD_BASED, base);
      if (!onward_space_to_offset (&self->image->space, address, &place) ||
          place + 48 > self->image->size)
        continue;

      onward_fields_add (self->fields, place + 40, ONWARD_FIELD_BASED, base);
      if (onward_number_get_32 (self->image->data + place + 44) != 0)
        onward_fields_add (self->fields, place + 44, ONWARD_FIELD_BASED, base);
    }
}

/* The module's data begins with pointers to the tables and to the names in them. */
static const guint8 *
find_module (const Tables *self, guint64 names)
{
  for (guint i = 0; i < self->image->n_sections; i++)
    {
      const OnwardSection *section = &self->image->sections[i];

      if (section->type != SHT_PROGBITS || (section->flags & SHF_WRITE) == 0)
        continue;
      for (guint64 at = 0; at + N_WORDS * 8 <= section->size; at += 8)
        if (onward_number_get_64 (section->data + at) == self->section->address &&
            onward_number_get_64 (section->data + at + 8) == names)
          return section->data + at;
    }
  return NULL;
}

static guint64
find_text (const Tables *self)
{
  guint64 text = onward_number_get_64 (self->section->data + 24);
  const OnwardSection *section = onward_image_find_section (self->image, ".text");

  return text == 0 && section != NULL ? section->address : text;
}

static gboolean
read_tables (Tables *self, guint64 *ret_names)
{
  const guint8 *data = self->section->data;
  guint64 address = self->section->address;
  guint32 magic;

  if (self->section->size <= 72)
    return FALSE;

  magic = onward_number_get_32 (data);
  self->n_functions = onward_number_get_64 (data + 8);
  self->functions = onward_number_get_64 (data + 64);
  if ((magic != MAGIC_1_18 && magic != MAGIC_1_20) || self->functions > self->section->size)
    return FALSE;

  *ret_names = address + onward_number_get_64 (data + 32);
  self->text = onward_fields_add_base (self->fields, find_text (self));
  self->names = onward_fields_add_base (self->fields, *ret_names);
  self->counters =
      onward_fields_add_base (self->fields, address + onward_number_get_64 (data + 56));
  self->records = onward_fields_add_base (self->fields, address + self->functions);
  return TRUE;
}

/**
 * onward_find_go:
 * @image: an executable
 * @fields: grows by the tables of functions and types of a Go program
 *
 * An #OnwardFieldFinder.
 */
void
onward_find_go (const OnwardImage *image, OnwardFields *fields)
{
  Tables tables = { image, onward_image_find_section (image, ".gopclntab"), fields };
  const guint8 *module;
  guint64 names;

  if (tables.section == NULL)
    tables.section = onward_image_find_section (image, ".data.rel.ro.gopclntab");
  if (tables.section == NULL || !read_tables (&tables, &names))
    return;

  module = find_module (&tables, names);
  tables.func_data = -1;
  if (module != NULL)
    {
      tables.func_data =
          onward_fields_add_base (fields, onward_number_get_64 (module + WORD_FUNC_DATA * 8));
      find_in_types (&tables, onward_number_get_64 (module + WORD_TYPES * 8));
    }
  find_in_functions (&tables);
}
