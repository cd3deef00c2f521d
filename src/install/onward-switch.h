/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"

G_BEGIN_DECLS

#define ONWARD_TRIAL_TRIES 3

typedef enum
{
  ONWARD_TRIAL_NONE,
  ONWARD_TRIAL_PENDING,
  ONWARD_TRIAL_REVERTED,
  ONWARD_TRIAL_STUCK,
} OnwardTrial;

/* Makes versions/@version current on trial: the user's files that Keep= covers are carried over,
 * then var/trial is written, then one rename over `current`.
 * var/trial holds three lines: the version on trial, the version before it, the tries left. */
gboolean    onward_switch_to        (OnwardInstall *install, const char *version, GError **error);
/* The same. Below @floor (nullable), a version, nothing is gone back to without being asked for. */
gboolean    onward_switch_to_above  (OnwardInstall *install, const char *version,
                                     const char *floor, GError **error);
/* Back to the version before (the newest older one that is complete, else the newest other one),
 * without a trial. @ret_version: (transfer full). */
gboolean    onward_switch_back      (OnwardInstall *install, char **ret_version, GError **error);
/* Where `current` points at nothing, points it at a version that is there. */
gboolean    onward_switch_repair    (OnwardInstall *install, GError **error);
/* The same; (transfer full): the current version, as far as there is one after that. */
char       *onward_switch_dup_repaired (OnwardInstall *install, GError **error);
/* The present version ran well: ends its trial. Needs no lock and never fails with BUSY. */
gboolean    onward_switch_mark_good (OnwardInstall *install, GError **error);
/* Where the trial stands; REVERTED when the launcher fell back (var/reverted holds the version that
 * failed and the one that was restored), STUCK when the present version has used up its tries and
 * there is none that is safe to go back to. @ret_version: (nullable) (transfer full): the version
 * on trial, or the one that failed. */
OnwardTrial onward_switch_get_trial (OnwardInstall *install, char **ret_version);
/* Forgets a reverted trial once it was reported. */
gboolean    onward_switch_clear_reverted (OnwardInstall *install, GError **error);
/* Carries what the user has saved late in other versions over into the current one. */
gboolean    onward_switch_keep_late (OnwardInstall *install, const char *current,
                                     GCancellable *cancellable, GError **error);
/* Removes all versions but the current one, the one before it, and those that run; stray staging,
 * old parts and receipts without a version too. */
gboolean    onward_switch_prune     (OnwardInstall *install, GCancellable *cancellable,
                                     GError **error);
/* The same when no update is under way: what was received and staged goes as well. */
gboolean    onward_switch_prune_all (OnwardInstall *install, GCancellable *cancellable,
                                     GError **error);
/* The version to go back to, as chosen by onward_switch_back(); (transfer full). */
char       *onward_switch_dup_previous (OnwardInstall *install, GError **error);

G_END_DECLS
