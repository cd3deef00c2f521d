/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-metadata.h"
#include "onward-targets.h"

G_BEGIN_DECLS

/* @consistent: as the root says; @expiry: when the first of the documents above it expires. */
OnwardTargets  *onward_targets_new          (GBytes *bytes, OnwardRole *role, gboolean consistent,
                                             gint64 expiry, GError **error);
OnwardMetadata *onward_targets_get_metadata (OnwardTargets *self);

G_END_DECLS
