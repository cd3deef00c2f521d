/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <sys/file.h>

#include "onward-component.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-keep.h"
#include "onward-launcher.h"
#include "onward-staging-folder.h"
#include "onward-sweep.h"
#include "onward-switch.h"
#include "onward-trial-record.h"

typedef struct
{
  OnwardInstall *install;
  GCancellable *cancellable; /* (nullable) */
  GHashTable *kept;          /* (owned): char *: versions that stay */
  gboolean is_over;          /* whether no update is under way */
} Prune;

static void
keep (Prune *self, const char *version)
{
  if (version != NULL)
    g_hash_table_add (self->kept, g_strdup (version));
}

/* What cannot be told to go stays: nothing is removed unless it is known which version is current,
 * and which one is the way back. */
static gboolean
choose_kept (Prune *self, GError **error)
{
  g_auto (OnwardFd) var_dirfd = -1;
  g_autoptr (OnwardTrialRecord) trial = NULL;
  g_autoptr (GError) failure = NULL;
  g_autofree char *current = onward_install_dup_current (self->install, error);
  g_autofree char *previous = NULL;

  if (current == NULL)
    return FALSE;
  previous = onward_switch_dup_previous (self->install, &failure);
  if (previous == NULL && !g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }

  keep (self, current);
  keep (self, previous);
  var_dirfd = onward_install_open_var (self->install, error);
  if (var_dirfd < 0)
    return FALSE;
  trial = onward_trial_record_load (var_dirfd, "trial");
  /* The trial of another version may be one that was cut off before it began. */
  if (trial != NULL && (!self->is_over || g_str_equal (trial->version, current)))
    {
      keep (self, trial->version);
      keep (self, trial->previous);
    }
  return TRUE;
}

/* Whether a copy of this version runs: its launcher shares the lock of the folder. */
static gboolean
is_running (int version_dirfd)
{
  return flock (version_dirfd, LOCK_EX | LOCK_NB) < 0;
}

/* A folder that came with the image of the computer (the lower layer of an overlay) cannot be
 * moved. The receipt says first that it goes, so that nobody takes half of it for a version. */
static gboolean
remove_in_place (Prune *self, const char *version, const char *receipt, GError **error)
{
  g_autofree char *removed = g_strconcat ("receipts/" ONWARD_SWEEP_REMOVED, version, NULL);
  int dirfd = onward_install_get_dirfd (self->install);

  if (renameat (dirfd, receipt, dirfd, removed) < 0)
    {
      onward_file_set_error (error, errno, "Removing", receipt);
      return FALSE;
    }
  return onward_file_sync_system (dirfd, "receipts", error) &&
         onward_sweep_finish_removal (self->install, version, self->cancellable, error);
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
  g_autoptr (GError) failure = NULL;
  int dirfd = onward_install_get_dirfd (self->install);
  gboolean is_fixed = FALSE;

  if (tree == NULL || version_dirfd < 0 || is_running (version_dirfd))
    return TRUE;

  if (!onward_staging_folder_try_discard (staging_dirfd, dirfd, path, &is_fixed, self->cancellable,
                                          &failure))
    {
      if (is_fixed)
        return remove_in_place (self, version, receipt, error);
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (unlinkat (dirfd, receipt, 0) < 0 && errno != ENOENT)
    {
      onward_file_set_error (error, errno, "Removing", receipt);
      return FALSE;
    }
  return TRUE;
}

/* Nothing that the user has saved goes with a version. */
static gboolean
keep_late (Prune *self, GError **error)
{
  g_autofree char *current = onward_install_dup_current (self->install, error);
  g_auto (GStrv) versions = NULL;

  if (current == NULL)
    return FALSE;
  versions = onward_install_list_versions (self->install, error);
  if (versions == NULL)
    return FALSE;

  for (guint i = 0; versions[i] != NULL; i++)
    {
      if (!onward_keep_sweep (self->install, versions[i], error))
        return FALSE;
    }

  return onward_switch_keep_late (self->install, current, self->cancellable, error);
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

/* Of components that were removed, or not added to the end. */
static gboolean
remove_components (Prune *self, GError **error)
{
  g_autofree char *current = onward_install_dup_current (self->install, error);

  return current != NULL &&
         onward_component_sweep (self->install, current, self->cancellable, error);
}

static gboolean
prune (Prune *self, GError **error)
{
  g_auto (OnwardFd) staging_dirfd = onward_staging_folder_open (self->install, error);

  return staging_dirfd >= 0 && keep_late (self, error) &&
         onward_launcher_refresh (self->install, error) &&
         remove_versions (self, staging_dirfd, error) && remove_components (self, error) &&
         onward_sweep_run (self->install, self->is_over, self->cancellable, error);
}

static gboolean
prune_with_lock (OnwardInstall *install, gboolean is_over, GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (OnwardInstallLock) lock = NULL;
  g_autoptr (GHashTable) kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Prune self = { install, cancellable, kept, is_over };

  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  lock = onward_install_acquire (install, error);
  if (lock == NULL)
    return FALSE;

  if (choose_kept (&self, error) && prune (&self, error))
    return TRUE;

  g_prefix_error (error, "Removing old versions: ");
  return FALSE;
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
  return prune_with_lock (install, FALSE, cancellable, error);
}

/**
 * onward_switch_prune_all:
 * @install: an install, for which no update is under way
 * @cancellable: (nullable): stops between two removals
 * @error: where to put ONWARD_ERROR; BUSY when another updater works
 *
 * onward_switch_prune() that keeps nothing of what was received and staged either: there is nothing
 * to go on with. Blocking.
 *
 * Returns: FALSE when something could not be removed
 */
gboolean
onward_switch_prune_all (OnwardInstall *install, GCancellable *cancellable, GError **error)
{
  return prune_with_lock (install, TRUE, cancellable, error);
}
