/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>

#include "flow-fixture.h"
#include "onward-error.h"

#define SIZE    1200000
#define N_LINKS 4
/* What a chain costs at most, documents, metadata and heads included. */
#define MAX_CHAIN 120000

/* Each version differs from the last in a few places of a large file, and has a small one of its
 * own. */
static void
make_tree (OnwardTestSite *site, guint index)
{
  g_autofree char *version = g_strdup_printf ("1.%u.0", index);
  g_autofree char *path = g_build_filename (site->dir, "trees", version, "share", "large", NULL);
  g_autofree guint32 *data = g_new (guint32, SIZE / sizeof (guint32));
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autoptr (GError) error = NULL;

  onward_test_site_make_tree (site, version, 1000);
  for (guint i = 0; i < SIZE / sizeof (guint32); i++)
    data[i] = g_rand_int (rand);
  for (guint i = 1; i <= index; i++)
    data[1000 * i] = i;
  g_file_set_contents (path, (const char *) data, SIZE, &error);
  g_assert_no_error (error);
}

/* Versions 1.0.0 to 1.4.0, with a delta only from each to the next. */
static OnwardTestSite *
make_site (void)
{
  OnwardTestSite *site = onward_test_site_new ();

  for (guint i = 0; i <= N_LINKS; i++)
    {
      g_autofree char *version = g_strdup_printf ("1.%u.0", i);
      OnwardAdditionOptions options = { .version = version, .deltas = 1 };

      options.compression = (char *) "zstd";
      make_tree (site, i);
      onward_test_site_add_with (site, &options);
    }
  return site;
}

static void
chain_set_up (FlowFixture *fixture, gconstpointer site)
{
  fixture->site = (OnwardTestSite *) site;
  onward_server_set_rate (fixture->site->server, 0);
}

static void
chain_tear_down (FlowFixture *fixture, gconstpointer site)
{
  flow_fixture_close (&fixture->flow);
  g_clear_pointer (&fixture->install, g_free);
}

static void
install (FlowFixture *fixture, const char *version)
{
  fixture->install = onward_test_site_install (fixture->site, version);
  flow_fixture_open (fixture);
  fixture->site->n_bytes = 0;
}

static void
start (FlowFixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_no_error (error);
  g_assert_true (onward_flow_start (fixture->flow, &error));
  g_assert_no_error (error);
}

/* The newest version is there as published, and no other but the one before. */
static void
assert_updated (FlowFixture *fixture, const char *from)
{
  g_autofree char *expected_path =
      g_build_filename (fixture->site->dir, "trees/1.4.0/share/large", NULL);
  g_autofree char *actual_path = g_build_filename (fixture->install, "current/share/large", NULL);
  g_autofree char *shelf = g_build_filename (fixture->install, "var/staging/.shelf", NULL);
  g_autofree char *expected = NULL;
  g_autofree char *actual = NULL;
  gsize expected_size = 0, actual_size = 0;

  flow_fixture_assert_current (fixture, "1.4.0");
  g_assert_true (g_file_get_contents (expected_path, &expected, &expected_size, NULL));
  g_assert_true (g_file_get_contents (actual_path, &actual, &actual_size, NULL));
  g_assert_cmpmem (actual, actual_size, expected, expected_size);
  g_assert_false (g_file_test (shelf, G_FILE_TEST_EXISTS));
  for (guint i = 0; i <= N_LINKS; i++)
    {
      g_autofree char *version = g_strdup_printf ("1.%u.0", i);
      g_autofree char *folder = g_build_filename (fixture->install, "versions", version, NULL);

      g_assert_true (g_file_test (folder, G_FILE_TEST_EXISTS) ==
                     (i == N_LINKS || g_str_equal (version, from)));
    }
}

static void
update (FlowFixture *fixture, const char *from)
{
  install (fixture, from);
  start (fixture);
  flow_fixture_settle (fixture);
  g_assert_no_error (onward_status_get_error (onward_flow_get_status (fixture->flow)));
  assert_updated (fixture, from);
}

/* One behind there is a delta; two and three behind there is a chain, for a tenth of the bytes. */
static void
test_chain_lengths (FlowFixture *fixture, gconstpointer data)
{
  static const char *const versions[] = { "1.3.0", "1.2.0", "1.1.0" };

  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      update (fixture, versions[i]);
      g_assert_cmpuint (fixture->site->n_bytes, <, MAX_CHAIN);
      chain_tear_down (fixture, data);
    }
}

/* Four deltas are too many: what is needed of the full pack. */
static void
test_chain_too_long (FlowFixture *fixture, gconstpointer data)
{
  update (fixture, "1.0.0");
  g_assert_cmpuint (fixture->site->n_bytes, >, SIZE);
}

/* Who wants no deltas gets no chain of them. */
static void
test_chain_unwanted (FlowFixture *fixture, gconstpointer data)
{
  install (fixture, "1.2.0");
  onward_flow_set_use_deltas (fixture->flow, FALSE);
  start (fixture);
  flow_fixture_settle (fixture);
  assert_updated (fixture, "1.2.0");
  g_assert_cmpuint (fixture->site->n_bytes, >, SIZE);
}

/* What an update costs is told before it is begun, and is all that comes. */
static void
test_chain_told (FlowFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint64 total;

  install (fixture, "1.1.0");
  g_assert_true (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (flow_fixture_describe (fixture, &error));
  g_assert_no_error (error);
  total = onward_status_get_bytes_total (onward_flow_get_status (fixture->flow));
  g_assert_cmpuint (total, >, 0);
  g_assert_cmpuint (total, <, MAX_CHAIN);
  g_assert_true (onward_flow_start (fixture->flow, &error));
  flow_fixture_run_until (fixture, ONWARD_STATE_STAGING);
  g_assert_cmpuint (onward_status_get_bytes_total (onward_flow_get_status (fixture->flow)), ==,
                    total);
  g_assert_cmpuint (onward_status_get_bytes_done (onward_flow_get_status (fixture->flow)), ==,
                    total);
  flow_fixture_settle (fixture);
  assert_updated (fixture, "1.1.0");
}

/* The deltas of the repository, each beside its size. */
static GPtrArray *
list_deltas (FlowFixture *fixture)
{
  g_autofree char *folder = g_build_filename (fixture->site->dir, "repo", "packs", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".delta"))
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  g_assert_cmpuint (paths->len, ==, N_LINKS);
  return paths;
}

/* Whichever link of the chain the server has lost or has wrong: the update goes on without. */
static void
test_chain_bad_link (FlowFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) deltas = list_deltas (fixture);

  for (guint i = 0; i < deltas->len * 2; i++)
    {
      const char *path = g_ptr_array_index (deltas, i / 2);
      g_autofree char *contents = NULL;
      g_autofree char *wrong = NULL;
      gsize size = 0;

      g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
      wrong = g_memdup2 (contents, size);
      wrong[size - 3] ^= 1;
      if (i % 2 == 0)
        g_assert_true (g_file_set_contents (path, wrong, (gssize) size, NULL));
      else
        g_assert_cmpint (g_unlink (path), ==, 0);
      update (fixture, "1.1.0");
      chain_tear_down (fixture, data);
      g_assert_true (g_file_set_contents (path, contents, (gssize) size, NULL));
    }
}

/* Stopped while the packs arrive, or while they are put together, the next run goes on and fetches
 * nothing again. */
static void
test_chain_resumed (FlowFixture *fixture, gconstpointer data)
{
  static const OnwardState states[] = { ONWARD_STATE_DOWNLOADING, ONWARD_STATE_VERIFYING,
                                        ONWARD_STATE_STAGING };

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      install (fixture, "1.1.0");
      start (fixture);
      flow_fixture_run_until (fixture, states[i]);
      flow_fixture_close (&fixture->flow);
      flow_fixture_open (fixture);
      flow_fixture_finish (fixture, "1.4.0");
      assert_updated (fixture, "1.1.0");
      g_assert_cmpuint (fixture->site->n_bytes, <, MAX_CHAIN);
      chain_tear_down (fixture, data);
    }
}

/* What an earlier run has left on the shelf is believed by its digest only. */
static void
test_chain_shelf (FlowFixture *fixture, gconstpointer data)
{
  g_autofree char *shelf = NULL;

  install (fixture, "1.1.0");
  shelf = g_build_filename (fixture->install, "var/staging/.shelf", NULL);
  onward_test_write (shelf, "0000000000000000000000000000000000000000000000000000000000000000",
                     "not asked for");
  start (fixture);
  flow_fixture_settle (fixture);
  assert_updated (fixture, "1.1.0");
}

/* Where a file is damaged that the chain starts from, the update is made all the same. */
static void
test_chain_damaged (FlowFixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;

  install (fixture, "1.2.0");
  path = g_build_filename (fixture->install, "versions/1.2.0/share/large", NULL);
  g_assert_cmpint (g_unlink (path), ==, 0);
  start (fixture);
  flow_fixture_settle (fixture);
  assert_updated (fixture, "1.2.0");
}

int
main (int argc, char **argv)
{
  static const FlowTest tests[] = {
    { "/chain/lengths", test_chain_lengths },   { "/chain/too-long", test_chain_too_long },
    { "/chain/unwanted", test_chain_unwanted }, { "/chain/told", test_chain_told },
    { "/chain/bad-link", test_chain_bad_link }, { "/chain/resumed", test_chain_resumed },
    { "/chain/shelf", test_chain_shelf },       { "/chain/damaged", test_chain_damaged },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "5", TRUE);
  return flow_fixture_run_on_site (make_site (), tests, G_N_ELEMENTS (tests), chain_set_up,
                                   chain_tear_down);
}
