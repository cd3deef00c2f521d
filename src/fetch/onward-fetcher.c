/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-address.h"
#include "onward-deadline.h"
#include "onward-error.h"
#include "onward-exchange.h"
#include "onward-fetcher-private.h"
#include "onward-network-error.h"
#include "onward-portal.h"
#include "onward-proxies.h"

#define DOCUMENT_DEADLINE 60
#define READ_SIZE         (64 * 1024)
/* More than are ever at work at once: those that are cut off take a moment to go. */
#define MOST_CONNECTIONS 16

struct _OnwardFetcher
{
  GObject parent_instance;

  SoupSession *session; /* (owned) */
  gboolean allow_http;
  OnwardBucket bucket;
};

G_DEFINE_FINAL_TYPE (OnwardFetcher, onward_fetcher, G_TYPE_OBJECT)

typedef struct
{
  char *uri; /* (owned) */
  gsize max_size;
  gboolean is_conditional;

  OnwardDeadline *deadline; /* (owned) */
  OnwardReply *reply;       /* (owned) (nullable) */
  GByteArray *body;         /* (owned) (nullable): handed over at the end */
} Get;

static void
get_free (gpointer data)
{
  Get *self = data;

  g_free (self->uri);
  onward_deadline_free (self->deadline);
  onward_reply_free (self->reply);
  g_clear_pointer (&self->body, g_byte_array_unref);
  g_free (self);
}

static void
fail (GTask *task, GError *error)
{
  Get *self = g_task_get_task_data (task);

  onward_deadline_explain (self->deadline, &error);
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_prefix_error (&error, "Fetching “%s”: ", self->uri);
  g_task_return_error (task, error);
}

static void
fail_with (GTask *task, OnwardError code, const char *why)
{
  fail (task, g_error_new_literal (ONWARD_ERROR, (int) code, why));
}

static void
succeed (GTask *task)
{
  Get *self = g_task_get_task_data (task);
  OnwardDocument *document = g_new0 (OnwardDocument, 1);

  document->validator = g_strdup (self->reply->entity_tag);
  document->not_modified = self->reply->status == SOUP_STATUS_NOT_MODIFIED;
  document->is_whole = self->reply->length >= 0;
  document->missing = self->reply->status == SOUP_STATUS_NOT_FOUND ||
                      self->reply->status == SOUP_STATUS_GONE ||
                      self->reply->status == SOUP_STATUS_FORBIDDEN;
  if (self->reply->status == SOUP_STATUS_OK)
    document->body = g_byte_array_free_to_bytes (g_steal_pointer (&self->body));
  g_task_return_pointer (task, document, (GDestroyNotify) onward_document_free);
}

static void
read_more (GTask *task, GAsyncReadyCallback callback)
{
  Get *self = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (self->reply->body, READ_SIZE, G_PRIORITY_DEFAULT,
                                   onward_deadline_get_cancellable (self->deadline), callback,
                                   g_object_ref (task));
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Get *self = g_task_get_task_data (task);
  g_autoptr (GBytes) bytes = NULL;
  GError *error = NULL;

  bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  if (bytes == NULL)
    {
      fail (task, onward_network_error_convert (error, NULL));
      return;
    }

  g_byte_array_append (self->body, g_bytes_get_data (bytes, NULL),
                       (guint) g_bytes_get_size (bytes));
  if (onward_portal_is_page (self->body->data, self->body->len))
    fail (task, onward_portal_make_error ());
  else if (MAX ((gint64) self->body->len, self->reply->length) > (gint64) self->max_size)
    fail_with (task, ONWARD_ERROR_TOO_LARGE, "It is longer than it may be");
  else if (g_bytes_get_size (bytes) > 0)
    read_more (task, on_read);
  else if (self->reply->length >= 0 && self->body->len != (guint64) self->reply->length)
    fail_with (task, ONWARD_ERROR_SERVER, "The connection was lost");
  else
    succeed (task);
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Get *self = g_task_get_task_data (task);
  g_autofree char *why = NULL;
  GError *error = NULL;

  self->reply = onward_exchange_run_finish (result, &error);
  if (self->reply == NULL)
    {
      fail (task, error);
      return;
    }

  switch (self->reply->status)
    {
    case SOUP_STATUS_OK:
      read_more (task, on_read);
      break;
    case ONWARD_PORTAL_STATUS:
      fail (task, onward_portal_make_error ());
      break;
    case SOUP_STATUS_NOT_MODIFIED:
      if (self->is_conditional)
        succeed (task);
      else
        fail_with (task, ONWARD_ERROR_SERVER, "The server answered a question nobody asked");
      break;
    case SOUP_STATUS_FORBIDDEN: /* what object stores say of what they do not have */
    case SOUP_STATUS_NOT_FOUND:
    case SOUP_STATUS_GONE:
      succeed (task);
      break;
    default:
      why = g_strdup_printf ("The server answered with status %u", self->reply->status);
      fail_with (task,
                 self->reply->retry_after != 0 ? ONWARD_ERROR_SERVER_BUSY : ONWARD_ERROR_SERVER,
                 why);
    }
}

static void
onward_fetcher_finalize (GObject *object)
{
  OnwardFetcher *self = ONWARD_FETCHER (object);

  soup_session_abort (self->session);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (onward_fetcher_parent_class)->finalize (object);
}

static void
onward_fetcher_class_init (OnwardFetcherClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = onward_fetcher_finalize;
}

static void
onward_fetcher_init (OnwardFetcher *self)
{
  g_autoptr (GProxyResolver) proxies = onward_proxies_new (NULL);

  /* No time-outs here: a server that drips defeats them, so every request has its own deadline. */
  self->session = soup_session_new_with_options (
      "user-agent", "Onward/" ONWARD_VERSION, "timeout", 0, "max-conns", MOST_CONNECTIONS,
      "max-conns-per-host", MOST_CONNECTIONS, "proxy-resolver", proxies, NULL);
  /* No prompt, no keyring, no credentials sent anywhere; bytes as they are on the disk. */
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_DECODER);
}

/**
 * onward_fetcher_new:
 * @allow_http: whether plain http is allowed beyond the loopback
 *
 * Proxies come from the default resolver: the desktop's settings or the environment; none is asked
 * for the loopback, and those that ask for a password do not work. HTTP/2 is used only with a
 * libsoup that has its fixes.
 *
 * Returns: (transfer full): a session for the main thread
 */
OnwardFetcher *
onward_fetcher_new (gboolean allow_http)
{
  OnwardFetcher *self = g_object_new (ONWARD_TYPE_FETCHER, NULL);

  self->allow_http = allow_http;
  return self;
}

/* Takes @task over. */
static void
begin (OnwardFetcher *self, GTask *new_task, const char *uri, gsize max_size,
       const OnwardExchange *conditions)
{
  g_autoptr (GTask) task = new_task;
  g_autoptr (GUri) address = NULL;
  OnwardExchange exchange = *conditions;
  GError *error = NULL;
  Get *get = NULL;

  g_task_set_source_tag (task, begin);

  address = onward_address_parse (uri, self->allow_http, &error);
  if (address == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  get = g_new0 (Get, 1);
  get->uri = g_strdup (uri);
  get->max_size = max_size;
  get->is_conditional = conditions->if_none_match != NULL;
  get->deadline = onward_deadline_new (g_task_get_cancellable (task), DOCUMENT_DEADLINE);
  get->body = g_byte_array_new ();
  g_task_set_task_data (task, get, get_free);

  exchange.address = address;
  onward_exchange_run_async (self, &exchange, onward_deadline_get_cancellable (get->deadline),
                             on_answered, g_steal_pointer (&task));
}

/**
 * onward_fetcher_get_async:
 * @uri: an https: or file: address, or an http: one where that is allowed
 * @max_size: the longest document that is accepted, in bytes
 * @validator: (nullable): the entity tag of the document that is already there
 * @cancellable: (nullable): ends the request
 * @callback: called when the whole document is there
 * @user_data: for @callback
 *
 * Fetches a small document in one try. Nothing is known of it afterwards but its size: its meaning
 * is for its verifier to judge.
 */
void
onward_fetcher_get_async (OnwardFetcher *self, const char *uri, gsize max_size,
                          const char *validator, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  OnwardExchange exchange = { .if_none_match = validator };

  g_return_if_fail (ONWARD_IS_FETCHER (self));
  g_return_if_fail (uri != NULL);
  g_return_if_fail (max_size < G_MAXUINT - READ_SIZE);

  begin (self, g_task_new (self, cancellable, callback, user_data), uri, max_size, &exchange);
}

/**
 * onward_fetcher_get_anew_async:
 * @uri: an address
 * @max_size: the longest document that is accepted, in bytes
 * @cancellable: (nullable): ends the request
 * @callback: called when the whole document is there; see onward_fetcher_get_finish()
 * @user_data: for @callback
 *
 * As onward_fetcher_get_async(), for a document that was not the right one: no cache on the way may
 * answer out of its memory.
 */
void
onward_fetcher_get_anew_async (OnwardFetcher *self, const char *uri, gsize max_size,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  OnwardExchange exchange = { .is_anew = TRUE };

  g_return_if_fail (ONWARD_IS_FETCHER (self));
  g_return_if_fail (uri != NULL);
  g_return_if_fail (max_size < G_MAXUINT - READ_SIZE);

  begin (self, g_task_new (self, cancellable, callback, user_data), uri, max_size, &exchange);
}

/**
 * onward_fetcher_get_finish:
 * @result: of onward_fetcher_get_async()
 * @error: (nullable): where to put why there is no answer
 *
 * Returns: (transfer full) (nullable): the answer
 */
OnwardDocument *
onward_fetcher_get_finish (OnwardFetcher *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_FETCHER (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * onward_fetcher_get_retry_after:
 * @result: of onward_fetcher_get_async()
 *
 * Returns: for how many seconds the server that answered wants to be left alone, within one minute
 *   and one day; 0 when it does not say
 */
guint
onward_fetcher_get_retry_after (GAsyncResult *result)
{
  Get *get = g_task_get_task_data (G_TASK (result));

  return get == NULL || get->reply == NULL ? 0 : get->reply->retry_after;
}

/**
 * onward_document_free:
 * @self: (nullable): an answer
 */
void
onward_document_free (OnwardDocument *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self->validator);
  g_free (self);
}

/**
 * onward_fetcher_get_session:
 *
 * Returns: (transfer none): the session
 */
SoupSession *
onward_fetcher_get_session (OnwardFetcher *self)
{
  return self->session;
}

/**
 * onward_fetcher_allows_http:
 *
 * Returns: whether plain http is allowed beyond the loopback
 */
gboolean
onward_fetcher_allows_http (OnwardFetcher *self)
{
  return self->allow_http;
}

/**
 * onward_fetcher_get_bucket:
 *
 * Returns: (transfer none): what limits the rate of all transfers together
 */
OnwardBucket *
onward_fetcher_get_bucket (OnwardFetcher *self)
{
  return &self->bucket;
}

/**
 * onward_fetcher_set_rate_limit:
 * @bytes_per_second: the most that all transfers together read, or 0 for no limit
 *
 * May be changed while transfers run; they follow within a quarter of a second. Documents are not
 * held back: those of a check take some kilobytes in all, and a deadline that they would miss.
 */
void
onward_fetcher_set_rate_limit (OnwardFetcher *self, guint64 bytes_per_second)
{
  g_return_if_fail (ONWARD_IS_FETCHER (self));

  onward_bucket_set_rate (&self->bucket, bytes_per_second, g_get_monotonic_time ());
}
