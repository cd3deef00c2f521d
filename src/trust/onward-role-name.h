/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Names come from signed documents, but may hold anything. All (transfer full). */
char *onward_role_name_quote     (const char *name); /* "a/b" → "a%2Fb" */
char *onward_role_name_dup_entry (const char *name); /* "a/b" → "a/b.json", as snapshot lists it */
char *onward_role_name_dup_file  (const char *name); /* "a/b" → "a%2Fb", short enough for a disk */

G_END_DECLS
