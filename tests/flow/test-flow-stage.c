/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <sys/stat.h>

#include "flow-fixture.h"

#define SIZE     4500000
#define COMPLETE 0644

static const char *const names[] = { "data", "more" };

/* Two files that are large enough for frames of their own, and new in each version. */
static OnwardTestSite *
make_site (void)
{
  static const char *const versions[] = { "1.0.0", "1.1.0" };
  OnwardTestSite *site = onward_test_site_new ();

  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *share = g_build_filename (site->dir, "trees", versions[i], "share", NULL);
      g_autofree char *from = g_build_filename (share, "data", NULL);
      g_autofree char *to = g_build_filename (share, "more", NULL);
      g_autofree char *contents = NULL;
      gsize size = 0;

      onward_test_site_make_tree (site, versions[i], SIZE);
      g_assert_true (g_file_get_contents (from, &contents, &size, NULL));
      for (gsize at = 1; at < size; at++)
        contents[at] ^= contents[at - 1];
      g_assert_true (g_file_set_contents (to, contents, (gssize) size, NULL));
      onward_test_site_add (site, versions[i]);
    }
  return site;
}

static void
stage_set_up (FlowFixture *fixture, gconstpointer data)
{
  fixture->site = (OnwardTestSite *) data;
  fixture->install = onward_test_site_install (fixture->site, "1.0.0");
  flow_fixture_open (fixture);
}

static void
stage_tear_down (FlowFixture *fixture, gconstpointer data)
{
  flow_fixture_close (&fixture->flow);
  g_free (fixture->install);
  if (fixture->site->server == NULL)
    onward_test_site_start (fixture->site);
}

/* How many of the two are staged, to the last byte; the inode number of one of them. */
static guint
count_staged (FlowFixture *fixture, ino_t *ret_inode)
{
  guint count = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path =
          g_build_filename (fixture->install, "var", "staging", "1.1.0", "share", names[i], NULL);
      struct stat info;

      if (stat (path, &info) == 0 && (info.st_mode & 07777) == COMPLETE && info.st_size == SIZE)
        {
          count++;
          *ret_inode = info.st_ino;
        }
    }
  return count;
}

static gboolean
is_installed (FlowFixture *fixture, ino_t inode)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path =
          g_build_filename (fixture->install, "current", "share", names[i], NULL);
      struct stat info;

      if (stat (path, &info) == 0 && info.st_ino == inode)
        return TRUE;
    }
  return FALSE;
}

/* Downloads until one file has arrived and the other has not, and the server gives no more. */
static void
download_half (FlowFixture *fixture)
{
  g_autoptr (GError) error = NULL;

  onward_server_set_rate (fixture->site->server, 4000000);
  g_assert_true (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture->flow, &error));
  g_assert_no_error (error);
  flow_fixture_wait_for_bytes (fixture, SIZE + 1500000);
  onward_test_site_stop (fixture->site);
}

static ino_t
wait_for_staged (FlowFixture *fixture)
{
  ino_t inode = 0;

  while (count_staged (fixture, &inode) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (count_staged (fixture, &inode), ==, 1);
  return inode;
}

static void
go_on (FlowFixture *fixture)
{
  onward_test_site_start (fixture->site);
  (void) onward_flow_retry_now (fixture->flow, NULL);
}

/* What has arrived is staged while the rest has not: the status goes on to say what is waited for.
 * The same file becomes a part of the new version. */
static void
test_stage_while_downloading (FlowFixture *fixture, gconstpointer data)
{
  ino_t inode;

  download_half (fixture);
  inode = wait_for_staged (fixture);
  flow_fixture_run_until (fixture, ONWARD_STATE_RECONNECTING);
  g_assert_cmpfloat (onward_status_get_progress (onward_flow_get_status (fixture->flow)), <, 0.85);
  g_assert_cmpuint (count_staged (fixture, &inode), ==, 1);

  go_on (fixture);
  flow_fixture_run_until (fixture, ONWARD_STATE_APPLIED);
  flow_fixture_assert_current (fixture, "1.1.0");
  g_assert_true (is_installed (fixture, inode));
}

/* A pause ends both, keeps what is staged, and resuming goes on from there. */
static void
test_stage_pause (FlowFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ino_t inode;

  download_half (fixture);
  inode = wait_for_staged (fixture);
  g_assert_true (onward_flow_pause (fixture->flow, &error));
  flow_fixture_run_until (fixture, ONWARD_STATE_PAUSED);
  g_assert_null (fixture->flow->stage);
  g_assert_cmpuint (count_staged (fixture, &inode), ==, 1);

  onward_test_site_start (fixture->site);
  g_assert_true (onward_flow_resume (fixture->flow, &error));
  flow_fixture_run_until (fixture, ONWARD_STATE_APPLIED);
  g_assert_true (is_installed (fixture, inode));
}

/* The next process goes on from what one has staged that is gone. */
static void
test_stage_left (FlowFixture *fixture, gconstpointer data)
{
  ino_t inode;

  download_half (fixture);
  inode = wait_for_staged (fixture);
  flow_fixture_open (fixture);
  onward_test_site_start (fixture->site);
  flow_fixture_finish (fixture, "1.1.0");
  g_assert_true (is_installed (fixture, inode));
}

/* Puts something in the way of what has not been begun. */
static void
obstruct (FlowFixture *fixture)
{
  g_autofree char *share =
      g_build_filename (fixture->install, "var", "staging", "1.1.0", "share", NULL);
  g_autofree char *last = g_build_filename (share, "same", NULL);

  while (!g_file_test (last, G_FILE_TEST_EXISTS))
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (share, names[i], NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        onward_test_write (share, names[i], "In the way");
    }
}

/* What goes wrong while the rest arrives is no failure: the download goes on, and it is tried once
 * more when all is here. */
static void
test_stage_failure (FlowFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  onward_server_set_rate (fixture->site->server, 4000000);
  g_assert_true (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture->flow, &error));
  flow_fixture_wait_for_bytes (fixture, 1000000);
  onward_test_site_stop (fixture->site);
  obstruct (fixture);
  flow_fixture_run_until (fixture, ONWARD_STATE_RECONNECTING);
  go_on (fixture);
  onward_server_set_rate (fixture->site->server, 4000000);
  flow_fixture_run_until (fixture, ONWARD_STATE_DOWNLOADING);
  flow_fixture_wait_for_bytes (fixture, SIZE + 1500000);
  onward_test_site_stop (fixture->site);
  while (fixture->flow->stage != NULL)
    g_main_context_iteration (NULL, TRUE);
  flow_fixture_run_until (fixture, ONWARD_STATE_RECONNECTING);

  go_on (fixture);
  flow_fixture_run_until (fixture, ONWARD_STATE_APPLIED);
  flow_fixture_assert_current (fixture, "1.1.0");
}

/* Cancelled in the middle, nothing goes on, and the choice is there again. */
static void
test_stage_cancel (FlowFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  download_half (fixture);
  (void) wait_for_staged (fixture);
  g_assert_true (onward_flow_cancel (fixture->flow, &error));
  flow_fixture_run_until (fixture, ONWARD_STATE_AVAILABLE);
  g_assert_null (fixture->flow->stage);
  flow_fixture_assert_current (fixture, "1.0.0");
}

/* A release that is no longer signed when its last byte arrives gets no name, though all of it is
 * staged. */
static void
test_stage_is_no_installation (FlowFixture *fixture, gconstpointer data)
{
  g_autofree char *version = g_build_filename (fixture->install, "versions", "1.1.0", NULL);
  g_autofree char *trust = g_build_filename (fixture->install, "var", "trust", NULL);

  download_half (fixture);
  (void) wait_for_staged (fixture);
  onward_test_remove_dir (g_steal_pointer (&trust));
  go_on (fixture);
  flow_fixture_run_until (fixture, ONWARD_STATE_FAILED);
  g_assert_null (fixture->flow->stage);
  g_assert_false (g_file_test (version, G_FILE_TEST_EXISTS));
  flow_fixture_assert_current (fixture, "1.0.0");
}

int
main (int argc, char **argv)
{
  static const FlowTest tests[] = {
    { "/stage/while-downloading", test_stage_while_downloading },
    { "/stage/pause", test_stage_pause },
    { "/stage/left", test_stage_left },
    { "/stage/failure", test_stage_failure },
    { "/stage/cancel", test_stage_cancel },
    { "/stage/is-no-installation", test_stage_is_no_installation },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "20", TRUE);
  return flow_fixture_run_on_site (make_site (), tests, G_N_ELEMENTS (tests), stage_set_up,
                                   stage_tear_down);
}
