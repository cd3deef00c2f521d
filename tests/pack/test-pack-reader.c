/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-fd.h"
#include "onward-file.h"
#include "onward-pack-fixture.h"
#include "onward-pack-head-private.h"

static gboolean
count (guint64 offset, gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  guint64 *counted = user_data;

  g_assert_cmpuint (offset, ==, *counted);
  *counted += size;
  return TRUE;
}

static gboolean
refuse (guint64 offset, gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "Full");
  return FALSE;
}

static GBytes *
have_nothing (const OnwardDigest *digest, guint64 size, gpointer user_data, GError **error)
{
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT, "Damaged");
  return NULL;
}

static GBytes *
have_other (const OnwardDigest *digest, guint64 size, gpointer user_data, GError **error)
{
  return onward_test_bytes_random (1, size + GPOINTER_TO_SIZE (user_data));
}

/* Three frames: executables of two processors, a text. */
static OnwardPackInfo *
write_pack (OnwardPackFixture *fixture)
{
  const char *dir = fixture->new_dir;

  onward_pack_fixture_write (dir, "arm", onward_test_bytes_code_arm64 (1, 90000));
  onward_pack_fixture_write (dir, "app", onward_test_bytes_code (2, 90000));
  onward_pack_fixture_write (dir, "c.txt", onward_test_bytes_text (3, 90000));
  return onward_pack_fixture_write_full (fixture, dir, NULL);
}

static OnwardPackInfo *
write_delta (OnwardPackFixture *fixture)
{
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) full = NULL;
  g_autoptr (GBytes) old_bytes = onward_test_bytes_random (5, 50000);

  onward_pack_fixture_write (fixture->old_dir, "a", g_bytes_ref (old_bytes));
  onward_pack_fixture_write (fixture->new_dir, "a", onward_test_bytes_change (old_bytes, 9000));
  full = onward_pack_fixture_write_full (fixture, fixture->new_dir, &tree);
  return onward_pack_fixture_write_delta (fixture, tree);
}

/* Makes the pack again with only the bytes from @start to @end there. */
static void
keep_only (OnwardPackFixture *fixture, OnwardPackInfo *info, guint64 start, guint64 end)
{
  g_autoptr (GBytes) pack = onward_pack_fixture_read_pack (fixture, info);
  g_autofree char *path = onward_pack_fixture_dup_path (fixture, info);
  g_auto (OnwardFd) fd = open (path, O_WRONLY | O_TRUNC | O_CLOEXEC);
  const guint8 *data = g_bytes_get_data (pack, NULL);

  g_assert_cmpint (ftruncate (fd, (off_t) g_bytes_get_size (pack)), ==, 0);
  g_assert_cmpint (pwrite (fd, data + start, end - start, (off_t) start), ==, end - start);
}

/* A frame can be read when nothing else of the pack is there, not even the head. */
static void
test_holes (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) info = write_pack (fixture);
  g_autoptr (OnwardPackReader) reader = onward_pack_fixture_open_pack (fixture, info);
  OnwardPackHead *head = onward_pack_reader_get_head (reader);
  const OnwardFrame *frame;
  g_autoptr (GError) error = NULL;
  guint64 counted = 0;

  g_assert_cmpuint (onward_pack_head_get_n_frames (head), ==, 3);
  frame = onward_pack_head_get_frame (head, 2);
  keep_only (fixture, info, frame->offset, frame->offset + frame->stored_size);

  g_assert_true (onward_pack_reader_read_frame (reader, 2, count, &counted, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (counted, ==, 90000);
}

/* A compressed frame that is a hole is an error. */
static void
test_hole_itself (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) info = write_pack (fixture);
  g_autoptr (OnwardPackReader) reader = onward_pack_fixture_open_pack (fixture, info);
  g_autoptr (GError) error = NULL;
  guint64 counted = 0;

  keep_only (fixture, info, 0, 4096);
  g_assert_false (onward_pack_reader_read_frame (reader, 2, count, &counted, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
}

/* A file shorter than the pack is an error, not a bus error. */
static void
test_cut (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) info = write_pack (fixture);
  g_autoptr (OnwardPackReader) reader = onward_pack_fixture_open_pack (fixture, info);
  g_autofree char *path = onward_pack_fixture_dup_path (fixture, info);
  g_autoptr (GError) error = NULL;
  guint64 counted = 0;

  g_assert_cmpint (truncate (path, (off_t) onward_pack_info_get_size (info) - 1), ==, 0);
  g_assert_false (onward_pack_reader_read_frame (reader, 2, count, &counted, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT);
  g_assert_cmpuint (counted, ==, 0);
  g_clear_error (&error);
  g_assert_true (onward_pack_reader_read_frame (reader, 1, count, &counted, NULL, &error));
  g_assert_no_error (error);
}

/* The sink's error and cancelling come back as they are. */
static void
test_stopped (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) info = write_pack (fixture);
  g_autoptr (OnwardPackReader) reader = onward_pack_fixture_open_pack (fixture, info);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (onward_pack_reader_read_frame (reader, 0, refuse, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_clear_error (&error);
  g_cancellable_cancel (cancelled);
  g_assert_false (onward_pack_reader_read_frame (reader, 0, refuse, NULL, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A delta frame needs its old content: without it, or with one of another size, it is an error. */
static void
test_delta_source (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) info = write_delta (fixture);
  g_autoptr (OnwardPackReader) reader = onward_pack_fixture_open_pack (fixture, info);
  g_autoptr (GError) error = NULL;
  guint64 counted = 0;

  g_assert_false (onward_pack_reader_read_frame (reader, 0, count, &counted, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_clear_error (&error);

  onward_pack_reader_set_source (reader, have_nothing, NULL);
  g_assert_false (onward_pack_reader_read_frame (reader, 0, count, &counted, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT);
  g_clear_error (&error);

  onward_pack_reader_set_source (reader, have_other, GSIZE_TO_POINTER (1));
  g_assert_false (onward_pack_reader_read_frame (reader, 0, count, &counted, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_cmpuint (counted, ==, 0);
}

/* Wrong old content of the right size gives an error or wrong bytes, but never more of them. */
static void
test_delta_wrong_source (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autoptr (OnwardPackInfo) info = write_delta (fixture);
  g_autoptr (OnwardPackReader) reader = onward_pack_fixture_open_pack (fixture, info);
  g_autoptr (GError) error = NULL;
  guint64 counted = 0;
  gboolean ok;

  onward_pack_reader_set_source (reader, have_other, NULL);
  ok = onward_pack_reader_read_frame (reader, 0, count, &counted, NULL, &error);
  g_assert_true (ok == (error == NULL));
  g_assert_cmpuint (counted, <=, 50000);
}

#define FAR      (G_GUINT64_CONSTANT (5) << 30)
#define FAR_TEXT "far away"

static gboolean
expect_far (guint64 offset, gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  guint *n_calls = user_data;

  g_assert_cmpuint (offset, ==, 0);
  g_assert_cmpmem (data, size, FAR_TEXT, strlen (FAR_TEXT));
  (*n_calls)++;
  return TRUE;
}

/* The head of a pack of two stored frames, the first one of more than 4 GiB. */
static GBytes *
make_far_head (void)
{
  const guint64 sizes[] = { FAR, strlen (FAR_TEXT) };
  const char *const names[] = { "a", "b" };
  g_autoptr (GArray) entries = g_array_new (FALSE, TRUE, sizeof (OnwardTreeEntry));
  g_autoptr (GArray) frames = g_array_new (FALSE, TRUE, sizeof (OnwardFrame));
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (GError) error = NULL;
  GBytes *head;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      OnwardTreeEntry entry = { .path = names[i],
                                .kind = ONWARD_ENTRY_FILE,
                                .mode = 0644,
                                .size = sizes[i],
                                .link_target = "",
                                .component = "",
                                .frame = i };
      OnwardFrame frame = { .method = ONWARD_FRAME_STORED,
                            .size = sizes[i],
                            .stored_size = sizes[i] };

      onward_digest_of_data (names[i], 1, &entry.digest);
      g_array_append_val (entries, entry);
      g_array_append_val (frames, frame);
    }
  tree = onward_tree_new (entries, &error);
  g_assert_no_error (error);
  head = onward_pack_head_serialize (NULL, tree, frames, NULL, &error);
  g_assert_no_error (error);
  return head;
}

/* A frame that begins beyond 4 GiB is found there, and one that is larger is read from its start;
 * the file is a hole. */
static void
test_far (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_autofree char *path = g_build_filename (fixture->packs, "far", NULL);
  g_autoptr (GBytes) bytes = make_far_head ();
  gsize head_size = g_bytes_get_size (bytes);
  guint64 size = head_size + FAR + strlen (FAR_TEXT);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardPackHead) head = onward_pack_head_parse (bytes, size, NULL, &error);
  g_autoptr (OnwardPackReader) reader = NULL;
  guint n_calls = 0;
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, (off_t) size), ==, 0);
  g_assert_cmpint (pwrite (fd, FAR_TEXT, strlen (FAR_TEXT), (off_t) (head_size + FAR)), ==,
                   (gssize) strlen (FAR_TEXT));
  reader = onward_pack_reader_new (fd, head);
  g_assert_true (onward_pack_reader_read_frame (reader, 1, expect_far, &n_calls, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_calls, ==, 1);
  g_assert_false (onward_pack_reader_read_frame (reader, 0, refuse, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/pack-reader/holes", test_holes);
  g_test_add_func ("/pack-reader/hole-itself", test_hole_itself);
  g_test_add_func ("/pack-reader/cut", test_cut);
  g_test_add_func ("/pack-reader/stopped", test_stopped);
  g_test_add_func ("/pack-reader/delta-source", test_delta_source);
  g_test_add_func ("/pack-reader/delta-wrong-source", test_delta_wrong_source);
  g_test_add_func ("/pack-reader/far", test_far);
  return g_test_run ();
}
