/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"

G_BEGIN_DECLS

/* Whether one of the Keep= globs covers @path or a folder that holds it. */
gboolean onward_keep_matches    (const char * const *keep, const char *path);
/* Whether @path is a folder in which something covered may lie. */
gboolean onward_keep_leads_to   (const char * const *keep, const char *path);
/* The globs of onward.ini; (transfer full). */
char   **onward_keep_load       (OnwardInstall *install, GError **error);
/* Copies the files below @from that @from_tree (nullable) does not list and that the globs cover to
 * @to, over older copies but never over what @to_tree lists. */
gboolean onward_keep_copy       (const char * const *keep, int from, OnwardTree *from_tree, int to,
                                 OnwardTree *to_tree, GCancellable *cancellable, GError **error);
/* Copies the files of @from that no receipt lists and that Keep= covers into @to, over older copies
 * but never over what the receipt of @to lists. */
gboolean onward_keep_carry_over (OnwardInstall *install, const char *from, const char *to,
                                 GCancellable *cancellable, GError **error);
/* Copies what was saved in @from since it was left: nothing that is older than what @to has. */
gboolean onward_keep_carry_late (OnwardInstall *install, const char *from, const char *to,
                                 gboolean was_reverted, GCancellable *cancellable, GError **error);
/* The bytes that carrying the user's files over takes, there and back again. */
guint64  onward_keep_measure    (OnwardInstall *install);
/* Removes temporary names of ours from a version. */
gboolean onward_keep_sweep      (OnwardInstall *install, const char *version, GError **error);

G_END_DECLS
