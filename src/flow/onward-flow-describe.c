/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-cancel-chain.h"
#include "onward-error.h"
#include "onward-flow-private.h"
#include "onward-progress.h"

/* Older notes than these are left to the publisher's web page. */
#define MAX_DOCUMENTS 50

typedef struct
{
  GPtrArray *described; /* (owned) (nullable): releases with their notes, newest first */
  guint next;
  OnwardCancelChain *chain;        /* (owned) (nullable): once it has begun */
  OnwardReleaseDocument *document; /* (owned) (nullable): of the chosen release */
} Description;

static void describe_next (GTask *task);
static void begin (GTask *task);

static void
description_free (Description *description)
{
  g_clear_pointer (&description->chain, onward_cancel_chain_free);
  g_clear_pointer (&description->described, g_ptr_array_unref);
  g_clear_pointer (&description->document, onward_release_document_unref);
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

  return (state == ONWARD_STATE_AVAILABLE || state == ONWARD_STATE_PAUSED) &&
         onward_status_get_release (self->status) != NULL;
}

/* A decision, a check or the choice of another release ends a description. */
static gboolean
is_wanted (OnwardFlow *self, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (self->describing, error))
    return FALSE;
  if (is_waiting (self))
    return TRUE;

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_STATE,
                       "Describing the update: it is not waiting for a decision");
  return FALSE;
}

/* The blocks with the packs' heads are fetched to find out what the update costs: to have no more
 * than those is not to have begun it. */
static guint64
count_bytes_begun (const OnwardPlanner *planner, OnwardPlan *plan)
{
  guint64 bytes = onward_planner_count_bytes_here (planner, plan);
  guint64 heads = 0;

  for (guint i = 0; i < plan->steps->len; i++)
    {
      OnwardPackInfo *pack = onward_plan_get_step (plan, i)->pack;
      guint64 block = onward_pack_info_get_block_size (pack);

      heads += (onward_pack_info_get_head_size (pack) + block - 1) / block * block;
    }
  return bytes > heads ? bytes : 0;
}

/* What has begun goes on from what people were told of it. */
static void
count (OnwardFlow *self, OnwardPlan *plan, OnwardStatusFields *fields)
{
  OnwardPlanner planner = onward_flow_get_planner (self);
  guint64 here = count_bytes_begun (&planner, plan);
  guint64 total = onward_plan_get_download_size (plan);

  if (fields->state == ONWARD_STATE_PAUSED)
    self->spent = onward_progress_plan (fields, self->spent, here, total);
  else
    onward_progress_count (fields, here, total);
}

static void
take_description (OnwardFlow *self, Description *description, OnwardPlan *plan)
{
  OnwardStatusFields fields = *onward_status_get_fields (self->status);
  OnwardRelease *release;

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
      count (self, plan, &fields);
      fields.full_size =
          onward_pack_info_get_size (onward_release_document_get_full_pack (plan->document));
    }

  onward_flow_take_fields (self, &fields);
}

/* Over a network that may charge for data no pack is looked into: what it costs at most is known
 * without. */
static void
take_limit (OnwardFlow *self, OnwardReleaseDocument *document)
{
  OnwardStatusFields fields = *onward_status_get_fields (self->status);
  OnwardPlanner planner = onward_flow_get_planner (self);
  OnwardPackInfo *pack = onward_planner_choose_pack (&planner, document);

  if (fields.state == ONWARD_STATE_PAUSED && fields.bytes_total != 0)
    return;
  fields.bytes_total = onward_pack_info_get_size (pack);
  onward_flow_take_fields (self, &fields);
}

/* An update that was started meanwhile begins when nothing else writes to the part files, and so
 * does the next description. */
static void
end_description (GTask *task, GError *error)
{
  OnwardFlow *self = g_task_get_source_object (task);
  g_autoptr (GTask) next = g_steal_pointer (&self->described_next);

  g_clear_object (&self->describing);
  if (self->deferred)
    {
      self->deferred = FALSE;
      onward_flow_update_run (self);
    }
  if (next != NULL)
    begin (next);
  onward_flow_lock_release_for (self, task, error == NULL, error);
}

/* The notes are of use even when the size cannot be told. */
static void
on_planned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OnwardFlow *self = g_task_get_source_object (task);
  Description *description = g_task_get_task_data (task);
  g_autoptr (OnwardPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) unwanted = NULL;

  plan = onward_planner_run_finish (result, &error);
  self->is_planning = FALSE;
  if (self->is_limited && is_waiting (self))
    {
      take_limit (self, description->document);
      end_description (task, NULL);
      return;
    }
  if (is_wanted (self, &unwanted))
    take_description (self, description, g_steal_pointer (&plan));
  end_description (task, unwanted != NULL ? g_steal_pointer (&unwanted) : g_steal_pointer (&error));
}

static void
on_chosen_document (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OnwardFlow *self = g_task_get_source_object (task);
  OnwardPlanner planner = get_planner (self);
  Description *description = g_task_get_task_data (task);
  g_autoptr (OnwardReleaseDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  document = onward_planner_fetch_document_finish (result, &error);
  if (document == NULL || !is_wanted (self, &error))
    end_description (task, g_steal_pointer (&error));
  else if (onward_flow_obstacle_is_metered (self))
    {
      take_limit (self, document);
      end_description (task, NULL);
    }
  else
    {
      description->document = g_steal_pointer (&document);
      self->is_planning = TRUE;
      onward_planner_run_async (&planner, description->document, self->describing, on_planned,
                                g_object_ref (task));
    }
}

/* What the publisher has lost of an older release does not hide the notes of all others. */
static gboolean
is_passable (const GError *error)
{
  return g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND) ||
         g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT) ||
         g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED) ||
         g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_UNSUPPORTED_FORMAT);
}

static void
on_document (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Description *description = g_task_get_task_data (task);
  g_autoptr (OnwardReleaseDocument) document = NULL;
  g_autoptr (GError) error = NULL;
  gpointer *place = &g_ptr_array_index (description->described, description->next);

  document = onward_planner_fetch_document_finish (result, &error);
  if (document == NULL && !is_passable (error))
    {
      end_description (task, g_steal_pointer (&error));
      return;
    }

  if (document != NULL)
    {
      onward_release_unref (*place);
      *place = onward_release_ref (onward_release_document_get_release (document));
    }
  description->next++;
  describe_next (task);
}

static void
fetch_document (GTask *task, OnwardRelease *release, GAsyncReadyCallback callback)
{
  OnwardFlow *self = g_task_get_source_object (task);
  OnwardPlanner planner = get_planner (self);
  OnwardTarget *target = onward_selector_find_target (self->targets, release);

  if (target != NULL)
    onward_planner_fetch_document_async (&planner, target, self->describing, callback,
                                         g_object_ref (task));
  else
    end_description (task, g_error_new (ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                                        "Describing version %s: the publisher no longer lists it",
                                        onward_release_get_version (release)));
}

/* The notes can be read, and decided upon, while the size is still being found out. */
static void
describe_chosen (GTask *task)
{
  OnwardFlow *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;

  take_description (self, g_task_get_task_data (task), NULL);
  if (is_wanted (self, &error))
    fetch_document (task, onward_status_get_release (self->status), on_chosen_document);
  else
    end_description (task, g_steal_pointer (&error));
}

static void
describe_next (GTask *task)
{
  OnwardFlow *self = g_task_get_source_object (task);
  Description *description = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!is_wanted (self, &error))
    end_description (task, g_steal_pointer (&error));
  else if (description->next < MIN (description->described->len, MAX_DOCUMENTS))
    fetch_document (task, g_ptr_array_index (description->described, description->next),
                    on_document);
  else
    describe_chosen (task);
}

static GPtrArray *
copy_releases (OnwardFlow *self)
{
  GPtrArray *releases = onward_status_get_releases (self->status);
  GPtrArray *copy = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_release_unref);

  for (guint i = 0; releases != NULL && i < releases->len; i++)
    g_ptr_array_add (copy, onward_release_ref (g_ptr_array_index (releases, i)));
  return copy;
}

/* Begins with what the status says now that the lock is held. */
static void
on_locked (GTask *task, GError *error)
{
  OnwardFlow *self = g_task_get_source_object (task);
  Description *description = g_task_get_task_data (task);

  if (error != NULL)
    {
      g_autoptr (GTask) next = g_steal_pointer (&self->described_next);

      g_clear_object (&self->describing);
      if (next != NULL)
        begin (next);
      g_task_return_error (task, error);
      return;
    }

  description->chain = onward_cancel_chain_new (g_task_get_cancellable (task), self->describing);
  description->described = copy_releases (self);
  if (is_wanted (self, &error) && onward_flow_load_targets (self, &error))
    describe_next (task);
  else
    end_description (task, error);
}

static void
begin (GTask *task)
{
  OnwardFlow *self = g_task_get_source_object (task);

  self->describing = g_cancellable_new ();
  self->is_limited = FALSE;
  onward_flow_lock_acquire_for (self, task, on_locked);
}

/**
 * onward_flow_describe_async:
 * @self: a flow whose update is available or paused
 * @cancellable: (nullable): ends it
 * @callback: called when it has ended
 * @user_data: for @callback
 *
 * Fetches the notes of every newer release and plans the update, so that the status says what is
 * new and how many bytes it costs. It ends with %G_IO_ERROR_CANCELLED when a decision or a check
 * comes in between.
 */
void
onward_flow_describe_async (OnwardFlow *self, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ONWARD_IS_FLOW (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, onward_flow_describe_async);
  g_task_set_task_data (task, g_new0 (Description, 1), (GDestroyNotify) description_free);
  g_task_set_check_cancellable (task, FALSE);

  if (self->describing == NULL)
    begin (task);
  else if (g_cancellable_is_cancelled (self->describing) && self->described_next == NULL)
    self->described_next = g_steal_pointer (&task);
  else
    g_task_return_new_error (task, ONWARD_ERROR, ONWARD_ERROR_WRONG_STATE,
                             "Describing the update: it is being described already");
}

/**
 * onward_flow_describe_stop:
 * @self: a flow
 *
 * Ends a description under way, if there is one; it takes nothing into the status any more.
 */
void
onward_flow_describe_stop (OnwardFlow *self)
{
  if (self->describing != NULL)
    g_cancellable_cancel (self->describing);
}

/**
 * onward_flow_describe_limit:
 * @self: a flow
 *
 * Over a network that has turned into one that may charge for data, a description looks into no
 * pack any more: what the update costs at most is known without.
 */
void
onward_flow_describe_limit (OnwardFlow *self)
{
  if (!self->is_planning)
    return;

  self->is_limited = TRUE;
  onward_flow_describe_stop (self);
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
