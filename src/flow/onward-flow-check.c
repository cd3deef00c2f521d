/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-cancel-chain.h"
#include "onward-checker.h"
#include "onward-component.h"
#include "onward-date.h"
#include "onward-error.h"
#include "onward-flow-private.h"
#include "onward-log.h"
#include "onward-switch.h"
#include "onward-worker.h"

typedef struct
{
  OnwardCheckKind kind;
  OnwardCancelChain *chain; /* (owned) */
  gboolean is_over;         /* whether there is nothing newer to go on with */
  char **present;           /* (owned) (nullable): the components that are here */
} Check;

static void
check_free (Check *check)
{
  g_clear_pointer (&check->chain, onward_cancel_chain_free);
  g_strfreev (check->present);
  g_free (check);
}

/* An automatic check stays quiet about what the user has put off. Forced releases speak up. */
static gboolean
is_put_off (OnwardFlow *self, OnwardRelease *release, gboolean forced, gint64 now)
{
  return !forced &&
         (onward_journal_is_skipped (self->journal, onward_release_get_version (release)) ||
          onward_journal_get_remind_at (self->journal) > now);
}

/**
 * onward_flow_check_take_targets:
 * @self: a flow
 * @targets: what the repository signs now
 * @validator: (nullable): what to ask with the next time
 *
 * Makes what a check has found the base of all that follows.
 */
void
onward_flow_check_take_targets (OnwardFlow *self, OnwardTargets *targets, const char *validator)
{
  OnwardSelector selector = onward_flow_get_selector (self, ONWARD_CHECK_MANUAL);

  onward_targets_ref (targets);
  g_clear_pointer (&self->targets, onward_targets_unref);
  self->targets = targets;
  g_clear_pointer (&self->releases, g_ptr_array_unref);
  self->releases = onward_selector_list_releases (&selector, self->targets);
  g_clear_pointer (&self->plan, onward_plan_free);
  onward_journal_set_validator (self->journal, validator);
  onward_journal_set_last_check (self->journal, selector.now);
  onward_journal_set_busy_until (self->journal, 0);
}

/**
 * onward_flow_check_is_disowned:
 * @self: a flow with targets
 * @selector: what releases are chosen by
 *
 * Returns: whether the installed version is listed nowhere, and a key that may have vouched for it
 *   was taken away
 */
gboolean
onward_flow_check_is_disowned (OnwardFlow *self, const OnwardSelector *selector)
{
  return onward_selector_find_installed (selector, self->targets) == NULL &&
         onward_checker_disowns (self->paths);
}

/* Not to know the installed version is how a publisher ends a thief's release, but also what the
 * old metadata look like with which somebody wants to end the updates. */
static gboolean
check_knows_installed (OnwardFlow *self, OnwardCheckKind kind, GError **error)
{
  OnwardSelector selector = onward_flow_get_selector (self, kind);
  g_autoptr (GPtrArray) newer = onward_flow_list_newer (self, kind);
  g_autofree char *came = NULL;
  g_autofree char *issued = NULL;

  if (newer->len > 0 || !onward_flow_check_is_disowned (self, &selector) ||
      !onward_selector_is_behind (&selector, self->targets))
    return TRUE;
  came = onward_date_format (selector.since);
  issued = onward_date_format (onward_targets_get_issued (self->targets));
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_ROLLED_BACK,
               "Verifying “targets.json”: it does not know version %s, which is here since %s, and "
               "was signed before that, %s",
               self->version, came, issued);
  return FALSE;
}

/* What is not known is not told of. */
static char **
list_present (OnwardFlow *self)
{
  g_autofree char *current = onward_install_dup_current (self->install, NULL);
  g_autoptr (OnwardTree) tree = NULL;

  if (current != NULL)
    tree = onward_install_load_receipt (self->install, current, NULL);
  return tree != NULL ? onward_component_dup_present (tree) : NULL;
}

/**
 * onward_flow_check_read_present:
 * @self: a flow
 *
 * Finds out which components are here, for onward_flow_check_dup_lost(). Blocking.
 */
void
onward_flow_check_read_present (OnwardFlow *self)
{
  g_strfreev (self->present);
  self->present = list_present (self);
}

/**
 * onward_flow_check_dup_lost:
 * @self: a flow
 * @release: a release
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the components that are here, and
 *   that @release does not have under these names
 */
char **
onward_flow_check_dup_lost (OnwardFlow *self, OnwardRelease *release)
{
  g_autoptr (GStrvBuilder) lost = g_strv_builder_new ();
  gboolean is_any = FALSE;

  for (char **name = self->present; name != NULL && *name != NULL; name++)
    if (!g_strv_contains (onward_release_get_components (release), *name))
      {
        g_strv_builder_add (lost, *name);
        is_any = TRUE;
      }
  return is_any ? g_strv_builder_end (lost) : NULL;
}

static gboolean
finish_check (OnwardFlow *self, OnwardCheckKind kind, GError **error)
{
  gint64 now = onward_journal_get_last_check (self->journal);
  OnwardStatusFields fields = { .time_left = -1 };
  g_autoptr (GPtrArray) newer = onward_flow_list_newer (self, kind);
  g_auto (GStrv) lost = NULL;

  if (newer->len > 0)
    {
      lost = onward_flow_check_dup_lost (self, g_ptr_array_index (newer, 0));
      fields.lost = (const char *const *) lost;
      fields.release = g_ptr_array_index (newer, 0);
      fields.releases = newer;
      fields.forced = onward_selector_forces (newer, self->version);
    }

  if (newer->len == 0 ||
      (kind == ONWARD_CHECK_AUTOMATIC && is_put_off (self, fields.release, fields.forced, now)))
    {
      OnwardStatusFields nothing = { .time_left = -1 };

      onward_flow_post_with (self, ONWARD_EVENT_UP_TO_DATE, &nothing, error);
      return FALSE;
    }

  return onward_flow_post_with (self, ONWARD_EVENT_FOUND, &fields, error);
}

/* What an earlier, verified check knew still counts when this one could not be made. */
static void
keep_forced (OnwardFlow *self)
{
  g_autoptr (GPtrArray) newer = NULL;
  g_auto (GStrv) lost = NULL;
  OnwardStatusFields fields = *onward_status_get_fields (self->status);

  if (!onward_flow_load_targets (self, NULL))
    return;

  newer = onward_flow_list_newer (self, ONWARD_CHECK_MANUAL);
  if (!onward_selector_forces (newer, self->version))
    return;

  fields.forced = TRUE;
  fields.releases = newer;
  fields.release = g_ptr_array_index (newer, 0);
  onward_flow_check_read_present (self);
  lost = onward_flow_check_dup_lost (self, fields.release);
  fields.lost = (const char *const *) lost;
  onward_flow_take_fields (self, &fields);
}

static void
fail_check (OnwardFlow *self, GTask *task, GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    (void) onward_flow_post (self, ONWARD_EVENT_CANCEL, NULL);
  else
    {
      keep_forced (self);
      onward_flow_fail (self, error);
      onward_flow_busy_tell (self, error);
    }

  onward_flow_lock_release_for (self, task, FALSE, error);
}

static gboolean
tidy_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  GTask *task = data;
  OnwardFlow *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);
  g_autoptr (GError) local_error = NULL;
  gboolean done = check->is_over
                      ? onward_switch_prune_all (self->install, cancellable, &local_error)
                      : onward_switch_prune (self->install, cancellable, &local_error);

  if (!done)
    g_debug ("%s, ignoring", local_error->message);
  check->present = list_present (self);
  return TRUE;
}

/* Ends the work of a check. Returns: whether it was cancelled meanwhile */
static gboolean
end_work (OnwardFlow *self)
{
  gboolean is_cancelled = self->intent != ONWARD_INTENT_GO_ON;

  g_clear_object (&self->cancellable);
  self->intent = ONWARD_INTENT_GO_ON;
  return is_cancelled;
}

static GError *
make_cancelled (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The check was cancelled");
}

static void
on_tidied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OnwardFlow *self = ONWARD_FLOW (source);
  Check *check = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gboolean found;

  if (end_work (self))
    error = make_cancelled ();
  if (error != NULL || !check_knows_installed (self, check->kind, &error))
    {
      fail_check (self, task, g_steal_pointer (&error));
      return;
    }

  g_strfreev (self->present);
  self->present = g_steal_pointer (&check->present);
  found = finish_check (self, check->kind, &error);
  onward_flow_lock_release_for (self, task, found, g_steal_pointer (&error));
}

/* A run that was cut off after it had switched left the rest of its work to whoever comes next.
 * What the check has found is told when that is done: from then on an update may begin. */
static void
tidy (GTask *task)
{
  OnwardFlow *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);
  g_autoptr (GPtrArray) newer = onward_flow_list_newer (self, ONWARD_CHECK_MANUAL);

  check->is_over = newer->len == 0;
  onward_worker_run_async (self, tidy_in_thread, g_object_ref (task), g_object_unref,
                           self->cancellable, on_tidied, g_object_ref (task));
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OnwardFlow *self = g_task_get_source_object (task);
  g_autofree char *validator = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTargets) targets = onward_checker_run_finish (result, &validator, &error);

  if (targets != NULL && self->intent == ONWARD_INTENT_GO_ON)
    {
      onward_flow_check_take_targets (self, targets, validator);
      tidy (task);
      return;
    }

  (void) end_work (self);
  if (targets != NULL)
    error = make_cancelled ();
  onward_flow_busy_note (self, result, error);
  fail_check (self, task, g_steal_pointer (&error));
}

/* An update under way is known without asking; it is answered from what is known. */
static gboolean
is_under_way (OnwardFlow *self)
{
  switch (onward_status_get_state (self->status))
    {
    case ONWARD_STATE_PAUSED:
    case ONWARD_STATE_READY:
      return TRUE;
    case ONWARD_STATE_IDLE:
    case ONWARD_STATE_CHECKING:
    case ONWARD_STATE_AVAILABLE:
    case ONWARD_STATE_DOWNLOADING:
    case ONWARD_STATE_OFFLINE:
    case ONWARD_STATE_RECONNECTING:
    case ONWARD_STATE_VERIFYING:
    case ONWARD_STATE_STAGING:
    case ONWARD_STATE_APPLYING:
    case ONWARD_STATE_APPLIED:
    case ONWARD_STATE_FAILED:
      return FALSE;
    }

  g_return_val_if_reached (FALSE);
}

/* A description tells of releases that are about to be replaced, and an update that was made is
 * history for whoever asks for the next one. */
static gboolean
begin_check (OnwardFlow *self, GError **error)
{
  OnwardStatusFields fields = { .time_left = -1 };

  if (onward_status_get_state (self->status) == ONWARD_STATE_APPLIED)
    (void) onward_flow_post_with (self, ONWARD_EVENT_CONFIRMED, &fields, NULL);
  if (!onward_flow_post_with (self, ONWARD_EVENT_CHECK, &fields, error))
    return FALSE;

  onward_flow_describe_stop (self);
  g_clear_pointer (&self->plan, onward_plan_free);
  return TRUE;
}

static void
run_check (GTask *task)
{
  OnwardFlow *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);

  self->cancellable = g_cancellable_new ();
  check->chain = onward_cancel_chain_new (g_task_get_cancellable (task), self->cancellable);
  if (self->intent != ONWARD_INTENT_GO_ON)
    g_cancellable_cancel (self->cancellable);
  onward_checker_run_async (
      self->fetcher, self->paths, onward_application_get_repository (self->application),
      onward_journal_get_validator (self->journal), g_get_real_time () / G_USEC_PER_SEC,
      self->cancellable, on_checked, g_object_ref (task));
}

/* What is known to be available stays so while nobody may ask. */
static void
hold_back (OnwardFlow *self, GTask *task, GError *busy)
{
  g_autoptr (GError) error = busy;
  GError *refused = NULL;

  if (onward_status_get_state (self->status) == ONWARD_STATE_AVAILABLE)
    onward_flow_lock_release_for (self, task, TRUE, NULL);
  else if (begin_check (self, &refused))
    fail_check (self, task, g_steal_pointer (&error));
  else
    onward_flow_lock_release_for (self, task, FALSE, refused);
}

static void
on_locked (GTask *task, GError *error)
{
  OnwardFlow *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);

  if (error != NULL)
    g_task_return_error (task, error);
  else if (is_under_way (self))
    onward_flow_lock_release_for (self, task, TRUE, NULL);
  else if (onward_flow_busy_refuse (self, check->kind, &error))
    hold_back (self, task, error);
  else if (begin_check (self, &error))
    run_check (task);
  else
    onward_flow_lock_release_for (self, task, FALSE, error);
}

/**
 * onward_flow_check_async:
 * @self: a flow
 * @kind: on whose behalf
 * @cancellable: (nullable): ends the check
 * @callback: called when it has ended
 * @user_data: for @callback
 *
 * Asks the repository for newer versions. An update that is paused or ready is answered as found,
 * without the network, and so is an automatic check while the server wants to be left alone.
 */
void
onward_flow_check_async (OnwardFlow *self, OnwardCheckKind kind, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Check *check;

  g_return_if_fail (ONWARD_IS_FLOW (self));

  task = g_task_new (self, cancellable, callback, user_data);
  check = g_new0 (Check, 1);
  check->kind = kind;
  g_task_set_source_tag (task, onward_flow_check_async);
  g_task_set_task_data (task, check, (GDestroyNotify) check_free);
  /* The answer is always the one that the state gives, too. */
  g_task_set_check_cancellable (task, FALSE);

  onward_flow_lock_acquire_for (self, task, on_locked);
}

/**
 * onward_flow_check_finish:
 * @self: a flow
 * @result: what the callback got
 * @error: return location
 *
 * Returns: whether there is a newer version to tell of
 */
gboolean
onward_flow_check_finish (OnwardFlow *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
