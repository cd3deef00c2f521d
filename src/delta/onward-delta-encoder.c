/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-delta-encoder.h"
#include "onward-number.h"

struct _OnwardDeltaEncoder
{
  const OnwardParts *old_parts; /* (unowned) */
  const OnwardParts *new_parts; /* (unowned) */
  GByteArray *streams[ONWARD_N_STREAMS];

  OnwardCoverTrail trail;
  OnwardSuccessor *successor; /* (owned) (nullable) */
  guint64 position;           /* what was said of the new bytes, as to covers */
  guint64 said;               /* and as to literals */
  guint64 spacing;            /* bytes equal since the last that differed */
  guint64 run;                /* fields as foretold since the last that was not */
};

/**
 * onward_delta_encoder_new:
 * @old_parts: the old contents
 * @new_parts: the new ones
 *
 * Both must outlive the encoder.
 *
 * Returns: (transfer full): an encoder that said nothing yet
 */
OnwardDeltaEncoder *
onward_delta_encoder_new (const OnwardParts *old_parts, const OnwardParts *new_parts)
{
  OnwardDeltaEncoder *self = g_new0 (OnwardDeltaEncoder, 1);

  self->old_parts = old_parts;
  self->new_parts = new_parts;
  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    self->streams[i] = g_byte_array_new ();
  return self;
}

/**
 * onward_delta_encoder_free:
 * @self: (transfer full) (nullable): an encoder
 *
 * Frees it.
 */
void
onward_delta_encoder_free (OnwardDeltaEncoder *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    g_byte_array_unref (self->streams[i]);
  onward_successor_free (self->successor);
  g_free (self);
}

/**
 * onward_delta_encoder_get_streams:
 * @self: an encoder
 *
 * Returns: (transfer none): what it said
 */
GByteArray *const *
onward_delta_encoder_get_streams (OnwardDeltaEncoder *self)
{
  return self->streams;
}

static void
say_byte (OnwardDeltaEncoder *self, OnwardDeltaStreamKind kind, guint8 byte)
{
  g_byte_array_append (self->streams[kind], &byte, 1);
}

static void
say_cover (OnwardDeltaEncoder *self, const OnwardCover *cover)
{
  gint64 jump = 0;
  guint choice = onward_cover_trail_choose (&self->trail, cover, &jump);

  onward_number_append (self->streams[ONWARD_STREAM_GAPS], cover->target - self->position);
  onward_number_append (self->streams[ONWARD_STREAM_LENGTHS], cover->length);
  say_byte (self, ONWARD_STREAM_CHOICES, (guint8) choice);
  onward_number_append_signed (self->streams[ONWARD_STREAM_JUMPS], jump);
  onward_cover_trail_follow (&self->trail, cover, choice, jump);
  self->position = cover->target + cover->length;
}

static void
say_literals (OnwardDeltaEncoder *self, guint64 end)
{
  while (self->said < end)
    {
      gsize size;
      const guint8 *data = onward_parts_look (self->new_parts, self->said, &size);

      size = MIN (size, end - self->said);
      g_byte_array_append (self->streams[ONWARD_STREAM_LITERALS], data, (guint) size);
      self->said += size;
    }
}

static void
say_differences (OnwardDeltaEncoder *self, const guint8 *old_data, const guint8 *new_data,
                 gsize size)
{
  if (memcmp (old_data, new_data, size) == 0)
    {
      self->spacing += size;
      return;
    }

  for (gsize i = 0; i < size; i++)
    {
      if (old_data[i] == new_data[i])
        {
          self->spacing++;
          continue;
        }

      onward_number_append (self->streams[ONWARD_STREAM_SPACINGS], self->spacing);
      say_byte (self, ONWARD_STREAM_DIFFERENCES, (guint8) (new_data[i] - old_data[i]));
      self->spacing = 0;
    }
}

static void
say_plain (OnwardDeltaEncoder *self, const OnwardCover *cover, guint64 start, guint64 end)
{
  while (start < end)
    {
      gsize old_size, new_size, size;
      const guint8 *old_data =
          onward_parts_look (self->old_parts, cover->source + start, &old_size);
      const guint8 *new_data =
          onward_parts_look (self->new_parts, cover->target + start, &new_size);

      size = MIN (MIN (old_size, new_size), end - start);
      say_differences (self, old_data, new_data, size);
      start += size;
    }
  self->said = cover->target + end;
}

static void
say_value (OnwardDeltaEncoder *self, const OnwardField *field, const OnwardGuess *guess,
           guint64 value)
{
  guint64 difference = value - guess->values[0];
  guint choice = 0;

  while (choice < ONWARD_GUESS_MISS && guess->values[choice] != value)
    choice++;
  if (choice == 0)
    {
      self->run++;
      return;
    }

  onward_number_append (self->streams[ONWARD_STREAM_RUNS], self->run);
  say_byte (self, ONWARD_STREAM_GUESSES, (guint8) choice);
  self->run = 0;
  if (choice < ONWARD_GUESS_MISS)
    return;
  if (onward_field_get_size (field) == 8)
    onward_number_append_signed (self->streams[ONWARD_STREAM_WIDE_MISSES], (gint64) difference);
  else
    onward_number_append_signed (self->streams[ONWARD_STREAM_MISSES],
                                 (gint64) (gint32) (guint32) difference);
}

static void
say_field (OnwardDeltaEncoder *self, const OnwardCover *cover, const OnwardFieldCursor *cursor,
           guint64 at)
{
  guint size = onward_field_get_size (cursor->field);
  guint64 value = 0;
  guint8 bytes[8] = { 0 };
  OnwardGuess guess;

  for (guint i = 0; i < size; i++)
    {
      gsize available;

      bytes[i] = *onward_parts_look (self->new_parts, cover->target + at + i, &available);
    }
  value = onward_number_get_64 (bytes);
  onward_successor_guess (self->successor, cover, cursor, at, &guess);
  say_value (self, cursor->field, &guess, value);
  onward_successor_learn (self->successor, cursor, &guess, value);
  self->said = cover->target + at + size;
}

static void
say_fields (OnwardDeltaEncoder *self, const OnwardCover *cover)
{
  OnwardFieldCursor cursor;
  guint64 done = 0;
  guint64 at;

  while ((at = onward_successor_lead (self->successor, cover, done)) > 0)
    {
      say_plain (self, cover, done, done + at);
      done += at;
    }

  onward_successor_enter (self->successor, cover, done, &cursor);
  while (onward_successor_advance (self->successor, cover, &cursor, &at))
    {
      say_plain (self, cover, done, at);
      say_field (self, cover, &cursor, at);
      done = at + onward_field_get_size (cursor.field);
    }
  say_plain (self, cover, done, cover->length);
}

static void
say_succession (OnwardDeltaEncoder *self, const OnwardSuccession *succession,
                const OnwardSuccession *last)
{
  GByteArray *files = self->streams[ONWARD_STREAM_FILES];
  guint64 end = last != NULL ? last->start + last->size : 0;
  guint64 next_part = last != NULL ? (guint64) last->part + 1 : 0;
  guint64 start;
  gsize size;

  (void) onward_parts_get (self->old_parts, succession->part, &start, &size);
  onward_number_append (files, succession->start - end);
  onward_number_append_signed (files, (gint64) (succession->part - next_part));
  onward_number_append_signed (files, (gint64) (succession->size - size));
}

/* Prepares to say the fields of a new executable, whose covers these are. */
static void
begin_succession (OnwardDeltaEncoder *self, const OnwardSuccession *succession,
                  const OnwardCover *covers, guint n_covers)
{
  gsize available;
  const guint8 *head = onward_parts_look (self->new_parts, succession->start, &available);

  if (self->successor == NULL || !onward_successor_is_of (self->successor, succession->part))
    {
      onward_successor_free (self->successor);
      self->successor = onward_successor_new (self->old_parts, succession, ONWARD_DELTA_TOGETHER);
      g_assert (self->successor != NULL);
    }
  onward_successor_begin (self->successor, succession, head, covers, n_covers);
}

/* The covers from @first on that begin before @end: how many. */
static guint
count_before (const GArray *covers, guint first, guint64 end)
{
  guint n = 0;

  while (first + n < covers->len && g_array_index (covers, OnwardCover, first + n).target < end)
    n++;
  return n;
}

static guint
say_covers (OnwardDeltaEncoder *self, const GArray *covers, guint first, guint64 end,
            gboolean has_fields)
{
  guint n = count_before (covers, first, end);

  for (guint i = first; i < first + n; i++)
    {
      const OnwardCover *cover = &g_array_index (covers, OnwardCover, i);

      say_cover (self, cover);
      say_literals (self, cover->target);
      if (has_fields)
        say_fields (self, cover);
      else
        say_plain (self, cover, 0, cover->length);
    }
  return first + n;
}

/**
 * onward_delta_encoder_run:
 * @self: an encoder
 * @covers: (element-type OnwardCover): in order; none reaches over a succession's start or end
 * @successions: (element-type OnwardSuccession): in order
 *
 * Says everything. Call it once. Blocking.
 */
void
onward_delta_encoder_run (OnwardDeltaEncoder *self, const GArray *covers, const GArray *successions)
{
  const OnwardSuccession *last = NULL;
  guint cover = 0;

  for (guint i = 0; i < successions->len; i++)
    {
      const OnwardSuccession *next = &g_array_index (successions, OnwardSuccession, i);
      guint64 end = next->start + next->size;
      guint n;

      cover = say_covers (self, covers, cover, next->start, FALSE);
      n = count_before (covers, cover, end);
      say_succession (self, next, last);
      begin_succession (self, next, (const OnwardCover *) (gpointer) covers->data + cover, n);
      cover = say_covers (self, covers, cover, end, TRUE);
      last = next;
    }
  (void) say_covers (self, covers, cover, onward_parts_get_size (self->new_parts), FALSE);
  say_literals (self, onward_parts_get_size (self->new_parts));
}
