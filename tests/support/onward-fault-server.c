/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-fault-answer.h"
#include "onward-fault-server.h"

struct _OnwardFaultServer
{
  GSocketService *service;      /* (owned) (nullable) */
  GBytes *content;              /* (owned) */
  GHashTable *files;            /* (owned) (nullable): instead of @content */
  char *aim;                    /* (owned) (nullable) */
  GTlsCertificate *certificate; /* (owned) (nullable) */
  char *uri;                    /* (owned) */
  guint16 port;

  GMutex lock;
  GPtrArray *script;   /* (owned): lines */
  GPtrArray *requests; /* (owned): heads of requests */
  guint64 bytes;
  GCancellable *stopping; /* (owned) */
};

static char *
read_head (GInputStream *input)
{
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (input);
  GString *head = g_string_new (NULL);

  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (lines), FALSE);
  g_data_input_stream_set_newline_type (lines, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
  while (TRUE)
    {
      g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);

      if (line == NULL || *line == '\0')
        return g_string_free (head, FALSE);
      g_string_append_printf (head, "%s\r\n", line);
    }
}

/* "GET /a/b?c HTTP/1.1" is about "/a/b". */
static char *
dup_path (const char *head)
{
  const char *start = strchr (head, ' ');

  return start == NULL ? g_strdup ("/") : g_strndup (start + 1, strcspn (start + 1, " ?"));
}

static GBytes *
find_content (OnwardFaultServer *self, const char *path)
{
  GBytes *content = self->content;

  if (self->files != NULL)
    content = g_hash_table_lookup (self->files, path + 1);
  return content == NULL ? NULL : g_bytes_ref (content);
}

/* Takes @head over. */
static char *
note_request (OnwardFaultServer *self, char *head, const char *path)
{
  char *line = NULL;

  g_mutex_lock (&self->lock);
  if (self->aim != NULL && strstr (path, self->aim) == NULL)
    {
      g_mutex_unlock (&self->lock);
      g_free (head);
      return g_strdup ("ok");
    }
  line = g_strdup (self->script->pdata[MIN (self->requests->len, self->script->len - 1)]);
  g_ptr_array_add (self->requests, head);
  g_mutex_unlock (&self->lock);
  return line;
}

/* NULL when the client does not want to talk to us. */
static GIOStream *
secure (OnwardFaultServer *self, GSocketConnection *connection)
{
  static const char *const protocols[] = { "h2", "http/1.1", NULL };
  g_autoptr (GIOStream) stream = NULL;

  if (self->certificate == NULL)
    return G_IO_STREAM (g_object_ref (connection));
  stream = g_tls_server_connection_new (G_IO_STREAM (connection), self->certificate, NULL);
  g_assert_nonnull (stream);
  g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (stream), protocols);
  if (!g_tls_connection_handshake (G_TLS_CONNECTION (stream), self->stopping, NULL))
    return NULL;
  return g_steal_pointer (&stream);
}

static void
answer_request (OnwardFaultServer *self, GSocketConnection *connection, GIOStream *stream)
{
  g_autofree char *head = read_head (g_io_stream_get_input_stream (stream));
  g_autofree char *path = dup_path (head);
  g_autofree char *line = NULL;
  g_autoptr (GBytes) content = NULL;
  g_autoptr (OnwardFault) fault = NULL;
  OnwardFaultAnswer answer = { 0 };

  if (*head == '\0')
    return;
  line = note_request (self, g_strdup (head), path);
  content = find_content (self, path);
  fault = onward_fault_parse (content == NULL ? "status 404" : line);
  if (content == NULL)
    content = g_bytes_new_static ("", 0);
  answer.socket = g_socket_connection_get_socket (connection);
  answer.output = g_io_stream_get_output_stream (stream);
  answer.content = content;
  answer.path = path;
  answer.fault = fault;
  answer.stopping = self->stopping;
  onward_fault_answer_send (&answer, head);

  g_mutex_lock (&self->lock);
  self->bytes += answer.bytes;
  g_mutex_unlock (&self->lock);
}

static gboolean
on_connection (GThreadedSocketService *service, GSocketConnection *connection, GObject *source,
               gpointer user_data)
{
  OnwardFaultServer *self = user_data;
  g_autoptr (GIOStream) stream = secure (self, connection);

  if (stream != NULL)
    answer_request (self, connection, stream);
  return TRUE;
}

/**
 * onward_fault_server_restart:
 *
 * Listens again, on the same port as before.
 */
void
onward_fault_server_restart (OnwardFaultServer *self)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) where = g_inet_socket_address_new (loopback, self->port);
  g_autoptr (GSocketAddress) actual = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (self->service);
  self->service = g_threaded_socket_service_new (64);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), where, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &actual, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (actual));
  g_signal_connect (self->service, "run", G_CALLBACK (on_connection), self);
}

/**
 * onward_fault_server_stop:
 *
 * Stops listening: further connections are refused.
 */
void
onward_fault_server_stop (OnwardFaultServer *self)
{
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_clear_object (&self->service);
}

/**
 * onward_fault_server_new:
 * @content: the file it hands out, under any path
 *
 * Returns: (transfer full): a server that listens on the loopback and does nothing wrong; the main
 *   loop has to run for it to take connections
 */
OnwardFaultServer *
onward_fault_server_new (GBytes *content)
{
  OnwardFaultServer *self = g_new0 (OnwardFaultServer, 1);

  g_mutex_init (&self->lock);
  self->stopping = g_cancellable_new ();
  self->content = g_bytes_ref (content);
  self->script = g_ptr_array_new_with_free_func (g_free);
  self->requests = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->script, g_strdup ("ok"));
  onward_fault_server_restart (self);
  self->uri = g_strdup_printf ("http://127.0.0.1:%u/file", self->port);
  return self;
}

static void
on_service_gone (gpointer data, GObject *service)
{
  gboolean *is_gone = data;

  *is_gone = TRUE;
}

/**
 * onward_fault_server_free:
 * @self: (nullable): a server, which is stopped, the connections it holds up included
 */
void
onward_fault_server_free (OnwardFaultServer *self)
{
  gboolean is_gone = self == NULL || self->service == NULL;

  if (self == NULL)
    return;
  g_cancellable_cancel (self->stopping);
  if (self->service != NULL)
    {
      g_object_weak_ref (G_OBJECT (self->service), on_service_gone, &is_gone);
      onward_fault_server_stop (self);
    }
  /* Its threads hold references to it. */
  while (!is_gone)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }

  g_bytes_unref (self->content);
  g_clear_pointer (&self->files, g_hash_table_unref);
  g_clear_object (&self->certificate);
  g_free (self->aim);
  g_ptr_array_unref (self->script);
  g_ptr_array_unref (self->requests);
  g_object_unref (self->stopping);
  g_mutex_clear (&self->lock);
  g_free (self->uri);
  g_free (self);
}

/**
 * onward_fault_server_script:
 * @first: the line for the next request; more lines follow, then %NULL
 *
 * Replaces the script and forgets the requests counted so far.
 */
void
onward_fault_server_script (OnwardFaultServer *self, const char *first, ...)
{
  va_list lines;

  g_mutex_lock (&self->lock);
  g_ptr_array_set_size (self->script, 0);
  g_ptr_array_set_size (self->requests, 0);
  self->bytes = 0;
  va_start (lines, first);
  for (const char *line = first; line != NULL; line = va_arg (lines, const char *))
    g_ptr_array_add (self->script, g_strdup (line));
  va_end (lines);
  g_mutex_unlock (&self->lock);
}

/**
 * onward_fault_server_script_lines:
 * @lines: (array zero-terminated=1): the lines
 *
 * As onward_fault_server_script().
 */
void
onward_fault_server_script_lines (OnwardFaultServer *self, const char *const *lines)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_set_size (self->script, 0);
  g_ptr_array_set_size (self->requests, 0);
  self->bytes = 0;
  for (guint i = 0; lines[i] != NULL; i++)
    g_ptr_array_add (self->script, g_strdup (lines[i]));
  g_mutex_unlock (&self->lock);
}

/**
 * onward_fault_server_set_files:
 * @files: (element-type utf8 GBytes): what it hands out from now on
 *
 * To be called before the first request.
 */
void
onward_fault_server_set_files (OnwardFaultServer *self, GHashTable *files)
{
  g_assert_null (self->files);
  self->files = g_hash_table_ref (files);
}

/**
 * onward_fault_server_set_certificate:
 * @certificate: who it says it is
 *
 * Talks TLS from now on, and would go over to HTTP/2, of which it knows nothing; to be called
 * before the first request.
 */
void
onward_fault_server_set_certificate (OnwardFaultServer *self, GTlsCertificate *certificate)
{
  g_set_object (&self->certificate, certificate);
  g_free (self->uri);
  self->uri = g_strdup_printf ("https://127.0.0.1:%u/file", self->port);
}

/**
 * onward_fault_server_dup_first_line:
 * @request: the number of a request, from 0
 *
 * Returns: (transfer full): its first line
 */
char *
onward_fault_server_dup_first_line (OnwardFaultServer *self, guint request)
{
  const char *head = NULL;
  char *line = NULL;

  g_mutex_lock (&self->lock);
  g_assert_cmpuint (request, <, self->requests->len);
  head = self->requests->pdata[request];
  line = g_strndup (head, strcspn (head, "\r"));
  g_mutex_unlock (&self->lock);
  return line;
}

/**
 * onward_fault_server_aim:
 * @path: (nullable): a part of the path of the requests that the script is for
 *
 * All others are answered as they should be, and not counted.
 */
void
onward_fault_server_aim (OnwardFaultServer *self, const char *path)
{
  g_mutex_lock (&self->lock);
  g_free (self->aim);
  self->aim = g_strdup (path);
  g_mutex_unlock (&self->lock);
}

/**
 * onward_fault_server_get_uri:
 *
 * Returns: the address of its file
 */
const char *
onward_fault_server_get_uri (OnwardFaultServer *self)
{
  return self->uri;
}

/**
 * onward_fault_server_count_requests:
 *
 * Returns: how many requests came since the script was set
 */
guint
onward_fault_server_count_requests (OnwardFaultServer *self)
{
  guint count = 0;

  g_mutex_lock (&self->lock);
  count = self->requests->len;
  g_mutex_unlock (&self->lock);
  return count;
}

/**
 * onward_fault_server_count_bytes:
 *
 * Returns: how many body bytes were sent since the script was set
 */
guint64
onward_fault_server_count_bytes (OnwardFaultServer *self)
{
  guint64 count = 0;

  g_mutex_lock (&self->lock);
  count = self->bytes;
  g_mutex_unlock (&self->lock);
  return count;
}

/**
 * onward_fault_server_dup_header:
 * @request: the number of a request, from 0
 * @name: the name of a header
 *
 * Returns: (transfer full) (nullable): its value
 */
char *
onward_fault_server_dup_header (OnwardFaultServer *self, guint request, const char *name)
{
  char *value = NULL;

  g_mutex_lock (&self->lock);
  g_assert_cmpuint (request, <, self->requests->len);
  value = onward_fault_answer_dup_header (self->requests->pdata[request], name);
  g_mutex_unlock (&self->lock);
  return value;
}
