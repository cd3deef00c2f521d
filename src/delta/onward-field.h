/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OnwardFieldKind:
 * @ONWARD_FIELD_RELATIVE: 32 bits: the target minus (the field's own address plus its extra)
 * @ONWARD_FIELD_BACKWARD: 32 bits: the field's own address minus the target
 * @ONWARD_FIELD_BASED: 32 bits: the target minus the base that its extra names
 * @ONWARD_FIELD_INDEX: 32 bits: the number of a symbol in the table that its extra names
 * @ONWARD_FIELD_ABSOLUTE: 64 bits: the target
 * @ONWARD_FIELD_PLACE: 64 bits: where in the file the target is
 * @ONWARD_FIELD_BRANCH: an AArch64 instruction with 26 bits of distance
 * @ONWARD_FIELD_PAGE: an AArch64 adrp; its extra names the target
 * @ONWARD_FIELD_LOW: an AArch64 add that completes an adrp; its extra names the target
 * @ONWARD_FIELD_LOW_SCALED: the same for a load or store, which counts in its own size
 * @ONWARD_FIELD_WORDS: 32 bits: the number of a word in the table that its extra names
 *
 * How a field says what it points at. These numbers are part of the format.
 */
typedef enum
{
  ONWARD_FIELD_RELATIVE,
  ONWARD_FIELD_BACKWARD,
  ONWARD_FIELD_BASED,
  ONWARD_FIELD_INDEX,
  ONWARD_FIELD_ABSOLUTE,
  ONWARD_FIELD_PLACE,
  ONWARD_FIELD_BRANCH,
  ONWARD_FIELD_PAGE,
  ONWARD_FIELD_LOW,
  ONWARD_FIELD_LOW_SCALED,
  ONWARD_FIELD_WORDS,
} OnwardFieldKind;

/* A word of a table. */
#define ONWARD_FIELD_WORD_SIZE 4

/* An entry of a symbol table. */
#define ONWARD_FIELD_SYMBOL_SIZE 24

/**
 * OnwardField:
 * @offset: where in the file it begins
 * @kind: an #OnwardFieldKind
 * @extra: what the kind needs to know besides
 *
 * Bytes that point at something: eight bytes each, as there are millions.
 */
typedef struct
{
  guint32 offset;
  guint32 kind : 5;
  gint32 extra : 27;
} OnwardField;

G_STATIC_ASSERT (sizeof (OnwardField) == 8);

static inline guint
onward_field_get_size (const OnwardField *self)
{
  return self->kind == ONWARD_FIELD_ABSOLUTE || self->kind == ONWARD_FIELD_PLACE ? 8 : 4;
}

G_END_DECLS
