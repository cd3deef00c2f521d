/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-application.h"
#include "onward-paths.h"
#include "onward-tree.h"

G_BEGIN_DECLS

/**
 * OnwardInstall:
 *
 * One install, opened by descriptors: which version is current, the receipts, the lock.
 * Not thread-safe; its users pass it from thread to thread, one at a time.
 */
typedef struct _OnwardInstall OnwardInstall;

OnwardInstall *onward_install_open           (OnwardPaths *paths, GError **error);
void           onward_install_free           (OnwardInstall *self);
OnwardPaths   *onward_install_get_paths      (OnwardInstall *self);
/* What onward.ini says now; (transfer full). */
OnwardApplication *onward_install_load_application (OnwardInstall *self, GError **error);
/* The version `current` points at; (transfer full). */
char          *onward_install_dup_current    (OnwardInstall *self, GError **error);
/* The tree @version was built from, from receipts/<version>. */
OnwardTree    *onward_install_load_receipt   (OnwardInstall *self, const char *version,
                                              GError **error);
/* The same for who can do nothing without it: the error says what makes a new one. */
OnwardTree    *onward_install_load_needed_receipt (OnwardInstall *self, const char *version,
                                              GError **error);
gint64         onward_install_get_time       (OnwardInstall *self, const char *version);
/* Every installed version, newest first; (transfer full). */
char         **onward_install_list_versions  (OnwardInstall *self, GError **error);
/* One updater at a time: ONWARD_ERROR_BUSY when another process holds the lock. Released by the
 * kernel when the holder dies. Nested calls are counted. */
gboolean       onward_install_lock           (OnwardInstall *self, GError **error);
void           onward_install_unlock         (OnwardInstall *self);
/* Names one hold of the lock: this one, and that of another process that is at work now. */
const char    *onward_install_get_session    (OnwardInstall *self);       /* nullable */
char          *onward_install_dup_other_session (OnwardInstall *self);    /* nullable */
/* Descriptors for the other parts of this room. */
int            onward_install_get_dirfd      (OnwardInstall *self);
int            onward_install_get_state_dirfd (OnwardInstall *self);

/* For the other parts of this room. */
gboolean       onward_install_is_version     (const char *version);
int            onward_install_open_version   (OnwardInstall *self, const char *version,
                                              GError **error);
gboolean       onward_install_find_version   (OnwardInstall *self, const char *version,
                                              int *ret_dirfd, GError **error);
gboolean       onward_install_find_current   (OnwardInstall *self, char **ret_version,
                                              GError **error);
gboolean       onward_install_clear_folder   (int dirfd, const char *name, GError **error);
int            onward_install_open_var       (OnwardInstall *self, GError **error);
int            onward_install_lock_var       (OnwardInstall *self, GError **error);

/* The lock held for the length of a scope. */
typedef OnwardInstall OnwardInstallLock;
OnwardInstallLock *onward_install_acquire    (OnwardInstall *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardInstall, onward_install_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardInstallLock, onward_install_unlock)

G_END_DECLS
