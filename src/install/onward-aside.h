/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"

G_BEGIN_DECLS

/* Takes what lies at @path, below the install, out of the way: it goes when it holds nothing but
 * what the receipt of @version (nullable) lists, and is kept under another name otherwise. */
gboolean onward_aside_put (OnwardInstall *install, const char *path, const char *version,
                           GError **error);

G_END_DECLS
