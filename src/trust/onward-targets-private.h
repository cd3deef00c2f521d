/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delegation.h"
#include "onward-metadata.h"
#include "onward-targets.h"

G_BEGIN_DECLS

/* @consistent: as the root says; @expiry: when the first of the documents above it expires. */
OnwardTargets  *onward_targets_new          (GBytes *bytes, OnwardRole *role, gboolean consistent,
                                             gint64 expiry, GError **error);
OnwardMetadata *onward_targets_get_metadata (OnwardTargets *self);
guint             onward_targets_get_n_delegations (OnwardTargets *self);
OnwardDelegation *onward_targets_get_delegation    (OnwardTargets *self, guint index);

G_END_DECLS
