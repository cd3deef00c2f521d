/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"

G_BEGIN_DECLS

/**
 * OnwardDifferences:
 * @changed: paths whose content, mode, kind or link target differ
 * @missing: paths that are not there
 * @extra: paths that no receipt lists (those that match Keep= are left out)
 *
 * How a version differs from its receipt; arrays of strings.
 */
typedef struct
{
  GPtrArray *changed;
  GPtrArray *missing;
  GPtrArray *extra;
} OnwardDifferences;

void               onward_differences_free (OnwardDifferences *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardDifferences, onward_differences_free)

/* Compares @version with its receipt, hashing every file. Blocking. */
OnwardDifferences *onward_verify_version   (OnwardInstall *install, const char *version,
                                            const char * const *keep, GCancellable *cancellable,
                                            GError **error);

/* For the other parts of this room. */
typedef enum
{
  ONWARD_VERIFY_SHAPE,    /* kinds, modes, sizes and link targets */
  ONWARD_VERIFY_CONTENTS, /* digests too */
} OnwardVerifyDepth;

OnwardDifferences *onward_verify_folder    (int dirfd, OnwardTree *tree, const char * const *keep,
                                            OnwardVerifyDepth depth, GCancellable *cancellable,
                                            GError **error);
gboolean           onward_verify_entry     (int dirfd, const char *name, const struct stat *info,
                                            const OnwardTreeEntry *entry, OnwardVerifyDepth depth,
                                            GCancellable *cancellable);
gboolean           onward_verify_path      (int dirfd, const OnwardTreeEntry *entry,
                                            OnwardVerifyDepth depth, GCancellable *cancellable);
/* The same of a file's content alone. */
gboolean           onward_verify_has_content (int dirfd, const OnwardTreeEntry *entry,
                                              GCancellable *cancellable);

G_END_DECLS
