/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-repository.h"

G_BEGIN_DECLS

int      onward_expiry_get_days (OnwardRepository *repository, const char *role);
int      onward_expiry_get_notice (OnwardRepository *repository, const char *role);
char    *onward_expiry_format   (int days);
gboolean onward_expiry_read     (JsonObject *content, gint64 *ret_seconds, GError **error);
gboolean onward_expiry_is_soon  (OnwardRepository *repository, const char *role,
                                 gboolean *ret_soon, GError **error);

G_END_DECLS
