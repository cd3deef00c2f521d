/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/socket.h>

#include <gio/gnetworking.h>

#include "onward-fault-server.h"
#include "onward-fault.h"

#define PIECE 4096

struct _OnwardFaultServer
{
  GSocketService *service; /* (owned) (nullable) */
  GBytes *content;         /* (owned) */
  char *uri;               /* (owned) */
  guint16 port;

  GMutex lock;
  GPtrArray *script;   /* (owned): lines */
  GPtrArray *requests; /* (owned): heads of requests */
  guint64 bytes;
  gboolean is_stopping;
};

/* One connection, which carries one request. */
typedef struct
{
  OnwardFaultServer *server; /* (unowned) */
  GSocket *socket;           /* (unowned) */
  GOutputStream *output;     /* (unowned) */
  OnwardFault *fault;        /* (unowned) */
  guint64 start;
  guint64 end;
  gboolean is_range;
} Answer;

/* FALSE when the client has gone. */
static gboolean
send_data (Answer *self, const void *data, gsize size)
{
  return g_output_stream_write_all (self->output, data, size, NULL, NULL, NULL);
}

static gboolean
send_text (Answer *self, const char *text)
{
  return send_data (self, text, strlen (text));
}

static gboolean
is_stopping (Answer *self)
{
  gboolean stopping = FALSE;

  g_mutex_lock (&self->server->lock);
  stopping = self->server->is_stopping;
  g_mutex_unlock (&self->server->lock);
  return stopping;
}

/* Until the client gives up. */
static void
stall (Answer *self)
{
  while (!is_stopping (self) && !g_socket_is_closed (self->socket))
    {
      char byte = 0;
      gssize got = recv (g_socket_get_fd (self->socket), &byte, 1, MSG_DONTWAIT);

      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK))
        return;
      g_usleep (5000);
    }
}

static void
reset_connection (Answer *self)
{
  struct linger linger = { 1, 0 };

  (void) setsockopt (g_socket_get_fd (self->socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static char *
dup_header (const char *head, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (head, "\r\n", -1);
  gsize length = strlen (name);

  for (guint i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    if (g_ascii_strncasecmp (lines[i], name, length) == 0 && lines[i][length] == ':')
      return g_strstrip (g_strdup (lines[i] + length + 1));
  return NULL;
}

/* Only what our client sends: "bytes=A-" and "bytes=A-B". */
static void
choose_range (Answer *self, const char *head)
{
  g_autofree char *range = dup_header (head, "Range");
  g_autofree char *if_range = dup_header (head, "If-Range");
  gsize size = g_bytes_get_size (self->server->content);
  char *at = NULL;

  self->end = size;
  if (range == NULL || self->fault->ignores_range ||
      (if_range != NULL && !g_str_equal (if_range, self->fault->etag)))
    return;

  self->is_range = TRUE;
  self->start = g_ascii_strtoull (range + strlen ("bytes="), &at, 10);
  if (at[1] != '\0')
    self->end = MIN (size, g_ascii_strtoull (at + 1, NULL, 10) + 1);
}

static guint
choose_status (Answer *self)
{
  if (self->fault->status != 0)
    return self->fault->status;
  if (self->fault->location != NULL)
    return 302;
  return self->is_range ? 206 : 200;
}

static void
append_header (GString *head, const char *name, const char *value)
{
  if (value != NULL && !g_str_equal (value, "none"))
    g_string_append_printf (head, "%s: %s\r\n", name, value);
}

static char *
make_head (Answer *self)
{
  GString *head = g_string_new (NULL);
  gsize size = g_bytes_get_size (self->server->content);
  gint64 length =
      self->fault->length >= 0 ? self->fault->length : (gint64) (self->end - self->start);

  g_string_append_printf (head, "HTTP/1.1 %u Whatever\r\nConnection: close\r\n",
                          choose_status (self));
  append_header (head, "ETag", self->fault->etag);
  append_header (head, "Location", self->fault->location);
  append_header (head, "Content-Encoding", self->fault->encoding);
  append_header (head, "Retry-After", self->fault->retry_after);
  if (self->fault->header != NULL)
    g_string_append_printf (head, "%s\r\n", self->fault->header);
  if (self->fault->content_range != NULL)
    append_header (head, "Content-Range", self->fault->content_range);
  else if (self->is_range)
    g_string_append_printf (head,
                            "Content-Range: bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT
                            "/%" G_GSIZE_FORMAT "\r\n",
                            self->start, self->end - 1, size);
  if (self->fault->is_chunked)
    append_header (head, "Transfer-Encoding", "chunked");
  else if (!self->fault->has_no_length)
    g_string_append_printf (head, "Content-Length: %" G_GINT64_FORMAT "\r\n", length);
  g_string_append (head, "\r\n");
  return g_string_free (head, FALSE);
}

static gboolean
send_head (Answer *self)
{
  g_autofree char *head = make_head (self);

  if (!self->fault->drips_headers)
    return send_text (self, head);
  for (gsize i = 0; head[i] != '\0'; i++)
    {
      if (is_stopping (self) || !send_data (self, head + i, 1))
        return FALSE;
      g_usleep (20000);
    }
  return TRUE;
}

static void
fill_piece (Answer *self, guint64 offset, guint8 *piece, gsize size)
{
  gsize total = 0;
  const guint8 *content = g_bytes_get_data (self->server->content, &total);

  for (gsize i = 0; i < size; i++)
    {
      piece[i] = content[(offset + i + self->fault->shift) % total];
      if (self->fault->flip >= 0 && (guint64) self->fault->flip == offset + i)
        piece[i] ^= 0xff;
    }
}

static gboolean
send_piece (Answer *self, const guint8 *piece, gsize size)
{
  g_autofree char *chunk = g_strdup_printf ("%" G_GSIZE_MODIFIER "x\r\n", size);
  gboolean sent = FALSE;

  if (self->fault->is_chunked && !send_text (self, self->fault->has_bad_chunk ? "zz\r\n" : chunk))
    return FALSE;
  sent = send_data (self, piece, size);
  g_mutex_lock (&self->server->lock);
  self->server->bytes += size;
  g_mutex_unlock (&self->server->lock);
  return sent && (!self->fault->is_chunked || send_text (self, "\r\n"));
}

/* TRUE when the connection ends at this byte of the body. */
static gboolean
ends_here (Answer *self, guint64 sent)
{
  const OnwardFault *fault = self->fault;

  if (fault->stall >= 0 && sent == (guint64) fault->stall)
    stall (self);
  else if (fault->reset >= 0 && sent == (guint64) fault->reset)
    reset_connection (self);
  else if (fault->cut < 0 || sent != (guint64) fault->cut)
    return fault->is_cut_between_chunks && sent > 0;
  return TRUE;
}

static gsize
get_piece_size (Answer *self, guint64 sent, guint64 size)
{
  const gint64 stops[] = { self->fault->cut, self->fault->reset, self->fault->stall };
  guint64 piece = MIN (self->fault->drips ? 1 : PIECE, size - sent);

  for (guint i = 0; i < G_N_ELEMENTS (stops); i++)
    if (stops[i] > 0 && (guint64) stops[i] > sent)
      piece = MIN (piece, (guint64) stops[i] - sent);
  return (gsize) piece;
}

static void
send_body (Answer *self)
{
  guint64 size = self->fault->is_endless ? G_MAXINT64 : self->end - self->start;
  guint64 sent = 0;
  guint8 piece[PIECE];

  while (!is_stopping (self) && !ends_here (self, sent))
    {
      gsize count = get_piece_size (self, sent, size);

      if (count == 0)
        {
          if (self->fault->is_chunked)
            (void) send_text (self, "0\r\n\r\n");
          return;
        }
      fill_piece (self, self->start + sent, piece, count);
      if (!send_piece (self, piece, count))
        return;
      sent += count;
      if (self->fault->drips)
        g_usleep (20000);
    }
}

/* What is not even an answer. TRUE when that was all. */
static gboolean
misbehave (Answer *self)
{
  if (self->fault->closes)
    return TRUE;
  if (self->fault->is_junk)
    return send_text (self, "<html>no status line</html>\r\n\r\n"), TRUE;
  while (self->fault->continues && !is_stopping (self))
    {
      if (!send_text (self, "HTTP/1.1 100 Continue\r\n\r\n"))
        return TRUE;
      g_usleep (2000);
    }
  if (self->fault->has_endless_headers && send_text (self, "HTTP/1.1 200 OK\r\n"))
    while (!is_stopping (self) &&
           send_text (self, "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"))
      continue;
  return self->fault->continues || self->fault->has_endless_headers;
}

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

static char *
note_request (OnwardFaultServer *self, char *head)
{
  char *line = NULL;

  g_mutex_lock (&self->lock);
  line = g_strdup (self->script->pdata[MIN (self->requests->len, self->script->len - 1)]);
  g_ptr_array_add (self->requests, head);
  g_mutex_unlock (&self->lock);
  return line;
}

static gboolean
on_connection (GThreadedSocketService *service, GSocketConnection *connection, GObject *source,
               gpointer user_data)
{
  OnwardFaultServer *self = user_data;
  char *head = read_head (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  g_autofree char *line = NULL;
  g_autoptr (OnwardFault) fault = NULL;
  Answer answer = { 0 };

  if (*head == '\0')
    {
      g_free (head);
      return TRUE;
    }
  line = note_request (self, head);
  fault = onward_fault_parse (line);
  answer.server = self;
  answer.socket = g_socket_connection_get_socket (connection);
  answer.output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  answer.fault = fault;
  choose_range (&answer, head);

  if (!misbehave (&answer) && send_head (&answer))
    send_body (&answer);
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
  g_mutex_lock (&self->lock);
  self->is_stopping = TRUE;
  g_mutex_unlock (&self->lock);
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
  g_ptr_array_unref (self->script);
  g_ptr_array_unref (self->requests);
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
  value = dup_header (self->requests->pdata[request], name);
  g_mutex_unlock (&self->lock);
  return value;
}
