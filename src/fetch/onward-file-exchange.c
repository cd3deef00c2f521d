/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-file-exchange.h"

typedef struct
{
  guint64 start;
  guint64 end;
  GFileInputStream *stream; /* (owned) (nullable) */
} FileExchange;

static void
file_exchange_free (gpointer data)
{
  FileExchange *self = data;

  g_clear_object (&self->stream);
  g_free (self);
}

static void
return_reply (GTask *task, OnwardReply *reply)
{
  g_task_return_pointer (task, reply, (GDestroyNotify) onward_reply_free);
}

static void
return_problem (GTask *task, GError *error)
{
  g_autoptr (GError) cause = error;

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ||
      g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY))
    return_reply (task, onward_reply_new (404));
  else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&cause));
  else
    g_task_return_new_error (task, ONWARD_ERROR, ONWARD_ERROR_SERVER, "%s", cause->message);
}

static void
on_described (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FileExchange *self = g_task_get_task_data (task);
  g_autoptr (GFileInfo) info = NULL;
  g_autoptr (OnwardReply) reply = NULL;
  GError *error = NULL;
  guint64 size = 0;

  info = g_file_input_stream_query_info_finish (G_FILE_INPUT_STREAM (source), result, &error);
  if (info == NULL)
    {
      return_problem (task, error);
      return;
    }

  size = (guint64) g_file_info_get_size (info);
  if (self->start > size)
    {
      return_reply (task, onward_reply_new (416));
      return;
    }
  reply = onward_reply_new (self->end == 0 ? 200 : 206);
  reply->start = self->start;
  reply->end = self->end == 0 ? size : MIN (self->end, size);
  reply->total = size;
  reply->length = (gint64) (reply->end - reply->start);
  /* Only moves the position: nothing is read. */
  if (!g_seekable_seek (G_SEEKABLE (source), (goffset) self->start, G_SEEK_SET, NULL, &error))
    {
      return_problem (task, error);
      return;
    }
  reply->body = G_INPUT_STREAM (g_object_ref (source));
  return_reply (task, g_steal_pointer (&reply));
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FileExchange *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->stream = g_file_read_finish (G_FILE (source), result, &error);
  if (self->stream == NULL)
    {
      return_problem (task, error);
      return;
    }
  g_file_input_stream_query_info_async (self->stream, G_FILE_ATTRIBUTE_STANDARD_SIZE,
                                        G_PRIORITY_DEFAULT, g_task_get_cancellable (task),
                                        on_described, g_object_ref (task));
}

/**
 * onward_file_exchange_run:
 * @exchange: a request to a file: address
 * @task: returns an #OnwardReply
 *
 * Answers as a server with ranges and without validators would.
 */
void
onward_file_exchange_run (const OnwardExchange *exchange, GTask *task)
{
  g_autofree char *uri = g_uri_to_string (exchange->address);
  g_autoptr (GFile) file = g_file_new_for_uri (uri);
  FileExchange *self = g_new0 (FileExchange, 1);

  self->start = exchange->start;
  self->end = exchange->end;
  g_task_set_task_data (task, self, file_exchange_free);
  g_file_read_async (file, G_PRIORITY_DEFAULT, g_task_get_cancellable (task), on_opened,
                     g_object_ref (task));
}
