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
#define MOST_BAD_BLOCKS 2

typedef struct
{
  guint8 *data; /* (owned) */
  gsize fill;
  guint64 offset;
} Buffer;

/* One buffer fills from the connection while a worker hashes and stores the other. */
typedef struct
{
  OnwardBlockFile *file; /* (unowned): only the worker touches it while one is at work */
  GInputStream *body;    /* (owned) */
  guint64 position;
  guint64 end;
  OnwardReceiverProgress progress;
  gpointer progress_data;

  Buffer buffers[2];
  Buffer *filling;
  Buffer *storing; /* (nullable): in the hands of the worker */
  gboolean is_reading;
  gboolean is_over;         /* nothing more is read */
  OnwardDeadline *deadline; /* (owned) */
  OnwardStall stall;
  guint watchdog;
  guint64 reported;

  OnwardReceipt *receipt; /* (owned) */
  GError *error;          /* (owned) (nullable): not the connection's fault */
  gboolean is_broken;     /* the file cannot be written */
} Receiver;

static void
receiver_free (gpointer data)
{
  Receiver *self = data;

  g_clear_handle_id (&self->watchdog, g_source_remove);
  onward_deadline_free (self->deadline);
  g_object_unref (self->body);
  g_free (self->buffers[0].data);
  g_free (self->buffers[1].data);
  onward_receipt_free (self->receipt);
  g_clear_error (&self->error);
  g_free (self);
}

static gboolean
on_second_passed (gpointer user_data)
{
  Receiver *self = user_data;

  /* While the disk is what is slow, the connection has no chance to be fast. */
  if (self->is_reading && onward_stall_tick (&self->stall, self->receipt->bytes))
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

  return onward_block_file_write (self->file, self->storing->offset, self->storing->data,
                                  self->storing->fill, &self->receipt->blocks, error);
}

static void
take_read (Receiver *self, gssize count, GError *error)
{
  self->is_reading = FALSE;
  if (count > 0 && self->position == 0 &&
      onward_portal_is_page (self->filling->data, (gsize) count))
    {
      self->is_over = TRUE;
      self->receipt->problem = onward_portal_make_error ();
      return;
    }
  if (count > 0)
    {
      self->filling->fill = (gsize) count;
      self->position += (guint64) count;
      self->receipt->bytes += (guint64) count;
      self->is_over = self->position == self->end;
      return;
    }

  self->is_over = TRUE;
  if (count == 0)
    error = g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_SERVER, "The connection was lost");
  onward_deadline_explain (self->deadline, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->error = error;
  else
    self->receipt->problem = onward_network_error_convert (error, NULL);
}

static void
take_store (Receiver *self, GError *error)
{
  self->storing->fill = 0;
  self->storing = NULL;
  if (error != NULL)
    {
      self->is_over = self->is_broken = TRUE;
      g_clear_error (&self->error);
      self->error = error;
    }
  /* One wrong block can be an accident; with two, the rest is not worth waiting for. */
  if (self->receipt->blocks.bad >= MOST_BAD_BLOCKS)
    self->is_over = TRUE;
  self->progress (self->receipt->bytes - self->reported, self->progress_data);
  self->reported = self->receipt->bytes;
}

static void
begin_store (GTask *task, GAsyncReadyCallback callback)
{
  Receiver *self = g_task_get_task_data (task);

  self->storing = self->filling;
  self->filling = &self->buffers[self->filling == &self->buffers[0]];
  self->filling->offset = self->position;
  onward_worker_run_async (NULL, store_in_thread, self, NULL, NULL, callback, g_object_ref (task));
}

static void
begin_read (GTask *task, GAsyncReadyCallback callback)
{
  Receiver *self = g_task_get_task_data (task);
  self->is_reading = TRUE;
  g_input_stream_read_async (self->body, self->filling->data,
                             (gsize) MIN (BUFFER_SIZE, self->end - self->position),
                             G_PRIORITY_DEFAULT, onward_deadline_get_cancellable (self->deadline),
                             callback, g_object_ref (task));
}

/* Keeps both sides busy; what was read is always stored, whatever happened since. */
static void
pump (GTask *task, GAsyncReadyCallback callback)
{
  Receiver *self = g_task_get_task_data (task);

  if (!self->is_reading && self->storing == NULL && self->filling->fill > 0 && !self->is_broken)
    begin_store (task, callback);
  if (!self->is_reading && !self->is_over && self->filling->fill == 0)
    begin_read (task, callback);
  if (self->is_reading || self->storing != NULL)
    return;

  g_clear_handle_id (&self->watchdog, g_source_remove);
  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    g_task_return_pointer (task, g_steal_pointer (&self->receipt),
                           (GDestroyNotify) onward_receipt_free);
}

/* Of a read, which comes from the connection, or of a store, which comes from nowhere. */
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
  else
    {
      (void) onward_worker_run_finish (result, &error);
      take_store (self, error);
    }
  pump (task, on_done);
}

/**
 * onward_receiver_run_async:
 * @file: where the bytes go; for the receiver alone until it has ended
 * @body: where they come from
 * @range: where in the file they belong
 * @progress: called each time some were stored
 * @cancellable: (nullable): stops reading; what was read is stored first
 * @callback: called at the end
 * @user_data: for @progress and @callback
 *
 * Takes the bytes of one answer in, 256 KiB at a time, while a worker hashes and stores those
 * before. Needs two buffers of memory, whatever the size of the answer.
 */
void
onward_receiver_run_async (OnwardBlockFile *file, GInputStream *body, const OnwardRange *range,
                           OnwardReceiverProgress progress, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Receiver *self = g_new0 (Receiver, 1);

  g_task_set_source_tag (task, onward_receiver_run_async);
  g_task_set_check_cancellable (task, FALSE);
  self->file = file;
  self->body = g_object_ref (body);
  self->position = range->start;
  self->end = range->end;
  self->progress = progress;
  self->progress_data = user_data;
  for (guint i = 0; i < G_N_ELEMENTS (self->buffers); i++)
    self->buffers[i].data = g_malloc (BUFFER_SIZE);
  self->filling = &self->buffers[0];
  self->filling->offset = self->position;
  self->deadline = onward_deadline_new (cancellable, 0);
  self->watchdog = g_timeout_add (onward_pace_get_deadline (1), on_second_passed, self);
  self->receipt = onward_receipt_new ();
  g_task_set_task_data (task, self, receiver_free);
  pump (task, on_done);
}

/**
 * onward_receiver_run_finish:
 * @result: of onward_receiver_run_async()
 * @error: (nullable): where to put what no other connection would help against
 *
 * Errors: those of the file system, `G_IO_ERROR_CANCELLED`. That the connection was lost is told in
 * the receipt.
 *
 * Returns: (transfer full) (nullable): how it ended
 */
OnwardReceipt *
onward_receiver_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
