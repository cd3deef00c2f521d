/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-flow-private.h"
#include "onward-names.h"
#include "onward-version.h"

/**
 * onward_flow_choices_get_channel:
 * @self: a flow
 *
 * Returns: (transfer none): the channel that is followed: the user's choice, or that of onward.ini
 */
const char *
onward_flow_choices_get_channel (OnwardFlow *self)
{
  const char *chosen = onward_journal_choices_get_channel (self->journal);

  return chosen != NULL ? chosen : onward_application_get_channel (self->application);
}

/**
 * onward_flow_choices_set_channel:
 * @self: a flow
 * @channel: the channel to follow from the next check on
 * @error: return location
 *
 * Remembers the user's choice. What is older than the installed version is still never offered: who
 * leaves a channel waits until the other one has something newer.
 */
gboolean
onward_flow_choices_set_channel (OnwardFlow *self, const char *channel, GError **error)
{
  const char *original = onward_application_get_channel (self->application);

  if (!onward_names_is_name (channel))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                   "Following channel “%s”: it is no name of a channel", channel);
      return FALSE;
    }
  if (!onward_flow_lock_acquire (self, error))
    return FALSE;

  onward_journal_choices_set_channel (self->journal,
                                      g_str_equal (channel, original) ? NULL : channel);
  onward_flow_lock_release (self);
  return TRUE;
}

/**
 * onward_flow_choices_list_skipped:
 * @self: a flow
 *
 * Returns: (transfer full): the versions that are not offered any more by themselves, the one that
 *   was skipped last first
 */
char **
onward_flow_choices_list_skipped (OnwardFlow *self)
{
  g_autoptr (GStrvBuilder) versions = g_strv_builder_new ();
  const char *version;

  for (guint i = 0; (version = onward_journal_choices_get_skipped (self->journal, i)) != NULL; i++)
    g_strv_builder_add (versions, version);
  return g_strv_builder_end (versions);
}

/**
 * onward_flow_choices_forget_skipped:
 * @self: a flow
 * @error: return location
 *
 * Has every skipped version offered again.
 */
gboolean
onward_flow_choices_forget_skipped (OnwardFlow *self, GError **error)
{
  const char *version;

  if (!onward_flow_lock_acquire (self, error))
    return FALSE;

  while ((version = onward_journal_choices_get_skipped (self->journal, 0)) != NULL)
    onward_journal_unskip (self->journal, version);
  onward_flow_lock_release (self);
  return TRUE;
}

/**
 * onward_flow_choices_get_last_check:
 * @self: a flow
 *
 * Returns: when a check ended well the last time, in seconds since 1970; 0 for never
 */
gint64
onward_flow_choices_get_last_check (OnwardFlow *self)
{
  return onward_journal_get_last_check (self->journal);
}

/**
 * onward_flow_choices_is_safe:
 * @self: a flow
 *
 * Returns: whether the publisher lets the current version go on, as far as that is known without
 *   asking
 */
gboolean
onward_flow_choices_is_safe (OnwardFlow *self)
{
  g_autofree char *floor = NULL;

  if (!onward_flow_load_targets (self, NULL))
    return TRUE;

  floor = onward_selector_dup_floor (self->releases);
  return floor == NULL || onward_version_compare (self->version, floor) >= 0;
}
