/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <gio/gio.h>

#include "onward-fd.h"

G_BEGIN_DECLS

/* Paths are relative to a directory descriptor and clean (onward_file_is_clean_path()); no link is
 * followed on the way. With AT_FDCWD they are ordinary paths that the user chose. Blocking. */
void     onward_file_set_error      (GError **error, int errno_value, const char *doing,
                                     const char *path);
gboolean onward_file_is_clean_path  (const char *path);
int      onward_file_open_dir       (int dirfd, const char *path, GError **error);
int      onward_file_open_beneath   (int dirfd, const char *path, int flags, mode_t mode,
                                     GError **error);
/* The same without openat2(), component by component. */
int      onward_file_open_stepwise  (int dirfd, const char *path, int flags, mode_t mode,
                                     GError **error);
int      onward_file_open_parent    (int dirfd, const char *path, const char **ret_name,
                                     GError **error);
gboolean onward_file_make_dir       (int dirfd, const char *path, GError **error);
GBytes  *onward_file_read           (int dirfd, const char *path, gsize max_size, GError **error);
gboolean onward_file_write          (int dirfd, const char *name, GBytes *contents, mode_t mode,
                                     GError **error);
gboolean onward_file_write_all      (int fd, gconstpointer data, gsize size, GError **error);
gboolean onward_file_link_over      (int dirfd, const char *target, const char *name,
                                     GError **error);
char    *onward_file_read_link      (int dirfd, const char *name, GError **error);
gboolean onward_file_remove_tree    (int dirfd, const char *name, GCancellable *cancellable,
                                     GError **error);
gboolean onward_file_sync           (int fd, const char *path, GError **error);
gboolean onward_file_sync_system    (int dirfd, const char *path, GError **error);
gboolean onward_file_get_free_space (int dirfd, guint64 *ret_bytes, GError **error);

G_END_DECLS
