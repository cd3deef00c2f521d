/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-field-value.h"

#define PAGE_BITS 12

/**
 * onward_field_value_get_anchor:
 * @fields: the fields that @field is of
 * @field: a field
 * @place: its own address
 *
 * Returns: what the field's value counts from; for a part of a pair, the target itself
 */
guint64
onward_field_value_get_anchor (const OnwardFields *fields, const OnwardField *field, guint64 place)
{
  switch ((OnwardFieldKind) field->kind)
    {
    case ONWARD_FIELD_RELATIVE:
      return place + (guint64) (gint64) field->extra;
    case ONWARD_FIELD_BACKWARD:
    case ONWARD_FIELD_BRANCH:
      return place;
    case ONWARD_FIELD_BASED:
    case ONWARD_FIELD_INDEX:
    case ONWARD_FIELD_PAGE:
    case ONWARD_FIELD_LOW:
    case ONWARD_FIELD_LOW_SCALED:
    case ONWARD_FIELD_WORDS:
      return onward_fields_get_base (fields, field->extra);
    case ONWARD_FIELD_ABSOLUTE:
    case ONWARD_FIELD_PLACE:
      break;
    }
  return 0;
}

static guint64
extend (guint64 value)
{
  return (guint64) (gint64) (gint32) (guint32) value;
}

/**
 * onward_field_value_decode:
 * @field: a field
 * @value: its bytes, as a number
 * @anchor: of onward_field_value_get_anchor()
 * @space: the address space of its file
 *
 * Returns: the address that it points at
 */
guint64
onward_field_value_decode (const OnwardField *field, guint64 value, guint64 anchor,
                           const OnwardSpace *space)
{
  switch ((OnwardFieldKind) field->kind)
    {
    case ONWARD_FIELD_RELATIVE:
    case ONWARD_FIELD_BASED:
      return anchor + extend (value);
    case ONWARD_FIELD_BACKWARD:
      return anchor - extend (value);
    case ONWARD_FIELD_INDEX:
      return anchor + ONWARD_FIELD_SYMBOL_SIZE * value;
    case ONWARD_FIELD_WORDS:
      return anchor + ONWARD_FIELD_WORD_SIZE * value;
    case ONWARD_FIELD_PLACE:
      return onward_space_to_address (space, value);
    case ONWARD_FIELD_BRANCH:
      return anchor + (guint64) ((gint64) (gint32) (guint32) (value << 6) >> 4);
    case ONWARD_FIELD_PAGE:
    case ONWARD_FIELD_LOW:
    case ONWARD_FIELD_LOW_SCALED:
      return anchor;
    case ONWARD_FIELD_ABSOLUTE:
      break;
    }
  return value;
}

static guint64
replace_bits (guint64 word, guint64 bits, guint shift, guint n)
{
  guint64 mask = ((G_GUINT64_CONSTANT (1) << n) - 1) << shift;

  return (word & ~mask) | (bits << shift & mask);
}

static guint64
encode_page (guint64 word, guint64 target, guint64 place)
{
  guint64 pages = (target >> PAGE_BITS) - (place >> PAGE_BITS);

  return replace_bits (replace_bits (word, pages, 29, 2), pages >> 2, 5, 19);
}

/**
 * onward_field_value_encode:
 * @field: a field
 * @target: the address it is to point at
 * @anchor: what its value counts from; for an adrp, its own address
 * @like: the value of a field that differs in nothing but what it points at
 * @space: the address space of its file
 *
 * Returns: its bytes, as a number
 */
guint64
onward_field_value_encode (const OnwardField *field, guint64 target, guint64 anchor, guint64 like,
                           const OnwardSpace *space)
{
  guint64 offset;

  switch ((OnwardFieldKind) field->kind)
    {
    case ONWARD_FIELD_RELATIVE:
    case ONWARD_FIELD_BASED:
      return (guint32) (target - anchor);
    case ONWARD_FIELD_BACKWARD:
      return (guint32) (anchor - target);
    case ONWARD_FIELD_INDEX:
      return (guint32) ((gint64) (target - anchor) / ONWARD_FIELD_SYMBOL_SIZE);
    case ONWARD_FIELD_WORDS:
      return (guint32) ((gint64) (target - anchor) / ONWARD_FIELD_WORD_SIZE);
    case ONWARD_FIELD_PLACE:
      return onward_space_to_offset (space, target, &offset) ? offset : like;
    case ONWARD_FIELD_BRANCH:
      return replace_bits (like, (target - anchor) >> 2, 0, 26);
    case ONWARD_FIELD_PAGE:
      return encode_page (like, target, anchor);
    case ONWARD_FIELD_LOW:
      return replace_bits (like, target & 0xfff, 10, 12);
    case ONWARD_FIELD_LOW_SCALED:
      return replace_bits (like, (target & 0xfff) >> onward_field_value_get_scale ((guint32) like),
                           10, 12);
    case ONWARD_FIELD_ABSOLUTE:
      break;
    }
  return target;
}
