/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-status-private.h"

struct _OnwardStatus
{
  OnwardStatusFields fields; /* its pointers are owned */
};

G_DEFINE_BOXED_TYPE (OnwardStatus, onward_status, onward_status_ref, onward_status_unref)

static void
clear (gpointer data)
{
  OnwardStatusFields *fields = &((OnwardStatus *) data)->fields;

  g_clear_pointer (&fields->release, onward_release_unref);
  g_clear_pointer (&fields->releases, g_ptr_array_unref);
  if (fields->error != NULL)
    g_error_free ((GError *) fields->error);
  g_free ((char *) fields->waiting_for);
  g_strfreev ((char **) fields->lost);
}

static gpointer
copy_release (gconstpointer release, gpointer user_data)
{
  return onward_release_ref ((OnwardRelease *) release);
}

/* A copy that nobody else can change: the array of a caller may still grow. */
static GPtrArray *
copy_releases (GPtrArray *releases)
{
  GPtrArray *copy = g_ptr_array_copy (releases, copy_release, NULL);

  g_ptr_array_set_free_func (copy, (GDestroyNotify) onward_release_unref);
  return copy;
}

/**
 * onward_status_new:
 * @fields: the contents, copied and referenced
 *
 * Returns: (transfer full): a new snapshot
 */
OnwardStatus *
onward_status_new (const OnwardStatusFields *fields)
{
  OnwardStatus *self;

  g_return_val_if_fail (fields != NULL, NULL);
  g_return_val_if_fail ((guint) fields->state <= ONWARD_STATE_LAST, NULL);

  self = g_atomic_rc_box_new0 (OnwardStatus);
  self->fields = *fields;
  self->fields.progress = CLAMP (fields->progress, 0.0, 1.0);
  if (fields->release != NULL)
    self->fields.release = onward_release_ref (fields->release);
  if (fields->releases != NULL)
    self->fields.releases = copy_releases (fields->releases);
  if (fields->error != NULL)
    self->fields.error = g_error_copy (fields->error);
  self->fields.waiting_for = g_strdup (fields->waiting_for);
  self->fields.lost = (const char *const *) g_strdupv ((char **) fields->lost);
  return self;
}

/**
 * onward_status_get_fields:
 * @self: a status
 *
 * Returns: (transfer none): the contents, as a starting point for the next snapshot
 */
const OnwardStatusFields *
onward_status_get_fields (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return &self->fields;
}

/**
 * onward_status_ref:
 * @self: a status
 *
 * Returns: (transfer full): @self; any thread may hold a reference
 */
OnwardStatus *
onward_status_ref (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

/**
 * onward_status_unref:
 * @self: (transfer full): a status
 *
 * Gives a reference back; the last one frees @self.
 */
void
onward_status_unref (OnwardStatus *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/**
 * onward_status_get_state:
 * @self: a status
 *
 * Returns: where the update stands
 */
OnwardState
onward_status_get_state (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, ONWARD_STATE_IDLE);

  return self->fields.state;
}

/**
 * onward_status_get_release:
 * @self: a status
 *
 * Returns: (transfer none) (nullable): the release the update is about
 */
OnwardRelease *
onward_status_get_release (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.release;
}

/**
 * onward_status_get_releases:
 * @self: a status
 *
 * Returns: (transfer none) (nullable) (element-type OnwardRelease): every release newer than the
 *   installed one, newest first
 */
GPtrArray *
onward_status_get_releases (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.releases;
}

/**
 * onward_status_is_forced:
 * @self: a status
 *
 * Returns: whether the installed version must not go on
 */
gboolean
onward_status_is_forced (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->fields.forced;
}

/**
 * onward_status_is_described:
 * @self: a status
 *
 * Returns: whether the notes and sizes are known already
 */
gboolean
onward_status_is_described (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->fields.described;
}

/**
 * onward_status_get_progress:
 * @self: a status
 *
 * Returns: 0.0 to 1.0 over download, verification and staging together
 */
double
onward_status_get_progress (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, 0.0);

  return self->fields.progress;
}

/**
 * onward_status_get_bytes_done:
 * @self: a status
 *
 * Returns: the bytes of the plan that are already there
 */
guint64
onward_status_get_bytes_done (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.bytes_done;
}

/**
 * onward_status_get_bytes_total:
 * @self: a status
 *
 * Returns: the bytes of the plan: what this install has to fetch
 */
guint64
onward_status_get_bytes_total (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.bytes_total;
}

/**
 * onward_status_get_full_size:
 * @self: a status
 *
 * Returns: the bytes of the whole application's full pack
 */
guint64
onward_status_get_full_size (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.full_size;
}

/**
 * onward_status_get_files_done:
 * @self: a status
 *
 * Returns: how many files are staged already
 */
guint
onward_status_get_files_done (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.files_done;
}

/**
 * onward_status_get_files_total:
 * @self: a status
 *
 * Returns: how many files there are to stage
 */
guint
onward_status_get_files_total (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.files_total;
}

/**
 * onward_status_get_rate:
 * @self: a status
 *
 * Returns: bytes a second, a moving average
 */
guint64
onward_status_get_rate (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.rate;
}

/**
 * onward_status_get_time_left:
 * @self: a status
 *
 * Returns: seconds until the download ends, or -1 while that is unknown
 */
gint
onward_status_get_time_left (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->fields.time_left;
}

/**
 * onward_status_get_retry_at:
 * @self: a status
 *
 * Returns: when the next try begins, in µs of onward_clock_get_time(); 0 while one is under way
 */
gint64
onward_status_get_retry_at (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.retry_at;
}

/**
 * onward_status_get_error:
 * @self: a status
 *
 * Returns: (transfer none) (nullable): why, in failed; what the connection was lost to, in
 *   reconnecting
 */
const GError *
onward_status_get_error (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.error;
}

/**
 * onward_status_get_obstacle:
 * @self: a status
 *
 * Says why an update waits in paused, offline, reconnecting or ready, and in available why it would
 * wait when it was started.
 *
 * Returns: what stands in the way; what the user has paused waits for nothing
 */
OnwardObstacle
onward_status_get_obstacle (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, ONWARD_OBSTACLE_NONE);

  return self->fields.obstacle;
}

/**
 * onward_status_get_waiting_for:
 * @self: a status
 *
 * Returns: (transfer none) (nullable): with %ONWARD_OBSTACLE_RUNNING the program that has to be
 *   closed first, as "NAME (PROCESS)"; %NULL where that is not known, as it is another user's
 */
const char *
onward_status_get_waiting_for (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.waiting_for;
}

/**
 * onward_status_get_lost_components:
 * @self: a status
 *
 * Gets what to tell before an update to the release: what such a component held is a part of the
 * rest then, of another component, or gone.
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1): the components that are present
 *   now, and that the release does not have; %NULL when there are none
 */
const char *const *
onward_status_get_lost_components (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.lost;
}

/**
 * onward_status_is_stopping:
 * @self: a status
 *
 * Returns: whether a pause or a cancellation was asked for and is not yet done
 */
gboolean
onward_status_is_stopping (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->fields.stopping;
}

/**
 * onward_status_is_elsewhere:
 * @self: a status
 *
 * Returns: whether it tells of another process that is at work on the install: this one can only
 *   watch until that has ended
 */
gboolean
onward_status_is_elsewhere (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->fields.elsewhere;
}

/**
 * onward_status_is_restart_due:
 * @self: a status
 *
 * Returns: whether the current version is no longer the one that was current when the client was
 *   made: an application that asks this about itself runs an old version, and becomes the current
 *   one when it is started again
 */
gboolean
onward_status_is_restart_due (OnwardStatus *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->fields.restart_due;
}
