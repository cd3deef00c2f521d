/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-root.h"
#include "onward-targets.h"

G_BEGIN_DECLS

/* For publishers: targets that @root vouches for, though no snapshot names them yet. */
OnwardTargets *onward_targets_ahead_new (GBytes *bytes, OnwardRoot *root, GError **error);

G_END_DECLS
