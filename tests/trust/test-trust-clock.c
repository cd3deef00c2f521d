/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-trust-clock.h"

#include "onward-error.h"
#include "onward-test-repository.h"
#include "onward-test.h"

#define DAY (G_GINT64_CONSTANT (24) * 60 * 60)

static char *
dup_time (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);

  return g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");
}

/* Puts the next version of @kind, which says when it was signed and when it expires, and of what
 * points at it. */
static void
publish (OnwardTestRepository *repository, OnwardRoleKind kind, gint64 issued, gint64 expires)
{
  g_autofree char *path = NULL;
  g_autofree char *issued_text = dup_time (issued);
  g_autofree char *expires_text = dup_time (expires);
  g_autoptr (JsonObject) content = NULL;
  g_autoptr (GBytes) document = NULL;

  repository->versions[kind]++;
  content = onward_test_repository_make (repository, kind);
  json_object_set_string_member (content, "x-issued", issued_text);
  json_object_set_string_member (content, "expires", expires_text);
  document = onward_test_repository_sign (repository, kind, content);
  path = onward_test_repository_dup_path (repository, kind);
  onward_test_repository_put (repository, path, document);
  if (kind == ONWARD_ROLE_TARGETS)
    onward_test_repository_publish (repository, ONWARD_ROLE_SNAPSHOT);
}

/* How a run ends that begins at @now; NULL when it succeeds. */
static const char *
run_at (OnwardTestRepository *repository, const char *dir, gint64 now)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTargets) targets =
      onward_test_repository_update_at (repository, dir, now, &error);

  if (targets != NULL)
    return NULL;
  g_test_message ("%s", error->message);
  g_assert_true (error->domain == ONWARD_ERROR);
  return onward_error_get_nick ((OnwardError) error->code);
}

/* What is stored proves that its time is past: a clock set back does not revive what expired. */
static void
test_floor_per_role (void)
{
  static const OnwardRoleKind kinds[] = { ONWARD_ROLE_TIMESTAMP, ONWARD_ROLE_TARGETS };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      gint64 issued = ONWARD_TEST_NOW - DAY;

      publish (repository, kinds[i], issued, ONWARD_TEST_NOW + DAY);
      g_assert_cmpstr (run_at (repository, dir, ONWARD_TEST_NOW), ==, NULL);
      g_assert_cmpstr (run_at (repository, dir, 0), ==, NULL);

      publish (repository, kinds[i], issued - DAY, issued);
      g_assert_cmpstr (run_at (repository, dir, 0), ==, "expired");
      publish (repository, kinds[i], issued - DAY, issued + 1);
      g_assert_cmpstr (run_at (repository, dir, 0), ==, NULL);
    }
}

/* The start of a run is fixed: what it accepts does not move it. */
static void
test_start_is_fixed (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  repository->expires[ONWARD_ROLE_SNAPSHOT] = "2023-11-16T00:00:00Z";
  onward_test_repository_publish (repository, ONWARD_ROLE_SNAPSHOT);
  publish (repository, ONWARD_ROLE_TIMESTAMP, ONWARD_TEST_NOW + 30 * DAY,
           ONWARD_TEST_NOW + 60 * DAY);
  g_assert_cmpstr (run_at (repository, dir, ONWARD_TEST_NOW), ==, NULL);
  g_assert_cmpstr (run_at (repository, dir, ONWARD_TEST_NOW), ==, "expired");
}

/* Who steals a key and signs in the far future locks clients out until the key is taken away. */
static void
test_floor_goes_with_the_key (void)
{
  static const OnwardRoleKind kinds[] = { ONWARD_ROLE_TIMESTAMP, ONWARD_ROLE_TARGETS };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

      publish (repository, kinds[i], ONWARD_TEST_NOW + 40000 * DAY, ONWARD_TEST_NOW + 50000 * DAY);
      g_assert_cmpstr (run_at (repository, dir, ONWARD_TEST_NOW), ==, NULL);
      g_assert_cmpstr (run_at (repository, dir, ONWARD_TEST_NOW), ==, "root-expired");

      onward_test_repository_rotate (repository, kinds[i]);
      onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
      onward_test_repository_publish (repository, kinds[i]);
      g_assert_cmpstr (run_at (repository, dir, ONWARD_TEST_NOW), ==, NULL);
    }
}

/* A publisher who stopped is told from a clock that ran away: by how long ago anything was
 * signed. */
static void
test_stopped_or_wrong (void)
{
  gint64 expires = ONWARD_TEST_NOW + 10 * DAY;
  const struct
  {
    gint64 now;
    const char *code;
  } moments[] = {
    { expires - 1, NULL },
    { expires, "expired" },
    { ONWARD_TEST_NOW + 2 * 365 * DAY, "expired" },
    { ONWARD_TEST_NOW + 2 * 365 * DAY + 1, "wrong-clock" },
    { ONWARD_TEST_NOW + 9 * 365 * DAY, "wrong-clock" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (moments); i++)
    {
      for (guint fresh = 0; fresh < 2; fresh++)
        {
          g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
          g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

          publish (repository, ONWARD_ROLE_TIMESTAMP, ONWARD_TEST_NOW, expires);
          if (!fresh)
            g_assert_cmpstr (run_at (repository, dir, ONWARD_TEST_NOW), ==, NULL);
          g_assert_cmpstr (run_at (repository, dir, moments[i].now), ==, moments[i].code);
        }
    }
}

/* How long a publisher has been silent is told by the last thing that was signed, not by the one
 * that was looked at last. */
static void
test_silence_begins_with_the_last_word (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  repository->expires[ONWARD_ROLE_SNAPSHOT] = "2023-11-20T00:00:00Z";
  publish (repository, ONWARD_ROLE_TARGETS, ONWARD_TEST_NOW - 3 * 365 * DAY,
           ONWARD_TEST_NOW + 365 * DAY);
  publish (repository, ONWARD_ROLE_TIMESTAMP, ONWARD_TEST_NOW, ONWARD_TEST_NOW + 365 * DAY);
  g_assert_cmpstr (run_at (repository, dir, ONWARD_TEST_NOW), ==, NULL);
  g_assert_cmpstr (run_at (repository, dir, ONWARD_TEST_NOW + 20 * DAY), ==, "expired");
}

/* What is read without a server is read at the time that it proves, not at an earlier one. */
static void
test_floor_without_a_server (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (OnwardTrustStore) store = NULL;
  g_autoptr (GError) error = NULL;

  repository->expires[ONWARD_ROLE_SNAPSHOT] = "2023-11-16T00:00:00Z";
  onward_test_repository_publish (repository, ONWARD_ROLE_SNAPSHOT);
  publish (repository, ONWARD_ROLE_TIMESTAMP, ONWARD_TEST_NOW + 30 * DAY,
           ONWARD_TEST_NOW + 60 * DAY);
  g_assert_cmpstr (run_at (repository, dir, ONWARD_TEST_NOW), ==, NULL);
  store = onward_trust_store_open (dir, NULL, NULL);
  g_assert_null (onward_trust_store_load_targets (store, ONWARD_TEST_NOW, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_EXPIRED);
}

/* A root that lapsed has a name of its own, unless the clock is wrong. */
static void
test_root_expired (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  repository->expires[ONWARD_ROLE_ROOT] = "2024-01-01T00:00:00Z";
  onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
  publish (repository, ONWARD_ROLE_TIMESTAMP, ONWARD_TEST_NOW, ONWARD_TEST_NOW + DAY);
  g_assert_cmpstr (run_at (repository, dir, ONWARD_TEST_NOW), ==, NULL);
  g_assert_cmpstr (run_at (repository, dir, ONWARD_TEST_NOW + 365 * DAY), ==, "root-expired");
  g_assert_cmpstr (run_at (repository, dir, ONWARD_TEST_NOW + 3 * 365 * DAY), ==, "wrong-clock");
}

/* Repositories that do not say when they signed are plain TUF. */
static void
test_plain_repository (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  g_assert_cmpstr (run_at (repository, dir, ONWARD_TEST_NOW), ==, NULL);
  g_assert_cmpstr (run_at (repository, dir, 0), ==, NULL);
  g_assert_cmpstr (run_at (repository, dir, ONWARD_TEST_NOW + 99 * 365 * DAY), ==, "root-expired");
}

/* No run takes place before this program was written, and a clock that shows more is believed. */
static void
test_not_before_the_program (void)
{
  gint64 written = onward_trust_session_choose_time (0);

  g_assert_cmpint (written, >=, G_GINT64_CONSTANT (1767225600));
  g_assert_cmpint (onward_trust_session_choose_time (written - 1), ==, written);
  g_assert_cmpint (onward_trust_session_choose_time (written + 1), ==, written + 1);
}

/* A time that is none is refused, though the right key signed it. */
static void
test_malformed_time (void)
{
  static const char *const times[] = { "1",    "\"\"",
                                       "null", "\"2026-01-01\"",
                                       "{}",   "\"2026-02-30T00:00:00Z\"" };

  for (gsize i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      g_autoptr (JsonObject) content =
          onward_test_repository_make (repository, ONWARD_ROLE_TIMESTAMP);
      g_autoptr (GBytes) document = NULL;

      json_object_set_member (content, "x-issued", json_from_string (times[i], NULL));
      document = onward_test_repository_sign (repository, ONWARD_ROLE_TIMESTAMP, content);
      onward_test_repository_put (repository, "metadata/timestamp.json", document);
      onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_TIMESTAMP,
                                             ONWARD_ERROR_MALFORMED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/trust-clock/floor-per-role", test_floor_per_role);
  g_test_add_func ("/trust-clock/start-is-fixed", test_start_is_fixed);
  g_test_add_func ("/trust-clock/floor-goes-with-the-key", test_floor_goes_with_the_key);
  g_test_add_func ("/trust-clock/stopped-or-wrong", test_stopped_or_wrong);
  g_test_add_func ("/trust-clock/silence-begins-with-the-last-word",
                   test_silence_begins_with_the_last_word);
  g_test_add_func ("/trust-clock/floor-without-a-server", test_floor_without_a_server);
  g_test_add_func ("/trust-clock/root-expired", test_root_expired);
  g_test_add_func ("/trust-clock/plain-repository", test_plain_repository);
  g_test_add_func ("/trust-clock/not-before-the-program", test_not_before_the_program);
  g_test_add_func ("/trust-clock/malformed-time", test_malformed_time);

  return g_test_run ();
}
