/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <zlib.h>

#include "flow-fixture.h"
#include "onward-test-deflate.h"

#define N_MEMBERS 8

/* An archive whose third member is another in the second version. */
static void
write_archive (OnwardTestSite *site, const char *version)
{
  const OnwardTestWay way = { 6, 8, Z_DEFAULT_STRATEGY };
  g_autofree char *path = g_build_filename (site->dir, "trees", version, "share", "app.jar", NULL);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_MEMBERS; i++)
    {
      g_autoptr (GBytes) text = onward_test_deflate_text (i, 200000);
      g_autoptr (GBytes) changed = onward_test_deflate_change (text);
      gboolean is_changed = i == 2 && g_str_equal (version, "1.1.0");

      onward_test_deflate_zip (file, "member", is_changed ? changed : text, &way, FALSE);
    }
  onward_test_deflate_zip_end (file, N_MEMBERS);
  g_file_set_contents (path, (const char *) file->data, (gssize) file->len, &error);
  g_assert_no_error (error);
}

static void
assert_same_archive (FlowFixture *fixture)
{
  g_autofree char *expected_path =
      g_build_filename (fixture->site->dir, "trees/1.1.0/share/app.jar", NULL);
  g_autofree char *actual_path = g_build_filename (fixture->install, "current/share/app.jar", NULL);
  g_autofree char *expected = NULL;
  g_autofree char *actual = NULL;
  gsize expected_size = 0, actual_size = 0;

  g_assert_true (g_file_get_contents (expected_path, &expected, &expected_size, NULL));
  g_assert_true (g_file_get_contents (actual_path, &actual, &actual_size, NULL));
  g_assert_cmpmem (actual, actual_size, expected, expected_size);
  g_assert_cmpuint (actual_size, >, 300000);
}

/* From publishing two versions to having the second: an archive in which one member changed costs a
 * fraction of that member, and comes out identical. */
static void
test_flow_deflated (void)
{
  OnwardAdditionOptions options = { .version = (char *) "1.1.0", .deltas = 1 };
  FlowFixture fixture = { .site = onward_test_site_new () };
  g_autoptr (GError) error = NULL;

  onward_test_site_make_tree (fixture.site, "1.0.0", 1000);
  onward_test_site_make_tree (fixture.site, "1.1.0", 1000);
  write_archive (fixture.site, "1.0.0");
  write_archive (fixture.site, "1.1.0");
  onward_test_site_add (fixture.site, "1.0.0");
  fixture.install = onward_test_site_install (fixture.site, "1.0.0");
  onward_test_site_add_with (fixture.site, &options);
  fixture.site->n_bytes = 0;
  flow_fixture_open (&fixture);

  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_no_error (error);
  g_assert_true (onward_flow_start (fixture.flow, &error));
  flow_fixture_settle (&fixture);
  g_assert_no_error (onward_status_get_error (onward_flow_get_status (fixture.flow)));
  flow_fixture_assert_current (&fixture, "1.1.0");
  assert_same_archive (&fixture);
  g_assert_cmpuint (fixture.site->n_bytes, <, 20000);
  flow_fixture_clear (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/flow-deflated/update", test_flow_deflated);
  return g_test_run ();
}
