/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "onward-fault-answer.h"
#include "onward-fault-body.h"

#define PIECE 4096

/* FALSE when the client has gone. */
static gboolean
send_data (OnwardFaultAnswer *self, const void *data, gsize size)
{
  return g_output_stream_write_all (self->output, data, size, NULL, NULL, NULL);
}

static gboolean
send_text (OnwardFaultAnswer *self, const char *text)
{
  return send_data (self, text, strlen (text));
}

static gboolean
is_stopping (OnwardFaultAnswer *self)
{
  return g_cancellable_is_cancelled (self->stopping);
}

/* Until the client gives up. */
static void
stall (OnwardFaultAnswer *self)
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
reset_connection (OnwardFaultAnswer *self)
{
  struct linger linger = { 1, 0 };

  (void) setsockopt (g_socket_get_fd (self->socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

/**
 * onward_fault_answer_dup_header:
 * @head: the head of a request
 * @name: the name of a header
 *
 * Returns: (transfer full) (nullable): its value
 */
char *
onward_fault_answer_dup_header (const char *head, const char *name)
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
choose_range (OnwardFaultAnswer *self, const char *head)
{
  g_autofree char *range = onward_fault_answer_dup_header (head, "Range");
  g_autofree char *if_range = onward_fault_answer_dup_header (head, "If-Range");
  gsize size = g_bytes_get_size (self->content);
  char *at = NULL;

  self->end = size;
  if (range == NULL || self->fault->ignores_range ||
      (if_range != NULL && !self->fault->ignores_if_range &&
       !g_str_equal (if_range, self->fault->etag)))
    return;

  self->is_range = TRUE;
  self->start = g_ascii_strtoull (range + strlen ("bytes="), &at, 10);
  if (at[1] != '\0')
    self->end = MIN (size, g_ascii_strtoull (at + 1, NULL, 10) + 1);
}

static void
choose_body (OnwardFaultAnswer *self)
{
  g_autoptr (GBytes) part =
      g_bytes_new_from_bytes (self->content, self->start, self->end - self->start);

  if (self->fault->is_portal)
    self->other = onward_fault_body_make_portal ();
  else if (self->fault->gzip != NULL)
    self->other = onward_fault_body_compress (part, self->fault->gzip);
  self->is_range &= !self->fault->is_portal;
}

static guint64
get_body_size (OnwardFaultAnswer *self)
{
  return self->other != NULL ? g_bytes_get_size (self->other) : self->end - self->start;
}

static guint
choose_status (OnwardFaultAnswer *self)
{
  if (self->fault->status != 0)
    return self->fault->status;
  if (self->fault->location != NULL || self->fault->is_elsewhere)
    return 302;
  return self->is_range ? 206 : 200;
}

static void
append_header (GString *head, const char *name, const char *value)
{
  if (value != NULL && !g_str_equal (value, "none"))
    g_string_append_printf (head, "%s: %s\r\n", name, value);
}

static void
append_first_line (OnwardFaultAnswer *self, GString *head)
{
  if (self->fault->first_line != NULL)
    g_string_append_printf (head, "%s\r\n", self->fault->first_line);
  else
    g_string_append_printf (head, "HTTP/1.%u %u Whatever\r\n", self->fault->is_http10 ? 0 : 1,
                            choose_status (self));
  append_header (head, "Connection", self->fault->is_kept ? "keep-alive" : "close");
}

static void
append_elsewhere (OnwardFaultAnswer *self, GString *head)
{
  g_autoptr (GSocketAddress) here = g_socket_get_local_address (self->socket, NULL);

  if (self->fault->is_elsewhere)
    g_string_append_printf (head, "Location: http://localhost:%u%s\r\n",
                            g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (here)),
                            self->path);
}

static char *
make_head (OnwardFaultAnswer *self)
{
  GString *head = g_string_new (NULL);
  gsize size = g_bytes_get_size (self->content);
  gint64 length = self->fault->length >= 0 ? self->fault->length : (gint64) get_body_size (self);

  append_first_line (self, head);
  append_elsewhere (self, head);
  if (self->fault->gzip != NULL)
    append_header (head, "Content-Encoding", "gzip");
  if (self->fault->is_portal)
    append_header (head, "Content-Type", "text/html; charset=utf-8");
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
send_head (OnwardFaultAnswer *self)
{
  g_autofree char *head = make_head (self);

  if (self->fault->has_nul)
    {
      char *odd = g_strstr_len (head, -1, "\r\n\r\n");

      return send_data (self, head, (gsize) (odd - head)) &&
             send_data (self, "\r\nX-Odd: a\0b\r\n\r\n", 16);
    }
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
fill_piece (OnwardFaultAnswer *self, guint64 offset, guint8 *piece, gsize size)
{
  gsize total = 0;
  const guint8 *content = g_bytes_get_data (self->content, &total);

  if (self->other != NULL)
    {
      content = g_bytes_get_data (self->other, &total);
      offset -= self->start;
    }
  for (gsize i = 0; i < size; i++)
    {
      piece[i] = content[(offset + i + self->fault->shift) % total];
      if (self->fault->flip >= 0 && (guint64) self->fault->flip == offset + i)
        piece[i] ^= 0xff;
    }
}

static gboolean
send_piece (OnwardFaultAnswer *self, const guint8 *piece, gsize size)
{
  gsize more = g_strcmp0 (self->fault->chunk_cut, "inside") == 0 ? 16 : 0;
  g_autofree char *chunk = g_strdup_printf ("%" G_GSIZE_MODIFIER "x", size + more);
  const char *said = self->fault->chunk_size != NULL ? self->fault->chunk_size : chunk;
  gboolean sent = FALSE;

  if (self->fault->is_chunked && !(send_text (self, said) && send_text (self, "\r\n")))
    return FALSE;
  sent = send_data (self, piece, size);
  self->bytes += size;
  if (!sent || self->fault->chunk_cut != NULL)
    return FALSE;
  return !self->fault->is_chunked || send_text (self, "\r\n");
}

/* TRUE when the connection ends at this byte of the body. */
static gboolean
ends_here (OnwardFaultAnswer *self, guint64 sent)
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
get_piece_size (OnwardFaultAnswer *self, guint64 sent, guint64 size)
{
  const gint64 stops[] = { self->fault->cut, self->fault->reset, self->fault->stall };
  guint64 usual = CLAMP (size / 4, 1, PIECE);
  guint64 piece = MIN (self->fault->drips ? 1 : usual, size - sent);

  for (guint i = 0; i < G_N_ELEMENTS (stops); i++)
    if (stops[i] > 0 && (guint64) stops[i] > sent)
      piece = MIN (piece, (guint64) stops[i] - sent);
  return (gsize) piece;
}

static void
send_body (OnwardFaultAnswer *self)
{
  guint64 size = self->fault->is_endless ? G_MAXINT64 : get_body_size (self);
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
misbehave (OnwardFaultAnswer *self)
{
  if (self->fault->stalls_head)
    stall (self);
  if (self->fault->closes || self->fault->stalls_head)
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

/**
 * onward_fault_answer_send:
 * @head: the head of the request
 *
 * Answers one request as the fault says. Blocks until the answer is sent or the client has gone.
 */
void
onward_fault_answer_send (OnwardFaultAnswer *self, const char *head)
{
  choose_range (self, head);
  choose_body (self);
  onward_fault_resolve (self->fault, get_body_size (self));
  if (!misbehave (self) && send_head (self))
    send_body (self);
  g_clear_pointer (&self->other, g_bytes_unref);
}
