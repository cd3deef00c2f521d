/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-transfer-fixture.h"

#define SIZE  600000
#define BLOCK 65536

/* A disk that fails: this program's own reads and writes of one file pass through it. */
static struct
{
  ino_t file; /* 0 for every one */
  off_t from, to;
  gboolean breaks_reads;
  gboolean breaks_writes;
  GCancellable *cancelled_by_writes;
} disk;

static gboolean
is_broken (int fd, off_t offset, size_t size)
{
  struct stat info;

  return offset < disk.to && offset + (off_t) size > disk.from && fstat (fd, &info) == 0 &&
         S_ISREG (info.st_mode) && (disk.file == 0 || info.st_ino == disk.file);
}

ssize_t
pread (int fd, void *data, size_t size, off_t offset)
{
  if (disk.breaks_reads && is_broken (fd, offset, size))
    {
      errno = EIO;
      return -1;
    }
  return syscall (SYS_pread64, fd, data, size, offset);
}

ssize_t
pwrite (int fd, const void *data, size_t size, off_t offset)
{
  if (disk.cancelled_by_writes != NULL)
    g_cancellable_cancel (disk.cancelled_by_writes);
  if (disk.breaks_writes && is_broken (fd, offset, size))
    {
      errno = EIO;
      return -1;
    }
  return syscall (SYS_pwrite64, fd, data, size, offset);
}

static ino_t
get_file (OnwardTransferFixture *fixture)
{
  struct stat info;

  g_assert_cmpint (lstat (fixture->path, &info), ==, 0);
  return info.st_ino;
}

static gboolean
on_too_late (gpointer user_data)
{
  g_assert_not_reached ();
  return G_SOURCE_REMOVE;
}

/* Deadlines take half a minute here; who waits for one is hanging. */
static GError *
run_at_once (OnwardTransfer *transfer)
{
  guint guard = g_timeout_add_seconds (25, on_too_late, NULL);
  GError *error = onward_transfer_fixture_run (transfer, NULL);

  g_source_remove (guard);
  return error;
}

/* A disk that takes nothing ends the run at once: a server that stalls is not waited for. */
static void
test_disk_write_error_ends_the_run (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);
  g_autoptr (GError) error = NULL;

  disk.breaks_writes = TRUE;
  disk.to = G_MAXINT64;
  onward_fault_server_script (fixture->server, "stall 100000", NULL);
  error = run_at_once (transfer);
  disk.breaks_writes = FALSE;
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, g_strerror (EIO)));
}

/* A connection that brings wrong blocks is given up at once, and the next one asked. */
static void
test_disk_damage_ends_the_connection (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) transfer = onward_transfer_fixture_make (fixture, -1);
  g_autoptr (GError) error = NULL;

  onward_fault_server_script (fixture->server, "shift 1; stall 300000", "ok", NULL);
  error = run_at_once (transfer);
  g_assert_no_error (error);
  onward_transfer_fixture_check (fixture);
}

static OnwardTransfer *
go_on (OnwardTransferFixture *fixture, guint64 end)
{
  g_autoptr (OnwardRanges) received = onward_ranges_new ();
  OnwardTransfer *transfer = onward_transfer_fixture_make (fixture, -1);

  onward_ranges_add (received, 0, end);
  onward_transfer_set_received (transfer, NULL, received);
  return transfer;
}

/* Fetches a file of which @end bytes are there, but for those that the disk does not give back. */
static void
fetch_again (guint64 end, off_t from, off_t to, guint64 expected)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) first = onward_transfer_fixture_make (fixture, -1);
  g_autoptr (OnwardTransfer) second = NULL;
  g_autoptr (GError) error = onward_transfer_fixture_run (first, NULL);

  g_assert_no_error (error);
  disk.file = get_file (fixture);
  disk.from = from;
  disk.to = to;
  disk.breaks_reads = TRUE;
  second = go_on (fixture, end);
  error = onward_transfer_fixture_run (second, NULL);
  disk.breaks_reads = FALSE;
  g_assert_no_error (error);
  g_assert_cmpuint (get_file (fixture), !=, disk.file);
  g_assert_cmpuint (onward_transfer_get_bytes_on_wire (second), ==, expected);
  onward_transfer_fixture_check (fixture);
}

/* What the disk does not give back is fetched again, alone, and into a new file: the old place
 * would not give it back either. */
static void
test_disk_unreadable_block (void)
{
  fetch_again (SIZE, 3 * BLOCK + 10, 3 * BLOCK + 11, BLOCK);
}

/* The beginning of a block that cannot be read is begun anew; the blocks before it are kept. */
static void
test_disk_unreadable_beginning (void)
{
  fetch_again (4 * BLOCK + 1000, 4 * BLOCK, 4 * BLOCK + 100, SIZE - 4 * BLOCK);
}

/* Who cancels while the new file is made waits for no more than a block, and has the old one. */
static void
test_disk_renewal_is_cancelled (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) first = onward_transfer_fixture_make (fixture, -1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *new_path = g_strconcat (fixture->path, ".new", NULL);
  g_autoptr (OnwardTransfer) second = NULL;
  g_autoptr (GError) error = onward_transfer_fixture_run (first, NULL);

  g_assert_no_error (error);
  disk.file = get_file (fixture);
  disk.from = 3 * BLOCK;
  disk.to = 4 * BLOCK;
  disk.breaks_reads = TRUE;
  disk.cancelled_by_writes = cancellable;
  second = go_on (fixture, SIZE);
  error = onward_transfer_fixture_run (second, cancellable);
  disk.breaks_reads = FALSE;
  disk.cancelled_by_writes = NULL;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (get_file (fixture), ==, disk.file);
  g_assert_false (g_file_test (new_path, G_FILE_TEST_EXISTS));
  onward_transfer_fixture_check (fixture);
}

/* A disk that neither gives back nor takes anything is told as such. */
static void
test_disk_broken_altogether (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autoptr (OnwardTransfer) first = onward_transfer_fixture_make (fixture, -1);
  g_autoptr (OnwardTransfer) second = NULL;
  g_autoptr (GError) error = onward_transfer_fixture_run (first, NULL);

  g_assert_no_error (error);
  disk.file = 0;
  disk.from = 0;
  disk.to = G_MAXINT64;
  disk.breaks_reads = disk.breaks_writes = TRUE;
  second = go_on (fixture, SIZE);
  error = run_at_once (second);
  disk.breaks_reads = disk.breaks_writes = FALSE;
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "Writing"));
  g_assert_nonnull (strstr (error->message, g_strerror (EIO)));
}

/* What cannot be opened as a part gives way to a new one; what a link points at is left alone. */
static void
test_disk_unusable_part (void)
{
  g_autoptr (OnwardTransferFixture) fixture = onward_transfer_fixture_new (SIZE, BLOCK);
  g_autofree char *other = g_build_filename (fixture->dir, "other", NULL);
  g_autofree char *contents = NULL;
  g_autoptr (OnwardTransfer) transfer = NULL;

  g_assert_true (g_file_set_contents (other, "mine", -1, NULL));
  g_assert_cmpint (symlink (other, fixture->path), ==, 0);
  transfer = go_on (fixture, SIZE);
  onward_transfer_fixture_complete (fixture, transfer);
  g_assert_true (g_file_get_contents (other, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, "mine");
}

int
main (int argc, char **argv)
{
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/disk/write-error-ends-the-run", test_disk_write_error_ends_the_run);
  g_test_add_func ("/disk/damage-ends-the-connection", test_disk_damage_ends_the_connection);
  g_test_add_func ("/disk/unreadable-block", test_disk_unreadable_block);
  g_test_add_func ("/disk/unreadable-beginning", test_disk_unreadable_beginning);
  g_test_add_func ("/disk/renewal-is-cancelled", test_disk_renewal_is_cancelled);
  g_test_add_func ("/disk/broken-altogether", test_disk_broken_altogether);
  g_test_add_func ("/disk/unusable-part", test_disk_unusable_part);
  return g_test_run ();
}
