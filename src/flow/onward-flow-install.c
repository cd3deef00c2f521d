/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <unistd.h>

#include "onward-checker.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-flow-private.h"
#include "onward-log.h"
#include "onward-pack-reader.h"
#include "onward-part-file.h"
#include "onward-staging.h"
#include "onward-switch.h"
#include "onward-verify.h"
#include "onward-worker.h"

typedef struct
{
  OnwardFlow *flow; /* (owned) */
  GPtrArray *parts; /* (owned): paths of the part files of the plan's packs, in order */
  char *version;    /* (owned) */
  char *floor;      /* (owned) (nullable): the lowest version that is safe */
  guint64 missing;  /* bytes still to fetch */
  gboolean is_old;  /* whether an earlier run has staged the version */
  gint64 now;
} Work;

static Work *
work_new (OnwardFlow *self)
{
  const OnwardStatusFields *fields = onward_status_get_fields (self->status);
  Work *work = g_new0 (Work, 1);

  work->flow = g_object_ref (self);
  work->version = g_strdup (onward_release_get_version (fields->release));
  work->floor = self->releases != NULL ? onward_selector_dup_floor (self->releases) : NULL;
  work->parts = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; self->plan != NULL && i < self->plan->steps->len; i++)
    g_ptr_array_add (work->parts, onward_part_file_dup_path (
                                      self->paths, onward_plan_get_step (self->plan, i)->pack));
  work->now = g_get_real_time () / G_USEC_PER_SEC;
  work->missing = fields->bytes_total - MIN (fields->bytes_done, fields->bytes_total);
  return work;
}

static void
work_free (Work *work)
{
  g_object_unref (work->flow);
  g_ptr_array_unref (work->parts);
  g_free (work->version);
  g_free (work->floor);
  g_free (work);
}

/* Nobody knows what became of the folder since it was staged. */
static gboolean
is_intact (Work *work, GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardDifferences) differences = NULL;

  differences =
      onward_verify_version (work->flow->install, work->version, NULL, cancellable, error);
  if (differences == NULL)
    return FALSE;
  if (differences->changed->len == 0 && differences->missing->len == 0)
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
               "Switching to %s: it has been damaged since it was put together", work->version);
  return FALSE;
}

static gboolean
switch_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Work *work = data;
  g_autoptr (GError) local_error = NULL;

  if (work->is_old && !is_intact (work, cancellable, error))
    return FALSE;

  /* The journal says what is about to happen before it does. */
  onward_saver_drain (work->flow->saver);
  if (!onward_switch_to_above (work->flow->install, work->version, work->floor, error))
    return FALSE;

  /* From here on the update is done; what cannot be cleared away now is cleared away later. */
  for (guint i = 0; i < work->parts->len; i++)
    (void) unlink (g_ptr_array_index (work->parts, i));

  if (!onward_switch_prune_all (work->flow->install, NULL, &local_error))
    onward_log_write (onward_paths_get_log (work->flow->paths), "%s, ignoring",
                      local_error->message);
  return TRUE;
}

static void apply (OnwardFlow *self, gboolean is_old);

/* Started again in the very moment in which it was to be exchanged, the application is waited for
 * once more. */
static gboolean
is_in_use (OnwardFlow *self, const GError *error)
{
  return onward_application_get_layout (self->application) == ONWARD_LAYOUT_IN_PLACE &&
         g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
}

static void
on_switched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OnwardFlow *self = ONWARD_FLOW (source);
  g_autoptr (GError) error = NULL;

  if (!onward_worker_run_finish (result, &error))
    {
      if (is_in_use (self, error) && onward_flow_post (self, ONWARD_EVENT_STAGED, NULL))
        apply (self, TRUE);
      else
        onward_flow_update_fail (self, error);
      return;
    }

  onward_flow_refresh_version (self);
  for (guint i = 0; self->plan != NULL && i < self->plan->steps->len; i++)
    onward_journal_remove_transfer (
        self->journal, onward_pack_info_get_digest (onward_plan_get_step (self->plan, i)->pack));
  g_clear_pointer (&self->plan, onward_plan_free);
  onward_flow_update_end (self, ONWARD_EVENT_SWITCHED);
}

static void
apply_now (OnwardFlow *self, gboolean is_old)
{
  Work *work = work_new (self);

  work->is_old = is_old;
  (void) onward_flow_post (self, ONWARD_EVENT_APPLY, NULL);
  onward_worker_run_async (self, switch_in_thread, work, (GDestroyNotify) work_free, NULL,
                           on_switched, NULL);
}

static void
apply (OnwardFlow *self, gboolean is_old)
{
  onward_flow_closing_wait (self, apply_now, is_old);
}

static gboolean
is_bad_content (const GError *error)
{
  return g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT) ||
         g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED) ||
         g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_UNSUPPORTED_FORMAT);
}

/* What the disk does not give back as it was, or not at all. */
static gboolean
is_doubtful (const GError *error)
{
  return is_bad_content (error) || g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
}

/* A pack that does not give what its release promises: of several, any may be the one. The full
 * pack of the release is the last to be doubted. */
static gboolean
do_without (OnwardFlow *self)
{
  g_autoptr (OnwardPlan) plan = g_steal_pointer (&self->plan);
  OnwardPackInfo *full = onward_release_document_get_full_pack (plan->document);
  guint n_avoided = 0;

  for (guint i = 0; i < plan->steps->len; i++)
    {
      OnwardPackInfo *pack = onward_plan_get_step (plan, i)->pack;
      const OnwardDigest *digest = onward_pack_info_get_digest (pack);

      if (pack == full)
        continue;
      g_hash_table_add (self->avoided, g_memdup2 (digest, sizeof *digest));
      n_avoided++;
    }
  return n_avoided > 0;
}

/* Files of the installed version turned out to be damaged: what they should have given comes from
 * elsewhere. That is found out once. And once the download is looked at anew: what the disk does
 * not give back as it was, or not at all, is missing. What fails after that is a pack. */
static gboolean
fetch_more (OnwardFlow *self, GHashTable *damaged, const GError *error)
{
  if (self->damaged == NULL && damaged != NULL)
    {
      self->damaged = g_hash_table_ref (damaged);
      g_clear_pointer (&self->plan, onward_plan_free);
    }
  else if (is_doubtful (error) && !self->is_reread)
    self->is_reread = TRUE;
  else if (!is_bad_content (error) || !do_without (self))
    return FALSE;

  onward_log_write (onward_paths_get_log (self->paths), "%s, planning anew", error->message);
  onward_flow_update_again (self);
  return TRUE;
}

/**
 * onward_flow_install_take_staged:
 * @self: a flow in state staging
 * @damaged: (nullable) (element-type OnwardDigest): what files of the current version lack, when it
 *   failed for that
 * @error: (nullable): why it failed
 *
 * Switches to the version that was put together, or fetches what that turned out to need.
 */
void
onward_flow_install_take_staged (OnwardFlow *self, GHashTable *damaged, const GError *error)
{
  if (error != NULL)
    {
      if (self->intent != ONWARD_INTENT_GO_ON || !fetch_more (self, damaged, error))
        onward_flow_update_fail (self, error);
      return;
    }

  if (onward_flow_update_follow_intent (self))
    return;

  (void) onward_flow_post (self, ONWARD_EVENT_STAGED, NULL);
  apply (self, FALSE);
}

static gboolean
is_same_tree (OnwardReleaseDocument *a, OnwardReleaseDocument *b)
{
  return onward_digest_equal (onward_release_document_get_tree_digest (a),
                              onward_release_document_get_tree_digest (b));
}

/* The metadata may have expired, and the store may have been touched, while bytes were arriving:
 * the plan must still be what the publisher has signed. */
static gboolean
verify_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Work *work = data;
  OnwardFlow *self = work->flow;
  OnwardRelease *release = onward_release_document_get_release (self->plan->document);
  g_autoptr (OnwardTrustStore) store = onward_checker_open_store (self->paths, error);
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (OnwardReleaseDocument) document = NULL;
  OnwardTarget *target;

  if (store == NULL)
    return FALSE;
  targets = onward_trust_store_load_targets (store, work->now, error);
  if (targets == NULL)
    return FALSE;

  target = onward_selector_find_target (targets, release);
  if (target != NULL)
    {
      document = onward_planner_load_document (self->paths, target, error);
      if (document == NULL)
        return FALSE;
    }
  if (document != NULL && is_same_tree (document, self->plan->document))
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_UNTRUSTED,
               "Verifying version %s: it is no longer among the signed releases", work->version);
  return FALSE;
}

static void
give_up (OnwardFlow *self)
{
  g_autoptr (GError) failure = g_steal_pointer (&self->failure);

  onward_flow_update_fail (self, failure);
}

static void
on_verified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OnwardFlow *self = ONWARD_FLOW (source);

  if (!onward_worker_run_finish (result, &self->failure) || self->intent != ONWARD_INTENT_GO_ON)
    {
      onward_flow_stage_stop (self, give_up);
      return;
    }

  (void) onward_flow_post (self, ONWARD_EVENT_VERIFIED, NULL);
  onward_flow_stage_confirm (self);
}

/**
 * onward_flow_install_run:
 * @self: a flow in state verifying
 *
 * Verifies, lets what is staged get its name, and switches.
 */
void
onward_flow_install_run (OnwardFlow *self)
{
  onward_worker_run_async (self, verify_in_thread, work_new (self), (GDestroyNotify) work_free,
                           self->cancellable, on_verified, NULL);
}

static gboolean
preflight_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Work *work = data;
  OnwardPlan *plan = work->flow->plan;

  return onward_staging_preflight (work->flow->install, onward_plan_get_last (plan)->head,
                                   work->missing, onward_plan_get_shelf_size (plan), error);
}

/**
 * onward_flow_install_preflight_async:
 * @self: a flow with a plan and a transfer
 * @callback: called when it is known, with an onward_worker_run_finish() result
 *
 * Finds out whether the update can be installed, before its first byte is fetched.
 */
void
onward_flow_install_preflight_async (OnwardFlow *self, GAsyncReadyCallback callback)
{
  onward_worker_run_async (self, preflight_in_thread, work_new (self), (GDestroyNotify) work_free,
                           self->cancellable, callback, NULL);
}

/**
 * onward_flow_install_apply:
 * @self: a flow in state ready, with the install's lock
 *
 * Switches to a version that an earlier run has staged.
 */
void
onward_flow_install_apply (OnwardFlow *self)
{
  apply (self, TRUE);
}
