/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void onward_notice_warn  (const char *format, ...) G_GNUC_PRINTF (1, 2);
void onward_notice_error (const GError *error);

G_END_DECLS
