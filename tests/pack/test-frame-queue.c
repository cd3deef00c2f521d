/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-fd.h"
#include "onward-frame-queue.h"
#include "onward-pack-fixture.h"
#include "onward-test-forbid.h"

#define N_JOBS 24

/* Jobs for files of very different sizes, so that later ones are done before earlier ones. */
static GPtrArray *
make_jobs (OnwardPackFixture *fixture, OnwardTree *tree, int dirfd)
{
  GPtrArray *jobs = g_ptr_array_new ();

  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      g_autoptr (GPtrArray) entries = g_ptr_array_new ();

      g_ptr_array_add (entries, (gpointer) onward_tree_get_entry (tree, i));
      g_ptr_array_add (jobs, onward_frame_job_new (ONWARD_COMPRESSION_LZMA, fixture->packs, dirfd,
                                                   entries, FALSE));
    }
  return jobs;
}

static OnwardTree *
make_tree (OnwardPackFixture *fixture)
{
  for (guint i = 0; i < N_JOBS; i++)
    {
      g_autofree char *name = g_strdup_printf ("%02u", i);

      onward_pack_fixture_write (fixture->new_dir, name,
                                 onward_test_bytes_text (i, i % 6 == 0 ? 300000 : 100 + i));
    }
  return onward_pack_fixture_scan (fixture->new_dir);
}

/* Jobs come back in the order in which they went in. */
static void
test_order (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_auto (OnwardFd) dirfd = onward_pack_fixture_open (fixture->new_dir);
  g_autoptr (OnwardTree) tree = make_tree (fixture);
  g_autoptr (GPtrArray) jobs = make_jobs (fixture, tree, dirfd);
  g_autoptr (OnwardFrameQueue) queue = onward_frame_queue_new (0, NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < jobs->len; i++)
    onward_frame_queue_push (queue, g_ptr_array_index (jobs, i));
  for (guint i = 0; i < jobs->len; i++)
    {
      g_autoptr (OnwardFrameJob) job = onward_frame_queue_pop (queue, NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_true (job == g_ptr_array_index (jobs, i));
      g_assert_nonnull (job->stored);
      g_assert_cmpuint (job->frame.size, ==, job->size);
    }
}

/* It takes only so many jobs that their results cannot pile up without bound. */
static void
test_bound (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_auto (OnwardFd) dirfd = onward_pack_fixture_open (fixture->new_dir);
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardFrameQueue) queue = onward_frame_queue_new (0, NULL);
  guint n_pushed = 0;

  onward_pack_fixture_write (fixture->new_dir, "a", g_bytes_new_static ("a", 1));
  tree = onward_pack_fixture_scan (fixture->new_dir);
  g_ptr_array_add (entries, (gpointer) onward_tree_get_entry (tree, 0));
  for (; n_pushed < 1000 && onward_frame_queue_wants (queue); n_pushed++)
    onward_frame_queue_push (queue, onward_frame_job_new (ONWARD_COMPRESSION_LZMA, fixture->packs,
                                                          dirfd, entries, FALSE));
  g_assert_cmpuint (n_pushed, >=, 2 * g_get_num_processors ());
  g_assert_cmpuint (n_pushed, <=, 256);
}

/* Freeing it with jobs in it stops them and waits for them. */
static void
test_abandoned (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_auto (OnwardFd) dirfd = onward_pack_fixture_open (fixture->new_dir);
  g_autoptr (OnwardTree) tree = make_tree (fixture);
  g_autoptr (GPtrArray) jobs = make_jobs (fixture, tree, dirfd);
  g_autoptr (OnwardFrameQueue) queue = onward_frame_queue_new (0, NULL);

  for (guint i = 0; i < jobs->len; i++)
    onward_frame_queue_push (queue, g_ptr_array_index (jobs, i));
}

/* The caller's cancellable stops every job; each then says so. */
static void
test_cancelled (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_auto (OnwardFd) dirfd = onward_pack_fixture_open (fixture->new_dir);
  g_autoptr (OnwardTree) tree = make_tree (fixture);
  g_autoptr (GPtrArray) jobs = make_jobs (fixture, tree, dirfd);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (OnwardFrameQueue) queue = onward_frame_queue_new (0, cancellable);
  guint n_cancelled = 0;

  for (guint i = 0; i < jobs->len; i++)
    onward_frame_queue_push (queue, g_ptr_array_index (jobs, i));
  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < jobs->len; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OnwardFrameJob) job = onward_frame_queue_pop (queue, NULL, NULL, &error);

      g_assert_true ((job == NULL) == (error != NULL));
      if (job == NULL)
        {
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
          n_cancelled++;
        }
    }
  g_assert_cmpuint (n_cancelled, >, 0);
}

/* Where no thread can be made every job runs all the same, and one that is left is no harm. */
static void
test_no_threads (void)
{
  if (g_test_subprocess ())
    {
      onward_test_forbid_threads ();
      test_order ();
      test_cancelled ();
      test_abandoned ();
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/frame-queue/order", test_order);
  g_test_add_func ("/frame-queue/bound", test_bound);
  g_test_add_func ("/frame-queue/abandoned", test_abandoned);
  g_test_add_func ("/frame-queue/cancelled", test_cancelled);
  g_test_add_func ("/frame-queue/no-threads", test_no_threads);
  return g_test_run ();
}
