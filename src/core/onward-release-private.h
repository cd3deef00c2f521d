/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>

#include "onward-release.h"

G_BEGIN_DECLS

/* The capabilities this Onward has; a release that requires another one is skipped. */
gboolean       onward_release_is_supported  (OnwardRelease *self);
OnwardRelease *onward_release_new_from_json (JsonObject *object, GError **error);
/* The facts as the members of a new JSON object, without the notes. (transfer full) */
JsonObject    *onward_release_to_json       (OnwardRelease *self);
/* The same release with the notes, a language → CommonMark object. (transfer full) */
OnwardRelease *onward_release_with_notes    (OnwardRelease *self, JsonObject *notes,
                                             GError **error);
/* The notes again as such an object; NULL when there are none. (transfer full) (nullable) */
JsonObject    *onward_release_notes_to_json (OnwardRelease *self);
/* The name of the TUF target that is its document. (transfer full) */
char          *onward_release_dup_document_name (OnwardRelease *self);
gboolean       onward_release_same_facts    (OnwardRelease *a, OnwardRelease *b);
gint64         onward_release_get_rollout_start (OnwardRelease *self);
guint          onward_release_get_rollout_days  (OnwardRelease *self);
const char * const *onward_release_get_components (OnwardRelease *self);
const char * const *onward_release_get_on_demand  (OnwardRelease *self);

G_END_DECLS
