/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-go-types.h"
#include "onward-number.h"

/* What every type begins with, and where in it things are. */
#define HEAD_SIZE    48
#define FLAGS        20
#define FLAG_METHODS (1u << 0)
#define KIND         23
#define KIND_MASK    0x1fu
#define NAME         40
#define POINTER      44
/* Types lie at multiples of it. */
#define ALIGNMENT 8

/* What some kinds have behind that: pointers to types, one behind the other; or a pointer to a
 * list, and its length. */
#define FIRST_TYPE  48
#define LIST        56
#define LIST_LENGTH 64
/* What lists consist of, and where in a member the pointer to its type is. */
#define MEMBER_SIZE 24
#define MEMBER_TYPE 8
#define METHOD_SIZE 8
/* The methods of a type that has a name: where they are, counted from here, and how many. */
#define PACKAGE         0
#define N_METHODS       4
#define METHODS         8
#define OWN_METHOD_SIZE 16
#define NOTHING         G_MAXUINT32

typedef enum
{
  KIND_ARRAY = 17,
  KIND_CHAN,
  KIND_FUNC,
  KIND_INTERFACE,
  KIND_MAP,
  KIND_POINTER,
  KIND_SLICE,
  KIND_STRING,
  KIND_STRUCT,
} Kind;

typedef struct
{
  OnwardFields *fields;
  const guint8 *data; /* of all types */
  guint64 start;      /* where they begin in the file, */
  guint64 address;    /* and in memory */
  guint64 size;
  guint64 left;  /* how many fields there may still be: each is four bytes of the types */
  guint64 lines; /* how many lines of lists may still be looked at: each has 8 bytes or more */
  gint32 types;
  gint32 text;
  GArray *waiting; /* (owned): of guint32: types that were heard of */
  guint8 *heard;   /* (owned): a bit for each place where a type may be */
} Walk;

static void
walk_clear (Walk *self)
{
  g_clear_pointer (&self->waiting, g_array_unref);
  g_clear_pointer (&self->heard, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Walk, walk_clear)

static gboolean
has (const Walk *self, guint64 at, guint64 size)
{
  return at <= self->size && size <= self->size - at;
}

/* A type at @at, if that is possible, will be looked at once. */
static void
hear_of (Walk *self, guint64 at)
{
  guint32 place = (guint32) at;
  guint8 bit = (guint8) (1u << (at / ALIGNMENT % 8));

  if (at == 0 || at % ALIGNMENT != 0 || !has (self, at, HEAD_SIZE) ||
      (self->heard[at / ALIGNMENT / 8] & bit) != 0)
    return;

  self->heard[at / ALIGNMENT / 8] |= bit;
  g_array_append_val (self->waiting, place);
}

static guint64
read_pointer (const Walk *self, guint64 at)
{
  return onward_number_get_64 (self->data + at) - self->address;
}

static void
hear_of_pointer (Walk *self, guint64 at)
{
  if (has (self, at, 8))
    hear_of (self, read_pointer (self, at));
}

/* Another line of a list may be looked at, which is all there and of which there may be fields. */
static gboolean
take_line (Walk *self, guint64 at, guint64 size)
{
  if (self->left == 0 || self->lines == 0 || !has (self, at, size))
    return FALSE;

  self->lines--;
  return TRUE;
}

/* A word that counts from @base, unless it says that there is nothing. */
static void
add (Walk *self, guint64 at, gint32 base)
{
  guint32 word = onward_number_get_32 (self->data + at);

  if (word == 0 || word == NOTHING || self->left == 0)
    return;

  self->left--;
  onward_fields_add (self->fields, self->start + at, ONWARD_FIELD_BASED, base);
}

/* The same of another type. */
static void
add_type (Walk *self, guint64 at)
{
  add (self, at, self->types);
  hear_of (self, onward_number_get_32 (self->data + at));
}

static void
find_interface (Walk *self, guint64 type)
{
  guint64 list = read_pointer (self, type + LIST);
  guint64 n = onward_number_get_64 (self->data + type + LIST_LENGTH);

  for (guint64 i = 0; i < n && take_line (self, list, METHOD_SIZE); i++)
    {
      add (self, list, self->types);
      add_type (self, list + 4);
      list += METHOD_SIZE;
    }
}

static void
find_struct (Walk *self, guint64 type)
{
  guint64 list = read_pointer (self, type + LIST);
  guint64 n = onward_number_get_64 (self->data + type + LIST_LENGTH);

  for (guint64 i = 0; i < n && self->left > 0 && has (self, list, MEMBER_SIZE); i++)
    {
      hear_of_pointer (self, list + MEMBER_TYPE);
      self->left--;
      list += MEMBER_SIZE;
    }
}

static void
find_func (Walk *self, guint64 type, gboolean has_methods)
{
  const guint8 *counts = self->data + type + FIRST_TYPE;
  guint n = onward_number_get_16 (counts) + (onward_number_get_16 (counts + 2) & G_MAXINT16);
  guint64 list = type + LIST + (has_methods ? OWN_METHOD_SIZE : 0);

  for (guint i = 0; i < n && self->left > 0 && has (self, list, 8); i++)
    {
      hear_of_pointer (self, list);
      self->left--;
      list += 8;
    }
}

/* Follows what a kind has behind its head. The size of both, or 0 when it is not known: different
 * versions of Go have different maps. */
static guint64
find_by_kind (Walk *self, guint64 type, guint kind, gboolean has_methods)
{
  switch (kind)
    {
    case KIND_ARRAY:
      hear_of_pointer (self, type + FIRST_TYPE);
      hear_of_pointer (self, type + FIRST_TYPE + 8);
      return 72;
    case KIND_CHAN:
      hear_of_pointer (self, type + FIRST_TYPE);
      return 64;
    case KIND_FUNC:
      find_func (self, type, has_methods);
      return 56;
    case KIND_INTERFACE:
      find_interface (self, type);
      return 80;
    case KIND_MAP:
      for (guint i = 0; i < 3; i++)
        hear_of_pointer (self, type + FIRST_TYPE + i * 8);
      return 0;
    case KIND_POINTER:
    case KIND_SLICE:
      hear_of_pointer (self, type + FIRST_TYPE);
      return 56;
    case KIND_STRUCT:
      find_struct (self, type);
      return 80;
    default:
      return HEAD_SIZE;
    }
}

/* Each has a name, a type, and two addresses of code. */
static void
find_methods (Walk *self, guint64 at)
{
  guint n;
  guint64 method;

  if (!has (self, at, OWN_METHOD_SIZE))
    return;

  add (self, at + PACKAGE, self->types);
  n = onward_number_get_16 (self->data + at + N_METHODS);
  method = at + onward_number_get_32 (self->data + at + METHODS);
  for (guint i = 0; i < n && take_line (self, method, OWN_METHOD_SIZE); i++)
    {
      add (self, method, self->types);
      add_type (self, method + 4);
      add (self, method + 8, self->text);
      add (self, method + 12, self->text);
      method += OWN_METHOD_SIZE;
    }
}

static void
find_in_type (Walk *self, guint64 type)
{
  gboolean has_methods = (self->data[type + FLAGS] & FLAG_METHODS) != 0;
  guint kind = self->data[type + KIND] & KIND_MASK;
  guint64 size = 0;

  add (self, type + NAME, self->types);
  add_type (self, type + POINTER);
  if (has (self, type, LIST_LENGTH + 8))
    size = find_by_kind (self, type, kind, has_methods);
  if (has_methods && size > 0)
    find_methods (self, type + size);
}

/* The table has those types that the program may look for; they lead to the others. */
static void
hear_of_links (Walk *self, const OnwardImage *image)
{
  const OnwardSection *links = onward_image_find_section (image, ".typelink");

  for (guint64 at = 0; links != NULL && at + 4 <= links->size; at += 4)
    {
      onward_fields_add (self->fields, links->offset + at, ONWARD_FIELD_BASED, self->types);
      hear_of (self, onward_number_get_32 (links->data + at));
    }
}

/**
 * onward_go_types_find:
 * @image: a Go program
 * @types: the address where its types begin
 * @end: the one where they end
 * @text: the base that addresses of methods count from
 * @fields: grows by the words in types
 *
 * Finds what types say of others by words. A hostile program takes no longer than a large one.
 */
void
onward_go_types_find (const OnwardImage *image, guint64 types, guint64 end, gint32 text,
                      OnwardFields *fields)
{
  g_auto (Walk) self = { .fields = fields, .address = types, .text = text };

  if (end <= types || !onward_space_to_offset (&image->space, types, &self.start) ||
      self.start >= image->size)
    return;

  self.data = image->data + self.start;
  self.size = MIN (end - types, MIN (image->size - self.start, G_MAXUINT32));
  self.left = self.size / 4;
  self.lines = self.size / 8;
  self.types = onward_fields_add_base (fields, types);
  self.waiting = g_array_new (FALSE, FALSE, sizeof (guint32));
  self.heard = g_malloc0 (self.size / ALIGNMENT / 8 + 1);
  hear_of_links (&self, image);
  while (self.waiting->len > 0)
    {
      guint32 type = g_array_index (self.waiting, guint32, self.waiting->len - 1);

      g_array_set_size (self.waiting, self.waiting->len - 1);
      find_in_type (&self, type);
    }
}
