/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An application that must live at one path is exchanged when its last copy has ended. However long
 * that takes, nothing goes on without it. */

#include <sys/syscall.h>
#include <unistd.h>

#include <glib-unix.h>

#include "onward-fd.h"
#include "onward-flow-private.h"
#include "onward-running.h"
#include "onward-worker.h"

/* Where a process cannot be watched, as it is another user's, or the kernel is old. */
#define LOOK_S 1

typedef struct
{
  OnwardFlow *flow; /* (unowned): the look, or the source, goes before it */
  char *current;    /* (owned): the version that is exchanged */
  char *next;       /* (owned): what it is exchanged with */
  OnwardFlowClosed closed;
  gboolean is_old;     /* whether somebody may have touched what is staged */
  OnwardRunning *copy; /* (owned) (nullable): one of those that run */
  int process;         /* (owned): a descriptor of it, or -1 */
} Closing;

static void look (OnwardFlow *self, OnwardFlowClosed closed, gboolean is_old);

static void
closing_free (gpointer data)
{
  Closing *closing = data;

  g_clear_pointer (&closing->copy, onward_running_free);
  if (closing->process >= 0)
    onward_fd_close (closing->process);
  g_free (closing->current);
  g_free (closing->next);
  g_free (closing);
}

static OnwardRunning *
find_copy (OnwardInstall *install, const char *version)
{
  OnwardRunning *copy = onward_running_find (install, version);

  if (copy == NULL || copy->pid != getpid ())
    return copy;

  onward_running_let_go (install, version);
  onward_running_free (copy);
  return onward_running_find (install, version);
}

/* The launcher starts a version from where it lies when it may not exchange it. */
static gboolean
look_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Closing *closing = data;
  OnwardInstall *install = closing->flow->install;

  closing->copy = find_copy (install, closing->current);
  if (closing->copy == NULL)
    closing->copy = find_copy (install, closing->next);
  if (closing->copy != NULL && closing->copy->pid > 0)
    closing->process = (int) syscall (SYS_pidfd_open, (pid_t) closing->copy->pid, 0);
  return TRUE;
}

static void
tell (OnwardFlow *self, const OnwardRunning *copy)
{
  OnwardStatusFields fields = *onward_status_get_fields (self->status);
  g_autofree char *label = onward_running_dup_label (copy);

  if (fields.obstacle == ONWARD_OBSTACLE_RUNNING && g_strcmp0 (fields.waiting_for, label) == 0)
    return;
  fields.obstacle = ONWARD_OBSTACLE_RUNNING;
  fields.waiting_for = label;
  onward_flow_take_fields (self, &fields);
  onward_flow_save (self);
}

static gboolean
on_second (gpointer user_data)
{
  Closing *closing = user_data;

  closing->flow->closing = 0;
  look (closing->flow, closing->closed, TRUE);
  return G_SOURCE_REMOVE;
}

static gboolean
on_ended (int fd, GIOCondition condition, gpointer user_data)
{
  return on_second (user_data);
}

/* The next copy is waited for when this one has ended. */
static void
watch (OnwardFlow *self, Closing *closing)
{
  Closing *next = g_new0 (Closing, 1);

  next->flow = self;
  next->closed = closing->closed;
  next->process = closing->process;
  closing->process = -1;
  if (next->process >= 0)
    self->closing = g_unix_fd_add_full (G_PRIORITY_DEFAULT, next->process, G_IO_IN, on_ended, next,
                                        closing_free);
  else
    self->closing =
        g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, LOOK_S, on_second, next, closing_free);
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OnwardFlow *self = ONWARD_FLOW (source);
  Closing *closing = onward_worker_get_data (result);

  (void) onward_worker_run_finish (result, NULL);
  /* The user may have decided for another version. */
  if (onward_status_get_state (self->status) != ONWARD_STATE_READY || self->closing != 0)
    return;
  if (closing->copy == NULL)
    {
      closing->closed (self, closing->is_old);
      return;
    }

  tell (self, closing->copy);
  if (onward_status_get_state (self->status) == ONWARD_STATE_READY)
    watch (self, closing);
}

/* While this waits the launcher may have gone back to another version. */
static void
look (OnwardFlow *self, OnwardFlowClosed closed, gboolean is_old)
{
  Closing *closing = g_new0 (Closing, 1);

  (void) onward_flow_refresh_version (self);
  closing->flow = self;
  closing->closed = closed;
  closing->is_old = is_old;
  closing->current = g_strdup (self->version);
  closing->next = g_strdup (onward_release_get_version (onward_status_get_release (self->status)));
  closing->process = -1;
  onward_worker_run_async (self, look_in_thread, closing, closing_free, NULL, on_looked, NULL);
}

/**
 * onward_flow_closing_wait:
 * @self: a flow in state ready, with the install's lock
 * @closed: called when no copy of the current version runs, nor of the next one; not when the state
 *   has changed meanwhile
 * @is_old: for @closed; TRUE when that took its time
 *
 * Waits, where the application must live at one path, until every copy of it has ended, and tells
 * in the status which one is waited for.
 */
void
onward_flow_closing_wait (OnwardFlow *self, OnwardFlowClosed closed, gboolean is_old)
{
  if (onward_application_get_layout (self->application) == ONWARD_LAYOUT_IN_PLACE)
    look (self, closed, is_old);
  else
    closed (self, is_old);
}
