/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-file.h"
#include "onward-server-reply.h"
#include "onward-server.h"

struct _OnwardServer
{
  GObject parent_instance;

  SoupServer *soup; /* (owned) */
  OnwardFd dirfd;
  OnwardServerPace pace;
};

G_DEFINE_FINAL_TYPE (OnwardServer, onward_server, G_TYPE_OBJECT)

static guint request_signal;

/* A request that waits out the latency before it is answered. */
typedef struct
{
  OnwardServer *server;       /* (owned) */
  SoupServerMessage *message; /* (owned) */
  char *path;                 /* (owned) */
} Delayed;

static void
delayed_free (gpointer data)
{
  Delayed *self = data;

  g_object_unref (self->server);
  g_object_unref (self->message);
  g_free (self->path);
  g_free (self);
}

static void
on_request_over (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  const char *method = soup_server_message_get_method (message);
  GUri *uri = soup_server_message_get_uri (message);

  g_signal_emit (user_data, request_signal, 0, method == NULL ? "" : method,
                 uri == NULL ? "" : g_uri_get_path (uri), soup_server_message_get_status (message),
                 onward_server_reply_get_sent (message));
}

static void
begin_reply (OnwardServer *self, SoupServerMessage *message, const char *path)
{
  const char *method = soup_server_message_get_method (message);

  if (g_str_equal (method, SOUP_METHOD_GET) || g_str_equal (method, SOUP_METHOD_HEAD))
    onward_server_reply_begin (message, &self->pace, self->dirfd, path);
  else
    soup_server_message_set_status (message, SOUP_STATUS_METHOD_NOT_ALLOWED, NULL);
}

static gboolean
on_latency_over (gpointer user_data)
{
  Delayed *delayed = user_data;

  begin_reply (delayed->server, delayed->message, delayed->path);
  soup_server_message_unpause (delayed->message);
  return G_SOURCE_REMOVE;
}

static void
on_request (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer user_data)
{
  OnwardServer *self = user_data;
  Delayed *delayed = NULL;

  if (self->pace.latency == 0)
    {
      begin_reply (self, message, path);
      return;
    }

  delayed = g_new0 (Delayed, 1);
  delayed->server = g_object_ref (self);
  delayed->message = g_object_ref (message);
  delayed->path = g_strdup (path);
  soup_server_message_pause (message);
  g_timeout_add_full (G_PRIORITY_DEFAULT, self->pace.latency, on_latency_over, delayed,
                      delayed_free);
}

static void
onward_server_finalize (GObject *object)
{
  OnwardServer *self = ONWARD_SERVER (object);

  if (self->soup != NULL)
    g_signal_handlers_disconnect_by_data (self->soup, self);
  g_clear_object (&self->soup);
  if (self->dirfd >= 0)
    onward_fd_close (self->dirfd);

  G_OBJECT_CLASS (onward_server_parent_class)->finalize (object);
}

static void
onward_server_class_init (OnwardServerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = onward_server_finalize;

  /**
   * OnwardServer::request:
   * @self: the server
   * @method: the method of the request
   * @path: its path, still percent-encoded: as untrusted as any remote text
   * @status: the status of the answer
   * @bytes: how many body bytes were sent
   *
   * A request was answered, or its answer was cut off.
   */
  request_signal =
      g_signal_new ("request", ONWARD_TYPE_SERVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 4, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_UINT64);
}

static void
onward_server_init (OnwardServer *self)
{
  self->dirfd = -1;
}

/**
 * onward_server_new:
 * @folder: the folder to hand out
 * @error: (nullable): where to put why the folder cannot be opened
 *
 * Returns: (transfer full) (nullable): a server that does not listen yet, as fast and reliable as
 *   it can be
 */
OnwardServer *
onward_server_new (const char *folder, GError **error)
{
  g_autoptr (OnwardServer) self = g_object_new (ONWARD_TYPE_SERVER, NULL);

  g_return_val_if_fail (folder != NULL, NULL);

  self->dirfd = onward_file_open_dir (AT_FDCWD, folder, error);
  if (self->dirfd < 0)
    return NULL;

  self->soup = soup_server_new ("server-header", "onward-serve", NULL);
  soup_server_add_handler (self->soup, NULL, on_request, self, NULL);
  g_signal_connect (self->soup, "request-finished", G_CALLBACK (on_request_over), self);
  g_signal_connect (self->soup, "request-aborted", G_CALLBACK (on_request_over), self);
  return g_steal_pointer (&self);
}

/**
 * onward_server_set_rate:
 * @bytes_per_second: the limit of each connection, or 0 for none
 *
 * Makes later answers as slow as a real line.
 */
void
onward_server_set_rate (OnwardServer *self, guint64 bytes_per_second)
{
  g_return_if_fail (ONWARD_IS_SERVER (self));

  self->pace.rate = bytes_per_second;
}

/**
 * onward_server_set_drop_after:
 * @bytes: how much of an answer's body is sent, or 0 for all
 *
 * Cuts the connection of every later answer whose body is longer than @bytes.
 */
void
onward_server_set_drop_after (OnwardServer *self, guint64 bytes)
{
  g_return_if_fail (ONWARD_IS_SERVER (self));

  self->pace.drop_after = bytes;
}

/**
 * onward_server_set_latency:
 * @milliseconds: how long each later answer waits before it begins
 */
void
onward_server_set_latency (OnwardServer *self, guint milliseconds)
{
  g_return_if_fail (ONWARD_IS_SERVER (self));

  self->pace.latency = milliseconds;
}

/**
 * onward_server_listen:
 * @address: (nullable): a numeric address, or %NULL for the loopback
 * @port: a port, or 0 for any that is free
 * @error: (nullable): where to put why it cannot listen
 *
 * Begins to answer requests in the thread-default main context.
 *
 * Returns: whether the server listens
 */
gboolean
onward_server_listen (OnwardServer *self, const char *address, guint port, GError **error)
{
  g_autoptr (GSocketAddress) where = NULL;

  g_return_val_if_fail (ONWARD_IS_SERVER (self), FALSE);
  g_return_val_if_fail (port <= G_MAXUINT16, FALSE);

  where = g_inet_socket_address_new_from_string (address == NULL ? "127.0.0.1" : address, port);
  if (where == NULL)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                   "Listening on “%s”: not a numeric address", address);
      return FALSE;
    }
  if (!soup_server_listen (self->soup, where, 0, error))
    {
      g_prefix_error (error, "Listening on port %u: ", port);
      return FALSE;
    }
  return TRUE;
}

/**
 * onward_server_get_port:
 *
 * Returns: the port it listens on, or 0
 */
guint
onward_server_get_port (OnwardServer *self)
{
  GSList *uris = NULL;
  guint port = 0;

  g_return_val_if_fail (ONWARD_IS_SERVER (self), 0);

  uris = soup_server_get_uris (self->soup);
  if (uris != NULL)
    port = (guint) g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return port;
}

/**
 * onward_server_stop:
 *
 * Stops listening and closes all connections, those in the middle of an answer too.
 */
void
onward_server_stop (OnwardServer *self)
{
  g_return_if_fail (ONWARD_IS_SERVER (self));

  soup_server_disconnect (self->soup);
}
