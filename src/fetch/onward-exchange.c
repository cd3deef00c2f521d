/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-address.h"
#include "onward-content-range.h"
#include "onward-entity-tag.h"
#include "onward-error.h"
#include "onward-exchange.h"
#include "onward-fetcher-private.h"
#include "onward-file-exchange.h"
#include "onward-network-error.h"
#include "onward-retry-after.h"

#define MOST_REDIRECTS 5

typedef struct
{
  OnwardFetcher *fetcher; /* (owned) */
  GUri *address;          /* (owned): changes with each redirect */
  guint64 start;
  guint64 end;
  char *if_range;      /* (owned) (nullable) */
  char *if_none_match; /* (owned) (nullable) */
  gboolean is_anew;
  guint redirects;
} Exchange;

static void
exchange_free (gpointer data)
{
  Exchange *self = data;

  g_object_unref (self->fetcher);
  g_uri_unref (self->address);
  g_free (self->if_range);
  g_free (self->if_none_match);
  g_free (self);
}

static gboolean
is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* What the decoder would make of an encoded body cannot be told from truncation, and a range of
 * one means nothing: only the bytes themselves will do. */
static gboolean
check_encoding (SoupMessageHeaders *headers, GError **error)
{
  const char *encoding = soup_message_headers_get_list (headers, "Content-Encoding");

  if (encoding == NULL || *encoding == '\0' || g_ascii_strcasecmp (encoding, "identity") == 0)
    return TRUE;
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_SERVER,
                       "The server sent the file in an encoding that was not asked for");
  return FALSE;
}

/* Of two lengths libsoup takes the last, which is one too many to rely on. */
static gboolean
check_length (SoupMessageHeaders *headers, GError **error)
{
  const char *lengths = soup_message_headers_get_list (headers, "Content-Length");

  if (lengths == NULL || strchr (lengths, ',') == NULL ||
      soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED)
    return TRUE;
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_SERVER,
                       "The server gave two lengths for one file");
  return FALSE;
}

static gboolean
check_range (const Exchange *self, SoupMessageHeaders *headers, OnwardReply *reply, GError **error)
{
  const char *value = soup_message_headers_get_list (headers, "Content-Range");

  if (self->end != 0 &&
      onward_content_range_parse (value, &reply->start, &reply->end, &reply->total) &&
      reply->start == self->start && reply->end <= self->end)
    return TRUE;
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_SERVER,
                       "The server sent another part of the file than was asked for");
  return FALSE;
}

static OnwardReply *
make_reply (const Exchange *self, SoupMessage *message, GInputStream *body, GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  g_autoptr (OnwardReply) reply = onward_reply_new (soup_message_get_status (message));

  reply->entity_tag = onward_entity_tag_parse (soup_message_headers_get_one (headers, "ETag"));
  reply->retry_after = onward_retry_after_parse (
      soup_message_headers_get_one (headers, "Retry-After"), g_get_real_time () / G_USEC_PER_SEC);
  if (reply->status != SOUP_STATUS_OK && reply->status != SOUP_STATUS_PARTIAL_CONTENT)
    return g_steal_pointer (&reply);

  if (!check_encoding (headers, error) || !check_length (headers, error))
    return NULL;
  if (reply->status == SOUP_STATUS_PARTIAL_CONTENT && !check_range (self, headers, reply, error))
    return NULL;
  reply->is_page =
      g_strcmp0 (soup_message_headers_get_content_type (headers, NULL), "text/html") == 0;
  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH)
    reply->length = soup_message_headers_get_content_length (headers);
  reply->body = g_object_ref (body);
  return g_steal_pointer (&reply);
}

/* Which protocol is spoken is agreed on with the first words of a secure connection. */
static void
on_network_event (SoupMessage *message, GSocketClientEvent event, GIOStream *connection)
{
  static const char *const protocols[] = { "http/1.1", NULL };

  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING && G_IS_TLS_CONNECTION (connection))
    g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (connection), protocols);
}

static SoupMessage *
make_message (const Exchange *self)
{
  SoupMessage *message = soup_message_new_from_uri (SOUP_METHOD_GET, self->address);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  /* libsoup before 3.6.6 frees HTTP/2 requests twice under load. */
  if (!soup_check_version (3, 6, 6))
    g_signal_connect (message, "network-event", G_CALLBACK (on_network_event), NULL);
  soup_message_headers_replace (headers, "Accept-Encoding", "identity");
  if (self->end != 0)
    soup_message_headers_set_range (headers, (goffset) self->start, (goffset) self->end - 1);
  if (self->end != 0 && self->if_range != NULL)
    soup_message_headers_replace (headers, "If-Range", self->if_range);
  if (self->if_none_match != NULL)
    soup_message_headers_replace (headers, "If-None-Match", self->if_none_match);
  if (self->is_anew)
    soup_message_headers_replace (headers, "Cache-Control", "no-cache");
  return message;
}

static gboolean
follow (Exchange *self, SoupMessage *message, GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  GUri *next = NULL;

  if (self->redirects++ == MOST_REDIRECTS)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_SERVER, "More than %d redirects",
                   MOST_REDIRECTS);
      return FALSE;
    }
  next = onward_address_follow (self->address, soup_message_headers_get_one (headers, "Location"),
                                onward_fetcher_allows_http (self->fetcher), error);
  if (next == NULL)
    return FALSE;
  g_uri_unref (self->address);
  self->address = next;
  return TRUE;
}

/* libsoup hands over what a proxy says to a request for a tunnel as if it were the server's own
 * answer. Only a server has shown a certificate. */
static gboolean
check_speaker (const Exchange *self, SoupMessage *message, GError **error)
{
  if (!g_str_equal (g_uri_get_scheme (self->address), "https") ||
      soup_message_get_tls_peer_certificate (message) != NULL)
    return TRUE;
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_OFFLINE,
               "The proxy refused the connection with status %u",
               soup_message_get_status (message));
  return FALSE;
}

/* The callback is handed in because it sends again when it is redirected. */
static void
send (GTask *task, GAsyncReadyCallback callback)
{
  Exchange *self = g_task_get_task_data (task);
  g_autoptr (SoupMessage) message = make_message (self);

  soup_session_send_async (onward_fetcher_get_session (self->fetcher), message, G_PRIORITY_DEFAULT,
                           g_task_get_cancellable (task), callback, g_object_ref (task));
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *self = g_task_get_task_data (task);
  SoupMessage *message = soup_session_get_async_result_message (SOUP_SESSION (source), result);
  g_autoptr (GInputStream) body = NULL;
  OnwardReply *reply = NULL;
  GError *error = NULL;

  body = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (body == NULL)
    g_task_return_error (task, onward_network_error_convert (error, message));
  else if (!check_speaker (self, message, &error))
    g_task_return_error (task, error);
  else if (!is_redirect (soup_message_get_status (message)))
    {
      reply = make_reply (self, message, body, &error);
      if (reply == NULL)
        g_task_return_error (task, error);
      else
        g_task_return_pointer (task, reply, (GDestroyNotify) onward_reply_free);
    }
  else if (follow (self, message, &error))
    send (task, on_answered);
  else
    g_task_return_error (task, error);
}

/**
 * onward_exchange_run_async:
 * @fetcher: the session
 * @exchange: what to ask for
 * @cancellable: (nullable): ends the request; a deadline belongs here
 * @callback: called when the headers of the final answer are there
 * @user_data: for @callback
 *
 * Sends one request and follows its redirects. Any status is an answer, not an error.
 */
void
onward_exchange_run_async (OnwardFetcher *fetcher, const OnwardExchange *exchange,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (fetcher, cancellable, callback, user_data);
  Exchange *self = NULL;

  g_task_set_source_tag (task, onward_exchange_run_async);
  if (onward_address_is_file (exchange->address))
    {
      onward_file_exchange_run (exchange, task);
      return;
    }

  self = g_new0 (Exchange, 1);
  self->fetcher = g_object_ref (fetcher);
  self->address = g_uri_ref (exchange->address);
  self->start = exchange->start;
  self->end = exchange->end;
  self->if_range = g_strdup (exchange->if_range);
  self->if_none_match = g_strdup (exchange->if_none_match);
  self->is_anew = exchange->is_anew;
  g_task_set_task_data (task, self, exchange_free);
  send (task, on_answered);
}

/**
 * onward_exchange_run_finish:
 * @result: of onward_exchange_run_async()
 * @error: (nullable): where to put why there is no answer
 *
 * Errors: OFFLINE (no connection), SERVER (nonsense, an encoding or a range nobody asked for),
 * NOT_PERMITTED (a redirect to where it may not lead), `G_IO_ERROR_CANCELLED`.
 *
 * Returns: (transfer full) (nullable): the answer
 */
OnwardReply *
onward_exchange_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
