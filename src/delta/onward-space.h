/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An executable says how long its head is in its first bytes; none may be longer than this. */
#define ONWARD_SPACE_MAX_HEAD     4096
#define ONWARD_SPACE_MIN_HEAD     64
#define ONWARD_SPACE_MAX_SEGMENTS 16
/* What is in the file but not in memory gets addresses from here on: its offset is added. */
#define ONWARD_SPACE_UNMAPPED (G_GUINT64_CONSTANT (1) << 46)

typedef struct
{
  guint64 address;
  guint64 memory_size;
  guint64 offset;
  guint64 file_size;
  gboolean is_code;
} OnwardSegment;

/**
 * OnwardSpace:
 * @machine: the processor, as in ELF
 * @size: of the file
 * @n_segments: how many segments there are
 * @segments: what of the file is where in memory
 *
 * The address space of an executable, from the beginning of its file.
 */
typedef struct
{
  guint16 machine;
  guint64 size;
  guint n_segments;
  OnwardSegment segments[ONWARD_SPACE_MAX_SEGMENTS];
} OnwardSpace;

gsize    onward_space_measure_head (const guint8 *data, gsize available);
gboolean onward_space_parse        (OnwardSpace *ret_space, const guint8 *data, gsize available,
                                    guint64 size);

/* The segment with @address, or NULL. */
static inline const OnwardSegment *
onward_space_find (const OnwardSpace *self, guint64 address)
{
  for (guint i = 0; i < self->n_segments; i++)
    if (address - self->segments[i].address < self->segments[i].memory_size)
      return &self->segments[i];
  return NULL;
}

static inline gboolean
onward_space_has (const OnwardSpace *self, guint64 address)
{
  return onward_space_find (self, address) != NULL;
}

static inline gboolean
onward_space_has_code (const OnwardSpace *self, guint64 address)
{
  const OnwardSegment *segment = onward_space_find (self, address);

  return segment != NULL && segment->is_code;
}

/* Where in the file @address is; FALSE when it is only in memory, or nowhere. */
static inline gboolean
onward_space_to_offset (const OnwardSpace *self, guint64 address, guint64 *ret_offset)
{
  const OnwardSegment *segment = onward_space_find (self, address);

  if (segment != NULL)
    *ret_offset = segment->offset + (address - segment->address);
  else
    *ret_offset = address - ONWARD_SPACE_UNMAPPED;
  return segment != NULL ? address - segment->address < segment->file_size
                         : *ret_offset < self->size;
}

static inline guint64
onward_space_to_address (const OnwardSpace *self, guint64 offset)
{
  for (guint i = 0; i < self->n_segments; i++)
    if (offset - self->segments[i].offset < self->segments[i].file_size)
      return self->segments[i].address + (offset - self->segments[i].offset);
  return ONWARD_SPACE_UNMAPPED + offset;
}

G_END_DECLS
