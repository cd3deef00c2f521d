/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardTrialRecord:
 * @version: the version on trial
 * @previous: the version to fall back to
 * @tries_left: how many starts it has left
 * @is_last: whether @previous must not be started without being asked for
 *
 * What var/trial says, in three lines, and "last" in a fourth; var/reverted has the first two. The
 * launcher reads and writes the same files.
 */
typedef struct
{
  char *version;
  char *previous;
  guint tries_left;
  gboolean is_last;
} OnwardTrialRecord;

OnwardTrialRecord *onward_trial_record_new  (const char *version, const char *previous,
                                             guint tries_left);
void               onward_trial_record_free (OnwardTrialRecord *self);
/* NULL when there is none or it is damaged, which counts as none. */
OnwardTrialRecord *onward_trial_record_load (int var_dirfd, const char *name);
gboolean           onward_trial_record_save (const OnwardTrialRecord *self, int var_dirfd,
                                             const char *name, GError **error);
/* Durable; what is not there is fine. */
gboolean           onward_trial_record_remove (int var_dirfd, const char *name, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTrialRecord, onward_trial_record_free)

G_END_DECLS
