/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-cover-map.h"
#include "onward-fields.h"

G_BEGIN_DECLS

/**
 * OnwardPredictor:
 *
 * Foretells the fields of a new executable from those of the old one, and learns from what was
 * true. The same questions and truths in the same order give the same answers.
 */
typedef struct _OnwardPredictor OnwardPredictor;

/**
 * OnwardGuess:
 * @values: what the new field may hold, the likeliest first; the last is what the old one holds
 * @target: what the old field points at
 * @anchor: what the new field counts from
 *
 * What is foretold of one field.
 */
typedef struct
{
  guint64 values[3];
  guint64 target;
  guint64 anchor;
} OnwardGuess;

/* How the truth is told: a guess, or the difference from the first one. */
#define ONWARD_GUESS_MISS G_N_ELEMENTS (((OnwardGuess *) NULL)->values)

OnwardPredictor *onward_predictor_new   (const OnwardFields *fields, const OnwardSpace *old_space,
                                         const OnwardSpace *new_space, const OnwardCoverMap *map,
                                         gboolean learns_pairs);
void             onward_predictor_free  (OnwardPredictor *self);
void             onward_predictor_expect (const OnwardPredictor *self, const OnwardField *field,
                                          guint64 old_value);
void             onward_predictor_guess (OnwardPredictor *self, const OnwardField *field,
                                         guint64 old_value, guint64 new_offset,
                                         OnwardGuess *ret_guess);
void             onward_predictor_learn (OnwardPredictor *self, const OnwardField *field,
                                         const OnwardGuess *guess, guint64 value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardPredictor, onward_predictor_free)

G_END_DECLS
