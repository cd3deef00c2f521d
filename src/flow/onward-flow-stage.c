/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-arrival.h"
#include "onward-cancel-chain.h"
#include "onward-flow-private.h"
#include "onward-log.h"
#include "onward-part-file.h"
#include "onward-staging.h"
#include "onward-worker.h"

#define TICK_MS 100

/* A version is put together from the moment its download begins: first from what is here, then from
 * what has arrived. It gets its name only when all has, and the release is still signed. What goes
 * wrong before is no failure yet: it is tried once more then. Damage of the current version is not
 * remembered till then, either: the way around it is planned from what has arrived, so there is but
 * one way to it, from a build with all bytes; and hashing the old version twice, in the rare update
 * that finds it damaged, is nothing beside fetching what is damaged. */
struct _OnwardFlowStage
{
  OnwardFlow *flow;          /* (owned) */
  char *version;             /* (owned) */
  GPtrArray *arrivals;       /* (owned) (element-type OnwardArrival): of the plan's packs */
  GPtrArray *steps;          /* (owned) (element-type OnwardStagingStep): all but the last */
  OnwardPackReader *reader;  /* (owned): of the last */
  GCancellable *cancellable; /* (owned) */
  OnwardCancelChain *chain;  /* (owned): from the update's */
  OnwardFlowNext next;       /* (nullable): what waits for the end of this */
  GHashTable *damaged;       /* (owned) (nullable): what files of the current version lack */
};

static void
step_free (gpointer data)
{
  OnwardStagingStep *step = data;

  onward_pack_reader_free (step->reader);
  g_clear_pointer (&step->contents, g_hash_table_unref);
  g_free (step);
}

static void
stage_free (OnwardFlowStage *self)
{
  g_ptr_array_unref (self->steps);
  g_clear_pointer (&self->reader, onward_pack_reader_free);
  g_ptr_array_unref (self->arrivals);
  onward_cancel_chain_free (self->chain);
  g_clear_pointer (&self->damaged, g_hash_table_unref);
  g_object_unref (self->cancellable);
  g_object_unref (self->flow);
  g_free (self->version);
  g_free (self);
}

static void
add_step (OnwardFlowStage *self, OnwardPlanStep *step, gboolean is_last)
{
  g_autofree char *path = onward_part_file_dup_path (self->flow->paths, step->pack);
  OnwardArrival *arrival = onward_arrival_new (path, step->ranges);
  OnwardPackReader *reader = onward_arrival_open (arrival, step->head);
  OnwardStagingStep *made;

  g_ptr_array_add (self->arrivals, arrival);
  if (is_last)
    {
      self->reader = reader;
      return;
    }
  made = g_new0 (OnwardStagingStep, 1);
  made->reader = reader;
  made->contents = g_hash_table_ref (step->contents);
  g_ptr_array_add (self->steps, made);
}

static OnwardFlowStage *
stage_new (OnwardFlow *flow)
{
  OnwardFlowStage *self = g_new0 (OnwardFlowStage, 1);
  GPtrArray *steps = flow->plan->steps;

  self->flow = g_object_ref (flow);
  self->version = g_strdup (onward_release_get_version (onward_status_get_release (flow->status)));
  self->cancellable = g_cancellable_new ();
  self->chain = onward_cancel_chain_new (flow->cancellable, self->cancellable);
  self->arrivals = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_arrival_free);
  self->steps = g_ptr_array_new_with_free_func (step_free);
  for (guint i = 0; i < steps->len; i++)
    add_step (self, g_ptr_array_index (steps, i), i + 1 == steps->len);
  return self;
}

static OnwardArrival *
get_last (OnwardFlowStage *self)
{
  return g_ptr_array_index (self->arrivals, self->arrivals->len - 1);
}

static void
on_file_staged (guint done, guint total, gpointer user_data)
{
  OnwardFlowStage *self = user_data;

  g_atomic_int_set (&self->flow->files_done, (int) done);
  g_atomic_int_set (&self->flow->files_total, (int) total);
}

static gboolean
confirm_in_thread (gpointer user_data, GCancellable *cancellable, GError **error)
{
  return onward_arrival_wait_confirmed (get_last (user_data), cancellable, error);
}

static gboolean
stage_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  OnwardFlowStage *self = data;
  const OnwardStagingWatch watch = { on_file_staged, confirm_in_thread, self };

  return onward_staging_build (self->flow->install, self->reader, self->steps, self->version,
                               &watch, &self->damaged, cancellable, error);
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OnwardFlow *flow = ONWARD_FLOW (source);
  OnwardFlowStage *self = onward_worker_get_data (result);
  g_autoptr (GError) error = NULL;

  (void) onward_worker_run_finish (result, &error);
  g_clear_handle_id (&flow->ticking, g_source_remove);
  flow->stage = NULL;
  if (self->next != NULL)
    self->next (flow);
  else if (onward_status_get_state (flow->status) == ONWARD_STATE_STAGING)
    onward_flow_install_take_staged (flow, self->damaged, error);
  else if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    onward_log_write (onward_paths_get_log (flow->paths), "%s, trying again when all is here",
                      error->message);
}

/**
 * onward_flow_stage_begin:
 * @self: a flow with a plan
 *
 * Begins to put the version together, of which nothing need have arrived yet.
 */
void
onward_flow_stage_begin (OnwardFlow *self)
{
  g_assert (self->stage == NULL);

  g_atomic_int_set (&self->files_done, 0);
  g_atomic_int_set (&self->files_total, 0);
  self->stage = stage_new (self);
  onward_worker_run_async (self, stage_in_thread, self->stage, (GDestroyNotify) stage_free,
                           self->stage->cancellable, on_ended, NULL);
}

/**
 * onward_flow_stage_prove:
 * @self: a flow
 * @step: a step of its plan
 * @proven: what of its pack has arrived and is right
 *
 * Tells what can be used.
 */
void
onward_flow_stage_prove (OnwardFlow *self, guint step, const OnwardRanges *proven)
{
  if (self->stage != NULL)
    onward_arrival_prove (g_ptr_array_index (self->stage->arrivals, step), proven);
}

static gboolean
on_tick (gpointer user_data)
{
  OnwardFlow *self = user_data;
  OnwardStatusFields fields = *onward_status_get_fields (self->status);

  fields.files_done = (guint) g_atomic_int_get (&self->files_done);
  fields.files_total = (guint) g_atomic_int_get (&self->files_total);
  if (fields.state == ONWARD_STATE_STAGING)
    {
      onward_flow_take_fields (self, &fields);
      onward_flow_save_soon (self);
    }
  return G_SOURCE_CONTINUE;
}

/**
 * onward_flow_stage_confirm:
 * @self: a flow in state staging, with all that its plan needs
 *
 * Lets the version get its name when it is complete, and takes it from there.
 */
void
onward_flow_stage_confirm (OnwardFlow *self)
{
  if (self->stage == NULL)
    {
      onward_flow_stage_begin (self);
      for (guint i = 0; i < self->plan->steps->len; i++)
        onward_flow_stage_prove (self, i, onward_plan_get_step (self->plan, i)->ranges);
    }

  onward_arrival_confirm (get_last (self->stage));
  self->ticking = g_timeout_add (TICK_MS, on_tick, self);
  (void) on_tick (self);
}

/**
 * onward_flow_stage_stop:
 * @self: a flow
 * @next: what follows, at once or when the thread has let go of everything; what is complete stays
 *
 * Ends what onward_flow_stage_begin() began.
 */
void
onward_flow_stage_stop (OnwardFlow *self, OnwardFlowNext next)
{
  if (self->stage == NULL)
    {
      next (self);
      return;
    }

  self->stage->next = next;
  g_cancellable_cancel (self->stage->cancellable);
}
