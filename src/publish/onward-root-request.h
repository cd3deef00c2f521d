/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-key.h"

G_BEGIN_DECLS

/**
 * OnwardRootRequest:
 *
 * A new root that waits for signatures, with the root in force, whose keys have to agree. As a file
 * it is one JSON object that people can read: it goes to the computers with the root keys and comes
 * back signed.
 */
typedef struct _OnwardRootRequest OnwardRootRequest;

OnwardRootRequest *onward_root_request_new          (GBytes *before, JsonObject *next,
                                                     GError **error);
OnwardRootRequest *onward_root_request_parse        (GBytes *bytes, GError **error);
OnwardRootRequest *onward_root_request_load         (const char *path, GError **error);
gboolean           onward_root_request_save         (OnwardRootRequest *self, const char *path,
                                                     GError **error);
void               onward_root_request_free         (OnwardRootRequest *self);
JsonObject        *onward_root_request_get_before   (OnwardRootRequest *self);
JsonObject        *onward_root_request_get_next     (OnwardRootRequest *self);
gboolean           onward_root_request_needs        (OnwardRootRequest *self, const char *id);
gboolean           onward_root_request_sign         (OnwardRootRequest *self, OnwardKey *key,
                                                     GError **error);
gboolean           onward_root_request_merge        (OnwardRootRequest *self,
                                                     OnwardRootRequest *other, GError **error);
guint              onward_root_request_get_missing  (OnwardRootRequest *self, gboolean of_next);
gboolean           onward_root_request_is_complete  (OnwardRootRequest *self);
GBytes            *onward_root_request_make_root    (OnwardRootRequest *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardRootRequest, onward_root_request_free)

G_END_DECLS
