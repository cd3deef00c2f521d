/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-deadline.h"
#include "onward-entity-tag.h"
#include "onward-error.h"
#include "onward-exchange.h"
#include "onward-fetcher-private.h"
#include "onward-lane.h"
#include "onward-portal.h"
#include "onward-receiver.h"

#define ANSWER_DEADLINE 30

struct _OnwardLane
{
  OnwardFetcher *fetcher; /* (owned) */
  OnwardLaneOrder order;  /* its address is owned */
  OnwardBlockSink *sink;  /* (owned) (nullable): the receiver's while that is at work */
  OnwardRanges *owned;    /* (owned) */
  OnwardStretch stretch;
  OnwardRange beginning; /* of a block that has begun; empty when none has */
  char *validator;       /* (owned) (nullable): what was asked for */
  guint64 bytes;
  gboolean is_dropped;
  gboolean is_whole; /* the server sends everything, asked or not */

  OnwardDeadline *line;     /* (owned) (nullable): until it is dropped */
  OnwardDeadline *deadline; /* (owned) (nullable): until the answer begins */
  OnwardOutcome *outcome;   /* (owned) (nullable): handed over at the end */
};

static void
look_at_sink (OnwardLane *self)
{
  self->beginning = (OnwardRange){ 0, 0 };
  (void) onward_block_sink_get_beginning (self->sink, &self->beginning);
}

/**
 * onward_lane_new:
 * @fetcher: the session
 * @order: what to do; its sink is taken over
 *
 * Returns: (transfer full): a lane that has not begun
 */
OnwardLane *
onward_lane_new (OnwardFetcher *fetcher, const OnwardLaneOrder *order)
{
  OnwardLane *self = g_new0 (OnwardLane, 1);

  self->fetcher = g_object_ref (fetcher);
  self->order = *order;
  g_uri_ref (self->order.address);
  self->sink = order->sink;
  self->owned = onward_ranges_new ();
  onward_ranges_add (self->owned, order->blocks.start, order->blocks.end);
  look_at_sink (self);
  self->stretch.range = order->blocks;
  if (self->beginning.start == order->blocks.start && self->beginning.end != 0)
    self->stretch.range.start = self->beginning.end;
  self->stretch.position = self->stretch.range.start;
  if (!order->ignores_tags)
    self->validator = g_strdup (onward_block_sink_get_validator (self->sink, order->mirror));
  self->outcome = onward_outcome_new ();
  return self;
}

/**
 * onward_lane_free:
 * @self: (nullable): a lane that has not begun or has ended
 */
void
onward_lane_free (OnwardLane *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->fetcher);
  g_uri_unref (self->order.address);
  onward_block_sink_free (self->sink);
  onward_ranges_free (self->owned);
  g_free (self->validator);
  onward_deadline_free (self->line);
  onward_deadline_free (self->deadline);
  onward_outcome_free (self->outcome);
  g_free (self);
}

static void
finish (GTask *task)
{
  OnwardLane *self = g_task_get_task_data (task);

  g_task_return_pointer (task, g_steal_pointer (&self->outcome),
                         (GDestroyNotify) onward_outcome_free);
}

static void
finish_with (GTask *task, GError *problem)
{
  OnwardLane *self = g_task_get_task_data (task);

  onward_deadline_explain (self->line, &problem);
  if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, problem);
      return;
    }
  g_clear_error (&self->outcome->problem);
  self->outcome->problem = problem;
  self->outcome->is_dropped = self->is_dropped;
  finish (task);
}

static void
on_received (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OnwardLane *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->stretch.is_hungry = FALSE;
  look_at_sink (self);
  if (onward_receiver_run_finish (result, &self->outcome->problem, &error))
    finish (task);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    finish_with (task, error);
  else
    g_task_return_error (task, error);
}

static void
on_progress (guint64 bytes, const OnwardBlockResult *result, gpointer user_data)
{
  OnwardLane *self = g_task_get_task_data (user_data);

  self->bytes += bytes;
  self->outcome->damaged += result->damaged;
  if (onward_block_result_is_useful (result))
    self->outcome->is_useful = TRUE;
  look_at_sink (self);
  self->order.progress (self, bytes, result, self->order.user_data);
}

/* What may be joined to the beginning of the block that is arriving, and what may not. */
static void
judge_validator (OnwardLane *self)
{
  const char *tag = self->order.ignores_tags ? NULL : self->outcome->validator;

  if (self->validator != NULL && g_strcmp0 (self->validator, tag) != 0)
    {
      onward_block_sink_drop_beginning (self->sink);
      self->outcome->is_stale = TRUE;
    }
  onward_block_sink_set_source (self->sink, self->order.mirror, tag);
}

/* A whole file that follows a changed entity tag begins at its first byte again, though a plain
 * range of it would do, for its blocks are judged by their digests. */
static gboolean
is_stale (const OnwardLane *self, const OnwardReply *reply)
{
  return reply->status == 200 && self->validator != NULL && self->stretch.range.start > 0 &&
         g_strcmp0 (self->validator, self->outcome->validator) != 0;
}

static gboolean
check_size (const OnwardLane *self, const OnwardReply *reply)
{
  guint64 size = self->order.size;
  guint64 promised = reply->status == 206 ? reply->end - reply->start : size;

  return (reply->status == 200 || reply->total == size) &&
         (reply->length < 0 || (guint64) reply->length == promised);
}

/* The answer to a range names the size of the file behind it: another one is another file, where a
 * whole answer may be anything, such as the page that asks to sign in to the network. */
static GError *
make_size_error (OnwardLane *self, const OnwardReply *reply)
{
  if (reply->status == 200 && reply->is_page)
    return onward_portal_make_error ();
  self->outcome->is_other = reply->status != 200;
  return g_error_new_literal (ONWARD_ERROR,
                              self->outcome->is_other ? ONWARD_ERROR_CORRUPT : ONWARD_ERROR_SERVER,
                              "The server has a file of another size");
}

/* The whole file comes though a range was asked for: it is of use as far as some is missing. */
static void
take_whole (OnwardLane *self)
{
  OnwardRanges *all = self->order.claim (self, self->order.user_data);
  guint last = 0;

  self->is_whole = TRUE;
  onward_ranges_free (self->owned);
  self->owned = all;
  last = onward_ranges_get_count (self->owned) - 1;
  self->stretch.range = (OnwardRange){ 0, onward_ranges_get (self->owned, last)->end };
  self->stretch.position = 0;
}

static void
receive (GTask *task, const OnwardReply *reply)
{
  OnwardLane *self = g_task_get_task_data (task);
  OnwardReception reception = { .body = reply->body,
                                .sink = self->sink,
                                .stretch = &self->stretch,
                                .bucket = onward_fetcher_get_bucket (self->fetcher),
                                .memory = self->order.memory,
                                .progress = on_progress };

  if (!check_size (self, reply))
    {
      finish_with (task, make_size_error (self, reply));
      return;
    }
  /* What came before is kept: the page says nothing of it. It may have been right after all, so the
   * next request does without the tag. */
  if (is_stale (self, reply) && reply->is_page)
    {
      onward_block_sink_set_source (self->sink, self->order.mirror, NULL);
      finish_with (task, onward_portal_make_error ());
      return;
    }
  self->outcome->is_answered = TRUE;
  if (is_stale (self, reply))
    {
      onward_block_sink_drop_beginning (self->sink);
      look_at_sink (self);
      self->outcome->is_stale = TRUE;
      finish (task);
      return;
    }

  judge_validator (self);
  if (reply->status == 200)
    take_whole (self);
  else
    self->stretch.range.end = MIN (self->stretch.range.end, reply->end);
  onward_block_sink_allow (self->sink, self->owned);
  onward_receiver_run_async (&reception, onward_deadline_get_cancellable (self->line), on_received,
                             g_object_ref (task));
}

static GError *
make_status_error (const OnwardReply *reply, gboolean is_missing)
{
  if (reply->status == ONWARD_PORTAL_STATUS)
    return onward_portal_make_error ();
  if (reply->status == 407)
    return g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_OFFLINE,
                                "The proxy asks for a password, which it cannot be given");
  return g_error_new (ONWARD_ERROR, is_missing ? ONWARD_ERROR_NOT_FOUND : ONWARD_ERROR_SERVER,
                      "The server answered with status %u", reply->status);
}

static void
note_reply (OnwardLane *self, OnwardReply *reply)
{
  if (onward_entity_tag_is_strong (reply->entity_tag))
    self->outcome->validator = g_steal_pointer (&reply->entity_tag);
  if (reply->status == 429 || reply->status == 503)
    self->outcome->retry_after = reply->retry_after;
  self->outcome->is_missing = reply->status == 404 || reply->status == 410;
  /* The range lies outside of what the server has: its file is another one. */
  if (reply->status == 416)
    {
      onward_block_sink_drop_beginning (self->sink);
      look_at_sink (self);
    }
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OnwardLane *self = g_task_get_task_data (task);
  g_autoptr (OnwardReply) reply = NULL;
  GError *error = NULL;

  reply = onward_exchange_run_finish (result, &error);
  self->stretch.is_hungry = FALSE;
  if (reply == NULL)
    {
      onward_deadline_explain (self->deadline, &error);
      finish_with (task, error);
      return;
    }

  g_clear_pointer (&self->deadline, onward_deadline_free);
  note_reply (self, reply);
  if (reply->status == 416)
    finish_with (task, make_size_error (self, reply));
  else if (reply->status == 200 || reply->status == 206)
    receive (task, reply);
  else
    finish_with (task, make_status_error (reply, self->outcome->is_missing));
}

/**
 * onward_lane_run_async:
 * @cancellable: (nullable): ends it; what has arrived is stored first
 * @callback: called at the end
 * @user_data: for @callback
 *
 * Asks the address once. The answer has to begin within 30 s and to go on with 1 KiB a second.
 */
void
onward_lane_run_async (OnwardLane *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  OnwardExchange exchange = { 0 };

  g_task_set_source_tag (task, onward_lane_run_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, NULL);
  self->line = onward_deadline_new (cancellable, 0);
  self->deadline =
      onward_deadline_new (onward_deadline_get_cancellable (self->line), ANSWER_DEADLINE);
  self->stretch.is_hungry = TRUE;

  exchange.address = self->order.address;
  exchange.start = self->stretch.range.start;
  exchange.end = self->stretch.range.end;
  exchange.if_range = self->validator;
  exchange.is_anew = self->order.is_anew;
  onward_exchange_run_async (self->fetcher, &exchange,
                             onward_deadline_get_cancellable (self->deadline), on_answered,
                             g_steal_pointer (&task));
}

/**
 * onward_lane_run_finish:
 * @result: of onward_lane_run_async()
 * @error: (nullable): where to put what no other address would help against
 *
 * Errors: those of the file system, `G_IO_ERROR_CANCELLED`.
 *
 * Returns: (transfer full) (nullable): how it ended
 */
OnwardOutcome *
onward_lane_run_finish (OnwardLane *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * onward_lane_drop:
 * @why: what is wrong with the connection
 *
 * Gives the connection up; the lane ends soon after.
 */
void
onward_lane_drop (OnwardLane *self, const char *why)
{
  self->is_dropped = TRUE;
  onward_deadline_expire (self->line, why);
}

/**
 * onward_lane_cut:
 * @end: between two blocks, and beyond all that was asked of the connection so far
 *
 * Takes the blocks from there on away from the lane.
 */
void
onward_lane_cut (OnwardLane *self, guint64 end)
{
  onward_ranges_subtract (self->owned, end, G_MAXUINT64);
  self->stretch.range.end = MIN (self->stretch.range.end, end);
}

/**
 * onward_lane_take_sink:
 *
 * Returns: (transfer full): the sink of a lane that has ended
 */
OnwardBlockSink *
onward_lane_take_sink (OnwardLane *self)
{
  return g_steal_pointer (&self->sink);
}

/**
 * onward_lane_get_mirror:
 *
 * Returns: the number of the address
 */
guint
onward_lane_get_mirror (OnwardLane *self)
{
  return self->order.mirror;
}

/**
 * onward_lane_get_bytes:
 *
 * Returns: how many bytes were stored
 */
guint64
onward_lane_get_bytes (OnwardLane *self)
{
  return self->bytes;
}

/**
 * onward_lane_get_owned:
 *
 * Returns: (transfer none): the blocks that are this lane's alone
 */
const OnwardRanges *
onward_lane_get_owned (OnwardLane *self)
{
  return self->owned;
}

/**
 * onward_lane_get_stretch:
 *
 * Returns: (transfer none): how far it is
 */
const OnwardStretch *
onward_lane_get_stretch (OnwardLane *self)
{
  return &self->stretch;
}

/**
 * onward_lane_get_end:
 *
 * Returns: where the last of its blocks ends: beyond its stretch when the server sends less than it
 *   was asked for
 */
guint64
onward_lane_get_end (OnwardLane *self)
{
  guint count = onward_ranges_get_count (self->owned);

  return count == 0 ? 0 : onward_ranges_get (self->owned, count - 1)->end;
}

/**
 * onward_lane_is_divisible:
 *
 * Returns: whether some of its blocks can be given to another lane
 */
gboolean
onward_lane_is_divisible (OnwardLane *self)
{
  return !self->is_whole && !self->is_dropped;
}

/**
 * onward_lane_get_beginning:
 * @ret_beginning: (out): where the beginning of the block that is arriving lies
 *
 * Returns: whether a block has begun
 */
gboolean
onward_lane_get_beginning (OnwardLane *self, OnwardRange *ret_beginning)
{
  if (self->beginning.end == 0)
    return FALSE;
  *ret_beginning = self->beginning;
  return TRUE;
}
