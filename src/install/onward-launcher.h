/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"

G_BEGIN_DECLS

/* Makes the install's launcher the one that the current version brings, in one rename, when that
 * version brings one and is not on trial. Under the install's lock. */
gboolean onward_launcher_refresh (OnwardInstall *install, GError **error);

G_END_DECLS
