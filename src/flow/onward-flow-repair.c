/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <unistd.h>

#include "onward-checker.h"
#include "onward-component.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-flow-private.h"
#include "onward-log.h"
#include "onward-pack-need.h"
#include "onward-pack-reader.h"
#include "onward-part-file.h"
#include "onward-repair.h"
#include "onward-switch.h"
#include "onward-verify.h"
#include "onward-worker.h"

/* A repair of the current version, or a component on its way there, from one step to the next. */
typedef struct
{
  OnwardFlow *flow; /* (unowned): the task's source */
  char *version;    /* (owned) */
  char *component;  /* (owned) (nullable): when it is only that, and ought to be there */
  OnwardFlowRepairProgress progress; /* (nullable) */
  gpointer progress_data;
  OnwardPlan *plan;  /* (owned) (nullable) */
  char *part_path;   /* (owned) (nullable) */
  gboolean is_whole; /* whether nothing was found to repair */
  gboolean is_over;  /* whether no update will go on from what was fetched or staged for one */

  OnwardRanges *ranges; /* (owned) (nullable): of the pack, what is needed */
  OnwardState state;    /* where the transfers have led so far */
  OnwardRate rate;
  guint n_repaired;
  guint64 n_bytes;
} Repair;

static void
repair_free (Repair *repair)
{
  g_clear_pointer (&repair->plan, onward_plan_free);
  g_clear_pointer (&repair->ranges, onward_ranges_free);
  g_free (repair->part_path);
  g_free (repair->component);
  g_free (repair->version);
  g_free (repair);
}

static char *
dup_purpose (const Repair *repair)
{
  return repair->component != NULL
             ? g_strdup_printf ("Adding component “%s” to %s", repair->component, repair->version)
             : g_strdup_printf ("Repairing %s", repair->version);
}

/* Who interrupts wants to know what that costs. */
static GError *
make_interrupted (const Repair *repair)
{
  g_autofree char *purpose = dup_purpose (repair);

  return g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                      "%s: it was interrupted; what was received is kept", purpose);
}

static void
end (GTask *task, GError *error)
{
  OnwardFlow *self = g_task_get_source_object (task);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_error_free (error);
      error = make_interrupted (g_task_get_task_data (task));
    }
  if (error != NULL)
    onward_log_write (onward_paths_get_log (self->paths), "%s", error->message);
  onward_flow_chore_end (self, task, error == NULL, error);
}

/* What this repair, or one that was killed, has left is of no use any more. */
static void
tidy (Repair *repair)
{
  OnwardInstall *install = repair->flow->install;
  g_autoptr (GError) error = NULL;

  if (!(repair->is_over ? onward_switch_prune_all (install, NULL, &error)
                        : onward_switch_prune (install, NULL, &error)))
    g_debug ("%s, ignoring", error->message);
}

static gboolean
run_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Repair *repair = data;
  g_autoptr (OnwardPackReader) reader = NULL;
  int fd = onward_part_file_open (repair->part_path, error);

  if (fd < 0)
    return FALSE;

  reader = onward_pack_reader_new (fd, onward_plan_get_last (repair->plan)->head);
  if (!onward_repair_run (repair->flow->install, reader, repair->version, repair->component,
                          &repair->n_repaired, cancellable, error))
    return FALSE;

  (void) unlink (repair->part_path);
  tidy (repair);
  return TRUE;
}

static void
on_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OnwardFlow *self = ONWARD_FLOW (source);
  Repair *repair = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (onward_worker_run_finish (result, &error))
    {
      onward_journal_remove_transfer (
          self->journal, onward_pack_info_get_digest (onward_plan_get_last (repair->plan)->pack));
      onward_log_write (onward_paths_get_log (self->paths), "%s: %u of version %s",
                        repair->component != NULL ? repair->component : "repaired",
                        repair->n_repaired, repair->version);
      if (repair->component != NULL)
        onward_flow_chore_start_over (self);
    }
  end (task, g_steal_pointer (&error));
}

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OnwardFlow *self = g_task_get_source_object (task);
  OnwardTransfer *transfer = ONWARD_TRANSFER (source);
  Repair *repair = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gboolean fetched = onward_transfer_run_finish (transfer, result, &error);

  onward_journal_set_transfer (
      self->journal, onward_pack_info_get_digest (onward_plan_get_last (repair->plan)->pack),
      onward_transfer_get_validator (transfer), onward_transfer_get_received (transfer));
  if (!fetched)
    {
      end (task, g_steal_pointer (&error));
      return;
    }

  onward_worker_run_async (self, run_in_thread, repair, NULL, g_task_get_cancellable (task), on_run,
                           g_object_ref (task));
}

/* Of what is fetched to find out what is needed, nobody knows how much there will be. */
static void
count (Repair *repair, OnwardTransfer *transfer, OnwardStatusFields *fields)
{
  OnwardPackInfo *pack = onward_plan_get_last (repair->plan)->pack;
  guint64 missing =
      onward_pack_need_count (pack, repair->ranges, onward_transfer_get_received (transfer));

  fields->bytes_total = onward_pack_need_count (pack, repair->ranges, NULL);
  fields->bytes_done = fields->bytes_total - missing;
  fields->progress = (double) fields->bytes_done / (double) MAX (fields->bytes_total, 1);
  onward_flow_transfer_measure (transfer, &repair->rate, onward_transfer_get_bytes_total (transfer),
                                fields);
}

/* An update's words say it, but the state of updates is not concerned. */
static void
on_changed (OnwardTransfer *transfer, GTask *task)
{
  Repair *repair = g_task_get_task_data (task);
  OnwardStatusFields fields = { .time_left = -1 };
  g_autoptr (OnwardStatus) status = NULL;

  if (repair->progress == NULL)
    return;

  repair->state = onward_flow_transfer_get_state (transfer, repair->state);
  fields.state = repair->state;
  onward_flow_transfer_describe (repair->flow, transfer, &fields);
  if (repair->ranges != NULL)
    count (repair, transfer, &fields);
  status = onward_status_new (&fields);
  repair->progress (status, repair->progress_data);
}

/* An OnwardPlannerWatch. */
static void
watch (OnwardTransfer *transfer, gpointer task)
{
  g_signal_connect_object (transfer, "changed", G_CALLBACK (on_changed), task, 0);
}

static OnwardPlanner
get_planner (GTask *task)
{
  OnwardPlanner planner = onward_flow_get_planner (g_task_get_source_object (task));

  /* A delta starts from what is installed: all that is damaged is in the full pack. */
  planner.use_deltas = FALSE;
  planner.watch = watch;
  planner.watch_data = task;
  return planner;
}

static void
fetch (GTask *task)
{
  OnwardFlow *self = g_task_get_source_object (task);
  Repair *repair = g_task_get_task_data (task);
  OnwardPlanner planner = get_planner (task);
  g_autoptr (OnwardTransfer) transfer =
      onward_planner_make_transfer (&planner, onward_plan_get_last (repair->plan)->pack);

  repair->part_path =
      onward_part_file_dup_path (self->paths, onward_plan_get_last (repair->plan)->pack);
  repair->n_bytes = onward_ranges_get_length (repair->ranges);
  onward_ranges_add (repair->ranges, 0,
                     onward_pack_info_get_head_size (onward_plan_get_last (repair->plan)->pack));
  for (guint i = 0; i < onward_ranges_get_count (repair->ranges); i++)
    {
      const OnwardRange *range = onward_ranges_get (repair->ranges, i);

      onward_transfer_want (transfer, range->start, range->end);
    }
  onward_planner_tell (&planner, transfer);
  onward_transfer_run_async (transfer, g_task_get_cancellable (task), on_fetched,
                             g_object_ref (task));
}

static gboolean
plan_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Repair *repair = data;

  return onward_repair_plan (repair->flow->install, onward_plan_get_last (repair->plan)->head,
                             repair->version, repair->component, &repair->ranges, cancellable,
                             error);
}

static void
on_needed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (onward_worker_run_finish (result, &error))
    fetch (task);
  else
    end (task, g_steal_pointer (&error));
}

static void
on_planned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Repair *repair = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  repair->plan = onward_planner_run_finish (result, &error);
  if (repair->plan == NULL)
    {
      end (task, g_steal_pointer (&error));
      return;
    }

  onward_worker_run_async (repair->flow, plan_in_thread, repair, NULL,
                           g_task_get_cancellable (task), on_needed, g_object_ref (task));
}

static void
on_document (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OnwardPlanner planner = get_planner (task);
  g_autoptr (OnwardReleaseDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  document = onward_planner_fetch_document_finish (result, &error);
  if (document == NULL)
    {
      end (task, g_steal_pointer (&error));
      return;
    }

  onward_planner_run_async (&planner, document, g_task_get_cancellable (task), on_planned,
                            g_object_ref (task));
}

/* The channel that is followed may have the same version as another one. */
static OnwardTarget *
find_target (OnwardFlow *self)
{
  OnwardSelector selector = onward_flow_get_selector (self, ONWARD_CHECK_MANUAL);
  OnwardRelease *release = onward_selector_find (self->releases, self->version);

  return release != NULL ? onward_selector_find_target (self->targets, release)
                         : onward_selector_find_installed (&selector, self->targets);
}

static void
fetch_document (GTask *task)
{
  OnwardPlanner planner = get_planner (task);
  OnwardTarget *target = find_target (g_task_get_source_object (task));
  g_autofree char *purpose = dup_purpose (g_task_get_task_data (task));

  if (target != NULL)
    {
      onward_planner_fetch_document_async (&planner, target, g_task_get_cancellable (task),
                                           on_document, g_object_ref (task));
      return;
    }

  end (task, g_error_new (ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                          "%s: the publisher no longer lists this version; an update replaces it",
                          purpose));
}

/* What an earlier check knew serves as well: it is verified again, and not expired. */
static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OnwardFlow *self = g_task_get_source_object (task);
  g_autofree char *validator = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTargets) targets = onward_checker_run_finish (result, &validator, &error);

  if (targets != NULL)
    onward_flow_check_take_targets (self, targets, validator);
  if (targets != NULL || onward_flow_load_targets (self, NULL))
    fetch_document (task);
  else
    end (task, g_steal_pointer (&error));
}

static void
ask (GTask *task)
{
  OnwardFlow *self = g_task_get_source_object (task);

  if (!onward_flow_refresh_is_due (self) && onward_flow_load_targets (self, NULL))
    {
      fetch_document (task);
      return;
    }

  onward_checker_run_async (
      self->fetcher, self->paths, onward_application_get_repository (self->application),
      onward_journal_get_validator (self->journal), g_get_real_time () / G_USEC_PER_SEC,
      g_task_get_cancellable (task), on_checked, g_object_ref (task));
}

static gboolean
look_for_component (Repair *repair, GError **error)
{
  OnwardInstall *install = repair->flow->install;
  g_autoptr (OnwardTree) tree = NULL;

  if (!onward_component_load_receipt (install, repair->version, &tree, error))
    return FALSE;
  if (tree == NULL)
    return TRUE;
  if (!onward_component_check_name (tree, repair->version, repair->component, error))
    return FALSE;

  repair->is_whole = onward_component_is_here (install, repair->version, tree, repair->component);
  return TRUE;
}

/* A receipt that is gone or damaged is no failure: nobody knows yet what there is to repair. */
static gboolean
examine_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Repair *repair = data;
  g_autoptr (OnwardDifferences) differences = NULL;

  if (repair->component != NULL)
    return look_for_component (repair, error);

  differences =
      onward_verify_version (repair->flow->install, repair->version, NULL, cancellable, NULL);
  repair->is_whole =
      differences != NULL && differences->changed->len == 0 && differences->missing->len == 0;
  if (repair->is_whole)
    tidy (repair);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static void
on_examined (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Repair *repair = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!onward_worker_run_finish (result, &error) || repair->is_whole)
    end (task, g_steal_pointer (&error));
  else
    ask (task);
}

/**
 * onward_flow_repair_async:
 * @self: a flow
 * @component: (nullable): the only component to look at, which is to be there from now on
 * @progress: (nullable): told of what is fetched, as a status tells of an update
 * @progress_data: for @progress
 * @cancellable: (nullable): ends it; what was fetched is kept
 * @callback: called when it has ended
 * @user_data: for @callback
 *
 * Compares every file of the current version with what its publisher has signed, and fetches and
 * replaces what differs, and nothing else. The network is only asked when something differs. A
 * version that came without a receipt gets one. With @component, the same of that alone: only its
 * bytes are fetched, and it is there when all of it is. What is there is not hashed again then.
 */
void
onward_flow_repair_async (OnwardFlow *self, const char *component,
                          OnwardFlowRepairProgress progress, gpointer progress_data,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;
  Repair *repair = g_new0 (Repair, 1);
  OnwardState state;

  g_return_if_fail (ONWARD_IS_FLOW (self));

  repair->flow = self;
  repair->state = ONWARD_STATE_DOWNLOADING;
  repair->component = g_strdup (component);
  repair->progress = progress;
  repair->progress_data = progress_data;
  g_task_set_source_tag (task, onward_flow_repair_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, repair, (GDestroyNotify) repair_free);
  if (!onward_flow_chore_begin_writing (self, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  /* Another process may have moved on, which is known now. */
  state = onward_status_get_state (self->status);
  repair->is_over = state != ONWARD_STATE_PAUSED && state != ONWARD_STATE_READY;
  repair->version = g_strdup (self->version);
  onward_flow_describe_stop (self);
  onward_worker_run_async (self, examine_in_thread, repair, NULL, cancellable, on_examined,
                           g_object_ref (task));
}

/**
 * onward_flow_repair_finish:
 * @self: a flow
 * @result: what the callback got
 * @ret_n_repaired: (out): how many files, folders and links were put right
 * @ret_bytes: (out): how many bytes of the pack that took, its head not counted
 * @error: return location
 *
 * Returns: whether the current version is whole
 */
gboolean
onward_flow_repair_finish (OnwardFlow *self, GAsyncResult *result, guint *ret_n_repaired,
                           guint64 *ret_bytes, GError **error)
{
  const Repair *repair = g_task_get_task_data (G_TASK (result));

  *ret_n_repaired = repair->n_repaired;
  *ret_bytes = repair->n_bytes;
  return g_task_propagate_boolean (G_TASK (result), error);
}
