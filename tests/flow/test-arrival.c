/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>

#include <glib/gstdio.h>

#include "onward-arrival.h"
#include "onward-error.h"
#include "onward-fd.h"
#include "onward-pack-writer.h"
#include "onward-test.h"
#include "onward-tree-scan.h"

#define TEXT "What has arrived is read, and nothing else.\n"

/* A pack of one file, of which nothing has arrived. */
typedef struct
{
  char *dir;              /* (owned) */
  char *contents;         /* (owned): of the pack */
  gsize size;             /* of that */
  char *part;             /* (owned): the file that it arrives in, with other bytes meanwhile */
  OnwardPackHead *head;   /* (owned) */
  OnwardRanges *frame;    /* (owned): where its only frame lies */
  OnwardArrival *arrival; /* (owned) */

  GCancellable *cancellable; /* (owned): of the reading thread */
  GString *text;             /* (owned): what that has read */
  GError *error;             /* (owned) (nullable): why it has not */
} Fixture;

static void
write_pack (Fixture *self)
{
  const OnwardPackWriter writer = { ONWARD_COMPRESSION_ZSTD, NULL, NULL };
  g_autofree char *folder = g_build_filename (self->dir, "tree", NULL);
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  g_autoptr (OnwardTree) scanned = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) info = NULL;
  g_autoptr (GBytes) head = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (OnwardFd) fd = -1;

  onward_test_write (folder, "file", TEXT);
  fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  scanned = onward_tree_scan (fd, NULL, &error);
  g_assert_no_error (error);
  onward_pack_writer_write_full (&writer, fd, scanned, self->dir, &tree, &info, NULL, &error);
  g_assert_no_error (error);

  name = onward_pack_info_dup_file_name (info);
  path = g_build_filename (self->dir, name, NULL);
  g_assert_true (g_file_get_contents (path, &self->contents, &self->size, NULL));
  head = g_bytes_new (self->contents, onward_pack_info_get_head_size (info));
  self->head = onward_pack_head_parse (head, self->size, NULL, &error);
  g_assert_no_error (error);
}

static void
put_part (Fixture *self, gboolean is_right)
{
  g_autofree char *wrong = g_strnfill (self->size, 'x');

  g_assert_true (g_file_set_contents (self->part, is_right ? self->contents : wrong,
                                      (gssize) self->size, NULL));
}

static void
set_up (Fixture *self, gconstpointer data)
{
  const OnwardFrame *frame;

  self->dir = onward_test_make_dir ();
  self->part = g_build_filename (self->dir, "part", NULL);
  write_pack (self);
  put_part (self, FALSE);
  frame = onward_pack_head_get_frame (self->head, 0);
  self->frame = onward_ranges_new ();
  onward_ranges_add (self->frame, frame->offset, frame->offset + frame->stored_size);
  self->arrival = onward_arrival_new (self->part, self->frame);
  self->cancellable = g_cancellable_new ();
  self->text = g_string_new ("");
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  onward_arrival_free (self->arrival);
  onward_ranges_free (self->frame);
  onward_pack_head_unref (self->head);
  g_object_unref (self->cancellable);
  g_string_free (self->text, TRUE);
  g_clear_error (&self->error);
  onward_test_remove_dir (self->dir);
  g_free (self->contents);
  g_free (self->part);
}

static gboolean
take (guint64 offset, gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  g_string_append_len (user_data, data, (gssize) size);
  return TRUE;
}

static gpointer
read_in_thread (gpointer data)
{
  Fixture *self = data;
  g_autoptr (OnwardPackReader) reader = onward_arrival_open (self->arrival, self->head);

  (void) onward_pack_reader_read_frame (reader, 0, take, self->text, self->cancellable,
                                        &self->error);
  return NULL;
}

static gpointer
wait_in_thread (gpointer data)
{
  Fixture *self = data;

  (void) onward_arrival_wait_confirmed (self->arrival, self->cancellable, &self->error);
  return NULL;
}

/* Waits for news until there is none any more. */
static gpointer
watch_in_thread (gpointer data)
{
  Fixture *self = data;
  g_autoptr (OnwardPackReader) reader = onward_arrival_open (self->arrival, self->head);
  guint seen = 0;

  while (!onward_pack_reader_has_frame (reader, 0) &&
         onward_pack_reader_wait_news (reader, &seen, self->cancellable, &self->error))
    ;
  return NULL;
}

/* Who reads waits until it is told that the bytes are right, and then finds them, though the file
 * was another one before. */
static void
test_proven (Fixture *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) half = onward_ranges_copy (self->frame);
  g_autoptr (OnwardPackReader) reader = onward_arrival_open (self->arrival, self->head);
  OnwardRange range = *onward_ranges_get (self->frame, 0);
  GThread *thread = g_thread_new ("reader", read_in_thread, self);

  onward_ranges_subtract (half, range.end - 1, range.end);
  put_part (self, TRUE);
  g_assert_false (onward_pack_reader_has_frame (reader, 0));
  onward_arrival_prove (self->arrival, half);
  g_assert_false (onward_pack_reader_has_frame (reader, 0));
  onward_arrival_prove (self->arrival, self->frame);
  g_assert_true (onward_pack_reader_has_frame (reader, 0));
  g_thread_join (thread);
  g_assert_no_error (self->error);
  g_assert_cmpstr (self->text->str, ==, TEXT);
}

/* Who looks what has come misses nothing, and a frame can begin when its first byte is there. */
static void
test_news (Fixture *self, gconstpointer data)
{
  g_autoptr (OnwardPackReader) reader = onward_arrival_open (self->arrival, self->head);
  OnwardRange range = *onward_ranges_get (self->frame, 0);
  GThread *thread = g_thread_new ("reader", watch_in_thread, self);

  g_assert_false (onward_pack_reader_can_begin (reader, 0));
  for (guint64 at = range.start; at < range.end; at++)
    {
      g_autoptr (OnwardRanges) byte = onward_ranges_new ();

      onward_ranges_add (byte, at, at + 1);
      onward_arrival_prove (self->arrival, byte);
      g_assert_true (onward_pack_reader_can_begin (reader, 0));
    }
  g_thread_join (thread);
  g_assert_no_error (self->error);
}

/* What is not fetched never arrives: nobody waits for that. */
static void
test_unwanted (Fixture *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) nothing = onward_ranges_new ();

  onward_arrival_free (self->arrival);
  self->arrival = onward_arrival_new (self->part, nothing);
  (void) watch_in_thread (self);
  g_assert_no_error (self->error);
  (void) read_in_thread (self);
  g_assert_error (self->error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT);
}

/* A file that is not there although its bytes are said to be is an error. */
static void
test_missing (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (g_unlink (self->part), ==, 0);
  onward_arrival_prove (self->arrival, self->frame);
  (void) read_in_thread (self);
  g_assert_error (self->error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
}

/* Whoever waits is woken up to end, whether he has begun to wait or is about to. */
static void
test_cancelled (Fixture *self, gconstpointer data)
{
  static const GThreadFunc waits[] = { read_in_thread, wait_in_thread, watch_in_thread };

  for (guint i = 0; i < G_N_ELEMENTS (waits); i++)
    for (guint delay = 0; delay < 20; delay++)
      {
        GThread *thread = g_thread_new ("reader", waits[i], self);

        g_usleep (delay * 100);
        g_cancellable_cancel (self->cancellable);
        g_thread_join (thread);
        g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        g_clear_error (&self->error);
        g_cancellable_reset (self->cancellable);
      }
  g_assert_cmpstr (self->text->str, ==, "");
}

/* That everything has arrived is not that it may get its name. */
static void
test_confirmed (Fixture *self, gconstpointer data)
{
  GThread *thread = g_thread_new ("reader", wait_in_thread, self);

  onward_arrival_prove (self->arrival, self->frame);
  onward_arrival_confirm (self->arrival);
  g_thread_join (thread);
  g_assert_no_error (self->error);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "/arrival/proven", test_proven },       { "/arrival/unwanted", test_unwanted },
    { "/arrival/missing", test_missing },     { "/arrival/cancelled", test_cancelled },
    { "/arrival/confirmed", test_confirmed }, { "/arrival/news", test_news },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
