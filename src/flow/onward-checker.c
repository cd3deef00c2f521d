/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-checker.h"
#include "onward-error.h"
#include "onward-trust-session.h"

#define TIMESTAMP_PATH     "metadata/timestamp.json"
#define TIMESTAMP_MAX_SIZE 16384

typedef struct
{
  /* Input */
  OnwardFetcher *fetcher;  /* (owned) */
  OnwardTrustStore *store; /* (unowned): outlives the check */
  char *repository;        /* (owned) */
  gint64 now;

  /* In progress */
  OnwardTrustSession *session; /* (owned) (nullable) */
  GBytes *timestamp;           /* (owned) (nullable): fetched first, accepted when its turn comes */
  gboolean timestamp_is_whole;
  gboolean is_second; /* whether the present document was wrong once already */

  /* Output */
  char *validator; /* (owned) (nullable) */
} Check;

static void step (GTask *task);

static void
check_free (Check *check)
{
  g_clear_pointer (&check->session, onward_trust_session_free);
  g_clear_pointer (&check->timestamp, g_bytes_unref);
  g_clear_object (&check->fetcher);
  g_free (check->repository);
  g_free (check->validator);
  g_free (check);
}

static void
get (GTask *task, const char *path, gsize max_size, const char *validator,
     GAsyncReadyCallback callback)
{
  Check *check = g_task_get_task_data (task);
  g_autofree char *uri = g_strdup_printf ("%s/%s", check->repository, path);

  onward_fetcher_get_async (check->fetcher, uri, max_size, validator, g_task_get_cancellable (task),
                            callback, g_object_ref (task));
}

static void
get_anew (GTask *task, const OnwardTrustRequest *request, GAsyncReadyCallback callback)
{
  Check *check = g_task_get_task_data (task);
  g_autofree char *uri = g_strdup_printf ("%s/%s", check->repository, request->path);

  onward_fetcher_get_anew_async (check->fetcher, uri, request->max_size,
                                 g_task_get_cancellable (task), callback, g_object_ref (task));
}

static gboolean
is_wrong_file (const GError *error)
{
  return g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT) ||
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

static gboolean
accept (Check *check, OnwardDocument *document, GError **error)
{
  if (document->missing)
    return onward_trust_session_accept_missing (check->session, error);
  return accept_bytes (check, document->body, document->is_whole, error);
}

/* A cache or a mirror that is behind has the wrong document once; an attacker has it always. */
static gboolean
is_worth_another_try (Check *check, const GError *error)
{
  return !check->is_second && is_wrong_file (error);
}

static void
on_document (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *check = g_task_get_task_data (task);
  const OnwardTrustRequest *request = onward_trust_session_get_request (check->session);
  g_autoptr (OnwardDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  document = onward_fetcher_get_finish (ONWARD_FETCHER (source), result, &error);
  /* Of the next root nobody has signed a length. */
  if (g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_TOO_LARGE) && !request->may_be_missing)
    error->code = ONWARD_ERROR_WRONG_LENGTH;
  if (document != NULL && accept (check, document, &error))
    {
      check->is_second = FALSE;
      step (task);
    }
  else if (is_worth_another_try (check, error))
    {
      check->is_second = TRUE;
      get_anew (task, request, on_document);
    }
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* One turn of the session: the timestamp in hand is given when it is asked for. */
static void
step (GTask *task)
{
  Check *check = g_task_get_task_data (task);
  const OnwardTrustRequest *request = onward_trust_session_get_request (check->session);
  g_autoptr (GError) error = NULL;

  if (request != NULL && g_str_equal (request->path, TIMESTAMP_PATH))
    {
      g_autoptr (GBytes) timestamp = g_steal_pointer (&check->timestamp);

      g_assert (timestamp != NULL);
      if (!accept_bytes (check, timestamp, check->timestamp_is_whole, &error))
        {
          g_task_return_error (task, g_steal_pointer (&error));
          return;
        }
      request = onward_trust_session_get_request (check->session);
    }

  if (request == NULL)
    g_task_return_pointer (task,
                           onward_targets_ref (onward_trust_session_get_targets (check->session)),
                           (GDestroyNotify) onward_targets_unref);
  else
    get (task, request->path, request->max_size, NULL, on_document);
}

static void
begin_session (GTask *task, OnwardDocument *document)
{
  Check *check = g_task_get_task_data (task);

  g_free (check->validator);
  check->validator = g_steal_pointer (&document->validator);
  check->timestamp = g_bytes_ref (document->body);
  check->timestamp_is_whole = document->is_whole;
  check->session = onward_trust_session_new (check->store, check->now);
  step (task);
}

static void
on_timestamp (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *check = g_task_get_task_data (task);
  g_autoptr (OnwardDocument) document = NULL;
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (GError) error = NULL;

  document = onward_fetcher_get_finish (ONWARD_FETCHER (source), result, &error);
  if (document == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  if (document->missing)
    {
      g_task_return_new_error (task, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                               "Checking “%s”: there is no %s", check->repository, TIMESTAMP_PATH);
      return;
    }

  if (!document->not_modified)
    {
      begin_session (task, document);
      return;
    }

  /* What is stored stands only while it verifies and has not expired; else ask for all anew. */
  targets = onward_trust_store_load_targets (check->store, check->now, NULL);
  if (targets == NULL)
    get (task, TIMESTAMP_PATH, TIMESTAMP_MAX_SIZE, NULL, on_timestamp);
  else
    g_task_return_pointer (task, g_steal_pointer (&targets), (GDestroyNotify) onward_targets_unref);
}

/**
 * onward_checker_run_async:
 * @fetcher: the HTTP session
 * @store: the trusted metadata; must outlive the check
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
 */
void
onward_checker_run_async (OnwardFetcher *fetcher, OnwardTrustStore *store, const char *repository,
                          const char *validator, gint64 now, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (fetcher, cancellable, callback, user_data);
  Check *check = g_new0 (Check, 1);

  check->fetcher = g_object_ref (fetcher);
  check->store = store;
  check->repository = g_strdup (repository);
  check->now = now;
  check->validator = g_strdup (validator);

  g_task_set_source_tag (task, onward_checker_run_async);
  g_task_set_task_data (task, check, (GDestroyNotify) check_free);
  get (task, TIMESTAMP_PATH, TIMESTAMP_MAX_SIZE, validator, on_timestamp);
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
