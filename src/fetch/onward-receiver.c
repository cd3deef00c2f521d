/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-deadline.h"
#include "onward-error.h"
#include "onward-network-error.h"
#include "onward-pace.h"
#include "onward-portal.h"
#include "onward-receiver.h"
#include "onward-stall.h"
#include "onward-worker.h"

#define BUFFER_SIZE     (256 * 1024)
#define MOST_BUFFERS    6
#define MOST_BAD_BLOCKS 2

typedef struct
{
  gsize fill;
  guint64 offset;
  guint8 data[];
} Buffer;

/* Buffers fill from the connection while a worker hashes and stores those before. When the worker
 * falls behind, nothing is read, so that memory is bounded and the server is slowed down. */
typedef struct
{
  OnwardReception reception; /* its body is owned */
  gpointer progress_data;
  GAsyncReadyCallback on_done; /* what follows everything */

  GQueue idle;   /* (owned) (element-type Buffer): the one used last is taken first, still cached */
  GQueue filled; /* (owned) (element-type Buffer) */
  GQueue storing;  /* (owned) (element-type Buffer): in the hands of the worker */
  Buffer *filling; /* (owned) (nullable): while something is read into it */
  guint buffers;
  gsize asked;

  gboolean is_storing;
  gboolean is_broken;       /* the file cannot be written */
  gboolean is_over;         /* nothing more is read */
  guint waiting;            /* a timer, while the limit allows nothing */
  OnwardDeadline *deadline; /* (owned) */
  OnwardStall stall;
  guint watchdog;
  guint64 bytes;
  guint64 reported;

  OnwardBlockResult result; /* of what is being stored: the worker's until it is done */
  guint damaged;
  GError *problem; /* (owned) (nullable): what the connection was lost to */
  GError *error;   /* (owned) (nullable): not the connection's fault */
} Receiver;

static void
receiver_free (gpointer data)
{
  Receiver *self = data;

  g_clear_handle_id (&self->watchdog, g_source_remove);
  onward_deadline_free (self->deadline);
  g_object_unref (self->reception.body);
  g_queue_clear_full (&self->idle, g_free);
  g_queue_clear_full (&self->filled, g_free);
  g_queue_clear_full (&self->storing, g_free);
  g_free (self->filling);
  onward_block_result_clear (&self->result);
  g_clear_error (&self->problem);
  g_clear_error (&self->error);
  g_free (self);
}

static gboolean
on_second_passed (gpointer user_data)
{
  Receiver *self = user_data;

  /* While the disk or the limit is what is slow, the connection has no chance to be fast. */
  if (self->reception.stretch->is_hungry && onward_stall_tick (&self->stall, self->bytes))
    {
      self->watchdog = 0;
      onward_deadline_expire (self->deadline, "Hardly anything arrived any more");
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
store_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Receiver *self = data;

  for (GList *at = self->storing.head; at != NULL; at = at->next)
    {
      const Buffer *buffer = at->data;

      if (!onward_block_sink_write (self->reception.sink, buffer->offset, buffer->data,
                                    buffer->fill, &self->result, error))
        return FALSE;
    }
  return TRUE;
}

/* A page where the file should begin comes from the network itself. */
static gboolean
is_page (Receiver *self, gsize count)
{
  return self->reception.stretch->position == 0 &&
         onward_portal_is_page (self->filling->data, count);
}

static void
take_bytes (Receiver *self, gsize count)
{
  OnwardStretch *stretch = self->reception.stretch;

  self->bytes += count;
  /* The stretch may have become shorter meanwhile. */
  self->filling->fill = (gsize) MIN (count, stretch->range.end - stretch->position);
  self->filling->offset = stretch->position;
  stretch->position += self->filling->fill;
  g_queue_push_tail (&self->filled, g_steal_pointer (&self->filling));
}

static void
take_read (Receiver *self, gssize count, GError *error)
{
  self->reception.stretch->is_hungry = FALSE;
  onward_bucket_give_back (self->reception.bucket, self->asked - (gsize) MAX (count, 0));
  if (count > 0 && !is_page (self, (gsize) count))
    {
      take_bytes (self, (gsize) count);
      return;
    }

  g_queue_push_head (&self->idle, g_steal_pointer (&self->filling));
  self->is_over = TRUE;
  if (count > 0)
    error = onward_portal_make_error ();
  else if (count == 0)
    error = g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_SERVER, "The connection was lost");
  onward_deadline_explain (self->deadline, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->error = error;
  else
    self->problem = onward_network_error_convert (error, NULL);
}

static void
take_store (Receiver *self, GError *error)
{
  self->is_storing = FALSE;
  while (!g_queue_is_empty (&self->storing))
    g_queue_push_head (&self->idle, g_queue_pop_head (&self->storing));
  if (error != NULL)
    {
      self->is_over = self->is_broken = TRUE;
      g_clear_error (&self->error);
      self->error = error;
    }
  self->damaged += self->result.damaged;
  /* One wrong block can be an accident; with two, the rest is not worth waiting for. */
  if (self->damaged >= MOST_BAD_BLOCKS)
    self->is_over = TRUE;
  self->reception.progress (self->bytes - self->reported, &self->result, self->progress_data);
  self->reported = self->bytes;
  onward_block_result_clear (&self->result);
}

static void
begin_store (GTask *task)
{
  Receiver *self = g_task_get_task_data (task);

  self->is_storing = TRUE;
  while (!g_queue_is_empty (&self->filled))
    g_queue_push_tail (&self->storing, g_queue_pop_head (&self->filled));
  onward_worker_run_async (NULL, store_in_thread, self, NULL, NULL, self->on_done,
                           g_object_ref (task));
}

static gboolean
find_buffer (Receiver *self)
{
  self->filling = g_queue_pop_head (&self->idle);
  if (self->filling == NULL && self->buffers < MOST_BUFFERS)
    {
      self->filling = g_malloc (sizeof (Buffer) + BUFFER_SIZE);
      self->buffers++;
    }
  return self->filling != NULL;
}

static void
read_more (GTask *task)
{
  Receiver *self = g_task_get_task_data (task);

  self->reception.stretch->is_hungry = TRUE;
  g_input_stream_read_async (self->reception.body, self->filling->data, self->asked,
                             G_PRIORITY_DEFAULT, onward_deadline_get_cancellable (self->deadline),
                             self->on_done, g_object_ref (task));
}

/* Whether something is to be read now; else the limit makes it wait. */
static gboolean
ask (Receiver *self)
{
  const OnwardStretch *stretch = self->reception.stretch;
  gsize wanted = (gsize) MIN (BUFFER_SIZE, stretch->range.end - stretch->position);

  self->asked = onward_bucket_take (self->reception.bucket, wanted, g_get_monotonic_time ());
  return self->asked > 0;
}

static gboolean
wants_to_read (const Receiver *self)
{
  const OnwardStretch *stretch = self->reception.stretch;

  return !self->is_over && self->filling == NULL && self->waiting == 0 &&
         stretch->position < stretch->range.end;
}

static void
finish (GTask *task)
{
  Receiver *self = g_task_get_task_data (task);

  g_clear_handle_id (&self->watchdog, g_source_remove);
  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    g_task_return_pointer (task, g_steal_pointer (&self->problem), (GDestroyNotify) g_error_free);
}

static gboolean
on_waited (gpointer user_data)
{
  GTask *task = G_TASK (user_data);
  Receiver *self = g_task_get_task_data (task);

  self->waiting = 0;
  self->on_done (NULL, NULL, g_object_ref (task));
  return G_SOURCE_REMOVE;
}

static void
begin_read (GTask *task)
{
  Receiver *self = g_task_get_task_data (task);

  if (!find_buffer (self))
    return;
  if (ask (self))
    {
      read_more (task);
      return;
    }
  g_queue_push_head (&self->idle, g_steal_pointer (&self->filling));
  self->waiting =
      g_timeout_add_full (G_PRIORITY_DEFAULT, onward_bucket_get_wait (self->reception.bucket),
                          on_waited, g_object_ref (task), g_object_unref);
}

/* Keeps both sides busy; what was read is always stored, whatever happened since. */
static void
pump (GTask *task)
{
  Receiver *self = g_task_get_task_data (task);

  if (!self->is_storing && !self->is_broken && !g_queue_is_empty (&self->filled))
    begin_store (task);
  if (wants_to_read (self))
    begin_read (task);
  if (self->filling == NULL && self->waiting == 0 && !self->is_storing)
    finish (task);
}

/* Of a read, which comes from the connection, of a store, which comes from nowhere, or of a wait
 * for the limit, which has no result. */
static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Receiver *self = g_task_get_task_data (task);
  GError *error = NULL;
  gssize count = 0;

  if (source != NULL)
    {
      count = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);
      take_read (self, count, error);
    }
  else if (result != NULL)
    {
      (void) onward_worker_run_finish (result, &error);
      take_store (self, error);
    }
  pump (task);
}

/**
 * onward_receiver_run_async:
 * @reception: what to take in
 * @cancellable: (nullable): stops reading; what was read is stored first
 * @callback: called at the end
 * @user_data: for the progress and @callback
 *
 * Takes the bytes of one answer in, 256 KiB at a time, while a worker hashes and stores those
 * before. Needs six buffers of memory at most, whatever the size of the answer.
 */
void
onward_receiver_run_async (const OnwardReception *reception, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Receiver *self = g_new0 (Receiver, 1);

  g_task_set_source_tag (task, onward_receiver_run_async);
  g_task_set_check_cancellable (task, FALSE);
  self->reception = *reception;
  g_object_ref (self->reception.body);
  self->progress_data = user_data;
  self->on_done = on_done;
  self->deadline = onward_deadline_new (cancellable, 0);
  self->watchdog = g_timeout_add (onward_pace_get_deadline (1), on_second_passed, self);
  g_task_set_task_data (task, self, receiver_free);
  pump (task);
}

/**
 * onward_receiver_run_finish:
 * @result: of onward_receiver_run_async()
 * @ret_problem: (out) (transfer full) (nullable): what the connection was lost to; %NULL when all
 *   bytes came
 * @error: (nullable): where to put what no other connection would help against
 *
 * Errors: those of the file system, `G_IO_ERROR_CANCELLED`.
 *
 * Returns: whether none of those happened
 */
gboolean
onward_receiver_run_finish (GAsyncResult *result, GError **ret_problem, GError **error)
{
  GError *cause = NULL;
  GError *problem = g_task_propagate_pointer (G_TASK (result), &cause);

  if (cause != NULL)
    {
      g_propagate_error (error, cause);
      return FALSE;
    }
  *ret_problem = problem;
  return TRUE;
}
