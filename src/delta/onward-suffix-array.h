/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardSuffixArray:
 *
 * Finds where in some bytes the longest beginning of others is (an immutable value).
 */
typedef struct _OnwardSuffixArray OnwardSuffixArray;

OnwardSuffixArray *onward_suffix_array_new    (GBytes *bytes, GCancellable *cancellable);
void               onward_suffix_array_free   (OnwardSuffixArray *self);
gsize              onward_suffix_array_search (const OnwardSuffixArray *self, const guint8 *data,
                                               gsize size, gsize *ret_position);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardSuffixArray, onward_suffix_array_free)

G_END_DECLS
