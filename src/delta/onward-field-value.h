/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-fields.h"
#include "onward-number.h"

G_BEGIN_DECLS

/* What a field's bytes mean, and back: the one place that knows the kinds. @anchor is what the
 * value counts from, of onward_field_value_get_anchor(). */
guint64 onward_field_value_get_anchor (const OnwardFields *fields, const OnwardField *field,
                                       guint64 place);
guint64 onward_field_value_decode     (const OnwardField *field, guint64 value, guint64 anchor,
                                       const OnwardSpace *space);
guint64 onward_field_value_encode     (const OnwardField *field, guint64 target, guint64 anchor,
                                       guint64 like, const OnwardSpace *space);

static inline guint64
onward_field_value_read (const OnwardField *field, const guint8 *data)
{
  guint64 value = 0;

  memcpy (&value, data, onward_field_get_size (field));
  return GUINT64_FROM_LE (value);
}

/* Whether a value tells all of its target: part of an AArch64 pair does not. */
static inline gboolean
onward_field_value_is_whole (const OnwardField *field)
{
  return field->kind < ONWARD_FIELD_PAGE || field->kind == ONWARD_FIELD_WORDS;
}

/* Whether the anchor is an address that the field's extra names. */
static inline gboolean
onward_field_value_has_base (const OnwardField *field)
{
  return field->kind == ONWARD_FIELD_BASED || field->kind == ONWARD_FIELD_INDEX ||
         field->kind == ONWARD_FIELD_WORDS;
}

/* AArch64: as which power of two a load or store counts its distance. */
static inline guint
onward_field_value_get_scale (guint32 word)
{
  gboolean is_wide_vector = (word >> 30) == 0 && (word & 0x04800000) == 0x04800000;

  return is_wide_vector ? 4 : word >> 30;
}

/* AArch64: the page that an adrp at @place names, */
static inline guint64
onward_field_value_get_page (guint64 word, guint64 place)
{
  guint64 high = (guint64) ((gint64) (gint32) (word << 8) >> 13) << 2;

  return (place & ~G_GUINT64_CONSTANT (0xfff)) + ((high | (word >> 29 & 3)) << 12);
}

/* and how far on what completes it goes. */
static inline guint64
onward_field_value_get_low (const OnwardField *field, guint64 word)
{
  guint shift =
      field->kind == ONWARD_FIELD_LOW_SCALED ? onward_field_value_get_scale ((guint32) word) : 0;

  return (word >> 10 & 0xfff) << shift;
}

G_END_DECLS
