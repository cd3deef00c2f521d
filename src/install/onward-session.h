/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One hold of an install's lock, as its file names it. Both are blocking. */
char *onward_session_begin (int lock_fd);
char *onward_session_find  (int lock_fd);

G_END_DECLS
