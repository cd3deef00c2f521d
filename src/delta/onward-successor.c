/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-field-value.h"
#include "onward-successor.h"

/* So many fields ahead is known what will be foretold. */
#define LOOK_AHEAD 6

struct _OnwardSuccessor
{
  /* The old file. */
  guint part;
  OnwardImage *image;   /* (owned) */
  OnwardFields *fields; /* (owned) */
  guint64 source_start;

  /* The new one. */
  OnwardSuccession succession;
  const guint8 *head;         /* (unowned): its beginning, as far as it is known */
  OnwardCoverMap *map;        /* (owned) (nullable) */
  OnwardSpace space;          /* once there is a predictor */
  OnwardPredictor *predictor; /* (owned) (nullable): none while @head says too little */
};

/**
 * onward_successor_new:
 * @old_parts: the old contents, which must outlive the successor
 * @succession: names one of them
 * @version: of the delta
 *
 * Takes an old executable apart, which takes 12 bytes for each field of it, and keeps 8.
 *
 * Returns: (transfer full) (nullable): its successor, to be begun; %NULL when it is no executable
 */
OnwardSuccessor *
onward_successor_new (const OnwardParts *old_parts, const OnwardSuccession *succession,
                      OnwardDeltaVersion version)
{
  guint64 start;
  gsize size;
  const guint8 *data = onward_parts_get (old_parts, succession->part, &start, &size);
  OnwardImage *image = onward_image_new (data, size, version);
  OnwardSuccessor *self;

  if (image == NULL)
    return NULL;

  self = g_new0 (OnwardSuccessor, 1);
  self->part = succession->part;
  self->image = image;
  self->fields = onward_fields_find (image);
  self->source_start = start;
  return self;
}

static void
clear_new_file (OnwardSuccessor *self)
{
  g_clear_pointer (&self->predictor, onward_predictor_free);
  g_clear_pointer (&self->map, onward_cover_map_free);
}

/**
 * onward_successor_free:
 * @self: (transfer full) (nullable): a successor
 *
 * Frees it.
 */
void
onward_successor_free (OnwardSuccessor *self)
{
  if (self == NULL)
    return;

  clear_new_file (self);
  onward_fields_free (self->fields);
  onward_image_free (self->image);
  g_free (self);
}

/**
 * onward_successor_is_of:
 * @self: a successor
 * @part: an old content
 *
 * Returns: whether it can begin with that one, without taking it apart again
 */
gboolean
onward_successor_is_of (const OnwardSuccessor *self, guint part)
{
  return self->part == part;
}

/**
 * onward_successor_begin:
 * @self: a successor
 * @succession: the new file
 * @head: where its first %ONWARD_SPACE_MAX_HEAD bytes are, or will be
 * @covers: all its covers
 * @n_covers: how many
 *
 * Begins with a new file. @head must stay until the next one.
 */
void
onward_successor_begin (OnwardSuccessor *self, const OnwardSuccession *succession,
                        const guint8 *head, const OnwardCover *covers, guint n_covers)
{
  clear_new_file (self);
  self->succession = *succession;
  self->head = head;
  self->map = onward_cover_map_new (covers, n_covers, succession->start, self->source_start,
                                    self->image->size);
}

/* Looks whether the new file's beginning, of which @known bytes are there, says enough. How many
 * more it takes; 0: none would help. */
static gsize
read_head (OnwardSuccessor *self, guint64 known)
{
  gsize available = MIN (known, ONWARD_SPACE_MAX_HEAD);
  gsize needed = ONWARD_SPACE_MIN_HEAD;

  if (available >= ONWARD_SPACE_MIN_HEAD)
    needed = onward_space_measure_head (self->head, available);
  if (needed > known)
    return needed - known;

  if (needed > 0 && onward_space_parse (&self->space, self->head, available, self->succession.size))
    self->predictor =
        onward_predictor_new (self->fields, &self->image->space, &self->space, self->map,
                              self->image->version >= ONWARD_DELTA_TOGETHER);
  return 0;
}

/**
 * onward_successor_lead:
 * @self: a successor whose file is known up to @done
 * @cover: one of its covers
 * @done: how much of the cover was done
 *
 * A new file must have begun before its fields can be foretold.
 *
 * Returns: how much more of the cover must be done without fields, before asking again; or 0
 */
guint64
onward_successor_lead (OnwardSuccessor *self, const OnwardCover *cover, guint64 done)
{
  guint64 wanted = 0;

  if (self->predictor == NULL && done < cover->length)
    wanted = read_head (self, cover->target - self->succession.start + done);
  return MIN (wanted, cover->length - done);
}

/**
 * onward_successor_enter:
 * @self: a successor
 * @cover: one of the new file's covers
 * @done: how much of it is done
 * @cursor: (out): before its first field from there on
 *
 * Begins to look at the fields of a cover.
 */
void
onward_successor_enter (OnwardSuccessor *self, const OnwardCover *cover, guint64 done,
                        OnwardFieldCursor *cursor)
{
  guint64 offset = cover->source - self->source_start;

  cursor->field = NULL;
  cursor->index = offset < self->image->size ? onward_fields_search (self->fields, offset + done)
                                             : self->fields->array->len;
}

static void
look_ahead (const OnwardSuccessor *self, guint index)
{
  const OnwardField *field;

  if (index >= self->fields->array->len)
    return;

  field = onward_fields_get (self->fields, index);
  onward_predictor_expect (self->predictor, field,
                           onward_field_value_read (field, self->image->data + field->offset));
}

/**
 * onward_successor_advance:
 * @self: a successor
 * @cover: the cover that was entered
 * @cursor: (inout): the field that was found last, or before the first one
 * @ret_at: (out): where in the cover the field is
 *
 * Goes to the next field of the cover. What lies between is none.
 *
 * Returns: whether there is one that can be foretold
 */
gboolean
onward_successor_advance (OnwardSuccessor *self, const OnwardCover *cover,
                          OnwardFieldCursor *cursor, guint64 *ret_at)
{
  const OnwardField *field;

  if (self->predictor == NULL || cursor->index >= self->fields->array->len)
    return FALSE;

  field = onward_fields_get (self->fields, cursor->index);
  *ret_at = field->offset - (cover->source - self->source_start);
  if (*ret_at + onward_field_get_size (field) > cover->length)
    return FALSE;

  look_ahead (self, cursor->index + LOOK_AHEAD);
  cursor->index++;
  cursor->field = field;
  cursor->value = onward_field_value_read (field, self->image->data + field->offset);
  return TRUE;
}

/**
 * onward_successor_guess:
 * @self: a successor
 * @cover: the cover that was entered
 * @cursor: the field that was found
 * @at: where in the cover it is
 * @ret_guess: (out): what the new one may hold
 *
 * Foretells a field.
 */
void
onward_successor_guess (OnwardSuccessor *self, const OnwardCover *cover,
                        const OnwardFieldCursor *cursor, guint64 at, OnwardGuess *ret_guess)
{
  onward_predictor_guess (self->predictor, cursor->field, cursor->value,
                          cover->target - self->succession.start + at, ret_guess);
}

/**
 * onward_successor_learn:
 * @self: a successor
 * @cursor: the field that was found
 * @guess: what was foretold
 * @value: what the new one really holds
 *
 * Learns from a field.
 */
void
onward_successor_learn (OnwardSuccessor *self, const OnwardFieldCursor *cursor,
                        const OnwardGuess *guess, guint64 value)
{
  onward_predictor_learn (self->predictor, cursor->field, guess, value);
}
