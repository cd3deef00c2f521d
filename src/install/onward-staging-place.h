/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"

G_BEGIN_DECLS

/* Whether an install lies where it can be updated. What is refused is refused before anything is
 * fetched, with a sentence that says what to do. */
gboolean onward_staging_place_check_writable    (OnwardInstall *install, GError **error);
gboolean onward_staging_place_check_executable  (OnwardInstall *install, int dirfd,
                                                 OnwardTree *tree, GError **error);
gboolean onward_staging_place_check_same_system (int versions, int staging, GError **error);

G_END_DECLS
