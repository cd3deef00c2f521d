/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "onward-current.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-keep.h"
#include "onward-switch.h"
#include "onward-trial-record.h"
#include "onward-version.h"

/* The trial of the current version, when it has one. */
static OnwardTrialRecord *
load_trial (int var_dirfd, const char *current)
{
  g_autoptr (OnwardTrialRecord) trial = onward_trial_record_load (var_dirfd, "trial");

  if (trial == NULL || g_strcmp0 (trial->version, current) != 0)
    return NULL;
  return g_steal_pointer (&trial);
}

/* A version is complete when it has a receipt: that is written before the folder gets its name. */
static gboolean
is_complete (OnwardInstall *install, const char *version, GError **error)
{
  g_auto (OnwardFd) dirfd = onward_install_open_version (install, version, error);
  g_autoptr (OnwardTree) tree = NULL;

  if (dirfd < 0)
    return FALSE;
  tree = onward_install_load_receipt (install, version, error);
  return tree != NULL;
}

/* A receipt that cannot be read just now says nothing of its version. */
static gboolean
find_complete (OnwardInstall *install, const char *version, gboolean *ret_is_complete,
               GError **error)
{
  g_autoptr (GError) failure = NULL;

  *ret_is_complete = is_complete (install, version, &failure);
  if (*ret_is_complete || g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND) ||
      g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_MALFORMED))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* What to fall back to: while the current version is itself on trial, the one before that. */
static char *
dup_last_good (OnwardInstall *install, const OnwardTrialRecord *trial, const char *current)
{
  if (trial != NULL && is_complete (install, trial->previous, NULL))
    return g_strdup (trial->previous);
  return g_strdup (current);
}

/* A version that stays the current one, since it runs for example, stays on trial. */
static void
restore_trial (OnwardInstall *install, int var_dirfd, const OnwardTrialRecord *trial)
{
  g_autofree char *current = onward_install_dup_current (install, NULL);

  if (trial != NULL && g_strcmp0 (trial->version, current) == 0)
    (void) onward_trial_record_save (trial, var_dirfd, "trial", NULL);
}

/* The trial is on the disk before `current` changes: no start of the new version goes uncounted. */
static gboolean
switch_on_trial (OnwardInstall *install, const char *current, const char *version,
                 const char *floor, GError **error)
{
  g_auto (OnwardFd) var_dirfd = onward_install_lock_var (install, error);
  g_autoptr (OnwardTrialRecord) present = NULL;
  g_autoptr (OnwardTrialRecord) trial = NULL;
  g_autofree char *last_good = NULL;

  if (var_dirfd < 0)
    return FALSE;

  /* An old report of a failure would be taken for one of the version that is tried now. */
  if (!onward_trial_record_remove (var_dirfd, "reverted", error))
    return FALSE;

  present = load_trial (var_dirfd, current);
  last_good = dup_last_good (install, present, current);
  if (last_good != NULL && !g_str_equal (last_good, version))
    {
      trial = onward_trial_record_new (version, last_good, ONWARD_TRIAL_TRIES);
      trial->is_last = floor != NULL && onward_version_compare (last_good, floor) < 0;
      if (!onward_trial_record_save (trial, var_dirfd, "trial", error))
        return FALSE;
    }

  if (onward_current_point_at (install, version, error))
    return TRUE;
  restore_trial (install, var_dirfd, present);
  return FALSE;
}

/**
 * onward_switch_keep_late:
 * @install: an install, whose lock is held
 * @current: its current version
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR
 *
 * Does onward_keep_carry_late() from every other version. What is late is told by the switch that
 * came last: it has to be in the current version before there is another one. Blocking.
 *
 * Returns: FALSE when a file could not be kept
 */
gboolean
onward_switch_keep_late (OnwardInstall *install, const char *current, GCancellable *cancellable,
                         GError **error)
{
  g_auto (GStrv) versions = NULL;
  g_autofree char *tried = NULL;
  gboolean has_reverted;

  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (current != NULL, FALSE);

  has_reverted = onward_switch_get_trial (install, &tried) == ONWARD_TRIAL_REVERTED;
  versions = onward_install_list_versions (install, error);
  for (guint i = 0; versions != NULL && versions[i] != NULL; i++)
    {
      gboolean was_reverted = has_reverted && g_strcmp0 (versions[i], tried) == 0;

      if (!g_str_equal (versions[i], current) &&
          !onward_keep_carry_late (install, versions[i], current, was_reverted, cancellable, error))
        return FALSE;
    }

  return versions != NULL;
}

/* All that the user has goes from the current version, when there is one, to the next. */
static gboolean
carry_over (OnwardInstall *install, const char *current, const char *next, GError **error)
{
  if (current == NULL)
    return TRUE;

  return (!is_complete (install, current, NULL) ||
          onward_switch_keep_late (install, current, NULL, error)) &&
         onward_keep_carry_over (install, current, next, NULL, error);
}

/**
 * onward_switch_to:
 * @install: an install
 * @version: a version that stands ready
 * @error: where to put ONWARD_ERROR; BUSY when another updater works, NOT_FOUND when the version is
 *   not complete
 *
 * Makes a version the current one, on trial, in one rename; before that nothing has changed, after
 * that everything has. Nothing happens when it is the current one already. Blocking, and not to be
 * interrupted.
 *
 * Returns: FALSE when the old version is still the current one
 */
gboolean
onward_switch_to (OnwardInstall *install, const char *version, GError **error)
{
  return onward_switch_to_above (install, version, NULL, error);
}

/**
 * onward_switch_to_above:
 * @install: an install
 * @version: a version that stands ready
 * @floor: (nullable): the lowest version that is safe
 * @error: where to put ONWARD_ERROR, as in onward_switch_to()
 *
 * Does onward_switch_to(). Should the version not start, one below @floor is not started in its
 * place without somebody asking for it.
 *
 * Returns: FALSE when the old version is still the current one
 */
gboolean
onward_switch_to_above (OnwardInstall *install, const char *version, const char *floor,
                        GError **error)
{
  g_autoptr (OnwardInstallLock) lock = NULL;
  g_autofree char *current = NULL;

  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (version != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  lock = onward_install_acquire (install, error);
  if (lock == NULL)
    return FALSE;

  if (!onward_install_find_current (install, &current, error))
    return FALSE;
  if (g_strcmp0 (current, version) == 0)
    return TRUE;

  if (is_complete (install, version, error) && carry_over (install, current, version, error) &&
      switch_on_trial (install, current, version, floor, error))
    return TRUE;

  g_prefix_error (error, "Switching to %s: ", version);
  return FALSE;
}

/* Of the complete versions the newest that is older than @current, else the newest other one. */
static char *
dup_version_before (OnwardInstall *install, const char *current, GError **error)
{
  g_auto (GStrv) versions = onward_install_list_versions (install, error);
  const char *newest = NULL;

  if (versions == NULL)
    return NULL;

  for (guint i = 0; versions[i] != NULL; i++)
    {
      gboolean is_whole = FALSE;

      if (g_strcmp0 (versions[i], current) == 0)
        continue;
      if (!find_complete (install, versions[i], &is_whole, error))
        return NULL;
      if (!is_whole)
        continue;
      if (current == NULL || onward_version_compare (versions[i], current) < 0)
        return g_strdup (versions[i]);
      if (newest == NULL)
        newest = versions[i];
    }

  if (newest == NULL)
    g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                         "No other version is installed to go back to");
  return g_strdup (newest);
}

/**
 * onward_switch_dup_previous:
 * @install: an install
 * @error: where to put ONWARD_ERROR; NOT_FOUND when there is no other version
 *
 * Finds the version to go back to: the one that the trial of the current version names, else the
 * newest older one that is complete, else the newest other one.
 *
 * Returns: (transfer full) (nullable): the version
 */
char *
onward_switch_dup_previous (OnwardInstall *install, GError **error)
{
  g_auto (OnwardFd) var_dirfd = -1;
  g_autoptr (OnwardTrialRecord) trial = NULL;
  g_autofree char *current = NULL;

  g_return_val_if_fail (install != NULL, NULL);

  if (!onward_install_find_current (install, &current, error))
    return NULL;
  var_dirfd = onward_install_open_var (install, NULL);
  if (var_dirfd >= 0)
    trial = load_trial (var_dirfd, current);
  if (trial != NULL && is_complete (install, trial->previous, NULL))
    return g_strdup (trial->previous);

  return dup_version_before (install, current, error);
}

static gboolean
switch_without_trial (OnwardInstall *install, const char *version, GError **error)
{
  g_auto (OnwardFd) var_dirfd = onward_install_lock_var (install, error);

  return var_dirfd >= 0 && onward_current_point_at (install, version, error) &&
         onward_trial_record_remove (var_dirfd, "trial", error);
}

/* An older version has run before. A newer one may be what did not start, so it is tried like an
 * update. */
static gboolean
switch_by_age (OnwardInstall *install, const char *current, const char *version, GError **error)
{
  if (current != NULL && onward_version_compare (version, current) > 0)
    return switch_on_trial (install, current, version, NULL, error);
  return switch_without_trial (install, version, error);
}

/**
 * onward_switch_back:
 * @install: an install
 * @ret_version: (out) (optional) (transfer full): the version gone back to
 * @error: where to put ONWARD_ERROR; BUSY when another updater works, NOT_FOUND when there is no
 *   other version
 *
 * Makes the version before the current one again, without a trial: it has run before. Where only a
 * newer one is there, that becomes current on trial. Blocking.
 *
 * Returns: FALSE on failure
 */
gboolean
onward_switch_back (OnwardInstall *install, char **ret_version, GError **error)
{
  g_autoptr (OnwardInstallLock) lock = NULL;
  g_autofree char *current = NULL;
  g_autofree char *previous = NULL;

  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  lock = onward_install_acquire (install, error);
  if (lock == NULL)
    return FALSE;
  if (!onward_install_find_current (install, &current, error))
    return FALSE;
  previous = onward_switch_dup_previous (install, error);
  if (previous == NULL)
    return FALSE;

  if (!carry_over (install, current, previous, error) ||
      !switch_by_age (install, current, previous, error))
    {
      g_prefix_error (error, "Going back to %s: ", previous);
      return FALSE;
    }

  if (ret_version != NULL)
    *ret_version = g_steal_pointer (&previous);
  return TRUE;
}

/* Whether it is known that `current` leads nowhere. */
static gboolean
is_current_lost (OnwardInstall *install)
{
  g_autofree char *current = NULL;
  g_auto (OnwardFd) dirfd = -1;

  return onward_install_find_current (install, &current, NULL) &&
         (current == NULL ||
          (onward_install_find_version (install, current, &dirfd, NULL) && dirfd < 0));
}

/**
 * onward_switch_repair:
 * @install: an install
 * @error: where to put ONWARD_ERROR; BUSY when another updater works, NOT_FOUND when no version is
 *   complete
 *
 * When `current` is missing or points at nothing, points it at a version that is there: the one
 * that a trial would fall back to, else the newest. A switch that was cut off between two steps is
 * undone. Blocking.
 *
 * Returns: FALSE when there is still no current version
 */
gboolean
onward_switch_repair (OnwardInstall *install, GError **error)
{
  g_autoptr (OnwardInstallLock) lock = NULL;
  g_auto (OnwardFd) var_dirfd = -1;
  g_autoptr (OnwardTrialRecord) trial = NULL;
  g_autofree char *version = NULL;

  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!is_current_lost (install) && onward_current_is_settled (install))
    return TRUE;
  lock = onward_install_acquire (install, error);
  var_dirfd = lock != NULL ? onward_install_lock_var (install, error) : -1;
  if (var_dirfd < 0)
    return FALSE;
  if (!is_current_lost (install))
    return TRUE;

  trial = onward_trial_record_load (var_dirfd, "trial");
  if (trial != NULL && is_complete (install, trial->previous, NULL))
    version = g_strdup (trial->previous);
  else
    version = dup_version_before (install, NULL, error);
  return version != NULL && onward_current_point_at (install, version, error);
}

/**
 * onward_switch_dup_repaired:
 * @install: an install
 * @error: where to put ONWARD_ERROR
 *
 * Does onward_switch_repair(), and where that fails goes on with what is current all the same.
 * Blocking.
 *
 * Returns: (transfer full) (nullable): the current version
 */
char *
onward_switch_dup_repaired (OnwardInstall *install, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *current = NULL;

  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (onward_switch_repair (install, &failure))
    return onward_install_dup_current (install, error);
  current = onward_install_dup_current (install, NULL);
  if (current != NULL)
    g_debug ("%s, ignoring", failure->message);
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return g_steal_pointer (&current);
}

/* Removes a record while no launcher writes one; nothing to remove is fine even where nothing can
 * be written. */
static gboolean
remove_record (OnwardInstall *install, const char *name, GError **error)
{
  g_auto (OnwardFd) probe = onward_install_open_var (install, NULL);
  g_auto (OnwardFd) var_dirfd = -1;
  struct stat info;

  if (probe < 0 || (fstatat (probe, name, &info, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT))
    return TRUE;

  var_dirfd = onward_install_lock_var (install, error);
  return var_dirfd >= 0 && onward_trial_record_remove (var_dirfd, name, error);
}

/**
 * onward_switch_mark_good:
 * @install: an install
 * @error: where to put ONWARD_ERROR
 *
 * Ends the trial of the current version for good. Does not need the updater's lock. Blocking, for
 * moments.
 *
 * Returns: FALSE when the trial goes on
 */
gboolean
onward_switch_mark_good (OnwardInstall *install, GError **error)
{
  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return remove_record (install, "trial", error);
}

/**
 * onward_switch_clear_reverted:
 * @install: an install
 * @error: where to put ONWARD_ERROR
 *
 * Forgets that the launcher fell back, once the user was told.
 *
 * Returns: FALSE on failure
 */
gboolean
onward_switch_clear_reverted (OnwardInstall *install, GError **error)
{
  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return remove_record (install, "reverted", error);
}

/**
 * onward_switch_get_trial:
 * @install: an install
 * @ret_version: (out) (optional) (transfer full) (nullable): the version on trial, or the one that
 *   failed its trial
 *
 * Returns: where the trial of the current version stands
 */
OnwardTrial
onward_switch_get_trial (OnwardInstall *install, char **ret_version)
{
  g_auto (OnwardFd) var_dirfd = -1;
  g_autoptr (OnwardTrialRecord) record = NULL;
  g_autofree char *current = NULL;
  OnwardTrial result = ONWARD_TRIAL_PENDING;

  g_return_val_if_fail (install != NULL, ONWARD_TRIAL_NONE);

  var_dirfd = onward_install_open_var (install, NULL);
  if (var_dirfd < 0)
    return ONWARD_TRIAL_NONE;

  current = onward_install_dup_current (install, NULL);
  record = load_trial (var_dirfd, current);
  if (record != NULL && record->is_last && record->tries_left == 0)
    result = ONWARD_TRIAL_STUCK;
  if (record == NULL)
    {
      record = onward_trial_record_load (var_dirfd, "reverted");
      result = ONWARD_TRIAL_REVERTED;
    }

  /* Said, but not yet done: the launcher was cut off in between. Or said of long ago. */
  if (record == NULL ||
      (result == ONWARD_TRIAL_REVERTED && g_strcmp0 (record->previous, current) != 0))
    return ONWARD_TRIAL_NONE;

  if (ret_version != NULL)
    *ret_version = g_steal_pointer (&record->version);
  return result;
}
