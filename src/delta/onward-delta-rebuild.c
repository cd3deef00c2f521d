/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-cover-reader.h"
#include "onward-delta-rebuild.h"
#include "onward-error.h"
#include "onward-number.h"
#include "onward-successor.h"

#define BUFFER_SIZE (256 * 1024)
/* No stream says it: nothing of the kind comes any more. */
#define NEVER G_MAXUINT64

typedef struct
{
  /* Input. */
  const OnwardParts *old_parts;
  OnwardDeltaVersion version;
  guint64 new_size;
  OnwardDeltaSink sink;
  gpointer user_data;
  GCancellable *cancellable;

  /* In progress. */
  OnwardDeltaContainer *streams; /* (owned) */
  OnwardCoverReader covers;
  guint64 spacing; /* how many bytes are equal before the next that differs */
  guint64 run;     /* how many fields are as foretold before the next that is not */

  OnwardSuccession succession; /* the next one; its start is the end when there is none */
  OnwardSuccessor *successor;  /* (owned) (nullable): the last one, which may go on with another */
  guint64 work;                /* how much may still be taken apart */
  guint8 head[ONWARD_SPACE_MAX_HEAD]; /* the beginning of the executable on its way */

  /* Output. */
  guint64 position; /* what was rebuilt, the buffer included */
  gsize filled;
  guint8 *buffer; /* (owned) */
} Rebuild;

static void
rebuild_free (Rebuild *self)
{
  onward_delta_container_free (self->streams);
  onward_successor_free (self->successor);
  g_free (self->buffer);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rebuild, rebuild_free)

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, why);
  return FALSE;
}

static OnwardStreamReader *
get_stream (Rebuild *self, OnwardDeltaStreamKind kind)
{
  return self->streams->readers[kind];
}

/* The next number of a stream that says when something comes, or that nothing does. */
static gboolean
read_distance (Rebuild *self, OnwardDeltaStreamKind kind, guint64 *ret_distance, GError **error)
{
  OnwardStreamReader *reader = get_stream (self, kind);

  *ret_distance = NEVER;
  if (onward_stream_reader_get_left (reader) == 0)
    return TRUE;
  return onward_stream_reader_number (reader, ret_distance, error) &&
         (*ret_distance < NEVER || refuse (error, "A distance in the delta is too large"));
}

static gboolean
flush (Rebuild *self, GError **error)
{
  gsize size = self->filled;

  self->filled = 0;
  return size == 0 || (!g_cancellable_set_error_if_cancelled (self->cancellable, error) &&
                       self->sink (self->buffer, size, self->user_data, error));
}

/* Room for at least @size bytes. */
static gboolean
make_room (Rebuild *self, gsize size, GError **error)
{
  return BUFFER_SIZE - self->filled >= size || flush (self, error);
}

/* What was just written behind the buffer's end now belongs to it. */
static void
commit (Rebuild *self, gsize size)
{
  guint64 offset = self->position - self->succession.start;

  if (self->position >= self->succession.start && offset < sizeof self->head)
    memcpy (self->head + offset, self->buffer + self->filled,
            MIN (size, sizeof self->head - (gsize) offset));
  self->filled += size;
  self->position += size;
}

static gboolean
rebuild_literals (Rebuild *self, guint64 end, GError **error)
{
  while (self->position < end)
    {
      gsize size;

      if (!make_room (self, 1, error))
        return FALSE;

      size = MIN (end - self->position, BUFFER_SIZE - self->filled);
      if (!onward_stream_reader_read (get_stream (self, ONWARD_STREAM_LITERALS),
                                      self->buffer + self->filled, size, error))
        return FALSE;
      commit (self, size);
    }
  return TRUE;
}

/* Changes those of @size copied bytes that differ. */
static gboolean
apply_differences (Rebuild *self, guint8 *data, gsize size, GError **error)
{
  gsize at = 0;

  while (self->spacing < size - at)
    {
      guint8 difference;

      at += (gsize) self->spacing;
      if (!onward_stream_reader_read (get_stream (self, ONWARD_STREAM_DIFFERENCES), &difference, 1,
                                      error) ||
          !read_distance (self, ONWARD_STREAM_SPACINGS, &self->spacing, error))
        return FALSE;
      data[at++] += difference;
    }
  if (self->spacing != NEVER)
    self->spacing -= size - at;
  return TRUE;
}

/* Bytes of a cover in which no field is foretold. */
static gboolean
rebuild_plain (Rebuild *self, guint64 source, guint64 length, GError **error)
{
  while (length > 0)
    {
      gsize size;
      const guint8 *data = onward_parts_look (self->old_parts, source, &size);
      guint8 *output;

      if (!make_room (self, 1, error))
        return FALSE;

      output = self->buffer + self->filled;
      size = MIN (MIN (size, length), BUFFER_SIZE - self->filled);
      memcpy (output, data, size);
      if (!apply_differences (self, output, size, error))
        return FALSE;
      commit (self, size);
      source += size;
      length -= size;
    }
  return TRUE;
}

static gboolean
read_value (Rebuild *self, const OnwardField *field, const OnwardGuess *guess, guint64 *ret_value,
            GError **error)
{
  OnwardDeltaStreamKind misses =
      onward_field_get_size (field) == 8 ? ONWARD_STREAM_WIDE_MISSES : ONWARD_STREAM_MISSES;
  guint64 folded;
  guint8 choice = 0;

  if (self->run > 0)
    {
      self->run -= self->run != NEVER;
      *ret_value = guess->values[0];
      return TRUE;
    }

  if (!onward_stream_reader_read (get_stream (self, ONWARD_STREAM_GUESSES), &choice, 1, error) ||
      !read_distance (self, ONWARD_STREAM_RUNS, &self->run, error))
    return FALSE;
  if (choice < ONWARD_GUESS_MISS)
    {
      *ret_value = guess->values[choice];
      return TRUE;
    }

  if (!onward_stream_reader_number (get_stream (self, misses), &folded, error))
    return FALSE;
  *ret_value = guess->values[0] + (guint64) onward_number_unfold (folded);
  return TRUE;
}

static gboolean
rebuild_field (Rebuild *self, const OnwardCover *cover, const OnwardFieldCursor *cursor, guint64 at,
               GError **error)
{
  gsize size = onward_field_get_size (cursor->field);
  OnwardGuess guess;
  guint64 value;

  onward_successor_guess (self->successor, cover, cursor, at, &guess);
  if (!make_room (self, size, error) || !read_value (self, cursor->field, &guess, &value, error))
    return FALSE;

  if (size == 4)
    value &= G_MAXUINT32;
  onward_successor_learn (self->successor, cursor, &guess, value);
  onward_number_put (self->buffer + self->filled, value, size);
  commit (self, size);
  return TRUE;
}

static gboolean
rebuild_cover_with_fields (Rebuild *self, const OnwardCover *cover, GError **error)
{
  OnwardFieldCursor cursor;
  guint64 done = 0;
  guint64 at = 0;

  while ((at = onward_successor_lead (self->successor, cover, done)) > 0)
    {
      if (!rebuild_plain (self, cover->source + done, at, error))
        return FALSE;
      done += at;
    }

  onward_successor_enter (self->successor, cover, done, &cursor);
  while (onward_successor_advance (self->successor, cover, &cursor, &at))
    {
      if (!rebuild_plain (self, cover->source + done, at - done, error) ||
          !rebuild_field (self, cover, &cursor, at, error))
        return FALSE;
      done = at + onward_field_get_size (cursor.field);
    }
  return rebuild_plain (self, cover->source + done, cover->length - done, error);
}

/* Takes the next cover, when it begins before @end; then it must end there, too. */
static gboolean
take_cover (Rebuild *self, guint64 end, OnwardCover *ret_cover, gboolean *ret_taken, GError **error)
{
  *ret_taken = self->covers.has_next && self->covers.next.target < end;
  if (!*ret_taken)
    return TRUE;

  *ret_cover = self->covers.next;
  return ret_cover->length <= end - ret_cover->target
             ? onward_cover_reader_advance (&self->covers, error)
             : refuse (error, "A cover of the delta reaches over the end of a file");
}

/* What is no executable goes through as it comes. */
static gboolean
rebuild_simply (Rebuild *self, guint64 end, GError **error)
{
  gboolean taken = TRUE;

  while (taken)
    {
      OnwardCover cover;

      if (!take_cover (self, end, &cover, &taken, error))
        return FALSE;
      if (!rebuild_literals (self, taken ? cover.target : end, error))
        return FALSE;
      if (taken && !rebuild_plain (self, cover.source, cover.length, error))
        return FALSE;
    }
  return TRUE;
}

static GArray *
take_covers (Rebuild *self, guint64 end, GError **error)
{
  g_autoptr (GArray) covers = g_array_new (FALSE, FALSE, sizeof (OnwardCover));
  guint64 most = self->succession.size / ONWARD_COVER_MIN_AVERAGE;
  gboolean taken = TRUE;

  while (taken)
    {
      OnwardCover cover;

      if (!take_cover (self, end, &cover, &taken, error))
        return NULL;
      if (taken && covers->len >= most)
        {
          (void) refuse (error, "The delta has too many covers");
          return NULL;
        }
      if (taken)
        g_array_append_val (covers, cover);
    }
  return g_steal_pointer (&covers);
}

/* Takes the old executable apart, unless it already is. */
static gboolean
find_predecessor (Rebuild *self, GError **error)
{
  guint64 start;
  gsize size;

  (void) onward_parts_get (self->old_parts, self->succession.part, &start, &size);
  if (size > MIN (self->work, ONWARD_DELTA_MAX_WHOLE))
    return refuse (error, "The delta looks at old files too often");

  self->work -= size;
  if (self->successor != NULL && onward_successor_is_of (self->successor, self->succession.part))
    return TRUE;

  g_clear_pointer (&self->successor, onward_successor_free);
  self->successor = onward_successor_new (self->old_parts, &self->succession, self->version);
  return self->successor != NULL || refuse (error, "The delta takes a file for an executable");
}

static gboolean
rebuild_executable (Rebuild *self, GError **error)
{
  guint64 end = self->succession.start + self->succession.size;
  g_autoptr (GArray) covers = NULL;

  if (!find_predecessor (self, error))
    return FALSE;

  covers = take_covers (self, end, error);
  if (covers == NULL)
    return FALSE;

  onward_successor_begin (self->successor, &self->succession, self->head,
                          (const OnwardCover *) (gpointer) covers->data, covers->len);
  for (guint i = 0; i < covers->len; i++)
    {
      const OnwardCover *cover = &g_array_index (covers, OnwardCover, i);

      if (!rebuild_literals (self, cover->target, error) ||
          !rebuild_cover_with_fields (self, cover, error))
        return FALSE;
    }
  return rebuild_literals (self, end, error);
}

static gboolean
check_succession (Rebuild *self, guint64 gap, guint64 part, gint64 growth, GError **error)
{
  guint64 left = self->new_size - self->position;
  guint64 start;
  gsize size;

  if (gap > left || part >= onward_parts_get_n (self->old_parts))
    return refuse (error, "The delta names a file that there is not");

  (void) onward_parts_get (self->old_parts, (guint) part, &start, &size);
  self->succession.part = (guint) part;
  self->succession.start = self->position + gap;
  self->succession.size = size + (guint64) growth;
  return (self->succession.size <= left - gap && self->succession.size <= ONWARD_DELTA_MAX_WHOLE) ||
         refuse (error, "A file in the delta is too large");
}

/* The next executable: the distance to it, the old one counted from the last, and its growth. */
static gboolean
read_succession (Rebuild *self, GError **error)
{
  OnwardStreamReader *reader = get_stream (self, ONWARD_STREAM_FILES);
  guint64 gap, part, growth;

  if (onward_stream_reader_get_left (reader) == 0)
    {
      self->succession.start = self->new_size;
      return TRUE;
    }

  if (!onward_stream_reader_number (reader, &gap, error) ||
      !onward_stream_reader_number (reader, &part, error) ||
      !onward_stream_reader_number (reader, &growth, error))
    return FALSE;

  part = self->succession.part + 1 + (guint64) onward_number_unfold (part);
  return check_succession (self, gap, part, onward_number_unfold (growth), error);
}

static gboolean
run (Rebuild *self, GError **error)
{
  if (!read_distance (self, ONWARD_STREAM_SPACINGS, &self->spacing, error) ||
      !read_distance (self, ONWARD_STREAM_RUNS, &self->run, error) ||
      !onward_cover_reader_advance (&self->covers, error))
    return FALSE;

  self->succession.part = G_MAXUINT;
  while (self->position < self->new_size)
    {
      if (!read_succession (self, error) || !rebuild_simply (self, self->succession.start, error))
        return FALSE;
      if (self->succession.start < self->new_size && !rebuild_executable (self, error))
        return FALSE;
    }
  if (self->spacing != NEVER || self->run != NEVER)
    return refuse (error, "The delta says more than is needed");
  return flush (self, error) && onward_delta_container_check (self->streams, error);
}

/**
 * onward_delta_rebuild:
 * @old_parts: the old contents
 * @delta: a delta; hostile bytes do no harm
 * @version: its version, 2 or later
 * @position: where the table of its streams begins
 * @new_size: the size of the bytes it must give
 * @sink: receives them in consecutive pieces
 * @user_data: for @sink
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Rebuilds new bytes, in order. Blocking.
 *
 * Returns: whether exactly @new_size bytes were emitted
 */
gboolean
onward_delta_rebuild (const OnwardParts *old_parts, GBytes *delta, OnwardDeltaVersion version,
                      gsize position, guint64 new_size, OnwardDeltaSink sink, gpointer user_data,
                      GCancellable *cancellable, GError **error)
{
  g_autoptr (Rebuild) self = g_new0 (Rebuild, 1);

  self->old_parts = old_parts;
  self->version = version;
  self->new_size = new_size;
  self->sink = sink;
  self->user_data = user_data;
  self->cancellable = cancellable;
  self->buffer = g_malloc (BUFFER_SIZE);
  self->work = onward_succession_max_work (onward_parts_get_size (old_parts), new_size);
  self->streams = onward_delta_container_new (delta, version, position, old_parts, error);
  if (self->streams == NULL)
    return FALSE;

  self->covers.streams = self->streams;
  self->covers.old_size = onward_parts_get_size (old_parts);
  self->covers.new_size = new_size;
  return run (self, error);
}
