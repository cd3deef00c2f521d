/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include <glib/gstdio.h>

#include "flow-fixture.h"
#include "onward-error.h"

#define CHANGED_SIZE 1200000
/* Large enough for a frame of its own. */
#define KEPT_SIZE 4300000

static void
write_random (OnwardTestSite *site, const char *version, const char *name, guint size, guint32 seed)
{
  g_autofree char *path = g_build_filename (site->dir, "trees", version, "share", name, NULL);
  g_autofree guint32 *data = g_new (guint32, size / sizeof (guint32));
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < size / sizeof (guint32); i++)
    data[i] = g_rand_int (rand);
  /* Two versions of a file differ in a few places, if in any. */
  if (g_str_equal (name, "changed"))
    data[1000] = g_str_hash (version);
  g_file_set_contents (path, (const char *) data, size, &error);
  g_assert_no_error (error);
}

static void
make_tree (OnwardTestSite *site, const char *version)
{
  onward_test_site_make_tree (site, version, 1000);
  write_random (site, version, "changed", CHANGED_SIZE, 1);
  write_random (site, version, "kept", KEPT_SIZE, 2);
}

/* Versions that share a large file and nearly share another, with a delta between them. Made once,
 * and installed anew for every test. */
static OnwardTestSite *
make_site (void)
{
  OnwardAdditionOptions options = { .version = (char *) "1.1.0", .deltas = 1 };
  OnwardTestSite *site = onward_test_site_new ();

  options.compression = (char *) "zstd";
  make_tree (site, "1.0.0");
  make_tree (site, "1.1.0");
  onward_test_site_add (site, "1.0.0");
  onward_test_site_add_with (site, &options);
  return site;
}

static void
damage_set_up (FlowFixture *fixture, gconstpointer site)
{
  fixture->site = (OnwardTestSite *) site;
  fixture->install = onward_test_site_install (fixture->site, "1.0.0");
  onward_server_set_rate (fixture->site->server, 0);
  fixture->site->n_bytes = 0;
  flow_fixture_open (fixture);
}

static void
damage_tear_down (FlowFixture *fixture, gconstpointer site)
{
  flow_fixture_close (&fixture->flow);
  g_free (fixture->install);
  fixture->install = NULL;
}

/* Damages one byte of a file, so that only its digest tells. */
static void
damage (const char *path, long offset)
{
  FILE *file = NULL;

  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  file = fopen (path, "r+b");
  g_assert_nonnull (file);
  g_assert_cmpint (fseek (file, offset, SEEK_SET), ==, 0);
  g_assert_cmpint (fputc ('!', file), ==, '!');
  g_assert_cmpint (fclose (file), ==, 0);
}

static void
damage_installed (FlowFixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->install, "versions/1.0.0/share", name, NULL);

  damage (path, 70000);
}

static char *
dup_delta (FlowFixture *fixture)
{
  g_autofree char *folder = g_build_filename (fixture->site->dir, "repo", "packs", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      if (g_str_has_suffix (name, ".delta"))
        return g_build_filename (folder, name, NULL);
    }

  g_assert_not_reached ();
}

static void
assert_same_file (FlowFixture *fixture, const char *name)
{
  g_autofree char *expected_path =
      g_build_filename (fixture->site->dir, "trees/1.1.0/share", name, NULL);
  g_autofree char *actual_path = g_build_filename (fixture->install, "current/share", name, NULL);
  g_autofree char *expected = NULL;
  g_autofree char *actual = NULL;
  gsize expected_size = 0, actual_size = 0;

  g_assert_true (g_file_get_contents (expected_path, &expected, &expected_size, NULL));
  g_assert_true (g_file_get_contents (actual_path, &actual, &actual_size, NULL));
  g_assert_cmpmem (actual, actual_size, expected, expected_size);
}

/* An update on its way is never shown as one that waits for a decision, and its bar never goes
 * back. */
static void
on_status (OnwardFlow *flow, GParamSpec *pspec, gpointer user_data)
{
  OnwardStatus *status = onward_flow_get_status (flow);
  OnwardState state = onward_status_get_state (status);
  double *progress = user_data;

  g_assert_cmpint (state, !=, ONWARD_STATE_AVAILABLE);
  g_assert_cmpint (state, !=, ONWARD_STATE_IDLE);
  g_assert_cmpfloat (onward_status_get_progress (status), >=, *progress);
  *progress = onward_status_get_progress (status);
}

static void
update (FlowFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  double progress = 0.0;

  if (flow_fixture_state (fixture) != ONWARD_STATE_AVAILABLE)
    g_assert_true (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture->flow, &error));
  g_assert_no_error (error);
  g_signal_connect (fixture->flow, "notify::status", G_CALLBACK (on_status), &progress);
  flow_fixture_settle (fixture);
  g_signal_handlers_disconnect_by_data (fixture->flow, &progress);
  g_assert_cmpfloat (progress, ==, 1.0);
  g_assert_no_error (onward_status_get_error (onward_flow_get_status (fixture->flow)));
  flow_fixture_assert_current (fixture, "1.1.0");
  assert_same_file (fixture, "kept");
  assert_same_file (fixture, "changed");
}

/* A delta costs a fraction. */
static void
test_damage_none (FlowFixture *fixture, gconstpointer data)
{

  update (fixture);
  g_assert_cmpuint (fixture->site->n_bytes, <, 500000);
}

/* A file that the new version shares, and that is damaged here, is fetched in addition. */
static void
test_damage_shared_file (FlowFixture *fixture, gconstpointer data)
{

  onward_flow_set_use_deltas (fixture->flow, FALSE);
  damage_installed (fixture, "kept");
  update (fixture);
  g_assert_cmpuint (fixture->site->n_bytes, >, KEPT_SIZE);
}

/* Not even the folder has to be there. */
static void
test_damage_missing_files (FlowFixture *fixture, gconstpointer data)
{
  g_autofree char *folder = NULL;

  folder = g_build_filename (fixture->install, "versions", "1.0.0", "share", NULL);
  onward_test_remove_dir (g_steal_pointer (&folder));
  update (fixture);
}

/* A delta whose old file is damaged gives way to the full pack. */
static void
test_damage_reference_of_a_delta (FlowFixture *fixture, gconstpointer data)
{

  damage_installed (fixture, "changed");
  update (fixture);
  g_assert_cmpuint (fixture->site->n_bytes, >, CHANGED_SIZE);
  g_assert_cmpuint (fixture->site->n_bytes, <, KEPT_SIZE);
}

/* A delta does not carry what both versions share: first the full pack, then more of it. */
static void
test_damage_shared_file_beside_a_delta (FlowFixture *fixture, gconstpointer data)
{

  damage_installed (fixture, "kept");
  update (fixture);
}

/* The pause in between forgets nothing of it. */
static void
test_damage_pause_while_fetching_more (FlowFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  onward_flow_set_use_deltas (fixture->flow, FALSE);
  damage_installed (fixture, "kept");
  g_assert_true (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture->flow, &error));
  flow_fixture_run_until (fixture, ONWARD_STATE_STAGING);
  onward_server_set_rate (fixture->site->server, 2000000);
  flow_fixture_run_until (fixture, ONWARD_STATE_DOWNLOADING);
  g_assert_true (onward_flow_pause (fixture->flow, &error));
  flow_fixture_settle (fixture);
  g_assert_cmpint (flow_fixture_state (fixture), ==, ONWARD_STATE_PAUSED);

  onward_server_set_rate (fixture->site->server, 0);
  flow_fixture_finish (fixture, "1.1.0");
  assert_same_file (fixture, "kept");
}

/* A delta that the server has lost since it was planned is done without. */
static void
test_damage_lost_delta (FlowFixture *fixture, gconstpointer data)
{
  g_autofree char *away = NULL;
  g_autofree char *delta = NULL;
  g_autoptr (GError) error = NULL;

  delta = dup_delta (fixture);
  away = g_strconcat (delta, ".away", NULL);
  g_assert_true (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_cmpint (g_rename (delta, away), ==, 0);
  update (fixture);
  g_assert_cmpint (g_rename (away, delta), ==, 0);
}

/* A delta that the server has wrong is done without, too. */
static void
test_damage_wrong_delta (FlowFixture *fixture, gconstpointer data)
{
  g_autofree char *contents = NULL;
  gsize size = 0;
  g_autofree char *delta = NULL;

  delta = dup_delta (fixture);
  g_assert_true (g_file_get_contents (delta, &contents, &size, NULL));
  damage (delta, 100);
  update (fixture);
  g_assert_true (g_file_set_contents (delta, contents, (gssize) size, NULL));
}

static char *
dup_part (FlowFixture *fixture)
{
  g_autofree char *folder = g_build_filename (fixture->install, "var", "parts", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".full"))
      return g_build_filename (folder, name, NULL);
  g_assert_not_reached ();
}

/* A part that rots between two runs is fetched again where it is rotten. */
static void
test_damage_part (FlowFixture *fixture, gconstpointer data)
{
  g_autofree char *part = NULL;
  g_autoptr (GError) error = NULL;

  onward_flow_set_use_deltas (fixture->flow, FALSE);
  onward_server_set_rate (fixture->site->server, 3000000);
  g_assert_true (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture->flow, &error));
  flow_fixture_wait_for_bytes (fixture, 1100000);
  flow_fixture_close (&fixture->flow);

  part = dup_part (fixture);
  damage (part, 50);
  flow_fixture_open (fixture);
  onward_flow_set_use_deltas (fixture->flow, FALSE);
  flow_fixture_finish (fixture, "1.1.0");
  assert_same_file (fixture, "changed");
}

static void
do_nothing (OnwardFlow *flow)
{
}

/* A part that rots after it was downloaded, and before it is unpacked, is looked at once more and
 * fetched again where it is rotten. */
static void
test_damage_part_before_it_is_unpacked (FlowFixture *fixture, gconstpointer data)
{
  g_autofree char *part = NULL;
  g_autoptr (GError) error = NULL;
  double progress = 0.0;

  onward_flow_set_use_deltas (fixture->flow, FALSE);
  g_assert_true (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture->flow, &error));
  while (fixture->flow->stage == NULL)
    g_main_context_iteration (NULL, TRUE);
  /* Nothing has arrived yet; and it is not unpacked while it does. */
  onward_flow_stage_stop (fixture->flow, do_nothing);
  flow_fixture_run_until (fixture, ONWARD_STATE_VERIFYING);
  g_assert_null (fixture->flow->stage);
  part = dup_part (fixture);
  /* What is kept lies before what has changed, and is not fetched. */
  damage (part, KEPT_SIZE + 700000);
  g_signal_connect (fixture->flow, "notify::status", G_CALLBACK (on_status), &progress);
  flow_fixture_settle (fixture);
  g_signal_handlers_disconnect_by_data (fixture->flow, &progress);
  g_assert_no_error (onward_status_get_error (onward_flow_get_status (fixture->flow)));
  flow_fixture_assert_current (fixture, "1.1.0");
  assert_same_file (fixture, "changed");
}

int
main (int argc, char **argv)
{
  static const FlowTest tests[] = {
    { "/damage/none", test_damage_none },
    { "/damage/shared-file", test_damage_shared_file },
    { "/damage/missing-files", test_damage_missing_files },
    { "/damage/reference-of-a-delta", test_damage_reference_of_a_delta },
    { "/damage/shared-file-beside-a-delta", test_damage_shared_file_beside_a_delta },
    { "/damage/pause-while-fetching-more", test_damage_pause_while_fetching_more },
    { "/damage/lost-delta", test_damage_lost_delta },
    { "/damage/wrong-delta", test_damage_wrong_delta },
    { "/damage/part", test_damage_part },
    { "/damage/part-before-it-is-unpacked", test_damage_part_before_it_is_unpacked },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "5", TRUE);
  return flow_fixture_run_on_site (make_site (), tests, G_N_ELEMENTS (tests), damage_set_up,
                                   damage_tear_down);
}
