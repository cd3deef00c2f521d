/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-journal-private.h"

/**
 * onward_journal_choices_get_channel:
 * @self: the journal
 *
 * Returns: (transfer none) (nullable): the channel that the user has chosen instead of the one in
 *   onward.ini
 */
const char *
onward_journal_choices_get_channel (OnwardJournal *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->contents->channel;
}

/**
 * onward_journal_choices_set_channel:
 * @self: the journal
 * @channel: (nullable): a plain name; %NULL leaves the choice to onward.ini
 */
void
onward_journal_choices_set_channel (OnwardJournal *self, const char *channel)
{
  g_return_if_fail (self != NULL);

  if (g_strcmp0 (self->contents->channel, channel) == 0)
    return;
  g_free (self->contents->channel);
  self->contents->channel = g_strdup (channel);
}

/**
 * onward_journal_choices_get_skipped:
 * @self: the journal
 * @index: counts from the one that was skipped last, which is 0
 *
 * Returns: (transfer none) (nullable): a version the user wants to hear no more of; %NULL when
 *   there are not so many
 */
const char *
onward_journal_choices_get_skipped (OnwardJournal *self, guint index)
{
  GPtrArray *skipped;

  g_return_val_if_fail (self != NULL, NULL);

  skipped = self->contents->skipped;
  return index < skipped->len ? g_ptr_array_index (skipped, index) : NULL;
}
