/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"
#include "onward-pack-reader.h"

G_BEGIN_DECLS

typedef void (*OnwardStagingProgress) (guint files_done, guint files_total, gpointer user_data);

/* What is needed of a pack to build its tree here: every frame whose content is not in the current
 * version (by receipt; contents are re-hashed when they are linked). @ret_ranges are byte ranges of
 * the pack. FALSE when a delta's references are not here. */
gboolean onward_staging_plan       (OnwardInstall *install, OnwardPackHead *head,
                                    OnwardRanges **ret_ranges, GError **error);
/* Refuses with NO_SPACE, READ_ONLY_INSTALL or NOT_PERMITTED before the first byte is fetched.
 * @download: bytes still to fetch into the parts folder. */
gboolean onward_staging_preflight  (OnwardInstall *install, OnwardPackHead *head,
                                    guint64 download, GError **error);
/* Builds the tree as versions/@version: unchanged files linked after their digest was checked,
 * others from @reader, everything re-hashed, synced, receipt written, one rename. Goes on from what
 * an earlier run completed. @ret_damaged: (nullable): set to the ranges of the pack to fetch in
 * addition when files of the current version turned out to be damaged; then the call fails with
 * ONWARD_ERROR_CORRUPT and can be repeated. Blocking. */
gboolean onward_staging_build      (OnwardInstall *install, OnwardPackReader *reader,
                                    const char *version, OnwardStagingProgress progress,
                                    gpointer user_data, OnwardRanges **ret_damaged,
                                    GCancellable *cancellable, GError **error);

G_END_DECLS
