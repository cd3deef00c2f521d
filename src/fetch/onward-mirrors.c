/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-address.h"
#include "onward-mirrors.h"

/* A block that an address sent damaged is never asked of it again, unless nobody else is there who
 * has it: then one damaged answer can have been an accident of the line. */
#define MOST_BAD_ANSWERS       1
#define MOST_BAD_ANSWERS_ALONE 2
/* What a damaged block costs, in failures. */
#define BAD_BLOCK_FAILURES 2
#define MOST_FAILURES      8
/* More connections than that to one server would be rude. */
#define MOST_CONNECTIONS 4
/* What is measured over less says nothing about a server. */
#define SHORTEST_MEASURE (G_USEC_PER_SEC / 4)
/* A file that is just being replaced may be away for a moment. */
#define MOST_MISSING_ANSWERS 3
/* Nobody counts on an address that was asked so often in vain. */
#define MOST_SILENCES 5

typedef struct
{
  GUri *address;       /* (owned) */
  gboolean has_failed; /* in this round */
  guint missing_answers;
  guint silences; /* how often in a row there was no answer of any use */
  gint64 busy_until;
  guint connections;
  guint failures; /* since it was last of use */
  double rate;    /* bytes a second of one connection, 0 while unknown */
} Mirror;

struct _OnwardMirrors
{
  GArray *mirrors;     /* (owned) (element-type Mirror) */
  GHashTable *strikes; /* (owned): block → one counter a mirror */
};

static void
mirror_clear (gpointer data)
{
  Mirror *self = data;

  g_uri_unref (self->address);
}

/**
 * onward_mirrors_new:
 *
 * Returns: (transfer full): no addresses yet
 */
OnwardMirrors *
onward_mirrors_new (void)
{
  OnwardMirrors *self = g_new0 (OnwardMirrors, 1);

  self->mirrors = g_array_new (FALSE, TRUE, sizeof (Mirror));
  g_array_set_clear_func (self->mirrors, mirror_clear);
  self->strikes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  return self;
}

/**
 * onward_mirrors_free:
 * @self: (nullable): addresses
 */
void
onward_mirrors_free (OnwardMirrors *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->mirrors);
  g_hash_table_unref (self->strikes);
  g_free (self);
}

static Mirror *
get_mirror (OnwardMirrors *self, guint index)
{
  g_assert (index < self->mirrors->len);

  return &g_array_index (self->mirrors, Mirror, index);
}

/**
 * onward_mirrors_add:
 * @address: the next best address
 *
 * Adds an address; before anything else is asked.
 */
void
onward_mirrors_add (OnwardMirrors *self, GUri *address)
{
  Mirror mirror = { .address = g_uri_ref (address) };

  g_assert (g_hash_table_size (self->strikes) == 0);

  g_array_append_val (self->mirrors, mirror);
}

/**
 * onward_mirrors_get:
 * @index: which one
 *
 * Returns: (transfer none): an address
 */
GUri *
onward_mirrors_get (OnwardMirrors *self, guint index)
{
  return get_mirror (self, index)->address;
}

/**
 * onward_mirrors_get_count:
 *
 * Returns: how many addresses there are
 */
guint
onward_mirrors_get_count (OnwardMirrors *self)
{
  return self->mirrors->len;
}

static guint
get_strikes (OnwardMirrors *self, guint index, guint64 block)
{
  const guint *strikes = g_hash_table_lookup (self->strikes, &block);

  return strikes == NULL ? 0 : strikes[index];
}

/**
 * onward_mirrors_forgive:
 *
 * Forgets what went wrong, all but that a server wants to be left alone.
 */
void
onward_mirrors_forgive (OnwardMirrors *self)
{
  for (guint i = 0; i < self->mirrors->len; i++)
    {
      get_mirror (self, i)->has_failed = FALSE;
      get_mirror (self, i)->missing_answers = 0;
      get_mirror (self, i)->silences = 0;
    }
  g_hash_table_remove_all (self->strikes);
}

/**
 * onward_mirrors_begin_round:
 *
 * Every address may be asked again.
 */
void
onward_mirrors_begin_round (OnwardMirrors *self)
{
  for (guint i = 0; i < self->mirrors->len; i++)
    get_mirror (self, i)->has_failed = FALSE;
}

/* An address that does not have the file, or does not answer at all: the others have to do, as if
 * it did not exist, until it is back. */
static gboolean
is_away (const Mirror *mirror)
{
  return mirror->missing_answers >= MOST_MISSING_ANSWERS || mirror->silences >= MOST_SILENCES;
}

static guint
get_most_strikes (OnwardMirrors *self)
{
  guint here = 0;

  for (guint i = 0; i < self->mirrors->len; i++)
    here += !is_away (get_mirror (self, i));
  return here > 1 ? MOST_BAD_ANSWERS : MOST_BAD_ANSWERS_ALONE;
}

static double
get_best_rate (OnwardMirrors *self)
{
  double best = 0.0;

  for (guint i = 0; i < self->mirrors->len; i++)
    best = MAX (best, get_mirror (self, i)->rate);
  return best;
}

/* An address that was never asked is believed to be half as good as the best one, so that it gets
 * its turn when that one gets worse. */
static double
get_value (const Mirror *mirror, double best_rate)
{
  double rate = mirror->rate;

  if (best_rate <= 0.0)
    rate = 1.0;
  else if (rate <= 0.0)
    rate = best_rate / 2;
  return rate / (double) (1u << MIN (mirror->failures, MOST_FAILURES));
}

static gboolean
may_be_asked (const Mirror *mirror, gint64 now)
{
  return !mirror->has_failed && mirror->busy_until <= now && mirror->connections < MOST_CONNECTIONS;
}

/* The second connection to one address comes after the first to another. */
static gboolean
is_better (const Mirror *mirror, const Mirror *other, double best_rate)
{
  if (mirror->connections != other->connections)
    return mirror->connections < other->connections;
  return get_value (mirror, best_rate) > get_value (other, best_rate);
}

/**
 * onward_mirrors_pick:
 * @block: a block that was wrong before, or %ONWARD_MIRRORS_NO_BLOCK
 * @now: the present time
 *
 * Returns: the address to ask next, or -1 when none may be asked now
 */
int
onward_mirrors_pick (OnwardMirrors *self, guint64 block, gint64 now)
{
  double best_rate = get_best_rate (self);
  guint fewest = get_most_strikes (self);
  int best = -1;

  for (guint i = 0; i < self->mirrors->len; i++)
    {
      const Mirror *mirror = get_mirror (self, i);
      guint strikes = get_strikes (self, i, block);

      if (strikes > fewest || strikes >= get_most_strikes (self) || !may_be_asked (mirror, now))
        continue;
      if (best >= 0 && strikes == fewest &&
          !is_better (mirror, get_mirror (self, (guint) best), best_rate))
        continue;
      fewest = strikes;
      best = (int) i;
    }
  return best;
}

/**
 * onward_mirrors_get_busy_until:
 * @now: the present time
 *
 * Returns: when the first server that asked to be left alone may be asked again, when all have
 *   asked for that; else 0
 */
gint64
onward_mirrors_get_busy_until (OnwardMirrors *self, gint64 now)
{
  gint64 earliest = G_MAXINT64;

  for (guint i = 0; i < self->mirrors->len; i++)
    earliest = MIN (earliest, get_mirror (self, i)->busy_until);
  return earliest > now && self->mirrors->len > 0 ? earliest : 0;
}

/**
 * onward_mirrors_forget_busy:
 *
 * Somebody insists: servers that asked to be left alone may be asked.
 */
void
onward_mirrors_forget_busy (OnwardMirrors *self)
{
  for (guint i = 0; i < self->mirrors->len; i++)
    get_mirror (self, i)->busy_until = 0;
}

/**
 * onward_mirrors_are_all_missing:
 *
 * Returns: whether every address that answers has said, again and again, that there is no such file
 */
gboolean
onward_mirrors_are_all_missing (OnwardMirrors *self)
{
  gboolean is_missing = FALSE;

  for (guint i = 0; i < self->mirrors->len; i++)
    {
      if (!is_away (get_mirror (self, i)))
        return FALSE;
      if (get_mirror (self, i)->missing_answers >= MOST_MISSING_ANSWERS)
        is_missing = TRUE;
    }
  return is_missing;
}

/**
 * onward_mirrors_are_all_wrong:
 * @block: the number of a block
 *
 * Returns: whether every address that has the file gave a wrong block as often as it may
 */
gboolean
onward_mirrors_are_all_wrong (OnwardMirrors *self, guint64 block)
{
  gboolean is_wrong = FALSE;

  for (guint i = 0; i < self->mirrors->len; i++)
    {
      if (get_strikes (self, i, block) >= get_most_strikes (self))
        is_wrong = TRUE;
      else if (!is_away (get_mirror (self, i)))
        return FALSE;
    }
  return is_wrong;
}

/**
 * onward_mirrors_are_local:
 *
 * Returns: whether some address needs no network
 */
gboolean
onward_mirrors_are_local (OnwardMirrors *self)
{
  for (guint i = 0; i < self->mirrors->len; i++)
    if (onward_address_is_local (get_mirror (self, i)->address))
      return TRUE;
  return FALSE;
}

/**
 * onward_mirrors_note_begun:
 * @index: which one
 *
 * One more connection to it is at work.
 */
void
onward_mirrors_note_begun (OnwardMirrors *self, guint index)
{
  get_mirror (self, index)->connections++;
}

/**
 * onward_mirrors_note_ended:
 * @index: which one
 * @bytes: how many bytes a connection to it brought
 * @microseconds: for how long it was at work
 */
void
onward_mirrors_note_ended (OnwardMirrors *self, guint index, guint64 bytes, gint64 microseconds)
{
  Mirror *mirror = get_mirror (self, index);
  double rate = 0.0;

  g_assert (mirror->connections > 0);

  mirror->connections--;
  if (microseconds < SHORTEST_MEASURE)
    return;
  rate = MAX ((double) bytes * G_USEC_PER_SEC / (double) microseconds, 1.0);
  mirror->rate = mirror->rate <= 0.0 ? rate : (mirror->rate + rate) / 2;
}

/**
 * onward_mirrors_is_at_work:
 * @index: which one
 *
 * Returns: whether some connection to it is at work
 */
gboolean
onward_mirrors_is_at_work (OnwardMirrors *self, guint index)
{
  return get_mirror (self, index)->connections > 0;
}

/**
 * onward_mirrors_note_useful:
 * @index: which one
 *
 * It sent a block with the right digest.
 */
void
onward_mirrors_note_useful (OnwardMirrors *self, guint index)
{
  get_mirror (self, index)->failures = 0;
}

/**
 * onward_mirrors_note_failure:
 * @index: which one
 *
 * Asking it failed: it is not asked again in this round.
 */
void
onward_mirrors_note_failure (OnwardMirrors *self, guint index)
{
  Mirror *mirror = get_mirror (self, index);

  mirror->has_failed = TRUE;
  mirror->silences++;
  mirror->failures = MIN (mirror->failures + 1, MOST_FAILURES);
}

/**
 * onward_mirrors_note_busy:
 * @index: which one
 * @until: the time until which the server wants to be left alone
 */
void
onward_mirrors_note_busy (OnwardMirrors *self, guint index, gint64 until)
{
  get_mirror (self, index)->busy_until = until;
  get_mirror (self, index)->silences = 0;
}

/**
 * onward_mirrors_note_missing:
 * @index: which one
 *
 * It said that there is no such file, or that it is another one.
 */
void
onward_mirrors_note_missing (OnwardMirrors *self, guint index)
{
  get_mirror (self, index)->missing_answers++;
}

/**
 * onward_mirrors_note_found:
 * @index: which one
 *
 * It sent the file.
 */
void
onward_mirrors_note_found (OnwardMirrors *self, guint index)
{
  get_mirror (self, index)->missing_answers = 0;
  get_mirror (self, index)->silences = 0;
}

/**
 * onward_mirrors_note_bad_block:
 * @index: which one
 * @block: the number of a block it sent with a wrong digest
 */
void
onward_mirrors_note_bad_block (OnwardMirrors *self, guint index, guint64 block)
{
  Mirror *mirror = get_mirror (self, index);
  guint *strikes = g_hash_table_lookup (self->strikes, &block);

  mirror->failures = MIN (mirror->failures + BAD_BLOCK_FAILURES, MOST_FAILURES);
  if (strikes == NULL)
    {
      strikes = g_new0 (guint, self->mirrors->len);
      g_hash_table_insert (self->strikes, g_memdup2 (&block, sizeof block), strikes);
    }
  strikes[index]++;
}
