/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"

G_BEGIN_DECLS

/* The path, below the install, of the link that says which version is current; (nullable). */
const char *onward_current_find_link  (int dirfd, GError **error);
/* The path, below the install, of the folder of @version. */
char       *onward_current_dup_folder (OnwardInstall *install, const char *version, GError **error);
/* Makes @version the current one, in the layout of onward.ini; var is locked. BUSY in place, while
 * a copy of the current version runs. */
gboolean    onward_current_point_at   (OnwardInstall *install, const char *version, GError **error);
/* Whether no switch in place was cut off between its steps. */
gboolean    onward_current_is_settled (OnwardInstall *install);
/* Undoes such a one; the install's lock is held. */
gboolean    onward_current_settle     (OnwardInstall *install, GError **error);
/* Whether the application must live at one path. */
gboolean    onward_current_is_in_place (OnwardInstall *install, gboolean *ret_is_in_place,
                                        GError **error);

G_END_DECLS
