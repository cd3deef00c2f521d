/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"

G_BEGIN_DECLS

/* Removes what runs that were cut off have left. @is_over: no update is under way, so that nobody
 * goes on from what was received or staged. */
gboolean onward_sweep_run (OnwardInstall *install, gboolean is_over, GCancellable *cancellable,
                           GError **error);

G_END_DECLS
