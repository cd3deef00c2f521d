/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-field.h"
#include "onward-image.h"

G_BEGIN_DECLS

/**
 * OnwardFields:
 * @array: (owned): of OnwardField
 * @bases: (owned): of guint64: the addresses that extras name
 *
 * The fields of an executable: after onward_fields_finish() by offset, none upon another.
 */
typedef struct
{
  GArray *array;
  GArray *bases;
} OnwardFields;

/* Finds fields of one kind of thing in these bytes. What it gets wrong costs bytes, no more. */
typedef void (*OnwardFieldFinder) (const OnwardImage *image, OnwardFields *fields);

OnwardFields *onward_fields_new      (void);
OnwardFields *onward_fields_find     (const OnwardImage *image);
void          onward_fields_free     (OnwardFields *self);
gint32        onward_fields_add_base (OnwardFields *self, guint64 address);
void          onward_fields_finish   (OnwardFields *self);
guint         onward_fields_search   (const OnwardFields *self, guint64 offset);

static inline void
onward_fields_add (OnwardFields *self, guint64 offset, OnwardFieldKind kind, gint32 extra)
{
  OnwardField field = { .offset = (guint32) offset, .kind = kind, .extra = extra };

  g_array_append_vals (self->array, &field, 1);
}

static inline const OnwardField *
onward_fields_get (const OnwardFields *self, guint index)
{
  return &g_array_index (self->array, OnwardField, index);
}

static inline guint64
onward_fields_get_base (const OnwardFields *self, gint32 index)
{
  return g_array_index (self->bases, guint64, (guint) index);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardFields, onward_fields_free)

G_END_DECLS
