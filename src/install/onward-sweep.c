/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <time.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-sweep.h"
#include "onward-trial-record.h"
#include "onward-version.h"
#include "onward-walk.h"

#define STALE_SECONDS (7 * 24 * 60 * 60)

typedef struct
{
  OnwardInstall *install;
  GCancellable *cancellable; /* (nullable) */
  gboolean is_over;          /* whether no update will go on from what lies there */
  char *current;             /* (owned) (nullable) */
} Sweep;

static gboolean
is_stale (const struct stat *info)
{
  return time (NULL) - info->st_mtim.tv_sec > STALE_SECONDS;
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
  Sweep *self = user_data;

  if (!self->is_over && onward_install_is_version (found->name) && !is_stale (&found->info) &&
      (self->current == NULL || onward_version_compare (found->name, self->current) > 0))
    return ONWARD_WALK_SKIP;

  return remove_found (found, self->cancellable, error);
}

/**
 * onward_sweep_finish_removal:
 * @install: an install, whose lock is held
 * @version: a version whose receipt has the name of one that goes
 * @cancellable: (nullable): stops in the middle; the next sweep goes on
 * @error: where to put ONWARD_ERROR
 *
 * Removes a version where it stands, then its receipt. One that was installed anew meanwhile stays.
 *
 * Returns: FALSE when some of it is still there
 */
gboolean
onward_sweep_finish_removal (OnwardInstall *install, const char *version, GCancellable *cancellable,
                             GError **error)
{
  g_autofree char *path = g_strconcat ("versions/", version, NULL);
  g_autofree char *receipt = g_strconcat ("receipts/", version, NULL);
  g_autofree char *removed = g_strconcat ("receipts/" ONWARD_SWEEP_REMOVED, version, NULL);
  int dirfd = onward_install_get_dirfd (install);

  if (faccessat (dirfd, receipt, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
      !onward_file_remove_tree (dirfd, path, cancellable, error))
    return FALSE;
  return onward_file_remove_tree (dirfd, removed, NULL, error);
}

/* Receipts belong to versions; what was left of one that was being written goes too. */
static OnwardWalkStep
sweep_receipts (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  Sweep *self = user_data;
  g_autoptr (GError) failure = NULL;
  g_auto (OnwardFd) dirfd = -1;

  if (!S_ISREG (found->info.st_mode))
    return ONWARD_WALK_SKIP;
  if (g_str_has_prefix (found->name, ".onward-"))
    return remove_found (found, self->cancellable, error);
  if (g_str_has_prefix (found->name, ONWARD_SWEEP_REMOVED) &&
      onward_install_is_version (found->name + strlen (ONWARD_SWEEP_REMOVED)))
    return onward_sweep_finish_removal (self->install, found->name + strlen (ONWARD_SWEEP_REMOVED),
                                        self->cancellable, error)
               ? ONWARD_WALK_SKIP
               : ONWARD_WALK_FAIL;
  if (!onward_install_is_version (found->name))
    return ONWARD_WALK_SKIP;

  dirfd = onward_install_open_version (self->install, found->name, &failure);
  if (g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    return remove_found (found, self->cancellable, error);
  return ONWARD_WALK_SKIP;
}

/* The documents of releases are small, and hold the notes of the version that runs. */
static OnwardWalkStep
sweep_parts (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  Sweep *self = user_data;
  gboolean is_over = self->is_over && !g_str_has_suffix (found->name, ".json");

  if (!S_ISREG (found->info.st_mode) || (!is_over && !is_stale (&found->info)))
    return ONWARD_WALK_SKIP;
  return remove_found (found, self->cancellable, error);
}

/* The temporary names of the launcher and of ours, left by a process that was killed: nobody else
 * writes there now. */
static OnwardWalkStep
sweep_temporaries (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  static const char *const prefixes[] = { ".onward-", ".trial.", ".reverted.", ".current." };
  Sweep *self = user_data;
  gboolean is_left = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    is_left = is_left || g_str_has_prefix (found->name, prefixes[i]);

  if (is_left && !S_ISDIR (found->info.st_mode))
    return remove_found (found, self->cancellable, error);
  return ONWARD_WALK_SKIP;
}

/* Does nothing where there is no such folder. */
static gboolean
sweep (Sweep *self, int dirfd, const char *path, OnwardWalkFunc func, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_auto (OnwardFd) fd = -1;

  if (dirfd < 0)
    return TRUE;
  fd = onward_file_open_dir (dirfd, path, &failure);
  if (g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    return TRUE;
  if (fd < 0)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }

  return onward_walk (fd, func, self, self->cancellable, error);
}

/* A trial of another version than the current one was cut off before it began, or after it had
 * ended. */
static gboolean
end_stale_trial (Sweep *self, int var_dirfd, GError **error)
{
  g_autoptr (OnwardTrialRecord) trial = onward_trial_record_load (var_dirfd, "trial");

  if (trial == NULL || g_strcmp0 (trial->version, self->current) == 0)
    return TRUE;
  return onward_trial_record_remove (var_dirfd, "trial", error);
}

/* Only for as long as that needs: meanwhile no launcher can count a start. */
static gboolean
sweep_locked (Sweep *self, GError **error)
{
  g_auto (OnwardFd) var_dirfd = onward_install_lock_var (self->install, error);

  if (var_dirfd < 0)
    return FALSE;

  return onward_install_find_current (self->install, &self->current, error) &&
         sweep (self, onward_install_get_dirfd (self->install), ".", sweep_temporaries, error) &&
         sweep (self, var_dirfd, ".", sweep_temporaries, error) &&
         end_stale_trial (self, var_dirfd, error);
}

/**
 * onward_sweep_run:
 * @install: an install, whose lock is held
 * @is_over: whether no update is under way that could go on from what was received and staged
 * @cancellable: (nullable): stops between two removals
 * @error: where to put ONWARD_ERROR
 *
 * Removes staging folders, parts and receipts that nothing needs any more, the record of a trial
 * that is over, and the temporary names of processes that were killed. Blocking.
 *
 * Returns: FALSE when something could not be removed
 */
gboolean
onward_sweep_run (OnwardInstall *install, gboolean is_over, GCancellable *cancellable,
                  GError **error)
{
  Sweep self = { install, cancellable, is_over, NULL };
  int dirfd = onward_install_get_dirfd (install);
  gboolean done;

  done = sweep_locked (&self, error) && sweep (&self, dirfd, "receipts", sweep_receipts, error) &&
         sweep (&self, dirfd, "var/staging", sweep_staging, error) &&
         sweep (&self, onward_install_get_state_dirfd (install), "parts", sweep_parts, error);
  g_free (self.current);
  return done;
}
