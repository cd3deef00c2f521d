/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"
#include "onward-pack-reader.h"

G_BEGIN_DECLS

typedef void (*OnwardStagingProgress) (guint files_done, guint files_total, gpointer user_data);
typedef gboolean (*OnwardStagingConfirm) (gpointer user_data, GCancellable *cancellable,
                                          GError **error);

/**
 * OnwardStagingWatch:
 * @progress: (nullable): told of every file that is done
 * @confirm: (nullable): asked when all is done, before it gets its name; may take its time
 * @user_data: for both
 *
 * Who watches a build: one call at a time, @progress on any thread.
 */
typedef struct
{
  OnwardStagingProgress progress;
  OnwardStagingConfirm confirm;
  gpointer user_data;
} OnwardStagingWatch;

/**
 * OnwardStagingStep:
 * @reader: a pack
 * @contents: (element-type OnwardDigest): what to make of it
 *
 * What a version is made from and neither its own pack nor the current version has: of a version in
 * between, or damaged here.
 */
typedef struct
{
  OnwardPackReader *reader;
  GHashTable *contents;
} OnwardStagingStep;

/* What is needed of a pack to build its tree here: every frame whose content is not in the current
 * version (by receipt; contents are re-hashed when they are linked). @ret_ranges are byte ranges of
 * the pack. FALSE when a delta's references are not here. */
gboolean onward_staging_plan       (OnwardInstall *install, OnwardPackHead *head,
                                    OnwardRanges **ret_ranges, GError **error);
/* Refuses with NO_SPACE, READ_ONLY_INSTALL or NOT_PERMITTED before the first byte is fetched.
 * @download: bytes still to fetch into the parts folder; @shelf: bytes that steps make. */
gboolean onward_staging_preflight  (OnwardInstall *install, OnwardPackHead *head,
                                    guint64 download, guint64 shelf, GError **error);
/**
 * OnwardStagingNeed:
 * @what: what needs it, as a sentence begins
 * @download: bytes to fetch into the parts folder
 * @content: bytes to write into var/staging
 * @kept: bytes of the user's to copy there
 * @n_entries: how many files, folders and links that is
 * @replaces: whether it takes the place of something: nothing is held back from it for others then
 *
 * The room on the disk that something needs.
 */
typedef struct
{
  const char *what;
  guint64 download;
  guint64 content;
  guint64 kept;
  guint n_entries;
  gboolean replaces;
} OnwardStagingNeed;

/* Refuses with NO_SPACE before the first byte is fetched; onward_staging_preflight() does, too. */
gboolean onward_staging_preflight_space (OnwardInstall *install, const OnwardStagingNeed *need,
                                    GError **error);
/* Builds the tree as versions/@version: unchanged files linked after their digest was checked,
 * others from @reader, everything re-hashed, synced, receipt written, one rename. Goes on from what
 * an earlier run completed. @steps: (nullable) (element-type OnwardStagingStep): what is made
 * first, in order. @watch: (nullable). @ret_damaged: (nullable) (element-type OnwardDigest): set to
 * what files of the current version should hold and do not, when that is why the call fails with
 * ONWARD_ERROR_CORRUPT. Blocking. */
gboolean onward_staging_build      (OnwardInstall *install, OnwardPackReader *reader,
                                    GPtrArray *steps, const char *version,
                                    const OnwardStagingWatch *watch, GHashTable **ret_damaged,
                                    GCancellable *cancellable, GError **error);
/* What files of the current version should hold, by its receipt, and do not; a set of
 * OnwardDigest. Blocking. */
GHashTable *
         onward_staging_damage_find (OnwardInstall *install, gboolean hashes,
                                     GCancellable *cancellable, GError **error);

G_END_DECLS
