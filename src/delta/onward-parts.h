/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardParts:
 *
 * Several contents seen as one, one behind the other, without a copy (an immutable value).
 */
typedef struct _OnwardParts OnwardParts;

OnwardParts  *onward_parts_new      (GPtrArray *contents);
void          onward_parts_free     (OnwardParts *self);
guint         onward_parts_get_n    (const OnwardParts *self);
guint64       onward_parts_get_size (const OnwardParts *self);
GBytes       *onward_parts_join     (const OnwardParts *self);
const guint8 *onward_parts_get      (const OnwardParts *self, guint index, guint64 *ret_start,
                                     gsize *ret_size);
const guint8 *onward_parts_look     (const OnwardParts *self, guint64 offset,
                                     gsize *ret_available);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardParts, onward_parts_free)

G_END_DECLS
