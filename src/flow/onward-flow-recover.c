/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-component.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-flow-private.h"
#include "onward-progress.h"
#include "onward-switch.h"

/**
 * onward_flow_recover_release:
 * @self: a flow
 * @fields: (inout): what becomes the status, state included
 *
 * Takes @fields with the release that the journal names, as the stored metadata has it.
 *
 * Returns: %FALSE when there is no such release any more
 */
gboolean
onward_flow_recover_release (OnwardFlow *self, OnwardStatusFields *fields)
{
  const char *version = onward_journal_get_release (self->journal);
  g_autoptr (GPtrArray) newer = NULL;
  g_auto (GStrv) lost = NULL;

  if (version == NULL || g_str_equal (version, self->version) ||
      !onward_flow_load_targets (self, NULL))
    return FALSE;

  newer = onward_flow_list_newer (self, ONWARD_CHECK_MANUAL);
  fields->release = onward_selector_find (newer, version);
  fields->releases = newer;
  fields->forced = onward_selector_forces (newer, self->version);
  if (fields->release == NULL)
    return FALSE;

  lost = onward_flow_check_dup_lost (self, fields->release);
  fields->lost = (const char *const *) lost;
  onward_flow_take_fields (self, fields);
  return TRUE;
}

static GError *
new_failure (OnwardFlow *self, const char *version)
{
  if (!g_str_equal (version, self->version))
    return g_error_new (ONWARD_ERROR, ONWARD_ERROR_DID_NOT_START,
                        "Version %s did not start, version %s was restored", version,
                        self->version);

  return g_error_new (ONWARD_ERROR, ONWARD_ERROR_DID_NOT_START,
                      "Version %s did not start; the version before it is not safe any more and "
                      "was not restored by itself",
                      version);
}

/* A version did not start, and the launcher took it back, or found nothing safe to go back to: said
 * until the user has dismissed it, never offered again. */
static void
recover_failed (OnwardFlow *self, const char *version)
{
  OnwardStatusFields fields = { .state = ONWARD_STATE_APPLIED, .time_left = -1 };
  g_autoptr (OnwardTree) tree = onward_install_load_receipt (self->install, version, NULL);
  OnwardRelease *release = NULL;
  g_autoptr (GError) error = NULL;

  if (onward_flow_load_targets (self, NULL))
    release = onward_selector_find (self->releases, version);
  if (release != NULL)
    {
      OnwardTarget *target = onward_selector_find_target (self->targets, release);

      onward_journal_add_failed (self->journal, onward_target_get_digest (target));
    }
  if (tree != NULL)
    onward_journal_add_failed (self->journal, onward_tree_get_digest (tree));

  fields.release = release;
  onward_flow_take_fields (self, &fields);
  error = new_failure (self, version);
  fields.error = error;
  (void) onward_flow_post_with (self, ONWARD_EVENT_REVERTED, &fields, NULL);
}

/* A component that came or went since has to come or go there as well. */
static gboolean
is_staged (OnwardFlow *self, const char *version)
{
  g_auto (OnwardFd) folder = -1;
  g_autoptr (OnwardTree) receipt = NULL;
  g_autoptr (OnwardTree) installed = NULL;

  if (version == NULL)
    return FALSE;

  folder = onward_install_open_version (self->install, version, NULL);
  receipt = onward_install_load_receipt (self->install, version, NULL);
  installed = onward_install_load_receipt (self->install, self->version, NULL);
  return folder >= 0 && receipt != NULL &&
         (installed == NULL || onward_component_agree (installed, receipt));
}

/**
 * onward_flow_recover:
 * @self: a flow
 *
 * Sets the state after a start: the disk is the truth and the journal a hint, unless another
 * process is at work, of which the journal is the only witness.
 */
void
onward_flow_recover (OnwardFlow *self)
{
  OnwardState recorded = onward_journal_get_state (self->journal);
  OnwardStatusFields fields = { .state = onward_state_recover (recorded), .time_left = -1 };
  OnwardJournalProgress progress;
  g_autofree char *version = NULL;
  OnwardTrial trial = onward_switch_get_trial (self->install, &version);

  if (onward_flow_elsewhere_look (self))
    return;
  if (trial == ONWARD_TRIAL_REVERTED || trial == ONWARD_TRIAL_STUCK)
    {
      recover_failed (self, version);
      return;
    }

  if (fields.state == ONWARD_STATE_READY &&
      !is_staged (self, onward_journal_get_release (self->journal)))
    fields.state = ONWARD_STATE_PAUSED;
  self->interrupted = fields.state == ONWARD_STATE_PAUSED && recorded != ONWARD_STATE_PAUSED;

  fields.obstacle = onward_flow_obstacle_of_state (self, fields.state);
  if (fields.state == ONWARD_STATE_PAUSED)
    {
      onward_journal_progress_get (self->journal, &progress);
      onward_progress_resume (&fields, &progress);
    }
  if (fields.state == ONWARD_STATE_AVAILABLE || fields.state == ONWARD_STATE_PAUSED ||
      fields.state == ONWARD_STATE_READY)
    {
      onward_flow_check_read_present (self);
      if (onward_flow_recover_release (self, &fields))
        return;
    }

  self->interrupted = FALSE;
  fields = (OnwardStatusFields){ .state = ONWARD_STATE_IDLE, .time_left = -1 };
  onward_flow_take_fields (self, &fields);
}
