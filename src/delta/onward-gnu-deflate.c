/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-deflate-block.h"
#include "onward-gnu-deflate.h"

/* How far back matches may be; twice as much is kept, and one half moved to the other. */
#define HALF         0x8000u
#define WINDOW_SIZE  (2 * HALF)
#define MIN_MATCH    3u
#define MAX_MATCH    258u
#define MIN_AHEAD    (MAX_MATCH + MIN_MATCH + 1)
#define MAX_DISTANCE (HALF - MIN_AHEAD)
/* The shortest match is of no use farther back than this. */
#define TOO_FAR 4096u
/* Three bytes make a number of so many bits. */
#define HASH_BITS  15
#define HASH_SHIFT 5
#define N_HASHES   (1u << HASH_BITS)
/* A match cannot begin there: the number means that there is none. */
#define NOWHERE 0

/* How hard each level tries. */
typedef struct
{
  guint good; /* who has so long a match looks at fewer others, */
  guint lazy; /* at none, */
  guint nice; /* and stops looking */
  guint n_tries;
} Effort;

static const Effort efforts[] = {
  { 4, 4, 16, 16 },    { 8, 16, 32, 32 },      { 8, 16, 128, 128 },
  { 8, 32, 128, 256 }, { 32, 128, 258, 1024 }, { 32, 258, 258, 4096 },
};

struct _OnwardGnuDeflate
{
  const Effort *effort;
  OnwardDeflateBlock *block; /* (owned) */

  guint8 window[WINDOW_SIZE + MAX_MATCH]; /* what is behind the bytes is looked at, too */
  guint16 heads[N_HASHES];                /* where three bytes of each number came last, */
  guint16 before[HALF];                   /* and where they did before that */
  guint hash;

  guint at;     /* the next byte that is looked at */
  guint ahead;  /* how many bytes there are from there on */
  guint wanted; /* how many more would fill the window */
  gint64 start; /* of the block: negative when it left the window */
  gboolean has_ended;

  guint length;        /* of the match that was found last */
  guint position;      /* and where it is */
  gboolean is_pending; /* the byte before is not said yet: what begins here may be better */
};

static void
take_into_hash (OnwardGnuDeflate *self, guint8 byte)
{
  self->hash = (self->hash << HASH_SHIFT ^ byte) & (N_HASHES - 1);
}

/**
 * onward_gnu_deflate_new:
 * @level: %ONWARD_GNU_DEFLATE_MIN_LEVEL to %ONWARD_GNU_DEFLATE_MAX_LEVEL
 * @sink: receives the deflated bytes
 * @user_data: for @sink
 *
 * Takes about half a MiB.
 *
 * Returns: (transfer full): what deflates
 */
OnwardGnuDeflate *
onward_gnu_deflate_new (guint level, OnwardDeltaSink sink, gpointer user_data)
{
  OnwardGnuDeflate *self = g_new0 (OnwardGnuDeflate, 1);

  self->effort = &efforts[level - ONWARD_GNU_DEFLATE_MIN_LEVEL];
  self->block = onward_deflate_block_new (sink, user_data);
  self->wanted = WINDOW_SIZE;
  self->length = MIN_MATCH - 1;
  return self;
}

/**
 * onward_gnu_deflate_free:
 * @self: (transfer full) (nullable): what deflates
 *
 * Frees it.
 */
void
onward_gnu_deflate_free (OnwardGnuDeflate *self)
{
  if (self == NULL)
    return;

  onward_deflate_block_free (self->block);
  g_free (self);
}

/* Notes that three bytes begin at @at; where they did last. */
static guint
insert (OnwardGnuDeflate *self, guint at)
{
  guint last;

  take_into_hash (self, self->window[at + MIN_MATCH - 1]);
  last = self->heads[self->hash];
  self->before[at % HALF] = (guint16) last;
  self->heads[self->hash] = (guint16) at;
  return last;
}

static guint
count_equal (const guint8 *a, const guint8 *b)
{
  guint n = 0;

  while (n < MAX_MATCH && a[n] == b[n])
    n++;
  return n;
}

/* The longest match that begins here, if it is longer than @best; @from is where to begin. */
static guint
search (OnwardGnuDeflate *self, guint from, guint best)
{
  const guint8 *here = self->window + self->at;
  guint limit = self->at > MAX_DISTANCE ? self->at - MAX_DISTANCE : NOWHERE;
  guint n_tries = self->effort->n_tries >> (best >= self->effort->good ? 2 : 0);

  do
    {
      const guint8 *there = self->window + from;
      guint length;

      if (there[best] == here[best] && there[best - 1] == here[best - 1] &&
          (length = count_equal (there, here)) > best)
        {
          self->position = from;
          best = length;
          if (length >= self->effort->nice)
            break;
        }
      from = self->before[from % HALF];
    }
  while (from > limit && --n_tries > 0);
  return best;
}

/* The match that begins here, if one may be longer than the last one. */
static guint
find_match (OnwardGnuDeflate *self, guint last_length)
{
  guint from = insert (self, self->at);
  guint length;

  if (from == NOWHERE || last_length >= self->effort->lazy || self->at - from > MAX_DISTANCE ||
      self->at > WINDOW_SIZE - MIN_AHEAD)
    return MIN_MATCH - 1;

  length = MIN (search (self, from, last_length), self->ahead);
  if (length == MIN_MATCH && self->at - self->position > TOO_FAR)
    length--;
  return length;
}

static gboolean
end_block (OnwardGnuDeflate *self, gboolean is_last, GError **error)
{
  const guint8 *bytes = self->start >= 0 ? self->window + self->start : NULL;
  gsize size = (gsize) ((gint64) self->at - self->start);

  self->start = self->at;
  return onward_deflate_block_write (self->block, bytes, size, is_last, error);
}

static gboolean
is_block_full (const OnwardGnuDeflate *self)
{
  return onward_deflate_block_is_full (self->block, (guint64) ((gint64) self->at - self->start));
}

/* The match that began at the byte before is taken. */
static gboolean
take_match (OnwardGnuDeflate *self, guint position, guint length, GError **error)
{
  gboolean is_full;

  onward_deflate_block_add_match (self->block, self->at - 1 - position, length);
  is_full = is_block_full (self);
  self->ahead -= length - 1;
  for (guint i = 2; i < length; i++)
    (void) insert (self, ++self->at);
  self->at++;
  self->is_pending = FALSE;
  self->length = MIN_MATCH - 1;
  return !is_full || end_block (self, FALSE, error);
}

/* One step: a match, a byte, or a look whether waiting pays. */
static gboolean
step (OnwardGnuDeflate *self, GError **error)
{
  guint last_length = self->length;
  guint last_position = self->position;
  gboolean is_full = FALSE;

  self->length = find_match (self, last_length);
  if (last_length >= MIN_MATCH && self->length <= last_length)
    return take_match (self, last_position, last_length, error);

  if (self->is_pending)
    {
      onward_deflate_block_add_literal (self->block, self->window[self->at - 1]);
      is_full = is_block_full (self);
    }
  if (is_full && !end_block (self, FALSE, error))
    return FALSE;

  self->is_pending = TRUE;
  self->at++;
  self->ahead--;
  return TRUE;
}

static guint16
move_back (guint16 place)
{
  return place >= HALF ? (guint16) (place - HALF) : NOWHERE;
}

/* Makes room for more bytes, if the first half is no longer needed. */
static void
make_room (OnwardGnuDeflate *self)
{
  if (self->at >= HALF + MAX_DISTANCE)
    {
      memcpy (self->window, self->window + HALF, HALF);
      self->position -= HALF;
      self->at -= HALF;
      self->start -= HALF;
      for (guint i = 0; i < N_HASHES; i++)
        self->heads[i] = move_back (self->heads[i]);
      for (guint i = 0; i < HALF; i++)
        self->before[i] = move_back (self->before[i]);
    }
  self->wanted = WINDOW_SIZE - self->ahead - self->at;
}

/* Goes on as long as enough bytes are ahead, or all that there are. */
static gboolean
run (OnwardGnuDeflate *self, GError **error)
{
  while (self->ahead >= MIN_AHEAD || (self->has_ended && self->ahead > 0))
    if (!step (self, error))
      return FALSE;

  if (!self->has_ended)
    make_room (self);
  return TRUE;
}

/**
 * onward_gnu_deflate_write:
 * @self: what deflates
 * @data: bytes
 * @size: how many
 * @error: return location for an error
 *
 * Deflates more bytes, in pieces as large as gzip reads them.
 *
 * Returns: whether the sink took what came out
 */
gboolean
onward_gnu_deflate_write (OnwardGnuDeflate *self, const guint8 *data, gsize size, GError **error)
{
  while (size > 0)
    {
      guint n = (guint) MIN (size, self->wanted);
      guint end = self->at + self->ahead;

      memcpy (self->window + end, data, n);
      if (end < MIN_MATCH - 1)
        for (guint i = end; i < MIN (end + n, MIN_MATCH - 1); i++)
          take_into_hash (self, self->window[i]);
      self->ahead += n;
      self->wanted -= n;
      data += n;
      size -= n;
      if (self->wanted == 0 && !run (self, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * onward_gnu_deflate_finish:
 * @self: what deflates
 * @error: return location for an error
 *
 * Ends it. Call it once.
 *
 * Returns: whether the sink took all
 */
gboolean
onward_gnu_deflate_finish (OnwardGnuDeflate *self, GError **error)
{
  if (!run (self, error))
    return FALSE;

  memset (self->window + self->at + self->ahead, 0, MIN_MATCH - 1);
  self->has_ended = TRUE;
  if (!run (self, error))
    return FALSE;

  if (self->is_pending)
    onward_deflate_block_add_literal (self->block, self->window[self->at - 1]);
  return end_block (self, TRUE, error);
}
