/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-staging-folder.h"
#include "onward-switch.h"
#include "onward-trial-record.h"
#include "onward-version.h"
#include "onward-walk.h"

#define STALE_SECONDS     (7 * 24 * 60 * 60)
#define TEMPORARY_SECONDS (60 * 60)

typedef struct
{
  OnwardInstall *install;
  GCancellable *cancellable; /* (nullable) */
  GHashTable *kept;          /* (owned): char *: versions that stay */
} Prune;

static void
keep (Prune *self, const char *version)
{
  if (version != NULL)
    g_hash_table_add (self->kept, g_strdup (version));
}

static void
choose_kept (Prune *self)
{
  g_auto (OnwardFd) var_dirfd = onward_install_open_var (self->install, NULL);
  g_autoptr (OnwardTrialRecord) trial = NULL;
  g_autofree char *current = onward_install_dup_current (self->install, NULL);
  g_autofree char *previous = onward_switch_dup_previous (self->install, NULL);

  if (var_dirfd >= 0)
    trial = onward_trial_record_load (var_dirfd, "trial");
  keep (self, current);
  keep (self, previous);
  if (trial != NULL)
    {
      keep (self, trial->version);
      keep (self, trial->previous);
    }
}

/* Whether a copy of this version runs: its launcher shares the lock of the folder. */
static gboolean
is_running (int version_dirfd)
{
  return flock (version_dirfd, LOCK_EX | LOCK_NB) < 0;
}

/* Takes the folder away in one step, then the receipt: cut off in between, the receipt is a stray
 * one that the next run removes. Only what a receipt lists is ours. */
static gboolean
remove_version (Prune *self, int staging_dirfd, const char *version, GError **error)
{
  g_autoptr (OnwardTree) tree = onward_install_load_receipt (self->install, version, NULL);
  g_auto (OnwardFd) version_dirfd = onward_install_open_version (self->install, version, NULL);
  g_autofree char *path = g_strconcat ("versions/", version, NULL);
  g_autofree char *receipt = g_strconcat ("receipts/", version, NULL);
  int dirfd = onward_install_get_dirfd (self->install);

  if (tree == NULL || version_dirfd < 0 || is_running (version_dirfd))
    return TRUE;

  if (!onward_staging_folder_discard (staging_dirfd, dirfd, path, self->cancellable, error))
    return FALSE;
  if (unlinkat (dirfd, receipt, 0) < 0 && errno != ENOENT)
    {
      onward_file_set_error (error, errno, "Removing", receipt);
      return FALSE;
    }
  return TRUE;
}

static gboolean
remove_versions (Prune *self, int staging_dirfd, GError **error)
{
  g_auto (GStrv) versions = onward_install_list_versions (self->install, error);

  if (versions == NULL)
    return FALSE;

  for (guint i = 0; versions[i] != NULL; i++)
    {
      if (!g_hash_table_contains (self->kept, versions[i]) &&
          !remove_version (self, staging_dirfd, versions[i], error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_older_than (const struct stat *info, time_t seconds)
{
  return time (NULL) - info->st_mtim.tv_sec > seconds;
}

static OnwardWalkStep
remove_found (const OnwardWalkEntry *found, GCancellable *cancellable, GError **error)
{
  return onward_file_remove_tree (found->dirfd, found->name, cancellable, error) ? ONWARD_WALK_SKIP
                                                                                 : ONWARD_WALK_FAIL;
}

/* A staging folder is wanted while it may become a newer version; what is not named like a version
 * is on its way out. */
static OnwardWalkStep
sweep_staging (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  Prune *self = user_data;
  g_autofree char *current = onward_install_dup_current (self->install, NULL);

  if (onward_install_is_version (found->name) && !is_older_than (&found->info, STALE_SECONDS) &&
      (current == NULL || onward_version_compare (found->name, current) > 0))
    return ONWARD_WALK_SKIP;

  return remove_found (found, self->cancellable, error);
}

/* Receipts belong to versions; what was left of one that was being written goes too. */
static OnwardWalkStep
sweep_receipts (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  Prune *self = user_data;
  g_autoptr (GError) failure = NULL;
  g_auto (OnwardFd) dirfd = -1;

  if (!S_ISREG (found->info.st_mode))
    return ONWARD_WALK_SKIP;
  if (g_str_has_prefix (found->name, ".onward-"))
    return remove_found (found, self->cancellable, error);
  if (!onward_install_is_version (found->name))
    return ONWARD_WALK_SKIP;

  dirfd = onward_install_open_version (self->install, found->name, &failure);
  if (g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    return remove_found (found, self->cancellable, error);
  return ONWARD_WALK_SKIP;
}

static OnwardWalkStep
sweep_parts (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  Prune *self = user_data;

  if (!S_ISREG (found->info.st_mode) || !is_older_than (&found->info, STALE_SECONDS))
    return ONWARD_WALK_SKIP;
  return remove_found (found, self->cancellable, error);
}

/* The temporary names of the launcher and of ours, left by a process that was killed. Nobody else
 * writes launcher's names and `current` now; another file may just be written by someone. */
static OnwardWalkStep
sweep_temporaries (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  static const char *const prefixes[] = { ".trial.", ".reverted.", ".current." };
  Prune *self = user_data;
  gboolean is_left =
      g_str_has_prefix (found->name, ".onward-") &&
      (S_ISLNK (found->info.st_mode) || is_older_than (&found->info, TEMPORARY_SECONDS));

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    is_left = is_left || g_str_has_prefix (found->name, prefixes[i]);

  if (is_left && !S_ISDIR (found->info.st_mode))
    return remove_found (found, self->cancellable, error);
  return ONWARD_WALK_SKIP;
}

/* Does nothing where there is no such folder. */
static gboolean
sweep (Prune *self, int dirfd, const char *path, OnwardWalkFunc func, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_auto (OnwardFd) fd = onward_file_open_dir (dirfd, path, &failure);

  if (g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    return TRUE;
  if (fd < 0)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }

  return onward_walk (fd, func, self, self->cancellable, error);
}

static gboolean
sweep_all (Prune *self, GError **error)
{
  int dirfd = onward_install_get_dirfd (self->install);
  g_auto (OnwardFd) var_dirfd = onward_install_lock_var (self->install, error);

  return var_dirfd >= 0 && sweep (self, dirfd, ".", sweep_temporaries, error) &&
         sweep (self, var_dirfd, ".", sweep_temporaries, error) &&
         sweep (self, dirfd, "receipts", sweep_receipts, error) &&
         sweep (self, dirfd, "var/staging", sweep_staging, error) &&
         sweep (self, onward_install_get_state_dirfd (self->install), "parts", sweep_parts, error);
}

static gboolean
prune (Prune *self, GError **error)
{
  g_auto (OnwardFd) staging_dirfd = onward_staging_folder_open (self->install, error);

  return staging_dirfd >= 0 && remove_versions (self, staging_dirfd, error) &&
         sweep_all (self, error);
}

/**
 * onward_switch_prune:
 * @install: an install
 * @cancellable: (nullable): stops between two removals
 * @error: where to put ONWARD_ERROR; BUSY when another updater works
 *
 * Removes every version but the current one, the one to go back to, those of a trial, and those
 * that still run; then staging folders, parts and receipts that nothing needs any more, and what
 * killed processes left. A folder without a receipt is not ours and stays. Blocking.
 *
 * Returns: FALSE when something could not be removed
 */
gboolean
onward_switch_prune (OnwardInstall *install, GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardInstallLock) lock = NULL;
  g_autoptr (GHashTable) kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Prune self = { install, cancellable, kept };

  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  lock = onward_install_acquire (install, error);
  if (lock == NULL)
    return FALSE;

  choose_kept (&self);
  if (prune (&self, error))
    return TRUE;

  g_prefix_error (error, "Removing old versions: ");
  return FALSE;
}
