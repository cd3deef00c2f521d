/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-flow-private.h"

/* Another process may have updated, checked or gone back meanwhile. */
static void
catch_up (OnwardFlow *self)
{
  g_autoptr (OnwardJournal) journal = onward_journal_load (onward_paths_get_journal (self->paths));
  gboolean switched = onward_flow_refresh_version (self);

  if (onward_journal_get_generation (journal) != onward_journal_get_generation (self->journal))
    {
      onward_journal_free (self->journal);
      self->journal = g_steal_pointer (&journal);
    }
  else if (!switched)
    return;

  g_clear_pointer (&self->plan, onward_plan_free);
  g_clear_pointer (&self->targets, onward_targets_unref);
  g_clear_pointer (&self->releases, g_ptr_array_unref);
  onward_flow_recover (self);
}

/**
 * onward_flow_lock_acquire:
 * @self: a flow
 * @error: return location
 *
 * Makes this process the one that changes the install until onward_flow_lock_release() was called
 * as often, and takes up what another process left meanwhile: the state may be another one
 * afterwards.
 *
 * Returns: %FALSE with %ONWARD_ERROR_BUSY while another process is at work
 */
gboolean
onward_flow_lock_acquire (OnwardFlow *self, GError **error)
{
  if (self->holds == 0 && !onward_install_lock (self->install, error))
    return FALSE;

  if (self->holds++ == 0)
    catch_up (self);
  return TRUE;
}

/**
 * onward_flow_lock_release:
 * @self: a flow
 *
 * Lets other processes change the install again.
 */
void
onward_flow_lock_release (OnwardFlow *self)
{
  g_assert (self->holds > 0);

  onward_flow_save (self);
  if (--self->holds == 0)
    onward_install_unlock (self->install);
}
