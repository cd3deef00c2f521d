/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-checker.h"

#include "onward-error.h"
#include "onward-file.h"
#include "onward-trust-session.h"
#include "onward-worker.h"

#define TIMESTAMP_PATH     "metadata/timestamp.json"
#define TIMESTAMP_MAX_SIZE 16384
#define ANCHOR_MAX_SIZE    512000

typedef struct
{
  /* Input */
  OnwardFetcher *fetcher; /* (owned) */
  OnwardPaths *paths;     /* (owned) */
  gint64 now;

  /* What is asked for, and where: the repository first, then its mirrors */
  char *path; /* (owned) */
  gsize max_size;
  GPtrArray *addresses; /* (owned) (element-type utf8) */
  guint address;
  guint tried;            /* addresses that had no good answer to this */
  GError *problem;        /* (owned) (nullable): of the repository, if it had one */
  guint retry_after;      /* seconds for which the repository wants to be left alone, or 0 */
  gboolean is_spread;     /* whether the mirrors are among the addresses */
  gboolean is_asked_anew; /* the server's "not modified" is of no use */
  gboolean is_second;     /* whether this address had the wrong document once already */

  /* In progress; while the worker runs, for it alone */
  OnwardDocument *document;    /* (owned) (nullable): the answer to be judged */
  OnwardTrustStore *store;     /* (owned) (nullable) */
  OnwardTrustSession *session; /* (owned) (nullable) */
  GBytes *timestamp;           /* (owned) (nullable): fetched first, accepted when its turn comes */
  gboolean timestamp_is_whole;

  /* Output */
  OnwardTargets *targets; /* (owned) (nullable) */
  char *validator;        /* (owned) (nullable): of the repository's own timestamp */
} Check;

static void ask (GTask *task);

static void
check_free (Check *check)
{
  g_clear_pointer (&check->document, onward_document_free);
  g_clear_pointer (&check->session, onward_trust_session_free);
  g_clear_pointer (&check->store, onward_trust_store_free);
  g_clear_pointer (&check->timestamp, g_bytes_unref);
  g_clear_pointer (&check->targets, onward_targets_unref);
  g_clear_pointer (&check->addresses, g_ptr_array_unref);
  g_clear_pointer (&check->paths, onward_paths_unref);
  g_clear_object (&check->fetcher);
  g_clear_error (&check->problem);
  g_free (check->path);
  g_free (check->validator);
  g_free (check);
}

/* An anchor that cannot be read is not one that is missing: that would be somebody's doing. */
static gboolean
read_anchor (OnwardPaths *paths, GBytes **ret_anchor, GError **error)
{
  g_autoptr (GError) failure = NULL;

  *ret_anchor =
      onward_file_read (AT_FDCWD, onward_paths_get_anchor (paths), ANCHOR_MAX_SIZE, &failure);
  if (*ret_anchor != NULL || g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/**
 * onward_checker_open_store:
 * @paths: the paths of an install
 * @error: return location
 *
 * Returns: (transfer full): the install's trusted metadata. Blocking
 */
OnwardTrustStore *
onward_checker_open_store (OnwardPaths *paths, GError **error)
{
  g_autoptr (GBytes) anchor = NULL;

  if (!read_anchor (paths, &anchor, error))
    return NULL;
  return onward_trust_store_open (onward_paths_get_trust (paths), anchor, error);
}

/**
 * onward_checker_disowns:
 * @paths: the paths of an install
 *
 * Returns: whether a key of targets was taken away since the install was made, so that a version
 *   that is listed nowhere may be a thief's. Blocking
 */
gboolean
onward_checker_disowns (OnwardPaths *paths)
{
  g_autoptr (OnwardTrustStore) store = onward_checker_open_store (paths, NULL);
  g_autoptr (GBytes) anchor = NULL;

  return store != NULL && read_anchor (paths, &anchor, NULL) &&
         onward_trust_store_disowns (store, anchor);
}

static gboolean
ensure_store (Check *check, GError **error)
{
  if (check->store == NULL)
    check->store = onward_checker_open_store (check->paths, error);
  return check->store != NULL;
}

static void
set_request (Check *check, const char *path, gsize max_size)
{
  g_free (check->path);
  check->path = g_strdup (path);
  check->max_size = max_size;
}

/* What is stored stands only while it verifies and has not expired; else all is asked for anew. */
static gboolean
judge_not_modified (Check *check, GError **error)
{
  check->targets = onward_trust_store_load_targets (check->store, check->now, NULL);
  check->is_asked_anew = check->targets == NULL;
  return TRUE;
}

static gboolean
judge_timestamp (Check *check, GError **error)
{
  if (check->document->missing)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND, "Checking “%s”: there is no %s",
                   (char *) g_ptr_array_index (check->addresses, check->address), check->path);
      return FALSE;
    }

  if (check->document->not_modified)
    return judge_not_modified (check, error);

  /* Only the repository itself is asked with what it has said. */
  g_clear_pointer (&check->validator, g_free);
  if (check->address == 0)
    check->validator = g_steal_pointer (&check->document->validator);
  check->timestamp = g_bytes_ref (check->document->body);
  check->timestamp_is_whole = check->document->is_whole;
  check->session = onward_trust_session_new (check->store, check->now);
  return TRUE;
}

static gboolean
is_wrong_file (const GError *error)
{
  return g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_HASH) ||
         g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_LENGTH);
}

/* What makes no sense, of a document whose end nobody vouched for, is what a lost connection leaves
 * behind. Nobody is to be alarmed by that. */
static gboolean
accept_bytes (Check *check, GBytes *bytes, gboolean is_whole, GError **error)
{
  gsize size = onward_trust_session_get_request (check->session)->max_size;
  GError *cause = NULL;

  if (onward_trust_session_accept (check->session, bytes, &cause))
    return TRUE;
  if (!is_whole && (g_error_matches (cause, ONWARD_ERROR, ONWARD_ERROR_MALFORMED) ||
                    (is_wrong_file (cause) && g_bytes_get_size (bytes) < size)))
    {
      cause->code = ONWARD_ERROR_SERVER;
      g_prefix_error_literal (&cause, "The connection was lost: ");
    }
  g_propagate_error (error, cause);
  return FALSE;
}

/* What a signed document names is there before that document is, unless the two came in the wrong
 * order, or the upload is not over. */
static gboolean
accept_missing (Check *check, GError **error)
{
  GError *cause = NULL;

  if (onward_trust_session_accept_missing (check->session, &cause))
    return TRUE;
  if (g_error_matches (cause, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    cause->code = ONWARD_ERROR_UPLOAD_UNDER_WAY;
  g_propagate_error (error, cause);
  return FALSE;
}

static gboolean
judge (Check *check, GError **error)
{
  if (check->session == NULL)
    return judge_timestamp (check, error);
  if (check->document->missing)
    return accept_missing (check, error);
  return accept_bytes (check, check->document->body, check->document->is_whole, error);
}

/* What is needed next: the timestamp in hand is given when it is asked for. */
static gboolean
advance (Check *check, GError **error)
{
  const OnwardTrustRequest *request = onward_trust_session_get_request (check->session);
  g_autoptr (GBytes) timestamp = NULL;
  gboolean accepted = TRUE;

  if (request != NULL && g_str_equal (request->path, TIMESTAMP_PATH))
    timestamp = g_steal_pointer (&check->timestamp);
  if (timestamp != NULL)
    accepted = accept_bytes (check, timestamp, check->timestamp_is_whole, error);

  request = onward_trust_session_get_request (check->session);
  if (request != NULL)
    set_request (check, request->path, request->max_size);
  else
    check->targets = onward_targets_ref (onward_trust_session_get_targets (check->session));
  return accepted;
}

static gboolean
judge_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Check *check = data;

  return ensure_store (check, error) && judge (check, error) &&
         (check->session == NULL || advance (check, error));
}

/* Mirrors only hand on what the publisher has signed, so those that an expired document names are
 * as good as any. */
static gboolean
spread_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Check *check = data;
  g_autoptr (OnwardTargets) targets = NULL;

  if (ensure_store (check, NULL))
    targets = onward_trust_store_load_targets (check->store, 0, NULL);
  if (targets != NULL)
    onward_targets_add_mirrors (targets, check->addresses);
  return TRUE;
}

static void
end (GTask *task)
{
  Check *check = g_task_get_task_data (task);

  if (check->targets != NULL)
    g_task_return_pointer (task, g_steal_pointer (&check->targets),
                           (GDestroyNotify) onward_targets_unref);
  else
    g_task_return_error (task, g_steal_pointer (&check->problem));
}

/* The same of the next address, until all were asked in vain. */
static void
ask_elsewhere (GTask *task)
{
  Check *check = g_task_get_task_data (task);

  check->tried++;
  check->address = (check->address + 1) % check->addresses->len;
  if (check->tried < check->addresses->len)
    ask (task);
  else
    end (task);
}

static void
on_spread (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  (void) onward_worker_run_finish (result, NULL);
  ask_elsewhere (task);
}

/* A cache, or a server of many, that is behind has the wrong document once; an attacker has it
 * always. */
static gboolean
is_worth_another_try (Check *check, const GError *error)
{
  return check->session != NULL && !check->is_second && is_wrong_file (error);
}

/* Whatever is wrong with an answer, another address may have a better one; if none has, what is
 * wrong with the repository is told rather than what is wrong with a mirror. */
static void
refuse (GTask *task, GError *error)
{
  Check *check = g_task_get_task_data (task);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, error);
      return;
    }

  if (is_worth_another_try (check, error))
    {
      check->is_second = TRUE;
      g_error_free (error);
      ask (task);
      return;
    }

  check->is_second = FALSE;
  g_clear_pointer (&check->validator, g_free);
  if (check->problem == NULL || check->address == 0)
    {
      g_clear_error (&check->problem);
      check->problem = error;
    }
  else
    g_error_free (error);

  if (check->is_spread)
    {
      ask_elsewhere (task);
      return;
    }
  check->is_spread = TRUE;
  onward_worker_run_async (NULL, spread_in_thread, check, NULL, g_task_get_cancellable (task),
                           on_spread, g_object_ref (task));
}

static void
on_judged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *check = g_task_get_task_data (task);
  GError *error = NULL;

  if (!onward_worker_run_finish (result, &error))
    {
      refuse (task, error);
      return;
    }

  check->tried = 0;
  check->is_second = FALSE;
  g_clear_error (&check->problem);
  if (check->targets != NULL)
    end (task);
  else
    ask (task);
}

/* Of the timestamp and of the next root nobody has signed a length. */
static gboolean
has_signed_length (Check *check)
{
  return check->session != NULL && !g_str_equal (check->path, TIMESTAMP_PATH) &&
         !onward_trust_session_get_request (check->session)->may_be_missing;
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *check = g_task_get_task_data (task);
  GError *error = NULL;

  g_clear_pointer (&check->document, onward_document_free);
  check->document = onward_fetcher_get_finish (ONWARD_FETCHER (source), result, &error);
  if (check->address == 0)
    check->retry_after = check->document == NULL ? onward_fetcher_get_retry_after (result) : 0;
  if (g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_TOO_LARGE) && has_signed_length (check))
    error->code = ONWARD_ERROR_WRONG_LENGTH;

  if (check->document == NULL)
    refuse (task, error);
  else
    onward_worker_run_async (NULL, judge_in_thread, check, NULL, g_task_get_cancellable (task),
                             on_judged, g_object_ref (task));
}

static void
ask (GTask *task)
{
  Check *check = g_task_get_task_data (task);
  const char *address = g_ptr_array_index (check->addresses, check->address);
  g_autofree char *uri = g_strdup_printf ("%s/%s", address, check->path);
  gboolean conditional = check->session == NULL && check->address == 0 && !check->is_asked_anew;
  const char *validator = conditional ? check->validator : NULL;
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (check->is_second)
    onward_fetcher_get_anew_async (check->fetcher, uri, check->max_size, cancellable, on_answered,
                                   g_object_ref (task));
  else
    onward_fetcher_get_async (check->fetcher, uri, check->max_size, validator, cancellable,
                              on_answered, g_object_ref (task));
}

/**
 * onward_checker_run_async:
 * @fetcher: the HTTP session
 * @paths: where the install has its trusted metadata
 * @repository: the repository's address, without a slash at its end
 * @validator: (nullable): what the last check gave, when the store still holds its metadata
 * @now: seconds since 1970
 * @cancellable: (nullable): ends the check
 * @callback: called when it has ended
 * @user_data: for @callback
 *
 * Brings the trusted metadata up to date. The timestamp is asked for first and conditionally: when
 * the server says that it did not change, nothing else is fetched (a publisher signs a new
 * timestamp with every change, a new root included). Otherwise the workflow of TUF 1.0.34 §5 runs
 * from the root on, and the timestamp in hand is verified in its turn.
 *
 * What one address does not have, or has wrong, is asked of the next: the repository comes first,
 * then the mirrors that the publisher has signed. Documents are verified and stored in a thread.
 */
void
onward_checker_run_async (OnwardFetcher *fetcher, OnwardPaths *paths, const char *repository,
                          const char *validator, gint64 now, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (fetcher, cancellable, callback, user_data);
  Check *check = g_new0 (Check, 1);

  check->fetcher = g_object_ref (fetcher);
  check->paths = onward_paths_ref (paths);
  check->addresses = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (check->addresses, g_strdup (repository));
  check->now = onward_trust_session_choose_time (now);
  check->validator = g_strdup (validator);
  set_request (check, TIMESTAMP_PATH, TIMESTAMP_MAX_SIZE);

  g_task_set_source_tag (task, onward_checker_run_async);
  g_task_set_task_data (task, check, (GDestroyNotify) check_free);
  ask (task);
}

/**
 * onward_checker_run_finish:
 * @result: what the callback got
 * @ret_validator: (out) (transfer full) (nullable): what to ask with the next time
 * @error: return location
 *
 * Returns: (transfer full): the verified targets
 */
OnwardTargets *
onward_checker_run_finish (GAsyncResult *result, char **ret_validator, GError **error)
{
  Check *check = g_task_get_task_data (G_TASK (result));
  OnwardTargets *targets = g_task_propagate_pointer (G_TASK (result), error);

  if (targets != NULL)
    *ret_validator = g_steal_pointer (&check->validator);
  return targets;
}

/**
 * onward_checker_get_retry_after:
 * @result: what the callback got
 *
 * Returns: for how many seconds the repository wants to be left alone, 0 when it does not
 */
guint
onward_checker_get_retry_after (GAsyncResult *result)
{
  Check *check = g_task_get_task_data (G_TASK (result));

  return check->retry_after;
}
