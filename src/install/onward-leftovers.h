/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Removes what updaters that were killed had half written into the state folder. */
void onward_leftovers_remove (int state_dirfd);

G_END_DECLS
