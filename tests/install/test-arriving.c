/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>

#include "onward-error.h"
#include "onward-fd.h"
#include "onward-staging.h"
#include "update-fixture.h"

#define STAGED "var/staging/2.0.0/"

/* Nothing here takes that long. */
#define PATIENCE (60 * G_TIME_SPAN_SECOND)

/* A pack that is full of holes, which are filled when somebody waits for it, and not before. */
typedef struct
{
  Update *update;
  GMutex lock; /* for what follows */
  TestPack *whole;
  TestPack *part;            /* (owned) */
  OnwardRanges *here;        /* (owned) */
  GHashTable *frames;        /* (owned): the frames that were waited for */
  int fd;                    /* (owned) */
  const char *expected;      /* (nullable): a file that is staged before more than it needs comes */
  gboolean is_lost;          /* nothing comes any more */
  GCancellable *cancellable; /* (nullable): cancelled */
  guint cancel_at;           /* when so many files are done */
} Arrival;

static void
arrival_init (Arrival *self, Update *update, TestPack *whole)
{
  *self = (Arrival){ .update = update, .whole = whole };
  g_mutex_init (&self->lock);
  self->here = onward_ranges_new ();
  self->part = test_pack_new_partial (&update->fixture, whole, self->here);
  self->frames = g_hash_table_new (NULL, NULL);
  self->fd = open (self->part->path, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (self->fd, >=, 0);
}

static void
arrival_clear (Arrival *self)
{
  onward_fd_close (self->fd);
  g_hash_table_unref (self->frames);
  test_pack_free (self->part);
  onward_ranges_free (self->here);
  g_mutex_clear (&self->lock);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Arrival, arrival_clear)

static void
arrive (Arrival *self, guint64 start, guint64 end)
{
  g_autoptr (OnwardRanges) ranges = onward_ranges_new ();

  onward_ranges_add (ranges, start, end);
  test_pack_fetch (self->part, self->whole, ranges);
  onward_ranges_add (self->here, start, end);
}

static void
note_frame (Arrival *self, guint64 start)
{
  guint last = onward_pack_head_get_n_frames (self->whole->head) - 1;

  for (guint i = 0; i <= last; i++)
    {
      const OnwardFrame *frame = onward_pack_head_get_frame (self->whole->head, i);

      if (start >= frame->offset && start < frame->offset + frame->stored_size)
        g_hash_table_add (self->frames, GUINT_TO_POINTER (i + 1));
    }
}

static gboolean
has (guint64 start, guint64 end, gpointer user_data)
{
  Arrival *self = user_data;
  gboolean is_here;

  g_mutex_lock (&self->lock);
  is_here = onward_ranges_contain (self->here, start, end);
  g_mutex_unlock (&self->lock);
  return is_here;
}

static gboolean
lose (GError **error)
{
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_OFFLINE, "Nothing comes any more");
  return FALSE;
}

static int
wait_for (guint64 start, guint64 end, gpointer user_data, GCancellable *cancellable, GError **error)
{
  Arrival *self = user_data;

  if (has (start, end, self))
    return self->fd;
  if (self->is_lost)
    {
      (void) lose (error);
      return -1;
    }

  g_mutex_lock (&self->lock);
  note_frame (self, start);
  arrive (self, start, end);
  g_mutex_unlock (&self->lock);
  return self->fd;
}

static const OnwardTreeEntry *
look_up (TestPack *pack, const char *path)
{
  const OnwardTreeEntry *entry = onward_tree_lookup (pack->tree, path);

  g_assert_nonnull (entry);
  return entry;
}

static guint
find_frame (TestPack *pack, const char *path)
{
  guint64 offset = 0;
  guint frame = 0;

  g_assert_true (onward_pack_head_locate (pack->head, look_up (pack, path), &frame, &offset));
  return frame;
}

/* What is not complete is for its owner only. */
static gboolean
is_staged (Update *self, const char *path)
{
  g_autofree char *name = g_strconcat (STAGED, path, NULL);
  struct stat info;

  if (!install_fixture_exists (&self->fixture, name))
    return FALSE;
  update_stat_file (self, name, &info);
  return (info.st_mode & 07777) == look_up (self->new, path)->mode;
}

static void
wait_for_expected (Arrival *self)
{
  const OnwardFrame *frame =
      onward_pack_head_get_frame (self->whole->head, find_frame (self->whole, self->expected));
  gint64 begun = g_get_monotonic_time ();

  if (!has (frame->offset, frame->offset + 1, self))
    return;
  for (; !is_staged (self->update, self->expected); g_usleep (1000))
    g_assert_cmpint (g_get_monotonic_time () - begun, <, PATIENCE);
}

/* The first byte of the first frame of which nothing has come. */
static gboolean
wait_news (guint *inout_seen, gpointer user_data, GCancellable *cancellable, GError **error)
{
  Arrival *self = user_data;
  guint n_frames = onward_pack_head_get_n_frames (self->whole->head);
  gboolean is_news = FALSE;

  if (self->expected != NULL)
    wait_for_expected (self);
  if (self->is_lost)
    return lose (error);

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < n_frames && !is_news; i++)
    {
      const OnwardFrame *frame = onward_pack_head_get_frame (self->whole->head, i);

      is_news = !onward_ranges_contain (self->here, frame->offset, frame->offset + 1);
      if (is_news)
        arrive (self, frame->offset, frame->offset + 1);
    }
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static void
on_progress (guint done, guint total, gpointer user_data)
{
  Arrival *self = user_data;

  if (self->cancellable != NULL && done >= self->cancel_at)
    g_cancellable_cancel (self->cancellable);
}

static gboolean
build (Arrival *self, GError **error)
{
  const OnwardPackSupply supply = { has, wait_for, wait_news, self };
  const OnwardStagingWatch watch = { on_progress, NULL, self };
  g_autoptr (OnwardPackReader) reader =
      onward_pack_reader_new_arriving (&supply, self->whole->head);

  return onward_staging_build (self->update->fixture.install, reader, NULL, "2.0.0", &watch, NULL,
                               self->cancellable, error);
}

/* Of a pack that holds nothing, the first frame is staged though nothing of the next one comes; no
 * byte is read that was not waited for. */
static void
test_arriving_full (Update *self, gconstpointer data)
{
  gboolean is_first =
      find_frame (self->new, "share/new.txt") < find_frame (self->new, "data/big.bin");
  g_auto (Arrival) arrival = { 0 };
  g_autoptr (GError) error = NULL;

  arrival_init (&arrival, self, self->new);
  arrival.expected = is_first ? "share/new.txt" : "data/big.bin";
  build (&arrival, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_hash_table_size (arrival.frames), ==, 2);
  update_assert_updated (self);
}

/* What needs no pack is staged before a delta is waited for. */
static void
test_arriving_delta (Update *self, gconstpointer data)
{
  g_auto (Arrival) arrival = { 0 };
  g_autoptr (GError) error = NULL;

  arrival_init (&arrival, self, self->delta);
  arrival.is_lost = TRUE;
  g_assert_false (build (&arrival, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_OFFLINE);
  g_clear_error (&error);
  g_assert_true (install_fixture_exists (&self->fixture, STAGED "lib/large.so"));
  g_assert_false (install_fixture_exists (&self->fixture, "versions/2.0.0"));

  arrival.is_lost = FALSE;
  build (&arrival, &error);
  g_assert_no_error (error);
  update_assert_updated (self);
}

/* A frame that is there is not kept waiting by one before it. */
static void
test_arriving_out_of_order (Update *self, gconstpointer data)
{
  guint text = find_frame (self->new, "share/new.txt");
  guint big = find_frame (self->new, "data/big.bin");
  const OnwardFrame *last = onward_pack_head_get_frame (self->new->head, MAX (text, big));
  g_auto (Arrival) arrival = { 0 };
  g_autoptr (GError) error = NULL;

  arrival_init (&arrival, self, self->new);
  arrive (&arrival, last->offset, last->offset + last->stored_size);
  arrival.is_lost = TRUE;
  arrival.expected = text > big ? "share/new.txt" : "data/big.bin";
  g_assert_false (build (&arrival, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_OFFLINE);
  g_assert_true (is_staged (self, arrival.expected));
}

/* The inode numbers of the files that are complete. */
static GHashTable *
list_complete (Update *self)
{
  GHashTable *complete = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < onward_tree_get_n_entries (self->new->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->new->tree, i);
      g_autofree char *name = g_strconcat (STAGED, entry->path, NULL);
      struct stat info;

      if (entry->kind != ONWARD_ENTRY_FILE || !is_staged (self, entry->path))
        continue;
      update_stat_file (self, name, &info);
      g_hash_table_insert (complete, (gpointer) entry->path, GSIZE_TO_POINTER (info.st_ino));
    }
  return complete;
}

/* How many frames hold something that is new and not there. */
static guint
count_needed (Update *self, GHashTable *complete)
{
  g_autoptr (GHashTable) frames = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < onward_tree_get_n_entries (self->new->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->new->tree, i);

      if (entry->kind == ONWARD_ENTRY_FILE && entry->size > 0 &&
          !g_hash_table_contains (complete, entry->path))
        g_hash_table_add (frames, GUINT_TO_POINTER (find_frame (self->new, entry->path) + 1));
    }
  return g_hash_table_size (frames);
}

static void
assert_kept (Update *self, GHashTable *complete, const char *folder)
{
  GHashTableIter iter;
  gpointer path, inode;

  g_hash_table_iter_init (&iter, complete);
  while (g_hash_table_iter_next (&iter, &path, &inode))
    {
      g_autofree char *name = g_strconcat (folder, path, NULL);
      struct stat info;

      update_stat_file (self, name, &info);
      g_assert_true (info.st_ino == GPOINTER_TO_SIZE (inode));
    }
}

/* Stopped after each file in turn, the next run writes none of those anew that were complete, and
 * uncompresses only frames that hold something still missing. */
static void
test_arriving_resume (Update *self, gconstpointer data)
{
  guint n_files = onward_tree_get_n_files (self->new->tree);

  for (guint stop = 1; stop <= n_files; stop++)
    {
      g_autoptr (GHashTable) complete = list_complete (self);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_auto (Arrival) arrival = { 0 };
      g_autoptr (GError) error = NULL;

      arrival_init (&arrival, self, self->new);
      arrival.cancellable = cancellable;
      arrival.cancel_at = stop;
      g_assert_false (build (&arrival, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpuint (g_hash_table_size (complete), >=, stop - 1);
      g_assert_cmpuint (g_hash_table_size (arrival.frames), <=, count_needed (self, complete));
      assert_kept (self, complete, STAGED);
    }

  update_assert_builds (self, self->new, "2.0.0");
  update_assert_updated (self);
}

/* Nine files of ten are complete: the rest costs its own frame and nothing else. */
static void
test_arriving_resume_at_the_end (Update *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GHashTable) complete = NULL;
  g_autofree char *big = install_fixture_path (&self->fixture, STAGED "data/big.bin");
  g_auto (Arrival) first = { 0 };
  g_auto (Arrival) second = { 0 };
  g_autoptr (GError) error = NULL;

  arrival_init (&first, self, self->new);
  first.cancellable = cancellable;
  first.cancel_at = onward_tree_get_n_files (self->new->tree);
  g_assert_false (build (&first, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpint (unlink (big), ==, 0);

  complete = list_complete (self);
  g_assert_cmpuint (g_hash_table_size (complete), ==, first.cancel_at - 1);
  arrival_init (&second, self, self->new);
  build (&second, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_hash_table_size (second.frames), ==, 1);
  g_assert_true (g_hash_table_contains (
      second.frames, GUINT_TO_POINTER (find_frame (self->new, "data/big.bin") + 1)));
  assert_kept (self, complete, "versions/2.0.0/");
  update_assert_updated (self);
}

/* clang-format off */
static const UpdateTest tests[] = {
  { "/arriving/full", test_arriving_full },
  { "/arriving/delta", test_arriving_delta },
  { "/arriving/out-of-order", test_arriving_out_of_order },
  { "/arriving/resume", test_arriving_resume },
  { "/arriving/resume-at-the-end", test_arriving_resume_at_the_end },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return update_run_tests (argc, argv, tests, G_N_ELEMENTS (tests), NULL);
}
