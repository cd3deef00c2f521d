/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-journal-private.h"

/**
 * onward_journal_progress_get_session:
 * @self: the journal
 *
 * Returns: (transfer none) (nullable): the session of the updater that wrote it; what it says of a
 *   state of work is true for as long as that updater holds the install's lock
 */
const char *
onward_journal_progress_get_session (OnwardJournal *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->contents->session;
}

/**
 * onward_journal_progress_set_session:
 * @self: the journal
 * @session: (nullable): the session of this updater
 */
void
onward_journal_progress_set_session (OnwardJournal *self, const char *session)
{
  g_return_if_fail (self != NULL);

  if (g_strcmp0 (self->contents->session, session) == 0)
    return;
  g_free (self->contents->session);
  self->contents->session = g_strdup (session);
}

/**
 * onward_journal_progress_get:
 * @self: the journal
 * @ret_progress: (out): how far the update had come
 */
void
onward_journal_progress_get (OnwardJournal *self, OnwardJournalProgress *ret_progress)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (ret_progress != NULL);

  *ret_progress = self->contents->progress;
}

/**
 * onward_journal_progress_set:
 * @self: the journal
 * @progress: how far the update has come
 */
void
onward_journal_progress_set (OnwardJournal *self, const OnwardJournalProgress *progress)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (progress != NULL);

  self->contents->progress = *progress;
}
