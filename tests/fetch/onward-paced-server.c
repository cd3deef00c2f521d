/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <string.h>

#include "onward-paced-server.h"

#define PIECE        (16 * 1024)
#define MOST_AT_WORK 16

struct _OnwardPacedServer
{
  GSocketService *service;   /* (owned) */
  GCancellable *cancellable; /* (owned) */
  char *uri;                 /* (owned) */
  guint64 size;
  guint milliseconds;
  int at_work;     /* (atomic) */
  int most;        /* (atomic) */
  int served;      /* (atomic) */
  int connections; /* (atomic) */
};

/**
 * onward_paced_server_fill:
 * @offset: a place in the file
 * @data: (out): the bytes from there on
 * @size: how many
 */
void
onward_paced_server_fill (guint64 offset, guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (((offset + i) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) >> 56);
}

static gboolean
send_range (OnwardPacedServer *self, GOutputStream *output, guint64 start, guint64 end)
{
  guint8 data[PIECE];

  while (start < end)
    {
      gsize size = (gsize) MIN (PIECE, end - start);

      onward_paced_server_fill (start, data, size);
      if (!g_output_stream_write_all (output, data, size, NULL, self->cancellable, NULL))
        return FALSE;
      g_usleep (self->milliseconds * 1000);
      start += size;
    }
  return TRUE;
}

static gboolean
answer (OnwardPacedServer *self, GOutputStream *output, guint64 start, guint64 end)
{
  g_autofree char *head = g_strdup_printf ("HTTP/1.1 206 Partial Content\r\nETag: \"paced\"\r\n"
                                           "Content-Length: %" G_GUINT64_FORMAT
                                           "\r\nContent-Range: bytes %" G_GUINT64_FORMAT
                                           "-%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT "\r\n\r\n",
                                           end - start, start, end - 1, self->size);
  gboolean is_sent = FALSE;
  int at_work = g_atomic_int_add (&self->at_work, 1) + 1;
  int most = g_atomic_int_get (&self->most);

  while (at_work > most && !g_atomic_int_compare_and_exchange (&self->most, most, at_work))
    most = g_atomic_int_get (&self->most);
  (void) g_atomic_int_add (&self->served, 1);
  is_sent =
      g_output_stream_write_all (output, head, strlen (head), NULL, self->cancellable, NULL) &&
      send_range (self, output, start, end);
  (void) g_atomic_int_add (&self->at_work, -1);
  return is_sent;
}

static gboolean
on_run (GThreadedSocketService *service, GSocketConnection *connection, GObject *source,
        gpointer user_data)
{
  OnwardPacedServer *self = user_data;
  g_autoptr (GDataInputStream) input =
      g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  guint64 start = 0, end = 0;

  (void) g_atomic_int_add (&self->connections, 1);
  g_data_input_stream_set_newline_type (input, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
  while (TRUE)
    {
      g_autofree char *line = g_data_input_stream_read_line (input, NULL, self->cancellable, NULL);

      if (line == NULL)
        return TRUE;
      (void) sscanf (line, "Range: bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, &start, &end);
      if (*line == '\0' &&
          !answer (self, g_io_stream_get_output_stream (G_IO_STREAM (connection)), start, end + 1))
        return TRUE;
    }
}

/**
 * onward_paced_server_new:
 * @size: the size of its file
 * @milliseconds: how long 16 KiB take on one connection
 *
 * Returns: (transfer full): a running server
 */
OnwardPacedServer *
onward_paced_server_new (guint64 size, guint milliseconds)
{
  OnwardPacedServer *self = g_new0 (OnwardPacedServer, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;

  self->size = size;
  self->milliseconds = milliseconds;
  self->cancellable = g_cancellable_new ();
  self->service = g_threaded_socket_service_new (MOST_AT_WORK);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), any, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error);
  g_assert_no_error (error);
  self->uri = g_strdup_printf ("http://127.0.0.1:%u/file",
                               g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  g_signal_connect (self->service, "run", G_CALLBACK (on_run), self);
  return self;
}

/**
 * onward_paced_server_free:
 * @self: (nullable): a server
 */
void
onward_paced_server_free (OnwardPacedServer *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  /* Its threads end with their connections, but for those that are just ending. */
  while (G_OBJECT (self->service)->ref_count > 1 || g_atomic_int_get (&self->at_work) > 0)
    {
      (void) g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_object_unref (self->service);
  g_object_unref (self->cancellable);
  g_free (self->uri);
  g_free (self);
}

/**
 * onward_paced_server_get_uri:
 *
 * Returns: (transfer none): the address of its file
 */
const char *
onward_paced_server_get_uri (OnwardPacedServer *self)
{
  return self->uri;
}

/**
 * onward_paced_server_get_most:
 *
 * Returns: how many connections were served at once at most
 */
guint
onward_paced_server_get_most (OnwardPacedServer *self)
{
  return (guint) g_atomic_int_get (&self->most);
}

/**
 * onward_paced_server_get_served:
 *
 * Returns: how many requests were answered
 */
guint
onward_paced_server_get_served (OnwardPacedServer *self)
{
  return (guint) g_atomic_int_get (&self->served);
}

/**
 * onward_paced_server_get_connections:
 *
 * Returns: how many connections were made
 */
guint
onward_paced_server_get_connections (OnwardPacedServer *self)
{
  return (guint) g_atomic_int_get (&self->connections);
}
