/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardPaths:
 *
 * Where the parts of one install live (an immutable value). The only place that asks for user
 * directories and the environment.
 */
typedef struct _OnwardPaths OnwardPaths;

/* @dir: the install folder; refused with NOT_FOUND when it holds no onward.ini. */
OnwardPaths *onward_paths_new          (const char *dir, GError **error);
OnwardPaths *onward_paths_ref          (OnwardPaths *self);
void         onward_paths_unref        (OnwardPaths *self);
const char  *onward_paths_get_install  (OnwardPaths *self); /* INSTALL, absolute */
const char  *onward_paths_get_config   (OnwardPaths *self); /* INSTALL/onward.ini */
const char  *onward_paths_get_anchor   (OnwardPaths *self); /* INSTALL/root.json */
const char  *onward_paths_get_state    (OnwardPaths *self); /* INSTALL/var, or the user's own */
const char  *onward_paths_get_journal  (OnwardPaths *self); /* state/state.ini */
const char  *onward_paths_get_trust    (OnwardPaths *self); /* state/trust */
const char  *onward_paths_get_parts    (OnwardPaths *self); /* state/parts */
const char  *onward_paths_get_log      (OnwardPaths *self); /* state/update.log */
/* Whether this user may change the install itself (else only look for news). */
gboolean     onward_paths_is_writable  (OnwardPaths *self);

/* The platform of this computer, e.g. "linux-x86_64". */
const char  *onward_paths_get_platform (void);
/* A program that ships with Onward ("onward-updater", "onward-launch"): beside the running
 * program, in its build folder, in libexecdir or bindir, or in PATH. (transfer full) (nullable) */
char        *onward_paths_find_program (const char *name);
/* The install that the running program was started from, as its launcher says, or NULL. */
const char  *onward_paths_get_own_install (void);
/* The version of this install that the running program was started as, or NULL. */
const char  *onward_paths_get_own_version (OnwardPaths *self);
/* ONWARD_TEST_<NAME>, or NULL. */
const char  *onward_paths_get_test_setting (const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardPaths, onward_paths_unref)

G_END_DECLS
