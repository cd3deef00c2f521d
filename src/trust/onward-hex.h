/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* NULL when @text is no hexadecimal of whole bytes; (transfer full). */
GBytes *onward_hex_decode (const char *text);
char   *onward_hex_encode (GBytes *bytes);

G_END_DECLS
