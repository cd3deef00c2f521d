/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"

G_BEGIN_DECLS

/* Before the name of a receipt: its version is being removed where it stands. */
#define ONWARD_SWEEP_REMOVED ".removed-"

/* Removes a version whose receipt has that name, and the receipt. */
gboolean onward_sweep_finish_removal (OnwardInstall *install, const char *version,
                                      GCancellable *cancellable, GError **error);
/* Removes what runs that were cut off have left. @is_over: no update is under way, so that nobody
 * goes on from what was received or staged. */
gboolean onward_sweep_run (OnwardInstall *install, gboolean is_over, GCancellable *cancellable,
                           GError **error);

G_END_DECLS
