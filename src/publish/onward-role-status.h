/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-repository.h"

G_BEGIN_DECLS

void onward_role_status_print (OnwardRepository *repository, const char *role, gboolean json);

G_END_DECLS
