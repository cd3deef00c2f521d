/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-parts.h"
#include "onward-predictor.h"

G_BEGIN_DECLS

/**
 * OnwardSuccession:
 * @part: which old content is an executable
 * @start: where its successor begins in the new bytes
 * @size: how large the successor is
 *
 * A new executable whose fields are foretold from an old one.
 */
typedef struct
{
  guint part;
  guint64 start;
  guint64 size;
} OnwardSuccession;

/* The sizes of the old executables that a delta names are together at most this: so a hostile one
 * cannot make a client take the same file apart without end. */
static inline guint64
onward_succession_max_work (guint64 old_size, guint64 new_size)
{
  return 4 * (old_size + new_size);
}

/**
 * OnwardSuccessor:
 *
 * A new executable on its way: finds which fields of the old one its covers bring along, as far as
 * they can be foretold.
 */
typedef struct _OnwardSuccessor OnwardSuccessor;

/**
 * OnwardFieldCursor:
 * @index: the next field of the old file to look at
 * @value: what the field that was found holds
 * @field: (unowned): it
 *
 * A place among the fields of a cover.
 */
typedef struct
{
  guint index;
  guint64 value;
  const OnwardField *field;
} OnwardFieldCursor;

OnwardSuccessor *onward_successor_new     (const OnwardParts *old_parts,
                                           const OnwardSuccession *succession,
                                           OnwardDeltaVersion version);
void             onward_successor_free    (OnwardSuccessor *self);
gboolean         onward_successor_is_of   (const OnwardSuccessor *self, guint part);
void             onward_successor_begin   (OnwardSuccessor *self,
                                           const OnwardSuccession *succession,
                                           const guint8 *head, const OnwardCover *covers,
                                           guint n_covers);
guint64          onward_successor_lead    (OnwardSuccessor *self, const OnwardCover *cover,
                                           guint64 done);
void             onward_successor_enter   (OnwardSuccessor *self, const OnwardCover *cover,
                                           guint64 done, OnwardFieldCursor *cursor);
gboolean         onward_successor_advance (OnwardSuccessor *self, const OnwardCover *cover,
                                           OnwardFieldCursor *cursor, guint64 *ret_at);
void             onward_successor_guess   (OnwardSuccessor *self, const OnwardCover *cover,
                                           const OnwardFieldCursor *cursor, guint64 at,
                                           OnwardGuess *ret_guess);
void             onward_successor_learn   (OnwardSuccessor *self, const OnwardFieldCursor *cursor,
                                           const OnwardGuess *guess, guint64 value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardSuccessor, onward_successor_free)

G_END_DECLS
