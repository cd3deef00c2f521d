/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onward-byte-range.h"
#include "onward-file.h"
#include "onward-server-reply.h"

#define KEY             "onward-server-reply"
#define PIECE_SIZE      (256 * 1024)
#define PIECES_A_SECOND 20

struct _OnwardServerReply
{
  SoupServerMessage *message; /* (unowned): owns this */
  OnwardServerPace pace;
  OnwardFd fd;
  guint64 start;
  guint64 position;
  guint64 end;
  gint64 begun_at;
  guint timer;
};

static void
reply_free (gpointer data)
{
  OnwardServerReply *self = data;

  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->fd >= 0)
    onward_fd_close (self->fd);
  g_free (self);
}

static guint64
get_sent (const OnwardServerReply *self)
{
  return self->position - self->start;
}

static void
on_finished (SoupServerMessage *message, gpointer user_data)
{
  OnwardServerReply *self = user_data;

  g_clear_handle_id (&self->timer, g_source_remove);
}

/* libsoup notices that the connection is gone when it writes to it. */
static void
cut (OnwardServerReply *self)
{
  GSocket *socket = soup_server_message_get_socket (self->message);

  if (socket != NULL)
    (void) g_socket_shutdown (socket, TRUE, TRUE, NULL);
  soup_message_body_append (soup_server_message_get_response_body (self->message),
                            SOUP_MEMORY_STATIC, "", 1);
}

/* Small pieces when paced, so that the bytes flow rather than jump. */
static gsize
next_piece_size (const OnwardServerReply *self)
{
  guint64 size = MIN (PIECE_SIZE, self->end - self->position);
  guint64 sent = get_sent (self);

  if (self->pace.rate != 0)
    size = MIN (size, MAX (self->pace.rate / PIECES_A_SECOND, 1));
  if (self->pace.drop_after > sent)
    size = MIN (size, self->pace.drop_after - sent);
  return (gsize) size;
}

static void
append_piece (OnwardServerReply *self)
{
  SoupMessageBody *body = soup_server_message_get_response_body (self->message);
  gsize size = next_piece_size (self);
  guchar *piece = g_malloc (size);
  gssize got = TEMP_FAILURE_RETRY (pread (self->fd, piece, size, (off_t) self->position));

  /* A file that shrank cannot be told about any more: the headers have been sent. */
  if (got <= 0)
    {
      g_free (piece);
      cut (self);
      return;
    }
  self->position += (guint64) got;
  soup_message_body_append_take (body, piece, (gsize) got);
}

static gboolean
on_piece_due (gpointer user_data)
{
  OnwardServerReply *self = user_data;

  self->timer = 0;
  append_piece (self);
  soup_server_message_unpause (self->message);
  return G_SOURCE_REMOVE;
}

static gint64
get_milliseconds_ahead (const OnwardServerReply *self)
{
  gint64 due = 0;

  if (self->pace.rate == 0)
    return 0;
  due = self->begun_at + (gint64) (get_sent (self) * G_USEC_PER_SEC / self->pace.rate);
  return (due - g_get_monotonic_time ()) / 1000;
}

static void
on_wrote_piece (SoupServerMessage *message, gpointer user_data)
{
  OnwardServerReply *self = user_data;
  gint64 ahead = get_milliseconds_ahead (self);

  if (self->position >= self->end)
    return;
  if (self->pace.drop_after != 0 && get_sent (self) >= self->pace.drop_after)
    cut (self);
  else if (ahead > 0)
    self->timer = g_timeout_add ((guint) ahead, on_piece_due, self);
  else
    append_piece (self);
}

static void
begin_body (OnwardServerReply *self, guint64 start, guint64 end)
{
  SoupServerMessage *message = self->message;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_message_headers_set_content_length (headers, (goffset) (end - start));
  if (start == end || g_str_equal (soup_server_message_get_method (message), SOUP_METHOD_HEAD))
    return;

  self->start = self->position = start;
  self->end = end;
  self->begun_at = g_get_monotonic_time ();
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (on_wrote_piece), self);
  append_piece (self);
}

/* Files named by their content never change; of the others only the timestamp ever does. */
static void
describe (SoupServerMessage *message, const char *path, const char *tag)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  gboolean changes = g_str_has_suffix (path, "timestamp.json");

  soup_message_headers_replace (headers, "ETag", tag);
  soup_message_headers_replace (headers, "Accept-Ranges", "bytes");
  soup_message_headers_replace (headers, "Content-Type", "application/octet-stream");
  soup_message_headers_replace (headers, "Cache-Control",
                                changes ? "no-cache" : "public, max-age=31536000, immutable");
}

static void
answer_range (OnwardServerReply *self, const char *range, guint64 size)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);
  g_autofree char *value = NULL;
  guint64 start = 0, end = 0;

  switch (onward_byte_range_parse (range, size, &start, &end))
    {
    case ONWARD_BYTE_RANGE_NONE:
      soup_server_message_set_status (self->message, SOUP_STATUS_OK, NULL);
      begin_body (self, 0, size);
      break;
    case ONWARD_BYTE_RANGE_ONE:
      value =
          g_strdup_printf ("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
                           start, end - 1, size);
      soup_message_headers_replace (headers, "Content-Range", value);
      soup_server_message_set_status (self->message, SOUP_STATUS_PARTIAL_CONTENT, NULL);
      begin_body (self, start, end);
      break;
    case ONWARD_BYTE_RANGE_OUTSIDE:
      value = g_strdup_printf ("bytes */%" G_GUINT64_FORMAT, size);
      soup_message_headers_replace (headers, "Content-Range", value);
      soup_server_message_set_status (self->message, SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE,
                                      NULL);
      break;
    }
}

static void
answer_file (OnwardServerReply *self, const char *path, const struct stat *info)
{
  SoupMessageHeaders *asked = soup_server_message_get_request_headers (self->message);
  const char *if_none_match = soup_message_headers_get_list (asked, "If-None-Match");
  const char *if_range = soup_message_headers_get_one (asked, "If-Range");
  g_autofree char *range = g_strdup (soup_message_headers_get_one (asked, "Range"));
  g_autofree char *tag = NULL;

  tag = g_strdup_printf ("\"%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x%08lx\"",
                         (guint64) info->st_size, (guint64) info->st_mtim.tv_sec,
                         (gulong) info->st_mtim.tv_nsec);
  describe (self->message, path, tag);
  /* libsoup would cut a range out of a whole answer by itself, validator or not. */
  soup_message_headers_remove (asked, "Range");

  if (if_none_match != NULL && strstr (if_none_match, tag) != NULL)
    {
      soup_server_message_set_status (self->message, SOUP_STATUS_NOT_MODIFIED, NULL);
      return;
    }
  if (if_range != NULL && !g_str_equal (if_range, tag))
    g_clear_pointer (&range, g_free);
  answer_range (self, range, (guint64) info->st_size);
}

/**
 * onward_server_reply_begin:
 * @message: the request, paused by the caller when the answer has to wait
 * @pace: how slow and how unreliable the answer is
 * @dirfd: the folder that is handed out
 * @path: the path asked for, decoded, as it came
 *
 * Answers one request; the memory belongs to @message.
 */
void
onward_server_reply_begin (SoupServerMessage *message, const OnwardServerPace *pace, int dirfd,
                           const char *path)
{
  OnwardServerReply *self = g_new0 (OnwardServerReply, 1);
  struct stat info;

  self->message = message;
  self->pace = *pace;
  g_object_set_data_full (G_OBJECT (message), KEY, self, reply_free);
  g_signal_connect (message, "finished", G_CALLBACK (on_finished), self);

  while (*path == '/')
    path++;
  /* Non-blocking, so that a FIFO in the folder cannot hold up everybody. */
  self->fd = onward_file_open_beneath (dirfd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0, NULL);
  if (self->fd < 0 || fstat (self->fd, &info) != 0 || !S_ISREG (info.st_mode))
    soup_server_message_set_status (message, SOUP_STATUS_NOT_FOUND, NULL);
  else
    answer_file (self, path, &info);
}

/**
 * onward_server_reply_get_sent:
 * @message: a request
 *
 * Returns: how many body bytes of its answer were sent
 */
guint64
onward_server_reply_get_sent (SoupServerMessage *message)
{
  const OnwardServerReply *self = g_object_get_data (G_OBJECT (message), KEY);

  return self == NULL ? 0 : get_sent (self);
}
