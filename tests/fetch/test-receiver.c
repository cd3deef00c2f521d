/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <sys/socket.h>
#include <unistd.h>

#include "onward-block-content.h"
#include "onward-receiver.h"
#include "onward-test.h"

#define BLOCK_SIZE (64 * 1024)
#define MEMORY     (2 * 1024 * 1024)

/* A connection that says what the test says, and the file that it goes to. */
typedef struct
{
  OnwardTestDir *dir; /* (owned) */
  GBytes *content;    /* (owned) */
  OnwardBlockSink *sink;
  GSocketConnection *line; /* (owned) */
  int far_end;
  OnwardStretch stretch;
  OnwardBucket bucket;
  OnwardRanges *proven; /* (owned) */
  guint64 bytes;
  guint reports;
  GAsyncResult *result; /* (owned) (nullable) */
} Line;

static void
note_progress (guint64 bytes, const OnwardBlockResult *result, gpointer user_data)
{
  Line *self = user_data;

  self->bytes += bytes;
  self->reports++;
  for (guint i = 0; result->proven != NULL && i < onward_ranges_get_count (result->proven); i++)
    {
      const OnwardRange *range = onward_ranges_get (result->proven, i);

      onward_ranges_add (self->proven, range->start, range->end);
    }
}

static void
on_received (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ((Line *) user_data)->result = g_object_ref (result);
}

static Line *
line_new (gsize size)
{
  Line *self = g_new0 (Line, 1);
  g_autoptr (OnwardBlockFile) file = NULL;
  g_autoptr (GSocket) socket = NULL;
  int ends[2];

  self->dir = onward_test_make_dir ();
  self->content = onward_block_content_make (size);
  file = onward_block_content_open_file (self->dir, g_bytes_get_data (self->content, NULL), size,
                                         BLOCK_SIZE);
  self->sink = onward_block_sink_new (file);
  self->proven = onward_ranges_new ();
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
  socket = g_socket_new_from_fd (ends[0], NULL);
  g_assert_nonnull (socket);
  self->line = g_socket_connection_factory_create_connection (socket);
  self->far_end = ends[1];
  self->stretch.range = (OnwardRange){ 0, size };
  return self;
}

static void
line_begin (Line *self)
{
  OnwardReception reception = { .body = g_io_stream_get_input_stream (G_IO_STREAM (self->line)),
                                .sink = self->sink,
                                .stretch = &self->stretch,
                                .bucket = &self->bucket,
                                .memory = MEMORY,
                                .progress = note_progress };

  onward_receiver_run_async (&reception, NULL, on_received, self);
}

static void
line_free (Line *self)
{
  onward_block_sink_free (self->sink);
  onward_ranges_free (self->proven);
  g_clear_object (&self->line);
  g_clear_object (&self->result);
  g_bytes_unref (self->content);
  onward_test_remove_dir (self->dir);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Line, line_free)

/* Sends what comes next, and waits until it has been read. */
static void
line_send (Line *self, gsize size)
{
  gsize end = self->stretch.bytes + size;
  const guint8 *data = g_bytes_get_data (self->content, NULL);

  g_assert_cmpint (write (self->far_end, data + self->stretch.bytes, size), ==, (gssize) size);
  while (self->stretch.bytes < end)
    g_main_context_iteration (NULL, TRUE);
}

static GError *
line_end (Line *self)
{
  GError *problem = NULL;
  g_autoptr (GError) error = NULL;

  onward_test_await (&self->result);
  g_assert_true (onward_receiver_run_finish (self->result, &problem, &error));
  g_assert_no_error (error);
  return problem;
}

/* Compares the file with what was sent, up to @size. */
static void
line_check (Line *self, gsize size)
{
  g_autofree char *path = g_build_filename (self->dir, "part", NULL);
  g_autofree char *stored = NULL;
  gsize length = 0;

  g_assert_true (g_file_get_contents (path, &stored, &length, NULL));
  g_assert_cmpmem (stored, size, g_bytes_get_data (self->content, NULL), size);
  g_assert_cmpuint (self->bytes, ==, self->stretch.bytes);
}

/* What comes in small pieces is handed to the worker in larger ones, but for the first, which is
 * stored and told at once. */
static void
test_receiver_collects (void)
{
  const gsize piece = 1024, pieces = 256;
  g_autoptr (Line) line = line_new (pieces * piece);
  guint reports = 0;

  line_begin (line);
  line_send (line, piece);
  while (line->reports == 0)
    g_main_context_iteration (NULL, TRUE);
  for (gsize i = 1; i < pieces; i++)
    {
      line_send (line, piece);
      reports = line->reports;
      /* Time enough for a worker that would be told of each piece. */
      g_usleep (500);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  g_assert_cmpuint (reports, <, pieces / 4);
  g_assert_no_error (line_end (line));
  line_check (line, pieces * piece);
  g_assert_true (onward_ranges_contain (line->proven, 0, pieces * piece));
  close (line->far_end);
}

/* What lies about is stored after a moment, though nothing more comes. */
static void
test_receiver_does_not_wait_for_more (void)
{
  g_autoptr (Line) line = line_new (10 * 1024);
  g_autoptr (GError) problem = NULL;

  line_begin (line);
  line_send (line, 1024);
  while (line->bytes < 1024)
    g_main_context_iteration (NULL, TRUE);
  line_send (line, 1024);
  while (line->bytes < 2048)
    g_main_context_iteration (NULL, TRUE);
  line_check (line, 2048);
  close (line->far_end);
  problem = line_end (line);
  g_assert_nonnull (problem);
}

/* Of a connection that is lost, everything that came is stored. */
static void
test_receiver_keeps_what_came (void)
{
  static const gsize sizes[] = { 1, 1000, BLOCK_SIZE, BLOCK_SIZE + 1, 3 * BLOCK_SIZE - 1 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (Line) line = line_new (4 * BLOCK_SIZE);
      g_autoptr (GError) problem = NULL;
      OnwardRange begun = { 0, 0 };

      line_begin (line);
      line_send (line, sizes[i]);
      close (line->far_end);
      problem = line_end (line);
      g_assert_nonnull (problem);
      line_check (line, sizes[i]);
      g_assert_cmpuint (onward_ranges_get_length (line->proven), ==,
                        sizes[i] - sizes[i] % BLOCK_SIZE);
      (void) onward_block_sink_get_beginning (line->sink, &begun);
      g_assert_cmpuint (begun.end - begun.start, ==, sizes[i] % BLOCK_SIZE);
    }
}

static gpointer
send_all (gpointer data)
{
  Line *self = data;
  gsize size = 0, at = 0;
  const guint8 *bytes = g_bytes_get_data (self->content, &size);

  while (at < size)
    {
      gssize put = write (self->far_end, bytes + at, size - at);

      g_assert_cmpint (put, >, 0);
      at += (gsize) put;
    }
  close (self->far_end);
  return NULL;
}

/* Many times what there is room for goes through, every byte at its place. */
static void
test_receiver_much (void)
{
  const gsize size = 20 * 1024 * 1024 + 12345;
  g_autoptr (Line) line = line_new (size);
  GThread *sender = g_thread_new ("sender", send_all, line);

  line_begin (line);
  g_assert_no_error (line_end (line));
  g_thread_join (sender);
  line_check (line, size);
  g_assert_true (onward_ranges_contain (line->proven, 0, size));
}

/* A stretch that was cut short while it is received ends there; what comes beyond is left out. */
static void
test_receiver_stops_at_the_end (void)
{
  g_autoptr (Line) line = line_new (4 * BLOCK_SIZE);

  line_begin (line);
  line_send (line, BLOCK_SIZE / 2);
  line->stretch.range.end = BLOCK_SIZE;
  line_send (line, BLOCK_SIZE);
  g_assert_no_error (line_end (line));
  line_check (line, BLOCK_SIZE);
  g_assert_cmpuint (onward_ranges_get_length (line->proven), ==, BLOCK_SIZE);
  g_assert_cmpuint (line->stretch.position, ==, BLOCK_SIZE);
  close (line->far_end);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/receiver/collects", test_receiver_collects);
  g_test_add_func ("/receiver/does-not-wait-for-more", test_receiver_does_not_wait_for_more);
  g_test_add_func ("/receiver/keeps-what-came", test_receiver_keeps_what_came);
  g_test_add_func ("/receiver/much", test_receiver_much);
  g_test_add_func ("/receiver/stops-at-the-end", test_receiver_stops_at_the_end);
  return g_test_run ();
}
