/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * OnwardTexts:
 *
 * One text in several languages (an immutable value). Languages are named as the locale does,
 * "en" or "zh_CN", and "C" stands for any other.
 */
typedef struct _OnwardTexts OnwardTexts;

OnwardTexts *onward_texts_new_from_json (JsonObject *object, gsize max_size, GError **error);
JsonObject  *onward_texts_to_json       (OnwardTexts *self);
OnwardTexts *onward_texts_ref           (OnwardTexts *self);
void         onward_texts_unref         (OnwardTexts *self);
const char  *onward_texts_lookup        (OnwardTexts *self, const char * const *languages);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTexts, onward_texts_unref)

G_END_DECLS
