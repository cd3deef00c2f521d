/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-target.h"

G_BEGIN_DECLS

/* @consistent: whether its path carries its hash. */
OnwardTarget *onward_target_new  (const char *name, JsonObject *object, gboolean consistent,
                                  GError **error);
void          onward_target_free (OnwardTarget *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTarget, onward_target_free)

G_END_DECLS
