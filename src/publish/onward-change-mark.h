/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-repository.h"

G_BEGIN_DECLS

gboolean onward_change_mark_set   (OnwardRepository *repository, GBytes *root, GError **error);
gboolean onward_change_mark_is_of (OnwardRepository *repository, GBytes *root);
void     onward_change_mark_clear (OnwardRepository *repository);

G_END_DECLS
