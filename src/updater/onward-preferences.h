/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean   onward_preferences_checks_automatically (const char *application_id);
GSettings *onward_preferences_bind                 (const char *application_id, gpointer client);

G_END_DECLS
