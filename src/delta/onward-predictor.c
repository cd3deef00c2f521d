/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-field-value.h"
#include "onward-large.h"
#include "onward-predictor.h"

#define PAGE_BITS      12
#define MAX_PAGES_BITS 14
#define MAX_SEEN_BITS  20
#define MIN_BITS       4

/* Where an old address was last seen to go; a newcomer takes the place of who was there. */
typedef struct
{
  guint64 address;
  guint64 value;
} Memory;

struct _OnwardPredictor
{
  const OnwardFields *fields;   /* (unowned): of the old file */
  const OnwardSpace *old_space; /* (unowned) */
  const OnwardSpace *new_space; /* (unowned) */
  const OnwardCoverMap *map;    /* (unowned) */
  guint seen_bits;
  guint pages_bits;
  Memory *seen;   /* (owned): address → new address */
  Memory *pages;  /* (owned): page → how far something of it moved */
  guint64 *bases; /* (owned): the fields' bases, moved */

  gboolean learns_pairs;   /* deltas of earlier versions did not */
  guint64 pages_named[32]; /* AArch64: the page that each register was given last */
};

/* Where the covers say that an old address is in the new file. */
static gboolean
move (const OnwardPredictor *self, guint64 address, guint64 *ret_address)
{
  guint64 offset;

  if (!onward_space_to_offset (self->old_space, address, &offset) ||
      !onward_cover_map_lookup (self->map, offset, &offset) || offset >= self->new_space->size)
    return FALSE;

  *ret_address = onward_space_to_address (self->new_space, offset);
  return TRUE;
}

static void
move_bases (OnwardPredictor *self)
{
  guint n = self->fields->bases->len;

  self->bases = g_new (guint64, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    {
      guint64 address = onward_fields_get_base (self->fields, (gint32) i);

      if (!move (self, address, &self->bases[i]))
        self->bases[i] = address;
    }
}

/**
 * onward_predictor_new:
 * @fields: the fields of the old file
 * @old_space: its address space
 * @new_space: that of the new file
 * @map: the covers between them
 * @learns_pairs: whether it learns from AArch64 pairs, too
 *
 * The others must outlive the predictor, which takes at most 17 MiB, and 8 bytes for each base.
 *
 * Returns: (transfer full): a predictor that has seen nothing
 */
OnwardPredictor *
onward_predictor_new (const OnwardFields *fields, const OnwardSpace *old_space,
                      const OnwardSpace *new_space, const OnwardCoverMap *map,
                      gboolean learns_pairs)
{
  OnwardPredictor *self = g_new0 (OnwardPredictor, 1);

  self->fields = fields;
  self->old_space = old_space;
  self->new_space = new_space;
  self->map = map;
  self->learns_pairs = learns_pairs;
  self->seen_bits = CLAMP (g_bit_storage ((gulong) old_space->size / 32), MIN_BITS, MAX_SEEN_BITS);
  self->pages_bits =
      CLAMP (g_bit_storage ((gulong) old_space->size >> PAGE_BITS) + 1, MIN_BITS, MAX_PAGES_BITS);
  self->seen = onward_large_alloc (sizeof (Memory) << self->seen_bits);
  self->pages = g_new0 (Memory, (gsize) 1 << self->pages_bits);
  move_bases (self);
  return self;
}

/**
 * onward_predictor_free:
 * @self: (transfer full) (nullable): a predictor
 *
 * Frees it.
 */
void
onward_predictor_free (OnwardPredictor *self)
{
  if (self == NULL)
    return;

  onward_large_free (self->seen);
  g_free (self->pages);
  g_free (self->bases);
  g_free (self);
}

static Memory *
find_memory (Memory *memories, guint bits, guint64 address)
{
  return &memories[(address * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) >> (64 - bits)];
}

/* What the covers say; else as far as its neighbours moved; else as far as the field itself. */
static guint64
move_anyhow (const OnwardPredictor *self, guint64 target, guint64 distance)
{
  const Memory *page = find_memory (self->pages, self->pages_bits, target >> PAGE_BITS);
  guint64 moved;

  if (move (self, target, &moved))
    return moved;
  return target + (page->address == target >> PAGE_BITS ? page->value : distance);
}

/**
 * onward_predictor_expect:
 * @self: a predictor
 * @field: a field of the old file that will soon be foretold
 * @old_value: what it holds
 *
 * Lets the memory of where its target went come nearer: most of the time goes into waiting for it.
 * What is foretold does not change.
 */
void
onward_predictor_expect (const OnwardPredictor *self, const OnwardField *field, guint64 old_value)
{
  guint64 place = onward_space_to_address (self->old_space, field->offset);
  guint64 anchor = onward_field_value_get_anchor (self->fields, field, place);
  guint64 target = onward_field_value_decode (field, old_value, anchor, self->old_space);

  guint64 offset;

  __builtin_prefetch (find_memory (self->seen, self->seen_bits, target));
  if (onward_space_to_offset (self->old_space, target, &offset))
    onward_cover_map_expect (self->map, offset);
}

/**
 * onward_predictor_guess:
 * @self: a predictor
 * @field: a field of the old file
 * @old_value: what it holds
 * @new_offset: where in the new file it is now
 * @ret_guess: (out): what it may hold there
 *
 * Foretells a field.
 */
void
onward_predictor_guess (OnwardPredictor *self, const OnwardField *field, guint64 old_value,
                        guint64 new_offset, OnwardGuess *ret_guess)
{
  guint64 old_place = onward_space_to_address (self->old_space, field->offset);
  guint64 new_place = onward_space_to_address (self->new_space, new_offset);
  guint64 distance = onward_field_get_size (field) == 8 ? 0 : new_place - old_place;
  guint64 old_anchor = onward_field_value_get_anchor (self->fields, field, old_place);
  guint64 target = onward_field_value_decode (field, old_value, old_anchor, self->old_space);
  const Memory *seen = find_memory (self->seen, self->seen_bits, target);
  guint64 first = move_anyhow (self, target, distance);
  guint64 second = target + (new_place - old_place);

  if (seen->address == target && seen->value != 0)
    {
      second = first;
      first = seen->value;
    }

  ret_guess->target = target;
  if (onward_field_value_has_base (field))
    ret_guess->anchor = self->bases[field->extra];
  else if (!onward_field_value_is_whole (field))
    ret_guess->anchor = new_place;
  else
    ret_guess->anchor = onward_field_value_get_anchor (self->fields, field, new_place);
  ret_guess->values[0] =
      onward_field_value_encode (field, first, ret_guess->anchor, old_value, self->new_space);
  ret_guess->values[1] =
      onward_field_value_encode (field, second, ret_guess->anchor, old_value, self->new_space);
  ret_guess->values[2] = old_value;
}

static void
learn_target (OnwardPredictor *self, guint64 old_target, guint64 target)
{
  Memory *seen = find_memory (self->seen, self->seen_bits, old_target);
  Memory *page = find_memory (self->pages, self->pages_bits, old_target >> PAGE_BITS);

  seen->address = old_target;
  seen->value = target;
  page->address = old_target >> PAGE_BITS;
  page->value = target - old_target;
}

/* What completes an adrp tells the target, together with the page that its register was given. */
static void
learn_pair (OnwardPredictor *self, const OnwardField *field, const OnwardGuess *guess,
            guint64 value)
{
  guint64 page;

  if (field->kind == ONWARD_FIELD_PAGE)
    {
      self->pages_named[value & 31] = onward_field_value_get_page (value, guess->anchor);
      return;
    }

  page = self->pages_named[value >> 5 & 31];
  if (page != 0)
    learn_target (self, guess->target, page + onward_field_value_get_low (field, value));
}

/**
 * onward_predictor_learn:
 * @self: a predictor
 * @field: the field that was foretold last
 * @guess: what was foretold
 * @value: what it really holds
 *
 * Learns where the field's target went.
 */
void
onward_predictor_learn (OnwardPredictor *self, const OnwardField *field, const OnwardGuess *guess,
                        guint64 value)
{
  if (onward_field_value_is_whole (field))
    learn_target (self, guess->target,
                  onward_field_value_decode (field, value, guess->anchor, self->new_space));
  else if (self->learns_pairs)
    learn_pair (self, field, guess, value);
}
