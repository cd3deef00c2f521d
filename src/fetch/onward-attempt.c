/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-attempt.h"
#include "onward-deadline.h"
#include "onward-entity-tag.h"
#include "onward-error.h"
#include "onward-exchange.h"
#include "onward-portal.h"
#include "onward-receiver.h"

#define ANSWER_DEADLINE 30

typedef struct
{
  OnwardBlockFile *file; /* (unowned) */
  OnwardRange range;
  char *validator; /* (owned) (nullable) */
  OnwardAttemptProgress progress;
  gpointer progress_data;

  OnwardDeadline *deadline; /* (owned) (nullable): until the answer begins */
  OnwardOutcome *outcome;   /* (owned) (nullable): handed over at the end */
} Attempt;

static void
attempt_free (gpointer data)
{
  Attempt *self = data;

  g_free (self->validator);
  onward_deadline_free (self->deadline);
  onward_outcome_free (self->outcome);
  g_free (self);
}

static void
finish (GTask *task)
{
  Attempt *self = g_task_get_task_data (task);

  g_task_return_pointer (task, g_steal_pointer (&self->outcome),
                         (GDestroyNotify) onward_outcome_free);
}

static void
finish_with (GTask *task, GError *problem)
{
  Attempt *self = g_task_get_task_data (task);

  if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, problem);
      return;
    }
  g_clear_error (&self->outcome->problem);
  self->outcome->problem = problem;
  finish (task);
}

static void
on_received (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Attempt *self = g_task_get_task_data (task);
  g_autoptr (OnwardReceipt) receipt = NULL;
  GError *error = NULL;

  receipt = onward_receiver_run_finish (result, &error);
  if (receipt == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  self->outcome->bytes = receipt->bytes;
  self->outcome->blocks = receipt->blocks;
  self->outcome->problem = g_steal_pointer (&receipt->problem);
  finish (task);
}

static void
on_progress (guint64 bytes, gpointer user_data)
{
  Attempt *self = g_task_get_task_data (user_data);

  self->progress (bytes, self->progress_data);
}

/* What may be joined to the beginning of the block that is arriving, and what may not. */
static void
judge_validator (Attempt *self)
{
  const char *tag = self->outcome->validator;

  if (self->validator != NULL && g_strcmp0 (self->validator, tag) != 0)
    onward_block_file_drop_beginning (self->file);
  else if (self->validator == NULL)
    onward_block_file_change_source (self->file);
}

/* A whole file that follows a changed entity tag begins at its first byte again, though a plain
 * range of it would do, for its blocks are judged by their digests. */
static gboolean
is_stale (const Attempt *self, const OnwardReply *reply)
{
  return reply->status == 200 && self->validator != NULL && self->range.start > 0 &&
         g_strcmp0 (self->validator, self->outcome->validator) != 0;
}

static gboolean
check_size (const Attempt *self, const OnwardReply *reply)
{
  guint64 size = onward_block_map_get_size (onward_block_file_get_map (self->file));
  guint64 promised = reply->status == 206 ? reply->end - reply->start : size;

  return (reply->status == 200 || reply->total == size) &&
         (reply->length < 0 || (guint64) reply->length == promised);
}

/* The answer to a range names the size of the file behind it: another one is another file, where a
 * whole answer may be anything, such as the page that asks to sign in to the network. */
static GError *
make_size_error (Attempt *self, const OnwardReply *reply)
{
  if (reply->status == 200 && reply->is_page)
    return onward_portal_make_error ();
  self->outcome->is_other = reply->status != 200;
  return g_error_new_literal (ONWARD_ERROR,
                              self->outcome->is_other ? ONWARD_ERROR_CORRUPT : ONWARD_ERROR_SERVER,
                              "The server has a file of another size");
}

static void
receive (GTask *task, const OnwardReply *reply)
{
  Attempt *self = g_task_get_task_data (task);
  const OnwardRanges *missing =
      onward_block_map_get_missing (onward_block_file_get_map (self->file));
  OnwardRange range = { reply->start, reply->end };

  if (!check_size (self, reply))
    {
      finish_with (task, make_size_error (self, reply));
      return;
    }
  /* What came before is kept: the page says nothing of it. */
  if (is_stale (self, reply) && reply->is_page)
    {
      finish_with (task, onward_portal_make_error ());
      return;
    }
  self->outcome->is_answered = TRUE;
  if (is_stale (self, reply))
    {
      onward_block_file_drop_beginning (self->file);
      self->outcome->is_stale = TRUE;
      finish (task);
      return;
    }

  judge_validator (self);
  /* The whole file comes though a range was asked for: it is of use as far as some is missing. */
  if (reply->status == 200)
    range =
        (OnwardRange){ 0, onward_ranges_get (missing, onward_ranges_get_count (missing) - 1)->end };
  onward_receiver_run_async (self->file, reply->body, &range, on_progress,
                             g_task_get_cancellable (task), on_received, g_object_ref (task));
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Attempt *self = g_task_get_task_data (task);
  g_autoptr (OnwardReply) reply = NULL;
  GError *error = NULL;

  reply = onward_exchange_run_finish (result, &error);
  if (reply == NULL)
    {
      onward_deadline_explain (self->deadline, &error);
      finish_with (task, error);
      return;
    }

  g_clear_pointer (&self->deadline, onward_deadline_free);
  if (onward_entity_tag_is_strong (reply->entity_tag))
    self->outcome->validator = g_steal_pointer (&reply->entity_tag);
  if (reply->status == 429 || reply->status == 503)
    self->outcome->retry_after = reply->retry_after;
  self->outcome->is_missing = reply->status == 404 || reply->status == 410;
  /* The range lies outside of what the server has: its file is another one. */
  if (reply->status == 416)
    onward_block_file_drop_beginning (self->file);

  if (reply->status == 416)
    finish_with (task, make_size_error (self, reply));
  else if (reply->status == 200 || reply->status == 206)
    receive (task, reply);
  else if (reply->status == ONWARD_PORTAL_STATUS)
    finish_with (task, onward_portal_make_error ());
  else
    finish_with (
        task, g_error_new (ONWARD_ERROR,
                           self->outcome->is_missing ? ONWARD_ERROR_NOT_FOUND : ONWARD_ERROR_SERVER,
                           "The server answered with status %u", reply->status));
}

/**
 * onward_attempt_run_async:
 * @fetcher: the session
 * @file: where the bytes go; for the attempt alone until it has ended
 * @attempt: whom to ask for what
 * @progress: called each time some of the answer was stored
 * @cancellable: (nullable): ends it; what has arrived is stored first
 * @callback: called at the end
 * @user_data: for @progress and @callback
 *
 * Asks one address once. The answer has to begin within 30 s and to go on with 1 KiB a second.
 */
void
onward_attempt_run_async (OnwardFetcher *fetcher, OnwardBlockFile *file,
                          const OnwardAttempt *attempt, OnwardAttemptProgress progress,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (fetcher, cancellable, callback, user_data);
  Attempt *self = g_new0 (Attempt, 1);
  OnwardExchange exchange = { 0 };

  g_task_set_source_tag (task, onward_attempt_run_async);
  g_task_set_check_cancellable (task, FALSE);
  self->file = file;
  self->range = attempt->range;
  self->validator = g_strdup (attempt->validator);
  self->progress = progress;
  self->progress_data = user_data;
  self->deadline = onward_deadline_new (cancellable, ANSWER_DEADLINE);
  self->outcome = onward_outcome_new ();
  g_task_set_task_data (task, self, attempt_free);

  exchange.address = attempt->address;
  exchange.start = attempt->range.start;
  exchange.end = attempt->range.end;
  exchange.if_range = attempt->validator;
  onward_exchange_run_async (fetcher, &exchange, onward_deadline_get_cancellable (self->deadline),
                             on_answered, g_steal_pointer (&task));
}

/**
 * onward_attempt_run_finish:
 * @result: of onward_attempt_run_async()
 * @error: (nullable): where to put what no other address would help against
 *
 * Errors: those of the file system, `G_IO_ERROR_CANCELLED`.
 *
 * Returns: (transfer full) (nullable): how it ended
 */
OnwardOutcome *
onward_attempt_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
