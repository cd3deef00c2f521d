/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-planner.h"
#include "onward-thought.h"
#include "onward-worker.h"

/* Planning: thinking in the worker, and the answers to its questions over the network, in turn. */
typedef struct
{
  OnwardPlanner planner;
  OnwardThought *thought;   /* (owned) */
  OnwardPackInfo *pack;     /* (owned) (nullable): whose head is being fetched */
  OnwardTransfer *transfer; /* (owned) (nullable) */
} Planning;

static void think (GTask *task);

static void
planning_free (Planning *planning)
{
  g_clear_pointer (&planning->pack, onward_pack_info_unref);
  g_clear_object (&planning->transfer);
  onward_thought_free (planning->thought);
  g_free (planning);
}

/* What the publisher has lost or has wrong only costs bytes, as long as there is another way. */
static gboolean
is_replaceable (const GError *error)
{
  return g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND) ||
         g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT) ||
         g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED) ||
         g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_UNSUPPORTED_FORMAT);
}

/* Does without the pack; the error is that of the planning when nothing can be done without. */
static void
do_without (GTask *task, GError *error)
{
  Planning *planning = g_task_get_task_data (task);
  OnwardThought *thought = planning->thought;

  if (!is_replaceable (error))
    {
      g_task_return_error (task, error);
      return;
    }

  onward_thought_add_digest (thought->avoided, onward_pack_info_get_digest (planning->pack));
  if (planning->pack == onward_release_document_get_full_pack (thought->document))
    {
      g_clear_error (&thought->problem);
      thought->problem = g_error_copy (error);
    }
  g_error_free (error);
  think (task);
}

static void
on_head_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Planning *planning = g_task_get_task_data (task);
  OnwardTransfer *transfer = ONWARD_TRANSFER (source);
  const OnwardDigest *digest = onward_pack_info_get_digest (planning->pack);
  GError *error = NULL;

  if (!onward_transfer_run_finish (transfer, result, &error))
    {
      do_without (task, error);
      return;
    }

  onward_journal_set_transfer (planning->planner.journal, digest,
                               onward_transfer_get_validator (transfer),
                               onward_transfer_get_received (transfer));
  onward_thought_add_digest (planning->thought->fetched, digest);
  think (task);
}

static void
fetch_head (GTask *task)
{
  Planning *planning = g_task_get_task_data (task);

  g_clear_object (&planning->transfer);
  planning->transfer = onward_planner_make_transfer (&planning->planner, planning->pack);
  onward_transfer_want (planning->transfer, 0, onward_pack_info_get_head_size (planning->pack));
  onward_planner_tell (&planning->planner, planning->transfer);
  onward_transfer_run_async (planning->transfer, g_task_get_cancellable (task), on_head_fetched,
                             g_object_ref (task));
}

/* A release on the way whose document cannot be had is none. */
static void
on_document (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Planning *planning = g_task_get_task_data (task);
  GError *error = NULL;
  OnwardReleaseDocument *document = onward_planner_fetch_document_finish (result, &error);

  if (document == NULL && !is_replaceable (error))
    {
      g_task_return_error (task, error);
      return;
    }

  g_clear_error (&error);
  if (document != NULL)
    g_ptr_array_add (planning->thought->documents, document);
  think (task);
}

static void
on_thought (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Planning *planning = g_task_get_task_data (task);
  OnwardThought *thought = planning->thought;
  GError *error = NULL;

  if (!onward_worker_run_finish (result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (thought->ask_target != NULL)
    {
      onward_planner_fetch_document_async (&planning->planner, thought->ask_target,
                                           g_task_get_cancellable (task), on_document,
                                           g_object_ref (task));
      return;
    }
  if (thought->ask_pack != NULL)
    {
      g_clear_pointer (&planning->pack, onward_pack_info_unref);
      planning->pack = onward_pack_info_ref (thought->ask_pack);
      fetch_head (task);
      return;
    }
  g_task_return_pointer (task, g_steal_pointer (&thought->plan), (GDestroyNotify) onward_plan_free);
}

static gboolean
think_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Planning *planning = data;

  return onward_thought_run (planning->thought, cancellable, error);
}

static void
think (GTask *task)
{
  Planning *planning = g_task_get_task_data (task);

  onward_worker_run_async (planning->planner.fetcher, think_in_thread, planning, NULL,
                           g_task_get_cancellable (task), on_thought, g_object_ref (task));
}

static OnwardThought *
make_thought (const OnwardPlanner *self, OnwardReleaseDocument *document)
{
  OnwardThought *thought = onward_thought_new (self->install, document);

  thought->use_deltas = self->use_deltas;
  onward_thought_add_digests (thought->avoided, self->avoided);
  onward_thought_add_digests (thought->damaged, self->damaged);
  if (self->targets != NULL)
    thought->targets = onward_targets_ref (self->targets);
  if (self->targets != NULL && self->releases != NULL)
    thought->releases = g_ptr_array_ref (self->releases);
  return thought;
}

/**
 * onward_planner_run_async:
 * @self: what to plan with; copied, but for what it borrows
 * @document: the verified document of the release to get to
 * @cancellable: (nullable): ends it
 * @callback: called when it has ended
 * @user_data: for @callback
 *
 * Finds the way that costs the fewest bytes: a delta, a chain of deltas, or what is needed of the
 * full pack; around what is damaged here. Fetches what the choice depends on.
 */
void
onward_planner_run_async (const OnwardPlanner *self, OnwardReleaseDocument *document,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self->fetcher, cancellable, callback, user_data);
  Planning *planning = g_new0 (Planning, 1);

  planning->planner = *self;
  planning->thought = make_thought (self, document);
  planning->planner.targets = planning->thought->targets;
  g_task_set_source_tag (task, onward_planner_run_async);
  g_task_set_task_data (task, planning, (GDestroyNotify) planning_free);
  think (task);
}

/**
 * onward_planner_run_finish:
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full): the plan
 */
OnwardPlan *
onward_planner_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
