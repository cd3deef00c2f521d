/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include <glib/gstdio.h>

#include "flow-fixture.h"
#include "onward-error.h"
#include "onward-metadata-writer.h"

#define SMALL 100000
#define LARGE 4000000
#define DAY   (24 * 60 * 60)

static gint64 days_passed;

/* The clock of the flow, and of the publisher, as far as they are in this program. */
gint64
g_get_real_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  return (now.tv_sec + days_passed * DAY) * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static JsonObject *
get_facts (JsonObject *targets, const char *version)
{
  g_autofree char *suffix = g_strdup_printf ("/%s.json", version);
  g_autoptr (GList) names = json_object_get_members (targets);

  for (GList *name = names; name != NULL; name = name->next)
    {
      JsonObject *target = json_object_get_object_member (targets, name->data);
      JsonObject *custom = json_object_get_object_member (target, "custom");

      if (g_str_has_suffix (name->data, suffix))
        return json_object_get_object_member (custom, "onward");
    }

  g_assert_not_reached ();
}

static void
withdraw (FlowFixture *fixture, const char *version)
{
  g_autofree char *folder = g_build_filename (fixture->site->dir, "repo", NULL);
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardKeyring) keyring = NULL;
  g_autoptr (JsonObject) content = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *targets;

  repository = onward_repository_open (folder, &error);
  g_assert_no_error (error);
  keyring = onward_test_site_load_keys (repository);
  content = onward_repository_load_role (repository, "targets", &error);
  g_assert_no_error (error);
  targets = json_object_get_object_member (content, "targets");
  json_object_set_boolean_member (get_facts (targets, version), "withdrawn", TRUE);
  onward_metadata_writer_put_targets (repository, keyring, targets, &error);
  g_assert_no_error (error);
  onward_repository_commit (repository, &error);
  g_assert_no_error (error);
}

static void
remove_packs (FlowFixture *fixture)
{
  g_autofree char *folder = g_build_filename (fixture->site->dir, "repo", "packs", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
}

static void
pause_at (FlowFixture *fixture, guint64 bytes)
{
  g_autoptr (GError) error = NULL;

  onward_server_set_rate (fixture->site->server, 4000000);
  g_assert_true (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture->flow, &error));
  flow_fixture_wait_for_bytes (fixture, bytes);
  g_assert_true (onward_flow_pause (fixture->flow, &error));
  flow_fixture_settle (fixture);
  g_assert_no_error (error);
  g_assert_cmpint (flow_fixture_state (fixture), ==, ONWARD_STATE_PAUSED);
  onward_server_set_rate (fixture->site->server, 0);
}

static void
assert_failed (FlowFixture *fixture, OnwardError code)
{
  const GError *error = onward_status_get_error (onward_flow_get_status (fixture->flow));

  g_assert_cmpint (flow_fixture_state (fixture), ==, ONWARD_STATE_FAILED);
  g_assert_error (error, ONWARD_ERROR, (int) code);
}

static void
add (FlowFixture *fixture, const char *version)
{
  onward_test_site_make_tree (fixture->site, version, SMALL);
  onward_test_site_add (fixture->site, version);
}

/* A release withdrawn during a long pause is not installed; the next check knows better. */
static void
test_repository_withdrawn_while_paused (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;

  days_passed = 0;
  flow_fixture_init (&fixture, LARGE);
  pause_at (&fixture, 1000000);
  withdraw (&fixture, "1.1.0");
  days_passed = 2;
  g_assert_true (onward_flow_resume (fixture.flow, &error));
  flow_fixture_settle (&fixture);
  assert_failed (&fixture, ONWARD_ERROR_NOT_FOUND);
  flow_fixture_assert_current (&fixture, "1.0.0");

  g_assert_false (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_IDLE);
  add (&fixture, "1.2.0");
  flow_fixture_finish (&fixture, "1.2.0");
}

/* A pack that the server lost during a pause is an error with a name, not a wait without an end. */
static void
test_repository_lost_pack (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;

  days_passed = 0;
  flow_fixture_init (&fixture, LARGE);
  pause_at (&fixture, 1000000);
  remove_packs (&fixture);
  g_assert_true (onward_flow_resume (fixture.flow, &error));
  flow_fixture_settle (&fixture);
  assert_failed (&fixture, ONWARD_ERROR_NOT_FOUND);

  add (&fixture, "1.2.0");
  flow_fixture_finish (&fixture, "1.2.0");
}

/* A long pause while nothing else has changed costs one small request and no byte twice. */
static void
test_repository_long_pause (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;

  days_passed = 0;
  flow_fixture_init (&fixture, LARGE);
  pause_at (&fixture, 3000000);
  days_passed = 3;
  flow_fixture_wait_for_quiet (&fixture);
  fixture.site->n_bytes = 0;
  g_assert_true (onward_flow_resume (fixture.flow, &error));
  flow_fixture_settle (&fixture);
  flow_fixture_assert_current (&fixture, "1.1.0");
  g_assert_cmpuint (fixture.site->n_bytes, <, LARGE - 1500000);
}

/* A server that cannot be reached when a long pause ends is waited for, as ever. */
static void
test_repository_long_pause_offline (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;

  days_passed = 0;
  flow_fixture_init (&fixture, LARGE);
  pause_at (&fixture, 1000000);
  days_passed = 3;
  onward_test_site_stop (fixture.site);
  g_assert_true (onward_flow_resume (fixture.flow, &error));
  flow_fixture_run_until (&fixture, ONWARD_STATE_RECONNECTING);
  onward_test_site_start (fixture.site);
  flow_fixture_settle (&fixture);
  flow_fixture_assert_current (&fixture, "1.1.0");
}

/* What is no longer signed for today is not installed, however much of it is here. */
static void
test_repository_expired_while_paused (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;

  days_passed = 0;
  flow_fixture_init (&fixture, LARGE);
  pause_at (&fixture, 1000000);
  days_passed = 200;
  g_assert_true (onward_flow_resume (fixture.flow, &error));
  flow_fixture_settle (&fixture);
  assert_failed (&fixture, ONWARD_ERROR_EXPIRED);
  flow_fixture_assert_current (&fixture, "1.0.0");

  flow_fixture_open (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_IDLE);
  g_assert_false (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_EXPIRED);

  days_passed = 0;
  flow_fixture_finish (&fixture, "1.1.0");
}

/* That the installed version must not go on is remembered without a network. */
static void
test_repository_forced_offline (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;
  char *reasons[] = { (char *) "It cannot read the new files.", NULL };
  OnwardAdditionOptions options = { .version = (char *) "1.2.0", .minimum = (char *) "1.1.0" };

  options.reasons = reasons;
  options.compression = (char *) "zstd";
  days_passed = 0;
  flow_fixture_init (&fixture, SMALL);
  onward_test_site_make_tree (fixture.site, "1.2.0", SMALL);
  onward_test_site_add_with (fixture.site, &options);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_true (onward_status_is_forced (onward_flow_get_status (fixture.flow)));
  g_assert_true (onward_flow_remind_later (fixture.flow, 3600, &error));
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_AUTOMATIC, &error));

  onward_test_site_stop (fixture.site);
  g_assert_false (flow_fixture_check (&fixture, ONWARD_CHECK_AUTOMATIC, &error));
  g_clear_error (&error);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_FAILED);
  g_assert_true (onward_status_is_forced (onward_flow_get_status (fixture.flow)));
  g_assert_nonnull (onward_status_get_release (onward_flow_get_status (fixture.flow)));

  onward_test_site_start (fixture.site);
  flow_fixture_finish (&fixture, "1.2.0");
}

/* One release whose document the publisher has lost does not hide the notes of the others. */
static void
test_repository_lost_document (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autofree char *folder = NULL;
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;
  const char *name;

  days_passed = 0;
  flow_fixture_init (&fixture, SMALL);
  add (&fixture, "1.2.0");
  folder = g_build_filename (fixture.site->dir, "repo", "targets", "releases",
                             onward_paths_get_platform (), "stable", NULL);
  dir = g_dir_open (folder, 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_str_has_suffix (name, ".1.1.0.json"))
        g_assert_cmpint (g_unlink (path), ==, 0);
    }

  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (flow_fixture_describe (&fixture, &error));
  g_assert_no_error (error);
  flow_fixture_finish (&fixture, "1.2.0");
}

/* An older one of the versions can be chosen, with its own size, and that one is installed. */
static void
test_repository_choose (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GAsyncResult) described = NULL;
  g_autoptr (GError) error = NULL;
  OnwardStatus *status;

  days_passed = 0;
  flow_fixture_init (&fixture, LARGE);
  add (&fixture, "1.2.0");
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (flow_fixture_describe (&fixture, &error));
  g_assert_true (onward_flow_choose (fixture.flow, "1.1.0", &error));
  status = onward_flow_get_status (fixture.flow);
  g_assert_false (onward_status_is_described (status));
  g_assert_cmpuint (onward_status_get_bytes_total (status), ==, 0);
  g_assert_true (flow_fixture_describe (&fixture, &error));
  g_assert_cmpuint (onward_status_get_bytes_total (onward_flow_get_status (fixture.flow)), >,
                    LARGE);

  /* The plan that is being made for one release is not taken for another one. */
  g_assert_true (onward_flow_choose (fixture.flow, "1.2.0", &error));
  onward_flow_describe_async (fixture.flow, NULL, onward_test_store_result, &described);
  g_assert_true (onward_flow_choose (fixture.flow, "1.1.0", &error));
  onward_test_await (&described);
  g_assert_false (onward_flow_describe_finish (fixture.flow, described, NULL));
  g_assert_true (onward_flow_start (fixture.flow, &error));
  flow_fixture_settle (&fixture);
  flow_fixture_assert_current (&fixture, "1.1.0");
}

/* An install that is not ours to change is said to be so before anything is downloaded. */
static void
test_repository_read_only_install (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;

  if (geteuid () == 0)
    {
      g_test_skip ("root may write everywhere");
      return;
    }

  days_passed = 0;
  flow_fixture_init (&fixture, LARGE);
  g_assert_cmpint (g_chmod (fixture.install, 0500), ==, 0);
  flow_fixture_open (&fixture);
  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture.flow, &error));
  flow_fixture_settle (&fixture);
  assert_failed (&fixture, ONWARD_ERROR_READ_ONLY_INSTALL);
  g_assert_cmpuint (fixture.site->n_bytes, <, LARGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "20", TRUE);
  g_test_add_func ("/repository/withdrawn-while-paused", test_repository_withdrawn_while_paused);
  g_test_add_func ("/repository/lost-pack", test_repository_lost_pack);
  g_test_add_func ("/repository/long-pause", test_repository_long_pause);
  g_test_add_func ("/repository/long-pause-offline", test_repository_long_pause_offline);
  g_test_add_func ("/repository/expired-while-paused", test_repository_expired_while_paused);
  g_test_add_func ("/repository/forced-offline", test_repository_forced_offline);
  g_test_add_func ("/repository/lost-document", test_repository_lost_document);
  g_test_add_func ("/repository/choose", test_repository_choose);
  g_test_add_func ("/repository/read-only-install", test_repository_read_only_install);
  return g_test_run ();
}
