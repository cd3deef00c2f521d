/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-flow-private.h"
#include "onward-log.h"
#include "onward-progress.h"
#include "onward-staging-place.h"
#include "onward-worker.h"

/* Walks the edges between downloading, reconnecting and offline to where the transfer is. */
static void
follow (OnwardFlow *self, OnwardTransfer *transfer)
{
  OnwardState present = onward_status_get_state (self->status);
  OnwardState wanted = onward_flow_transfer_get_state (transfer, present);

  if (wanted == present)
    return;

  if (present == ONWARD_STATE_OFFLINE)
    (void) onward_flow_post (self, ONWARD_EVENT_NET_BACK, NULL);
  if (wanted == ONWARD_STATE_OFFLINE)
    (void) onward_flow_post (self, ONWARD_EVENT_NET_LOST, NULL);
  else if (wanted == ONWARD_STATE_DOWNLOADING)
    (void) onward_flow_post (self, ONWARD_EVENT_FLOWING, NULL);
  else if (present == ONWARD_STATE_DOWNLOADING)
    (void) onward_flow_post (self, ONWARD_EVENT_STALLED, NULL);
}

static void
note_received (OnwardFlow *self, OnwardTransfer *transfer)
{
  OnwardPlanStep *step = onward_plan_get_step (self->plan, self->step);

  onward_journal_set_transfer (self->journal, onward_pack_info_get_digest (step->pack),
                               onward_transfer_get_validator (transfer),
                               onward_transfer_get_received (transfer));
}

static void
count (OnwardFlow *self, OnwardTransfer *transfer, OnwardStatusFields *fields)
{
  onward_progress_count (fields,
                         self->spent + self->fetched + onward_transfer_get_bytes_done (transfer),
                         self->spent + onward_plan_get_download_size (self->plan));
}

static void
on_transfer_changed (OnwardTransfer *transfer, OnwardFlow *self)
{
  OnwardStatusFields fields;

  if (onward_transfer_get_phase (transfer) == ONWARD_TRANSFER_STOPPED ||
      self->intent != ONWARD_INTENT_GO_ON)
    return;

  follow (self, transfer);
  if (self->transfer != transfer || self->intent != ONWARD_INTENT_GO_ON)
    return;

  fields = *onward_status_get_fields (self->status);
  onward_flow_transfer_describe (self, transfer, &fields);
  if (self->plan != NULL)
    {
      count (self, transfer, &fields);
      onward_flow_transfer_measure (transfer, &self->rate,
                                    onward_plan_get_download_size (self->plan) - self->fetched,
                                    &fields);
      note_received (self, transfer);
      onward_flow_stage_prove (self, self->step, onward_transfer_get_proven (transfer));
    }

  onward_flow_take_fields (self, &fields);
  onward_flow_save_soon (self);
}

/**
 * onward_flow_update_watch:
 * @transfer: (nullable): the transfer that runs from now on
 * @flow: a flow
 *
 * Follows a transfer, and the one before no longer. An OnwardPlannerWatch.
 */
void
onward_flow_update_watch (OnwardTransfer *transfer, gpointer flow)
{
  OnwardFlow *self = flow;

  if (self->transfer != NULL)
    g_signal_handlers_disconnect_by_data (self->transfer, self);
  g_set_object (&self->transfer, transfer);
  if (transfer != NULL)
    g_signal_connect (transfer, "changed", G_CALLBACK (on_transfer_changed), self);
}

/* Returns: whether the lock was held for the update and is now to be given back */
static gboolean
let_go (OnwardFlow *self)
{
  gboolean held = self->updating;

  g_clear_handle_id (&self->ticking, g_source_remove);
  g_clear_handle_id (&self->closing, g_source_remove);
  g_clear_object (&self->cancellable);
  onward_flow_update_watch (NULL, self);
  g_clear_pointer (&self->damaged, g_hash_table_unref);
  g_hash_table_remove_all (self->avoided);
  self->is_reread = FALSE;
  self->spent = 0;
  self->interrupted = FALSE;
  self->intent = ONWARD_INTENT_GO_ON;
  self->updating = FALSE;
  return held;
}

/**
 * onward_flow_update_end:
 * @self: a flow
 * @event: how the update ends: done or cancelled
 *
 * Lets go of an update and takes the edge; what was received stays on disk.
 */
void
onward_flow_update_end (OnwardFlow *self, OnwardEvent event)
{
  gboolean held = let_go (self);

  (void) onward_flow_post (self, event, NULL);
  if (held)
    onward_flow_lock_release (self);
}

/**
 * onward_flow_update_follow_intent:
 * @self: a flow
 *
 * Does what the user asked of the step that has just ended. Returns: whether there was something
 */
gboolean
onward_flow_update_follow_intent (OnwardFlow *self)
{
  OnwardIntent intent = self->intent;

  self->intent = ONWARD_INTENT_GO_ON;
  switch (intent)
    {
    case ONWARD_INTENT_GO_ON:
      return FALSE;
    case ONWARD_INTENT_PAUSE:
      g_clear_object (&self->cancellable);
      (void) onward_flow_post (self, ONWARD_EVENT_PAUSE, NULL);
      onward_flow_obstacle_review (self);
      return TRUE;
    case ONWARD_INTENT_CANCEL:
      onward_flow_update_end (self, ONWARD_EVENT_CANCEL);
      return TRUE;
    case ONWARD_INTENT_LEAVE:
      if (let_go (self))
        onward_flow_lock_release (self);
      return TRUE;
    }

  g_return_val_if_reached (FALSE);
}

/**
 * onward_flow_update_fail:
 * @self: a flow
 * @error: why the step failed
 *
 * Ends the update, unless its step failed because the user stopped it.
 */
void
onward_flow_update_fail (OnwardFlow *self, const GError *error)
{
  gboolean held;

  if (onward_flow_update_follow_intent (self))
    return;

  held = let_go (self);
  onward_flow_fail (self, error);
  if (held)
    onward_flow_lock_release (self);
}

/* A pack that the server no longer has, or has wrong, is no reason to fail as long as there is
 * another way. */
static gboolean
fall_back (OnwardFlow *self, const GError *error)
{
  if (!(g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND) ||
        g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT)) ||
      !onward_flow_update_avoid (self, self->step, error))
    return FALSE;

  onward_flow_update_download (self);
  return TRUE;
}

/* Nothing works for the update any more. */
static void
settle (OnwardFlow *self)
{
  g_autoptr (GError) failure = g_steal_pointer (&self->failure);

  if (!onward_flow_update_follow_intent (self) && !fall_back (self, failure))
    onward_flow_update_fail (self, failure);
}

/* What is fetched is installed. */
static void
finish (OnwardFlow *self)
{
  if (onward_status_get_state (self->status) == ONWARD_STATE_OFFLINE)
    (void) onward_flow_post (self, ONWARD_EVENT_NET_BACK, NULL);
  if (onward_status_get_state (self->status) == ONWARD_STATE_RECONNECTING)
    (void) onward_flow_post (self, ONWARD_EVENT_FLOWING, NULL);
  if (self->intent != ONWARD_INTENT_GO_ON)
    {
      onward_flow_stage_stop (self, settle);
      return;
    }
  (void) onward_flow_post (self, ONWARD_EVENT_FETCHED, NULL);
  onward_flow_install_run (self);
}

static void prepare_step (OnwardFlow *self);
static void fetch_step (OnwardFlow *self);

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OnwardFlow) self = user_data;
  OnwardTransfer *transfer = ONWARD_TRANSFER (source);
  OnwardStatusFields fields = *onward_status_get_fields (self->status);
  gboolean fetched = onward_transfer_run_finish (transfer, result, &self->failure);

  note_received (self, transfer);
  onward_flow_stage_prove (self, self->step, onward_transfer_get_proven (transfer));
  count (self, transfer, &fields);
  onward_flow_take_fields (self, &fields);
  if (!fetched || self->intent != ONWARD_INTENT_GO_ON)
    {
      onward_flow_stage_stop (self, settle);
      return;
    }

  self->fetched += onward_plan_step_get_size (onward_plan_get_step (self->plan, self->step));
  if (++self->step == self->plan->steps->len)
    {
      finish (self);
      return;
    }
  prepare_step (self);
  fetch_step (self);
}

/* Makes the transfer of the next of the plan's packs, and follows it. */
static void
prepare_step (OnwardFlow *self)
{
  OnwardPlanner planner = onward_flow_get_planner (self);
  OnwardPlanStep *step = onward_plan_get_step (self->plan, self->step);
  g_autoptr (OnwardTransfer) transfer = onward_planner_make_transfer (&planner, step->pack);

  for (guint i = 0; i < onward_ranges_get_count (step->ranges); i++)
    {
      const OnwardRange *range = onward_ranges_get (step->ranges, i);

      onward_transfer_want (transfer, range->start, range->end);
    }
  onward_flow_update_watch (transfer, self);
  self->rate.begun_at = 0;
}

static void
fetch_step (OnwardFlow *self)
{
  onward_transfer_run_async (self->transfer, self->cancellable, on_fetched, g_object_ref (self));
}

static void
on_preflight (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OnwardFlow *self = ONWARD_FLOW (source);
  g_autoptr (GError) error = NULL;

  if (!onward_worker_run_finish (result, &error))
    {
      onward_flow_update_fail (self, error);
      return;
    }
  if (onward_flow_update_follow_intent (self))
    return;

  onward_flow_stage_begin (self);
  fetch_step (self);
}

static void
fetch (OnwardFlow *self)
{
  OnwardPlanner planner = onward_flow_get_planner (self);
  OnwardStatusFields fields = *onward_status_get_fields (self->status);
  guint64 here = onward_planner_count_bytes_here (&planner, self->plan);
  guint64 total = onward_plan_get_download_size (self->plan);

  self->step = 0;
  self->fetched = 0;
  prepare_step (self);
  self->spent = onward_progress_plan (&fields, self->spent, here, total);
  onward_flow_take_fields (self, &fields);
  onward_flow_install_preflight_async (self, on_preflight);
}

static void
on_planned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OnwardFlow) self = user_data;
  g_autoptr (GError) error = NULL;
  OnwardPlan *plan = onward_planner_run_finish (result, &error);

  if (plan != NULL)
    {
      g_clear_pointer (&self->plan, onward_plan_free);
      self->plan = plan;
    }
  if (onward_flow_update_follow_intent (self))
    return;
  if (plan == NULL)
    onward_flow_update_fail (self, error);
  else
    fetch (self);
}

static const OnwardDigest *
get_document_digest (OnwardFlow *self)
{
  OnwardRelease *release = onward_status_get_release (self->status);

  return onward_target_get_digest (onward_selector_find_target (self->targets, release));
}

/* What failed here by its content is not tried again under another name. */
static gboolean
has_failed_before (OnwardFlow *self, OnwardReleaseDocument *document, GError **error)
{
  if (!onward_journal_has_failed (self->journal,
                                  onward_release_document_get_tree_digest (document)))
    return FALSE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_DID_NOT_START,
               "Updating to %s: this version did not start on this computer before",
               onward_release_get_version (onward_release_document_get_release (document)));
  return TRUE;
}

static void
on_document (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OnwardFlow) self = user_data;
  OnwardPlanner planner = onward_flow_get_planner (self);
  g_autoptr (OnwardReleaseDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  document = onward_planner_fetch_document_finish (result, &error);
  if (onward_flow_update_follow_intent (self))
    return;
  if (document == NULL || has_failed_before (self, document, &error))
    {
      /* The same files in another document: not offered again, either. */
      if (document != NULL)
        onward_journal_add_failed (self->journal, get_document_digest (self));
      onward_flow_update_fail (self, error);
      return;
    }

  planner.watch = onward_flow_update_watch;
  planner.watch_data = self;
  onward_planner_run_async (&planner, document, self->cancellable, on_planned, g_object_ref (self));
}

static gboolean
is_for (OnwardPlan *plan, OnwardRelease *release)
{
  OnwardRelease *planned = onward_release_document_get_release (plan->document);

  return g_str_equal (onward_release_get_version (planned), onward_release_get_version (release));
}

/**
 * onward_flow_update_download:
 * @self: a flow in state downloading, with the targets of a check
 *
 * Plans, as far as that has not been done, and downloads.
 */
void
onward_flow_update_download (OnwardFlow *self)
{
  OnwardPlanner planner = onward_flow_get_planner (self);
  OnwardRelease *release = onward_status_get_release (self->status);
  OnwardTarget *target = onward_selector_find_target (self->targets, release);
  g_autoptr (GError) error = NULL;

  if (onward_flow_obstacle_hold (self))
    return;
  if (self->plan != NULL && is_for (self->plan, release))
    {
      fetch (self);
      return;
    }

  g_clear_pointer (&self->plan, onward_plan_free);
  if (target == NULL)
    {
      g_set_error (&error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                   "Updating to %s: the publisher no longer lists this version",
                   onward_release_get_version (release));
      onward_flow_update_fail (self, error);
      return;
    }

  planner.watch = onward_flow_update_watch;
  planner.watch_data = self;
  onward_planner_fetch_document_async (&planner, target, self->cancellable, on_document,
                                       g_object_ref (self));
}

/**
 * onward_flow_update_run:
 * @self: a flow in state downloading, with the install's lock
 *
 * Goes all the way: plans, downloads while it stages what has arrived, verifies and switches. Every
 * end of it passes through the state table; the lock is kept while paused and given back at the
 * end.
 */
void
onward_flow_update_run (OnwardFlow *self)
{
  g_autoptr (GError) error = NULL;

  g_assert (onward_status_get_state (self->status) == ONWARD_STATE_DOWNLOADING);
  g_assert (self->cancellable == NULL);

  if (onward_flow_update_follow_intent (self))
    return;

  self->cancellable = g_cancellable_new ();
  if (onward_staging_place_check_writable (self->install, &error))
    {
      if (onward_flow_refresh_is_due (self))
        {
          onward_flow_refresh_run (self);
          return;
        }
      if (onward_flow_load_targets (self, &error))
        {
          onward_flow_update_download (self);
          return;
        }
    }

  onward_flow_update_fail (self, error);
}

/**
 * onward_flow_update_interrupt:
 * @self: a flow with a check or an update under way
 * @intent: what the user wants
 *
 * Stops the running step. The edge is taken when it has really ended; until then the status says
 * that it is stopping. To pause does not take back to cancel or to leave.
 */
void
onward_flow_update_interrupt (OnwardFlow *self, OnwardIntent intent)
{
  g_autoptr (GCancellable) cancellable = NULL;
  OnwardStatusFields fields = *onward_status_get_fields (self->status);

  g_set_object (&cancellable, self->cancellable);
  self->intent = MAX (self->intent, intent);
  onward_flow_take_fields (self, &fields);
  g_cancellable_cancel (cancellable);
}

/**
 * onward_flow_update_try_now:
 * @self: a flow with an update under way
 *
 * Ends the wait for the next try.
 */
void
onward_flow_update_try_now (OnwardFlow *self)
{
  if (self->wait != NULL)
    onward_wait_end (self->wait);
  else if (self->transfer != NULL)
    onward_transfer_try_now (self->transfer);
}

/**
 * onward_flow_update_avoid:
 * @self: a flow with a plan
 * @step: one of its steps
 * @error: why its pack is of no use
 *
 * Gives the plan up for one without that pack.
 *
 * Returns: FALSE when there is no other way: the release's own full pack has all that there is
 */
gboolean
onward_flow_update_avoid (OnwardFlow *self, guint step, const GError *error)
{
  OnwardPackInfo *pack = onward_plan_get_step (self->plan, step)->pack;
  const OnwardDigest *digest = onward_pack_info_get_digest (pack);

  if (pack == onward_release_document_get_full_pack (self->plan->document))
    return FALSE;

  onward_log_write (onward_paths_get_log (self->paths), "%s, going on without that pack",
                    error->message);
  g_hash_table_add (self->avoided, g_memdup2 (digest, sizeof *digest));
  g_clear_pointer (&self->plan, onward_plan_free);
  return TRUE;
}

/**
 * onward_flow_update_again:
 * @self: a flow whose installed version turned out to be damaged
 *
 * Downloads what is still missing, by the edges of the state table. Those who watch the status see
 * it go back to downloading, and not that it was available for a moment: nobody may decide
 * anything.
 */
void
onward_flow_update_again (OnwardFlow *self)
{
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_object_freeze_notify (G_OBJECT (self));
  (void) onward_flow_post (self, ONWARD_EVENT_CANCEL, NULL);
  (void) onward_flow_post (self, ONWARD_EVENT_START, NULL);
  g_object_thaw_notify (G_OBJECT (self));
  onward_flow_update_download (self);
}
