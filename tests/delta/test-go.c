/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <string.h>

#include "onward-field-finders.h"
#include "onward-go-types.h"
#include "onward-number.h"

/* A program of one segment at this address, laid out by hand. */
#define ADDRESS G_GUINT64_CONSTANT (0x400000)
#define SIZE    0x4000
/* Types begin here, and end where links to them begin. */
#define TYPES     0x1000
#define TYPES_END 0x2000
/* Functions' tables, and the module that speaks of both. */
#define TABLES 0x2100
#define MODULE 0x3000
#define TEXT   0x3800

/* The program, and what is found in it. */
typedef struct
{
  guint8 data[SIZE];
  OnwardSection sections[4];
  OnwardImage image;
  OnwardFields *fields;
} Program;

static Program *
program_new (OnwardDeltaVersion version)
{
  Program *self = g_new0 (Program, 1);

  self->sections[0] = (OnwardSection){ ".typelink",         SHT_PROGBITS, SHF_ALLOC, 0,
                                       ADDRESS + TYPES_END, TYPES_END,    8,         NULL };
  self->sections[1] = (OnwardSection){ ".gopclntab",     SHT_PROGBITS, SHF_ALLOC,       0,
                                       ADDRESS + TABLES, TABLES,       MODULE - TABLES, NULL };
  self->sections[2] = (OnwardSection){
    ".go.module", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0, ADDRESS + MODULE, MODULE, 44 * 8, NULL
  };
  self->sections[3] = (OnwardSection){
    ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0, ADDRESS + TEXT, TEXT, SIZE - TEXT, NULL
  };
  for (guint i = 0; i < G_N_ELEMENTS (self->sections); i++)
    self->sections[i].data = self->data + self->sections[i].offset;
  self->image = (OnwardImage){ .data = self->data,
                               .size = SIZE,
                               .version = version,
                               .n_sections = G_N_ELEMENTS (self->sections),
                               .sections = self->sections };
  self->image.space.size = SIZE;
  self->image.space.n_segments = 1;
  self->image.space.segments[0] = (OnwardSegment){ ADDRESS, SIZE, 0, SIZE, FALSE };
  self->fields = onward_fields_new ();
  return self;
}

static void
program_free (Program *self)
{
  onward_fields_free (self->fields);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Program, program_free)

static void
put_word (Program *self, guint64 at, guint32 word)
{
  onward_number_put (self->data + at, word, 4);
}

static void
put_pointer (Program *self, guint64 at, guint64 place)
{
  onward_number_put (self->data + at, ADDRESS + place, 8);
}

/* A type of this kind with a name; @flags 1: it has methods. */
static void
put_type (Program *self, guint64 at, guint8 kind, guint8 flags)
{
  self->data[at + 20] = flags;
  self->data[at + 23] = kind;
  put_word (self, at + 40, 0x10);
}

/* Whether there is a field at @at that counts from the address of @place. */
static gboolean
has_field (const Program *self, guint64 at, guint64 place)
{
  guint index = onward_fields_search (self->fields, at);
  const OnwardField *field;

  if (index >= self->fields->array->len)
    return FALSE;

  field = onward_fields_get (self->fields, index);
  return field->offset == at &&
         onward_fields_get_base (self->fields, field->extra) == ADDRESS + place;
}

static void
find_types (Program *self)
{
  gint32 text = onward_fields_add_base (self->fields, ADDRESS + TEXT);

  onward_go_types_find (&self->image, ADDRESS + TYPES, ADDRESS + TYPES_END, text, self->fields);
  onward_fields_finish (self->fields);
}

/* A pointer leads to a struct with methods, that to an interface and a function, which lead back:
 * all their words are found, once each. */
static void
test_types (void)
{
  g_autoptr (Program) program = program_new (ONWARD_DELTA_TOGETHER);
  const guint64 pointer = TYPES + 0x100, record = TYPES + 0x200, interface = TYPES + 0x300,
                function = TYPES + 0x400, methods = record + 80;
  const guint64 names[] = { pointer + 40, record + 40, interface + 40, function + 40 };

  put_word (program, TYPES_END, 0x100);
  put_type (program, pointer, 22, 0);
  put_pointer (program, pointer + 48, record);
  put_type (program, record, 25, 1);
  put_word (program, record + 44, 0x100);
  put_pointer (program, record + 56, TYPES + 0x800);
  program->data[record + 64] = 1;
  put_pointer (program, TYPES + 0x808, interface);
  put_word (program, methods, 0x20);
  program->data[methods + 4] = 1;
  put_word (program, methods + 8, 16);
  put_word (program, methods + 16, 0x30);
  put_word (program, methods + 20, 0x400);
  put_word (program, methods + 24, 0x50);
  put_word (program, methods + 28, G_MAXUINT32);
  put_type (program, interface, 20, 0);
  put_pointer (program, interface + 56, TYPES + 0x900);
  program->data[interface + 64] = 2;
  put_word (program, TYPES + 0x900, 0x40);
  put_word (program, TYPES + 0x904, 0x400);
  put_word (program, TYPES + 0x908, 0x48);
  put_type (program, function, 19, 0);
  program->data[function + 48] = 1;
  put_pointer (program, function + 56, pointer);

  find_types (program);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (has_field (program, names[i], TYPES));
  g_assert_true (has_field (program, record + 44, TYPES));
  g_assert_true (has_field (program, methods, TYPES));
  g_assert_true (has_field (program, methods + 20, TYPES));
  g_assert_true (has_field (program, methods + 24, TEXT));
  g_assert_false (has_field (program, methods + 28, TEXT));
  g_assert_true (has_field (program, TYPES + 0x904, TYPES));
  g_assert_true (has_field (program, TYPES + 0x908, TYPES));
  g_assert_cmpuint (program->fields->array->len, ==, 2 + 4 + 1 + 1 + 3 + 3);
}

/* Lists without end, and types that speak of nowhere or of themselves, take no longer than all of
 * the types' bytes may. */
static void
test_hostile_types (void)
{
  const guint8 kinds[] = { 17, 18, 19, 20, 21, 22, 23, 25, 31 };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (Program) program = program_new (ONWARD_DELTA_TOGETHER);

      put_word (program, TYPES_END, 8);
      for (guint64 at = TYPES; at < TYPES_END; at += 8)
        {
          program->data[at + 4] = (guint8) (1 | i << 4);
          program->data[at + 7] = kinds[i];
          put_word (program, at, (guint32) (at - TYPES + 8));
        }
      find_types (program);
      g_assert_cmpuint (program->fields->array->len, <=, (TYPES_END - TYPES) / 4 + 2);

      for (guint64 at = TYPES; at < TYPES_END; at += 8)
        put_pointer (program, at, at % 3 == 0 ? TYPES + 8 : G_MAXUINT64 / (at % 5 + 1));
      find_types (program);
    }
}

/* Types that all have one long list in which nothing is said take no longer than one of them: if
 * each went through all of it, that would be hours. */
static void
test_empty_lists (void)
{
  const struct
  {
    guint8 kind;
    guint8 flags;
  } types[] = { { 20, 0 }, { 2, 1 } };
  const guint64 size = 32 * 1024 * 1024;
  const guint64 n = size / 2 / 80;

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (Program) program = program_new (ONWARD_DELTA_TOGETHER);
      g_autofree guint8 *data = g_malloc0 (size);
      g_autofree guint8 *links = g_malloc0 (n * 4);

      for (guint64 k = 0; k < n; k++)
        {
          guint64 at = k * 80;

          onward_number_put (links + k * 4, at, 4);
          data[at + 20] = types[i].flags;
          data[at + 23] = types[i].kind;
          if (types[i].flags == 0)
            {
              onward_number_put (data + at + 56, ADDRESS + size / 2, 8);
              onward_number_put (data + at + 64, G_MAXUINT64, 8);
              continue;
            }
          onward_number_put (data + at + 48 + 4, G_MAXUINT16, 2);
          onward_number_put (data + at + 48 + 8, size / 2, 4);
        }
      program->image.data = data;
      program->image.size = program->image.space.size = size;
      program->image.space.segments[0] = (OnwardSegment){ ADDRESS, size, 0, size, FALSE };
      program->sections[0].data = links;
      program->sections[0].size = n * 4;
      onward_go_types_find (&program->image, ADDRESS, ADDRESS + size, -1, program->fields);
      g_assert_cmpuint (program->fields->array->len, <=, size / 4 + n);
    }
}

/* Two functions: the second one has other data, of which one tells of what was inlined. */
static void
put_tables (Program *self)
{
  const guint64 sizes[] = { 2, 1, ADDRESS + TEXT, 72, 0x100, 0x140, 0x180, 0x200 };
  const guint64 second = TABLES + 0x200 + 64 + 44;

  put_word (self, TABLES, 0xfffffff1);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    onward_number_put (self->data + TABLES + 8 + i * 8, sizes[i], 8);
  memcpy (self->data + TABLES + 72, "\0one\0two\0three", 14);
  put_word (self, TABLES + 0x104, 0x20);
  put_word (self, TABLES + 0x108, G_MAXUINT32);
  put_word (self, TABLES + 0x204, 64);
  put_word (self, TABLES + 0x20c, 64 + 44);
  put_word (self, second + 4, 1);
  put_word (self, second + 32, 1);
  self->data[second + 43] = 4;
  for (guint i = 0; i < 4; i++)
    put_word (self, second + 44 + i * 4, i == 3 ? 0x40 : G_MAXUINT32);

  put_pointer (self, MODULE, TABLES);
  put_pointer (self, MODULE + 8, TABLES + 72);
  put_pointer (self, MODULE + 37 * 8, TYPES);
  put_pointer (self, MODULE + 38 * 8, TYPES_END);
  put_pointer (self, MODULE + 40 * 8, TABLES + 0x600);
  /* Two inlined functions; what follows is something else. */
  put_word (self, TABLES + 0x640 + 4, 1);
  put_word (self, TABLES + 0x650 + 4, 5);
  put_word (self, TABLES + 0x660 + 4, 6);
}

static void
find_functions (Program *self)
{
  onward_find_go (&self->image, self->fields);
  onward_fields_finish (self->fields);
}

/* The words of functions' tables are found: units, their files, and what was inlined; a delta of an
 * earlier version has none of these. */
static void
test_functions (void)
{
  const guint64 second = TABLES + 0x200 + 64 + 44;

  for (guint i = 0; i < 2; i++)
    {
      gboolean knows_all = i == 1;
      g_autoptr (Program) program =
          program_new (knows_all ? ONWARD_DELTA_TOGETHER : ONWARD_DELTA_COVERS);

      put_tables (program);
      find_functions (program);
      g_assert_true (has_field (program, TABLES + 0x204, TABLES + 0x200));
      g_assert_true (has_field (program, second, TEXT));
      g_assert_true (has_field (program, second + 4, TABLES + 72));
      g_assert_true (has_field (program, second + 56, TABLES + 0x600));
      g_assert_true (has_field (program, second + 32, TABLES + 0x100) == knows_all);
      g_assert_true (has_field (program, TABLES + 0x104, TABLES + 0x140) == knows_all);
      g_assert_false (has_field (program, TABLES + 0x108, TABLES + 0x140));
      g_assert_true (has_field (program, TABLES + 0x644, TABLES + 72) == knows_all);
      g_assert_true (has_field (program, TABLES + 0x654, TABLES + 72) == knows_all);
      g_assert_false (has_field (program, TABLES + 0x664, TABLES + 72));
    }
}

/* Functions that all share one record give no more fields than the table has words. */
static void
test_hostile_functions (void)
{
  g_autoptr (Program) program = program_new (ONWARD_DELTA_TOGETHER);

  put_tables (program);
  onward_number_put (program->data + TABLES + 8, G_MAXUINT64, 8);
  for (guint64 at = TABLES + 0x204; at < MODULE; at += 8)
    put_word (program, at, 64);
  memset (program->data + TABLES + 0x200 + 64, 0x3f, 400);
  onward_find_go (&program->image, program->fields);
  g_assert_cmpuint (program->fields->array->len, <=, 2 * (MODULE - TABLES) / 4 + 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/go/types", test_types);
  g_test_add_func ("/go/hostile-types", test_hostile_types);
  g_test_add_func ("/go/empty-lists", test_empty_lists);
  g_test_add_func ("/go/functions", test_functions);
  g_test_add_func ("/go/hostile-functions", test_hostile_functions);
  return g_test_run ();
}
