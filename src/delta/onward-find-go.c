/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <string.h>

#include "onward-field-finders.h"
#include "onward-go-types.h"
#include "onward-number.h"

/* The tables of Go 1.18 and 1.20: their first words. */
#define MAGIC_1_18 0xfffffff0
#define MAGIC_1_20 0xfffffff1
/* Words of the module's data, counted from the pointer to the tables. */
#define WORD_TYPES     37
#define WORD_TYPES_END 38
#define WORD_FUNC_DATA 40
#define N_WORDS        44
/* A function's record, before what follows it. */
#define RECORD_SIZE 44
/* Which of a function's other data tells what was inlined, and what that consists of. */
#define DATA_INLINED 3
#define INLINED_SIZE 16
#define INLINED_NAME 4

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
  gint32 units;     /* -1: the deltas of that version do not know them */
  guint64 left;     /* how many fields there may still be: each has its own four bytes */

  guint64 names_start; /* where in the section names begin, */
  guint64 names_end;   /* and end */
  GArray *inlined;     /* (owned): of guint32: where in the file functions' inlined ones are told */
} Tables;

static void
tables_clear (Tables *self)
{
  g_clear_pointer (&self->inlined, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Tables, tables_clear)

static guint32
get_word (const Tables *self, guint64 at)
{
  return onward_number_get_32 (self->section->data + at);
}

static void
add (Tables *self, guint64 at, gint32 base)
{
  if (self->left == 0)
    return;

  self->left--;
  onward_fields_add (self->fields, self->section->offset + at, ONWARD_FIELD_BASED, base);
}

static void
add_unless_zero (Tables *self, guint64 at, gint32 base)
{
  if (get_word (self, at) != 0)
    add (self, at, base);
}

/* What was inlined in a function is told where its data say: looked at later. */
static void
note_inlined (Tables *self, guint64 at)
{
  guint64 address = onward_fields_get_base (self->fields, self->func_data) + get_word (self, at);
  guint64 offset;

  if (self->inlined != NULL && onward_space_to_offset (&self->image->space, address, &offset) &&
      offset <= G_MAXUINT32)
    g_array_append_vals (self->inlined, &(guint32){ (guint32) offset }, 1);
}

/* Behind a record: the program's counters of several kinds, then its other data. */
static void
find_behind_record (Tables *self, guint64 at)
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
      {
        add (self, at + RECORD_SIZE + i * 4, self->func_data);
        if (i == n_counters + DATA_INLINED)
          note_inlined (self, at + RECORD_SIZE + i * 4);
      }
}

static void
find_in_record (Tables *self, guint64 at)
{
  if (at + RECORD_SIZE > self->section->size)
    return;

  add (self, at, self->text);
  add_unless_zero (self, at + 4, self->names);
  for (guint i = 16; i <= 24; i += 4)
    add_unless_zero (self, at + i, self->counters);
  if (self->units >= 0 && self->left > 0)
    onward_fields_add (self->fields, self->section->offset + at + 32, ONWARD_FIELD_WORDS,
                       self->units);
  find_behind_record (self, at);
}

/* Pairs: where a function's code begins, and where its record is; at the end, where code ends. */
static void
find_in_functions (Tables *self)
{
  guint64 room = (self->section->size - self->functions) / 8;

  for (guint64 i = 0; i < MIN (self->n_functions, room) && self->left > 0; i++)
    {
      guint64 at = self->functions + i * 8;

      add (self, at, self->text);
      add (self, at + 4, self->records);
      find_in_record (self, self->functions + get_word (self, at + 4));
    }
  if (self->n_functions < room)
    add (self, self->functions + self->n_functions * 8, self->text);
}

/* Compilation units have lists of files, which are words, too. */
static void
find_in_units (Tables *self)
{
  guint64 start = onward_number_get_64 (self->section->data + 40);
  guint64 end = onward_number_get_64 (self->section->data + 48);
  gint32 files = onward_fields_add_base (self->fields, self->section->address + end);

  for (guint64 at = start; at < end && end <= self->section->size && at + 4 <= end; at += 4)
    if (get_word (self, at) != G_MAXUINT32)
      add (self, at, files);
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  guint32 left = *(const guint32 *) a;
  guint32 right = *(const guint32 *) b;

  return (left > right) - (left < right);
}

static gboolean
is_inlined (const Tables *self, const guint8 *data)
{
  guint64 name = self->names_start + onward_number_get_32 (data + INLINED_NAME);

  return data[1] == 0 && data[2] == 0 && data[3] == 0 && name > self->names_start &&
         name < self->names_end && self->section->data[name - 1] == '\0';
}

/* How many inlined functions are told of nobody says: as many as look so. */
static void
find_in_inlined (Tables *self)
{
  guint64 end = 0;

  g_array_sort (self->inlined, compare_places);
  for (guint i = 0; i < self->inlined->len; i++)
    {
      guint64 at = MAX (g_array_index (self->inlined, guint32, i), end);

      for (; at + INLINED_SIZE <= self->image->size && is_inlined (self, self->image->data + at);
           at += INLINED_SIZE)
        onward_fields_add (self->fields, at + INLINED_NAME, ONWARD_FIELD_BASED, self->names);
      end = at;
    }
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

  self->left = self->section->size / 4;
  self->names_start = onward_number_get_64 (data + 32);
  self->names_end = MIN (onward_number_get_64 (data + 40), self->section->size);
  *ret_names = address + self->names_start;
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
  g_auto (Tables) tables = { image, onward_image_find_section (image, ".gopclntab"), fields };
  gboolean knows_all = image->version >= ONWARD_DELTA_TOGETHER;
  const guint8 *module;
  guint64 names;

  if (tables.section == NULL)
    tables.section = onward_image_find_section (image, ".data.rel.ro.gopclntab");
  if (tables.section == NULL || !read_tables (&tables, &names))
    return;

  module = find_module (&tables, names);
  tables.func_data = -1;
  if (module != NULL)
    tables.func_data =
        onward_fields_add_base (fields, onward_number_get_64 (module + WORD_FUNC_DATA * 8));
  tables.units = -1;
  if (knows_all)
    {
      tables.inlined = g_array_new (FALSE, FALSE, sizeof (guint32));
      tables.units = onward_fields_add_base (
          fields, tables.section->address + onward_number_get_64 (tables.section->data + 40));
      find_in_units (&tables);
    }
  if (module != NULL && knows_all)
    onward_go_types_find (image, onward_number_get_64 (module + WORD_TYPES * 8),
                          onward_number_get_64 (module + WORD_TYPES_END * 8), tables.text, fields);
  else if (module != NULL)
    find_in_types (&tables, onward_number_get_64 (module + WORD_TYPES * 8));
  find_in_functions (&tables);
  if (knows_all)
    find_in_inlined (&tables);
}
