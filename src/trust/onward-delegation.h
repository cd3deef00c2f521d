/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-role.h"

G_BEGIN_DECLS

/**
 * OnwardDelegation:
 *
 * Whom a targets document lets speak for some of its targets (an immutable value): the name of
 * another targets document, its keys and which targets.
 */
typedef struct _OnwardDelegation OnwardDelegation;

/* The "delegations" member: OnwardDelegation, in the order of the document; (transfer full). */
GPtrArray  *onward_delegation_parse_all      (JsonObject *object, GError **error);
void        onward_delegation_free           (OnwardDelegation *self);
const char *onward_delegation_get_name       (OnwardDelegation *self);
OnwardRole *onward_delegation_get_role       (OnwardDelegation *self);
gboolean    onward_delegation_is_terminating (OnwardDelegation *self);
/* Whether it covers the target of that name. */
gboolean    onward_delegation_covers         (OnwardDelegation *self, const char *target);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardDelegation, onward_delegation_free)

G_END_DECLS
