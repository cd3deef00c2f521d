/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-flow-private.h"

/* Older notes than these are left to the publisher's web page. */
#define MAX_DOCUMENTS 50

typedef struct
{
  GPtrArray *described; /* (owned): releases with their notes, newest first */
  guint next;
} Description;

static void describe_next (GTask *task);

static void
description_free (Description *description)
{
  g_ptr_array_unref (description->described);
  g_free (description);
}

static OnwardPlanner
get_planner (OnwardFlow *self)
{
  OnwardPlanner planner = onward_flow_get_planner (self);

  /* Whoever reads notes waits for them: a few tries, then go on without. */
  planner.max_retries = self->retries < 0 ? 2 : self->retries;
  return planner;
}

/* What is waited for a decision about: to begin, or to go on. */
static gboolean
is_waiting (OnwardFlow *self)
{
  OnwardState state = onward_status_get_state (self->status);

  return state == ONWARD_STATE_AVAILABLE || state == ONWARD_STATE_PAUSED;
}

static guint64
count_bytes_here (OnwardFlow *self, OnwardPlan *plan)
{
  g_autofree char *validator = NULL;
  g_autoptr (OnwardRanges) received = NULL;

  if (!onward_journal_get_transfer (self->journal, onward_pack_info_get_digest (plan->pack),
                                    onward_pack_info_get_size (plan->pack), &validator, &received))
    return 0;
  return onward_plan_get_bytes_here (plan, received);
}

static void
take_description (OnwardFlow *self, Description *description, OnwardPlan *plan)
{
  OnwardStatusFields fields = *onward_status_get_fields (self->status);
  OnwardRelease *release;

  if (!is_waiting (self) || fields.release == NULL)
    {
      onward_plan_free (plan);
      return;
    }

  release =
      onward_selector_find (description->described, onward_release_get_version (fields.release));
  if (release != NULL)
    fields.release = release;
  fields.releases = description->described;
  fields.described = TRUE;

  if (plan != NULL)
    {
      g_clear_pointer (&self->plan, onward_plan_free);
      self->plan = plan;
      fields.bytes_total = onward_plan_get_download_size (plan);
      fields.bytes_done = count_bytes_here (self, plan);
      fields.full_size =
          onward_pack_info_get_size (onward_release_document_get_full_pack (plan->document));
    }

  onward_flow_take_fields (self, &fields);
}

/* An update that was started meanwhile begins when nothing else writes to the part files. */
static void
end_description (GTask *task, GError *error)
{
  OnwardFlow *self = g_task_get_source_object (task);

  g_clear_object (&self->describing);
  if (onward_status_get_state (self->status) == ONWARD_STATE_DOWNLOADING &&
      self->cancellable == NULL)
    onward_flow_update_run (self);
  onward_flow_release (self);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_planned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OnwardFlow *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  OnwardPlan *plan = onward_planner_run_finish (result, &error);

  take_description (self, g_task_get_task_data (task), plan);
  end_description (task, g_steal_pointer (&error));
}

static void
on_document (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Description *description = g_task_get_task_data (task);
  g_autoptr (OnwardReleaseDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  document = onward_planner_fetch_document_finish (result, &error);
  if (document == NULL)
    {
      end_description (task, g_steal_pointer (&error));
      return;
    }

  onward_release_unref (g_ptr_array_index (description->described, description->next));
  g_ptr_array_index (description->described, description->next) =
      onward_release_ref (onward_release_document_get_release (document));
  description->next++;
  describe_next (task);
}

static void
plan_chosen (GTask *task)
{
  OnwardFlow *self = g_task_get_source_object (task);
  OnwardPlanner planner = get_planner (self);
  OnwardRelease *release = onward_status_get_release (self->status);
  OnwardTarget *target = onward_selector_find_target (self->targets, release);
  g_autoptr (OnwardReleaseDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  document = onward_planner_load_document (self->paths, target, &error);
  if (document == NULL)
    {
      end_description (task, g_steal_pointer (&error));
      return;
    }

  onward_planner_run_async (&planner, document, self->describing, on_planned, g_object_ref (task));
}

static void
describe_next (GTask *task)
{
  OnwardFlow *self = g_task_get_source_object (task);
  Description *description = g_task_get_task_data (task);
  OnwardPlanner planner = get_planner (self);
  OnwardRelease *release;

  if (!is_waiting (self))
    {
      end_description (task, g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_WRONG_STATE,
                                                  "Describing the update: it is no longer waiting "
                                                  "for a decision"));
      return;
    }

  if (description->next == description->described->len || description->next == MAX_DOCUMENTS)
    {
      plan_chosen (task);
      return;
    }

  release = g_ptr_array_index (description->described, description->next);
  onward_planner_fetch_document_async (&planner,
                                       onward_selector_find_target (self->targets, release),
                                       self->describing, on_document, g_object_ref (task));
}

/**
 * onward_flow_describe_async:
 * @self: a flow whose update is available or paused
 * @cancellable: (nullable): ends it
 * @callback: called when it has ended
 * @user_data: for @callback
 *
 * Fetches the notes of every newer release and plans the update, so that the status says what is
 * new and how many bytes it costs.
 */
void
onward_flow_describe_async (OnwardFlow *self, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Description *description = g_new0 (Description, 1);
  GPtrArray *releases = onward_status_get_releases (self->status);
  g_autoptr (GError) error = NULL;

  g_return_if_fail (ONWARD_IS_FLOW (self));

  description->described = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_release_unref);
  for (guint i = 0; releases != NULL && i < releases->len; i++)
    g_ptr_array_add (description->described, onward_release_ref (g_ptr_array_index (releases, i)));
  g_task_set_source_tag (task, onward_flow_describe_async);
  g_task_set_task_data (task, description, (GDestroyNotify) description_free);

  if (self->describing != NULL || !onward_flow_acquire (self, &error))
    {
      if (error == NULL)
        g_set_error_literal (&error, ONWARD_ERROR, ONWARD_ERROR_WRONG_STATE,
                             "Describing the update: it is being described already");
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  self->describing = cancellable == NULL ? g_cancellable_new () : g_object_ref (cancellable);
  if (onward_flow_load_targets (self, &error))
    describe_next (task);
  else
    end_description (task, g_steal_pointer (&error));
}

/**
 * onward_flow_describe_finish:
 * @self: a flow
 * @result: what the callback got
 * @error: return location
 *
 * Returns: whether the status is described now
 */
gboolean
onward_flow_describe_finish (OnwardFlow *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
