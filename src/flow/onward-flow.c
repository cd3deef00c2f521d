/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-checker.h"
#include "onward-clock.h"
#include "onward-error.h"
#include "onward-flow-private.h"
#include "onward-log.h"
#include "onward-progress.h"
#include "onward-switch.h"

G_DEFINE_FINAL_TYPE (OnwardFlow, onward_flow, G_TYPE_OBJECT)

typedef enum
{
  PROP_STATUS = 1,
} OnwardFlowProperty;

static GParamSpec *props[PROP_STATUS + 1];

#define SAVE_INTERVAL_S 1

static void
onward_flow_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OnwardFlow *self = ONWARD_FLOW (object);

  switch ((OnwardFlowProperty) id)
    {
    case PROP_STATUS:
      g_value_set_boxed (value, self->status);
      return;
    }

  G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
onward_flow_dispose (GObject *object)
{
  OnwardFlow *self = ONWARD_FLOW (object);

  onward_flow_update_watch (NULL, self);
  onward_flow_obstacle_watch (self, NULL);
  onward_flow_elsewhere_stop (self);
  g_clear_pointer (&self->wait, onward_wait_free);
  onward_flow_lock_drop (self);

  G_OBJECT_CLASS (onward_flow_parent_class)->dispose (object);
}

static void
onward_flow_finalize (GObject *object)
{
  OnwardFlow *self = ONWARD_FLOW (object);

  g_clear_pointer (&self->avoided, g_hash_table_unref);
  g_clear_pointer (&self->damaged, g_hash_table_unref);
  g_clear_pointer (&self->plan, onward_plan_free);
  g_clear_pointer (&self->releases, g_ptr_array_unref);
  g_clear_pointer (&self->targets, onward_targets_unref);
  g_clear_pointer (&self->status, onward_status_unref);
  g_clear_object (&self->fetcher);
  g_clear_pointer (&self->journal, onward_journal_free);
  g_clear_pointer (&self->install, onward_install_free);
  g_clear_pointer (&self->application, onward_application_unref);
  g_clear_pointer (&self->paths, onward_paths_unref);
  g_free (self->version);
  g_free (self->started);
  g_strfreev (self->present);

  G_OBJECT_CLASS (onward_flow_parent_class)->finalize (object);
}

static void
onward_flow_class_init (OnwardFlowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = onward_flow_get_property;
  object_class->dispose = onward_flow_dispose;
  object_class->finalize = onward_flow_finalize;

  props[PROP_STATUS] = g_param_spec_boxed ("status", NULL, NULL, ONWARD_TYPE_STATUS,
                                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
onward_flow_init (OnwardFlow *self)
{
  OnwardStatusFields fields = { .state = ONWARD_STATE_IDLE, .time_left = -1 };

  self->retries = -1;
  self->use_deltas = TRUE;
  self->avoided = g_hash_table_new_full (onward_digest_hash, onward_digest_equal, g_free, NULL);
  self->status = onward_status_new (&fields);
}

/**
 * onward_flow_take_fields:
 * @self: a flow
 * @fields: the contents of the new status; the progress is computed here
 *
 * Replaces the status: nothing else assigns it. While an update works its progress never goes
 * backwards, and it is stopping for exactly as long as an intent waits for the running step to end.
 */
void
onward_flow_take_fields (OnwardFlow *self, OnwardStatusFields *fields)
{
  const OnwardStatusFields *before = onward_status_get_fields (self->status);
  OnwardStatus *status;

  fields->elsewhere = onward_flow_elsewhere_is (self);
  fields->progress = onward_progress_go_on (before, fields, self->updating);
  fields->stopping = self->intent != ONWARD_INTENT_GO_ON;
  fields->restart_due = g_strcmp0 (self->started, self->version) != 0;
  status = onward_status_new (fields);
  onward_status_unref (self->status);
  self->status = status;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATUS]);
}

/* What is at work says so, in words that hold for as long as the lock is held. */
static void
note_progress (OnwardFlow *self)
{
  const OnwardStatusFields *fields = onward_status_get_fields (self->status);
  gboolean is_at_work = self->updating || onward_state_is_working (fields->state);
  OnwardJournalProgress progress;

  onward_progress_record (fields, onward_clock_get_time (), g_get_real_time () / G_USEC_PER_SEC,
                          &progress);
  onward_journal_progress_set (self->journal, &progress);
  onward_journal_progress_set_session (
      self->journal, is_at_work ? onward_install_get_session (self->install) : NULL);
}

static gboolean
on_save_due (gpointer user_data)
{
  OnwardFlow *self = user_data;

  self->saving = 0;
  onward_flow_save (self);
  return G_SOURCE_REMOVE;
}

/**
 * onward_flow_save_soon:
 * @self: a flow
 *
 * Saves the journal within a second, for changes that come many times a second.
 */
void
onward_flow_save_soon (OnwardFlow *self)
{
  if (self->saving == 0)
    self->saving = g_timeout_add_seconds (SAVE_INTERVAL_S, on_save_due, self);
}

/**
 * onward_flow_save:
 * @self: a flow
 *
 * Has the journal written. It is a hint: a failure is logged and costs fetching again at most.
 */
void
onward_flow_save (OnwardFlow *self)
{
  g_autofree char *text = NULL;

  g_clear_handle_id (&self->saving, g_source_remove);
  if (self->holds == 0)
    return;

  note_progress (self);
  text = onward_journal_begin_save (self->journal);
  if (text != NULL)
    onward_saver_write (self->saver, text);
}

static void
on_saved (const GError *error, gpointer user_data)
{
  OnwardFlow *self = user_data;

  onward_journal_end_save (self->journal, error == NULL);
  if (error != NULL)
    onward_log_write (onward_paths_get_log (self->paths), "%s, ignoring", error->message);
  onward_flow_lock_settle (self);
}

/**
 * onward_flow_remember:
 * @self: a flow
 *
 * Records the state, for the next run.
 */
void
onward_flow_remember (OnwardFlow *self)
{
  const OnwardStatusFields *fields = onward_status_get_fields (self->status);
  gboolean is_held = fields->state == ONWARD_STATE_PAUSED && self->held_by != ONWARD_OBSTACLE_NONE;

  /* What nobody has paused goes on by itself, in the next run as well. */
  onward_journal_set_state (self->journal, is_held ? ONWARD_STATE_DOWNLOADING : fields->state);
  onward_journal_set_release (
      self->journal, fields->release == NULL ? NULL : onward_release_get_version (fields->release));
  onward_flow_save (self);
}

/**
 * onward_flow_post_with:
 * @self: a flow
 * @event: what happened
 * @fields: the contents of the new status but for its state
 * @error: return location
 *
 * Takes the edge of the state table that @event names. Returns: %FALSE with
 * %ONWARD_ERROR_WRONG_STATE when there is none
 */
gboolean
onward_flow_post_with (OnwardFlow *self, OnwardEvent event, const OnwardStatusFields *fields,
                       GError **error)
{
  OnwardState from = onward_status_get_state (self->status);
  OnwardStatusFields next = *fields;

  if (!onward_state_next (from, event, &next.state))
    {
      g_debug ("Event %s is refused in state %s", onward_event_get_nick (event),
               onward_state_get_nick (from));
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_STATE, "Cannot %s while %s",
                   onward_event_get_nick (event), onward_state_get_nick (from));
      return FALSE;
    }

  if (next.state != ONWARD_STATE_PAUSED)
    self->held_by = ONWARD_OBSTACLE_NONE;
  next.obstacle = onward_flow_obstacle_of_state (self, next.state);
  next.waiting_for = NULL;
  next.retry_at = 0;
  next.rate = 0;
  next.time_left = -1;
  if (next.state != ONWARD_STATE_FAILED && next.state != ONWARD_STATE_RECONNECTING)
    next.error = NULL;

  onward_log_write (onward_paths_get_log (self->paths), "%s: %s → %s",
                    onward_event_get_nick (event), onward_state_get_nick (from),
                    onward_state_get_nick (next.state));
  onward_flow_take_fields (self, &next);
  onward_flow_remember (self);
  return TRUE;
}

/**
 * onward_flow_post:
 * @self: a flow
 * @event: what happened
 * @error: return location
 *
 * onward_flow_post_with() the present fields.
 */
gboolean
onward_flow_post (OnwardFlow *self, OnwardEvent event, GError **error)
{
  return onward_flow_post_with (self, event, onward_status_get_fields (self->status), error);
}

/**
 * onward_flow_fail:
 * @self: a flow
 * @error: why
 *
 * Ends the running step with an error that the user is told of.
 */
void
onward_flow_fail (OnwardFlow *self, const GError *error)
{
  OnwardStatusFields fields;

  if (onward_status_get_state (self->status) == ONWARD_STATE_OFFLINE)
    (void) onward_flow_post (self, ONWARD_EVENT_NET_BACK, NULL);

  fields = *onward_status_get_fields (self->status);
  fields.error = error;
  onward_log_write (onward_paths_get_log (self->paths), "%s", error->message);
  (void) onward_flow_post_with (self, ONWARD_EVENT_FAIL, &fields, NULL);
}

/**
 * onward_flow_get_selector:
 * @self: a flow
 * @kind: on whose behalf
 *
 * Returns: what releases are chosen by; its strings belong to the flow
 */
OnwardSelector
onward_flow_get_selector (OnwardFlow *self, OnwardCheckKind kind)
{
  OnwardSelector selector = {
    .version = self->version,
    .platform = onward_paths_get_platform (),
    .channel = onward_flow_choices_get_channel (self),
    .since = onward_install_get_time (self->install, self->version),
    .now = g_get_real_time () / G_USEC_PER_SEC,
    .secret = kind == ONWARD_CHECK_AUTOMATIC ? onward_journal_get_secret (self->journal) : NULL,
  };

  return selector;
}

/**
 * onward_flow_load_targets:
 * @self: a flow
 * @error: return location
 *
 * Makes the releases of the last check known without asking the network, from metadata that is
 * verified again and must not have expired.
 */
gboolean
onward_flow_load_targets (OnwardFlow *self, GError **error)
{
  OnwardSelector selector = onward_flow_get_selector (self, ONWARD_CHECK_MANUAL);
  g_autoptr (OnwardTrustStore) store = NULL;
  g_autoptr (OnwardTargets) targets = NULL;

  if (self->targets != NULL)
    return TRUE;

  store = onward_checker_open_store (self->paths, error);
  if (store == NULL)
    return FALSE;
  targets = onward_trust_store_load_targets (store, selector.now, error);
  if (targets == NULL)
    return FALSE;

  self->releases = onward_selector_list_releases (&selector, targets);
  self->targets = g_steal_pointer (&targets);
  return TRUE;
}

static gboolean
has_failed_here (OnwardFlow *self, OnwardRelease *release)
{
  OnwardTarget *target = onward_selector_find_target (self->targets, release);

  return target != NULL &&
         onward_journal_has_failed (self->journal, onward_target_get_digest (target));
}

/**
 * onward_flow_list_newer:
 * @self: a flow with targets
 * @kind: on whose behalf
 *
 * Returns: (transfer full) (element-type OnwardRelease): the releases to offer, newest first; those
 *   that could not start here are left out until their document changes
 */
GPtrArray *
onward_flow_list_newer (OnwardFlow *self, OnwardCheckKind kind)
{
  OnwardSelector selector = onward_flow_get_selector (self, kind);
  GPtrArray *newer = NULL;

  selector.disowned = onward_flow_check_is_disowned (self, &selector) &&
                      !onward_selector_is_behind (&selector, self->targets);
  newer = onward_selector_list_newer (&selector, self->releases);
  for (guint i = newer->len; i > 0; i--)
    {
      if (has_failed_here (self, g_ptr_array_index (newer, i - 1)))
        g_ptr_array_remove_index (newer, i - 1);
    }

  return newer;
}

/**
 * onward_flow_refresh_version:
 * @self: a flow
 *
 * Reads anew which version is current. Returns: whether it is another one than before
 */
gboolean
onward_flow_refresh_version (OnwardFlow *self)
{
  g_autofree char *version = onward_install_dup_current (self->install, NULL);

  if (version == NULL || g_str_equal (version, self->version))
    return FALSE;

  g_free (self->version);
  self->version = g_steal_pointer (&version);
  return TRUE;
}

/**
 * onward_flow_get_planner:
 * @self: a flow
 *
 * Returns: what updates of this install are planned with; it borrows from the flow
 */
OnwardPlanner
onward_flow_get_planner (OnwardFlow *self)
{
  OnwardPlanner planner = {
    .fetcher = self->fetcher,
    .install = self->install,
    .journal = self->journal,
    .targets = self->targets,
    .repository = onward_application_get_repository (self->application),
    .max_retries = self->retries,
    .use_deltas = self->use_deltas,
    .releases = self->releases,
    .avoided = self->avoided,
    .damaged = self->damaged,
  };

  return planner;
}

/**
 * onward_flow_new:
 * @install_dir: the install folder
 * @error: return location
 *
 * Opens an install and takes up what earlier runs left.
 *
 * Returns: (transfer full): a new flow
 */
OnwardFlow *
onward_flow_new (const char *install_dir, GError **error)
{
  g_autoptr (OnwardFlow) self = NULL;

  g_return_val_if_fail (install_dir != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_object_new (ONWARD_TYPE_FLOW, NULL);
  self->paths = onward_paths_new (install_dir, error);
  if (self->paths == NULL)
    return NULL;
  self->application = onward_application_load (onward_paths_get_config (self->paths), error);
  if (self->application == NULL)
    return NULL;
  self->install = onward_install_open (self->paths, error);
  if (self->install == NULL)
    return NULL;
  self->version = onward_switch_dup_repaired (self->install, error);
  if (self->version == NULL)
    return NULL;

  /* The launcher says what this program is a part of; `current` may be another version by now. */
  self->started = g_strdup (onward_paths_get_own_version (self->paths));
  if (self->started == NULL)
    self->started = g_strdup (self->version);
  self->journal = onward_journal_peek (onward_paths_get_journal (self->paths));
  self->saver = onward_saver_new (onward_paths_get_journal (self->paths), on_saved, self);
  self->fetcher = onward_fetcher_new (onward_application_allows_http (self->application));
  onward_flow_obstacle_watch (self, g_network_monitor_get_default ());
  onward_flow_recover (self);
  return g_steal_pointer (&self);
}

/**
 * onward_flow_get_application:
 * @self: a flow
 *
 * Returns: (transfer none): what onward.ini says
 */
OnwardApplication *
onward_flow_get_application (OnwardFlow *self)
{
  return self->application;
}

/**
 * onward_flow_get_paths:
 * @self: a flow
 *
 * Returns: (transfer none): where the install's parts live
 */
OnwardPaths *
onward_flow_get_paths (OnwardFlow *self)
{
  return self->paths;
}

/**
 * onward_flow_get_version:
 * @self: a flow
 *
 * Returns: (transfer none): the version that is current
 */
const char *
onward_flow_get_version (OnwardFlow *self)
{
  return self->version;
}

/**
 * onward_flow_get_status:
 * @self: a flow
 *
 * Returns: (transfer none): the present status
 */
OnwardStatus *
onward_flow_get_status (OnwardFlow *self)
{
  return self->status;
}

/**
 * onward_flow_was_interrupted:
 * @self: a flow
 *
 * Returns: whether an earlier run was cut off in the middle of an update that nobody had paused
 */
gboolean
onward_flow_was_interrupted (OnwardFlow *self)
{
  return self->interrupted && onward_status_get_state (self->status) == ONWARD_STATE_PAUSED &&
         !onward_flow_elsewhere_is (self);
}

/**
 * onward_flow_dup_current:
 * @self: a flow
 *
 * Returns: (transfer full) (nullable): the release of the current version, with its notes when its
 *   document is at hand
 */
OnwardRelease *
onward_flow_dup_current (OnwardFlow *self)
{
  g_autoptr (OnwardReleaseDocument) document = NULL;
  OnwardRelease *release = NULL;
  OnwardTarget *target;

  if (onward_flow_load_targets (self, NULL))
    release = onward_selector_find (self->releases, self->version);
  if (release == NULL)
    return NULL;

  target = onward_selector_find_target (self->targets, release);
  document = onward_planner_load_document (self->paths, target, NULL);
  if (document != NULL)
    release = onward_release_document_get_release (document);
  return onward_release_ref (release);
}

/**
 * onward_flow_set_retries:
 * @self: a flow
 * @retries: how many tries in a row may fail, or -1 for no limit
 *
 * Bounds reconnecting, for scripts.
 */
void
onward_flow_set_retries (OnwardFlow *self, int retries)
{
  self->retries = retries;
}

/**
 * onward_flow_set_use_deltas:
 * @self: a flow
 * @use_deltas: whether delta packs may be used
 *
 * Chooses between deltas and full packs for updates started later.
 */
void
onward_flow_set_use_deltas (OnwardFlow *self, gboolean use_deltas)
{
  if (self->use_deltas != use_deltas && !self->updating)
    g_clear_pointer (&self->plan, onward_plan_free);
  self->use_deltas = use_deltas;
}

/**
 * onward_flow_close:
 * @self: a flow that nobody is going to use any more
 *
 * Stops what is under way as the end of the process would: the next run takes it up again. The
 * flow, which its running step keeps alive, goes away when that has ended.
 */
void
onward_flow_close (OnwardFlow *self)
{
  OnwardState state = onward_status_get_state (self->status);

  onward_flow_obstacle_watch (self, NULL);
  onward_flow_describe_stop (self);
  onward_flow_elsewhere_stop (self);
  if (self->holds > 0 && onward_state_is_working (state) && onward_state_is_cancellable (state))
    onward_flow_update_interrupt (self, ONWARD_INTENT_LEAVE);
  onward_flow_save (self);
}
