/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-deadline.h"
#include "onward-error.h"
#include "onward-network-error.h"
#include "onward-pace.h"
#include "onward-portal.h"
#include "onward-receiver.h"
#include "onward-ring.h"
#include "onward-stall.h"
#include "onward-worker.h"

/* What part of its memory is read at once, and what part is worth a thread's while. To wake threads
 * up, and to wait for the slower one, costs as much as to store 100 KiB or more. */
#define READ_PART  8
#define BATCH_PART 4
/* For how many milliseconds less may lie about. */
#define LONGEST_DELAY 100
/* So often what has arrived already is read before others have their turn. */
#define MOST_READS      64
#define MOST_BAD_BLOCKS 2

/* A ring fills from the connection while a worker hashes and stores what came before. When the
 * worker falls behind, nothing is read, so that memory is bounded and the server is slowed down. To
 * wake a thread up takes longer than to store some packets, so what comes slowly is collected. */
typedef struct
{
  OnwardReception reception; /* its body is owned */
  gpointer progress_data;
  GAsyncReadyCallback on_done; /* what follows everything */

  OnwardRing *ring; /* (owned) */
  gsize most_read;
  gsize batch;
  guint8 *room; /* (unowned): where the next bytes of it belong */
  gsize asked;
  OnwardRingPart parts[2]; /* what is being stored */
  gsize storing;           /* how much that is; 0 while nothing is */
  guint64 offset;          /* where in the file it belongs */

  gboolean is_reading;
  gboolean is_storing;
  gboolean is_due;          /* what is there has waited long enough */
  gboolean is_broken;       /* the file cannot be written */
  gboolean is_over;         /* nothing more is read */
  guint waiting;            /* a timer, while the limit allows nothing */
  guint collecting;         /* a timer, while something lies about */
  OnwardDeadline *deadline; /* (owned) */
  OnwardStall stall;
  guint watchdog;
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
  g_clear_handle_id (&self->collecting, g_source_remove);
  onward_deadline_free (self->deadline);
  g_object_unref (self->reception.body);
  onward_ring_free (self->ring);
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
  if (self->reception.stretch->is_hungry &&
      onward_stall_tick (&self->stall, self->reception.stretch->bytes))
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
  guint64 offset = self->offset;

  for (guint i = 0; i < G_N_ELEMENTS (self->parts); i++)
    {
      if (!onward_block_sink_write (self->reception.sink, offset, self->parts[i].data,
                                    self->parts[i].size, &self->result, error))
        return FALSE;
      offset += self->parts[i].size;
    }
  return TRUE;
}

/* A page where the file should begin comes from the network itself. */
static gboolean
is_page (Receiver *self, gsize count)
{
  return self->reception.stretch->position == 0 && onward_portal_is_page (self->room, count);
}

static void
take_bytes (Receiver *self, gsize count)
{
  OnwardStretch *stretch = self->reception.stretch;
  /* The stretch may have become shorter meanwhile. */
  gsize useful = (gsize) MIN (count, stretch->range.end - stretch->position);

  stretch->bytes += count;
  stretch->position += useful;
  onward_ring_put (self->ring, useful);
}

/* The server may take as long as it likes with what nobody waits for any more. */
static void
stop_reading (Receiver *self)
{
  self->is_over = TRUE;
  g_clear_handle_id (&self->waiting, g_source_remove);
  g_cancellable_cancel (onward_deadline_get_cancellable (self->deadline));
}

static void
take_read (Receiver *self, gssize count, GError *error)
{
  onward_bucket_give_back (self->reception.bucket, self->asked - (gsize) MAX (count, 0));
  if (count > 0 && !is_page (self, (gsize) count))
    {
      take_bytes (self, (gsize) count);
      return;
    }

  if (self->is_over)
    {
      g_clear_error (&error);
      return;
    }
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
  guint64 bytes = self->reception.stretch->bytes;

  self->is_storing = FALSE;
  onward_ring_take (self->ring, self->storing);
  self->storing = 0;
  if (error != NULL)
    {
      self->is_broken = TRUE;
      g_clear_error (&self->error);
      self->error = error;
      stop_reading (self);
    }
  self->damaged += self->result.damaged;
  /* One wrong block can be an accident; with two, the rest is not worth waiting for. */
  if (self->damaged >= MOST_BAD_BLOCKS)
    stop_reading (self);
  self->reception.progress (bytes - self->reported, &self->result, self->progress_data);
  self->reported = bytes;
  onward_block_result_clear (&self->result);
}

static gboolean
on_collected (gpointer user_data)
{
  GTask *task = G_TASK (user_data);
  Receiver *self = g_task_get_task_data (task);

  self->collecting = 0;
  self->is_due = TRUE;
  self->on_done (NULL, NULL, g_object_ref (task));
  return G_SOURCE_REMOVE;
}

static void
collect (GTask *task)
{
  Receiver *self = g_task_get_task_data (task);

  if (self->collecting == 0)
    self->collecting = g_timeout_add_full (G_PRIORITY_DEFAULT, onward_pace_get_wait (LONGEST_DELAY),
                                           on_collected, g_object_ref (task), g_object_unref);
}

static void
begin_store (GTask *task)
{
  Receiver *self = g_task_get_task_data (task);

  g_clear_handle_id (&self->collecting, g_source_remove);
  self->is_due = FALSE;
  self->is_storing = TRUE;
  self->storing = onward_ring_get_fill (self->ring);
  self->offset = self->reception.stretch->position - self->storing;
  onward_ring_get_parts (self->ring, self->parts);
  onward_worker_run_async (NULL, store_in_thread, self, NULL, NULL, self->on_done,
                           g_object_ref (task));
}

static gboolean
has_more (const Receiver *self)
{
  return !self->is_over && self->reception.stretch->position < self->reception.stretch->range.end;
}

static gboolean
wants_to_read (const Receiver *self)
{
  return has_more (self) && !self->is_reading && self->waiting == 0;
}

static gboolean
find_room (Receiver *self)
{
  const OnwardStretch *stretch = self->reception.stretch;
  gsize wanted = (gsize) MIN (self->most_read, stretch->range.end - stretch->position);

  self->room = onward_ring_get_room (self->ring, wanted, &self->asked);
  return self->asked > 0;
}

/* Whether the limit allows to read something now. */
static gboolean
ask (Receiver *self)
{
  self->asked = onward_bucket_take (self->reception.bucket, self->asked, g_get_monotonic_time ());
  return self->asked > 0;
}

/* Takes what has arrived already, which needs no wait, as far as it is worth the worker's while. */
static void
read_on (Receiver *self, GPollableInputStream *body)
{
  for (guint i = 0; i < MOST_READS; i++)
    {
      g_autoptr (GError) error = NULL;
      gssize count = 0;

      if (onward_ring_get_fill (self->ring) - self->storing >= self->batch ||
          !wants_to_read (self) || !find_room (self) || !ask (self))
        return;
      count = g_pollable_input_stream_read_nonblocking (
          body, self->room, self->asked, onward_deadline_get_cancellable (self->deadline), &error);
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          onward_bucket_give_back (self->reception.bucket, self->asked);
          return;
        }
      take_read (self, count, g_steal_pointer (&error));
    }
}

static void
read_more (GTask *task)
{
  Receiver *self = g_task_get_task_data (task);

  self->reception.stretch->is_hungry = TRUE;
  self->is_reading = TRUE;
  g_input_stream_read_async (self->reception.body, self->room, self->asked, G_PRIORITY_DEFAULT,
                             onward_deadline_get_cancellable (self->deadline), self->on_done,
                             g_object_ref (task));
}

/* Only who has seen the end of an answer can ask again over the same connection. */
static void
see_end (Receiver *self)
{
  /* Room for the end of a chunk, too: libsoup wants to see it at once. */
  guint8 unused[64];

  if (!self->is_over && G_IS_POLLABLE_INPUT_STREAM (self->reception.body))
    (void) g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (self->reception.body),
                                                     unused, sizeof unused, NULL, NULL);
}

static void
finish (GTask *task)
{
  Receiver *self = g_task_get_task_data (task);

  see_end (self);
  g_clear_handle_id (&self->watchdog, g_source_remove);
  g_clear_handle_id (&self->collecting, g_source_remove);
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

  if (!find_room (self))
    self->is_due = TRUE;
  else if (ask (self))
    read_more (task);
  else
    self->waiting =
        g_timeout_add_full (G_PRIORITY_DEFAULT, onward_bucket_get_wait (self->reception.bucket),
                            on_waited, g_object_ref (task), g_object_unref);
}

/* Keeps both sides busy; what was read is always stored, whatever happened since. */
static void
pump (GTask *task)
{
  Receiver *self = g_task_get_task_data (task);
  gsize fill = 0;

  if (wants_to_read (self))
    begin_read (task);
  fill = self->is_storing || self->is_broken ? 0 : onward_ring_get_fill (self->ring);
  if (fill >= self->batch || (fill > 0 && (self->is_due || !has_more (self))))
    begin_store (task);
  else if (fill > 0)
    collect (task);
  if (!self->is_reading && self->waiting == 0 && !self->is_storing)
    finish (task);
}

static void
end_read (Receiver *self, GInputStream *body, GAsyncResult *result)
{
  GError *error = NULL;
  gssize count = g_input_stream_read_finish (body, result, &error);

  self->is_reading = FALSE;
  self->reception.stretch->is_hungry = FALSE;
  take_read (self, count, error);
  if (G_IS_POLLABLE_INPUT_STREAM (body) &&
      g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (body)))
    read_on (self, G_POLLABLE_INPUT_STREAM (body));
}

/* Of a read, which comes from the connection, of a store, which comes from nowhere, or of a wait,
 * which has no result. */
static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Receiver *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (source != NULL)
    end_read (self, G_INPUT_STREAM (source), result);
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
 * Takes the bytes of one answer in while a worker hashes and stores those before: a quarter of the
 * memory at a time, or what came within a tenth of a second.
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
  self->ring = onward_ring_new ((gsize) CLAMP (
      reception->stretch->range.end - reception->stretch->position, 1, reception->memory));
  self->most_read = reception->memory / READ_PART;
  self->batch = reception->memory / BATCH_PART;
  /* What comes first is stored at once, for somebody waits to hear that anything comes. */
  self->is_due = TRUE;
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
