/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"

G_BEGIN_DECLS

/* Makes versions/, receipts/ and var/staging/ where they are missing and opens the last; refuses
 * when it is not on the file system of versions/. */
int      onward_staging_folder_open     (OnwardInstall *install, GError **error);
/* Makes var/staging/@version the folder versions/@version in one step, and durably. */
gboolean onward_staging_folder_publish  (int staging_dirfd, OnwardInstall *install,
                                         const char *version, GError **error);
/* Takes what is at @path below @dirfd out of sight in one step, then removes it. */
gboolean onward_staging_folder_discard  (int staging_dirfd, int dirfd, const char *path,
                                         GCancellable *cancellable, GError **error);
/* The same; @ret_is_fixed is set when it failed because the folder cannot be moved. */
gboolean onward_staging_folder_try_discard (int staging_dirfd, int dirfd, const char *path,
                                            gboolean *ret_is_fixed, GCancellable *cancellable,
                                            GError **error);
/* The bytes that var/staging holds of its own, not shared with a version. */
guint64  onward_staging_folder_get_size (int staging_dirfd);
/* Leaves only var/staging/@version. */
gboolean onward_staging_folder_clear    (int staging_dirfd, const char *version,
                                         GCancellable *cancellable, GError **error);

G_END_DECLS
