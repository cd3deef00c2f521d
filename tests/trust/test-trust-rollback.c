/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-trust-chain.h"

#include "onward-error.h"
#include "onward-test-repository.h"
#include "onward-test.h"

/* A server that offers an older timestamp than before is refused. */
static void
test_timestamp_goes_back (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  onward_test_repository_publish (repository, ONWARD_ROLE_TIMESTAMP);
  onward_test_repository_assert_updates (repository, dir);
  repository->versions[ONWARD_ROLE_TIMESTAMP] = 1;
  onward_test_repository_write (repository, ONWARD_ROLE_TIMESTAMP);
  onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_TIMESTAMP,
                                         ONWARD_ERROR_ROLLED_BACK);
}

/* Another timestamp with the version already trusted is discarded, and the run goes on. */
static void
test_timestamp_of_equal_version (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  onward_test_repository_assert_updates (repository, dir);
  before = onward_test_repository_dump (dir);
  repository->versions[ONWARD_ROLE_SNAPSHOT] = 100;
  onward_test_repository_write (repository, ONWARD_ROLE_TIMESTAMP);
  repository->versions[ONWARD_ROLE_SNAPSHOT] = 1;
  onward_test_repository_assert_updates (repository, dir);
  after = onward_test_repository_dump (dir);
  g_assert_cmpstr (before, ==, after);
}

/* A newer timestamp that names an older snapshot is refused, with hashes and without. */
static void
test_snapshot_goes_back (gconstpointer data)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  repository->pinned = GPOINTER_TO_INT (data);
  onward_test_repository_publish (repository, ONWARD_ROLE_SNAPSHOT);
  onward_test_repository_assert_updates (repository, dir);
  repository->versions[ONWARD_ROLE_SNAPSHOT] = 1;
  onward_test_repository_publish (repository, ONWARD_ROLE_TIMESTAMP);
  onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_TIMESTAMP,
                                         ONWARD_ERROR_ROLLED_BACK);
}

/* A newer snapshot that lists older targets is refused, with hashes and without. */
static void
test_targets_go_back (gconstpointer data)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  repository->pinned = GPOINTER_TO_INT (data);
  onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
  onward_test_repository_assert_updates (repository, dir);
  repository->versions[ONWARD_ROLE_TARGETS] = 1;
  onward_test_repository_publish (repository, ONWARD_ROLE_SNAPSHOT);
  onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_SNAPSHOT,
                                         ONWARD_ERROR_ROLLED_BACK);
}

/* Any document a snapshot lists, delegated ones too, may neither go back nor vanish. */
static void
test_listed_goes_back_or_vanishes (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  json_object_set_int_member (repository->listed, "other.json", 7);
  onward_test_repository_publish (repository, ONWARD_ROLE_SNAPSHOT);
  onward_test_repository_assert_updates (repository, dir);

  json_object_set_int_member (repository->listed, "other.json", 6);
  onward_test_repository_publish (repository, ONWARD_ROLE_SNAPSHOT);
  onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_SNAPSHOT,
                                         ONWARD_ERROR_ROLLED_BACK);
  json_object_remove_member (repository->listed, "other.json");
  onward_test_repository_publish (repository, ONWARD_ROLE_SNAPSHOT);
  onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_SNAPSHOT,
                                         ONWARD_ERROR_ROLLED_BACK);
  json_object_set_int_member (repository->listed, "other.json", 8);
  onward_test_repository_publish (repository, ONWARD_ROLE_SNAPSHOT);
  onward_test_repository_assert_updates (repository, dir);
}

/* What expired in the store still guards against going back, and does not hinder going on. */
static void
test_expired_floors_count (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (OnwardTrustStore) store = NULL;
  g_autoptr (OnwardTrustSession) session = NULL;
  g_autoptr (GError) error = NULL;
  gint64 later = ONWARD_TEST_NOW + 10 * G_TIME_SPAN_DAY / G_TIME_SPAN_SECOND;
  GBytes *body;

  repository->expires[ONWARD_ROLE_TIMESTAMP] = "2023-11-16T00:00:00Z";
  onward_test_repository_publish (repository, ONWARD_ROLE_TIMESTAMP);
  onward_test_repository_assert_updates (repository, dir);

  store = onward_trust_store_open (dir, NULL, &error);
  g_assert_no_error (error);
  session = onward_trust_session_new (store, later);
  g_assert_true (onward_trust_session_accept_missing (session, &error));
  repository->expires[ONWARD_ROLE_TIMESTAMP] = ONWARD_TEST_NEVER;
  repository->versions[ONWARD_ROLE_TIMESTAMP] = 1;
  onward_test_repository_write (repository, ONWARD_ROLE_TIMESTAMP);
  body = onward_test_repository_get (repository, ONWARD_ROLE_TIMESTAMP);
  g_assert_false (onward_trust_session_accept (session, body, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_ROLLED_BACK);
  g_clear_error (&error);

  repository->versions[ONWARD_ROLE_TIMESTAMP] = 2;
  onward_test_repository_publish (repository, ONWARD_ROLE_TIMESTAMP);
  body = onward_test_repository_get (repository, ONWARD_ROLE_TIMESTAMP);
  g_assert_true (onward_trust_session_accept (session, body, &error));
  g_assert_no_error (error);
}

/* A server that goes on handing out the same expired timestamp is found out. */
static void
test_expired_timestamp_of_equal_version (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (OnwardTrustStore) store = NULL;
  g_autoptr (OnwardTrustSession) session = NULL;
  g_autoptr (GError) error = NULL;

  repository->expires[ONWARD_ROLE_TIMESTAMP] = "2023-11-16T00:00:00Z";
  onward_test_repository_publish (repository, ONWARD_ROLE_TIMESTAMP);
  onward_test_repository_assert_updates (repository, dir);

  store = onward_trust_store_open (dir, NULL, &error);
  session = onward_trust_session_new (store, ONWARD_TEST_NOW + 864000);
  g_assert_true (onward_trust_session_accept_missing (session, &error));
  g_assert_false (onward_trust_session_accept (
      session, onward_test_repository_get (repository, ONWARD_ROLE_TIMESTAMP), &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_EXPIRED);
}

/* Every document that has expired is refused by its own name, and none after it is asked for. */
static void
test_freeze (void)
{
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

      onward_test_repository_assert_updates (repository, dir);
      repository->expires[kind] = ONWARD_TEST_PAST;
      onward_test_repository_publish (repository, kind);
      if (kind == ONWARD_ROLE_ROOT)
        onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
      if (kind != ONWARD_ROLE_ROOT)
        onward_test_repository_assert_refuses (repository, dir, kind, ONWARD_ERROR_EXPIRED);
      else
        {
          g_assert_null (onward_test_repository_update (repository, dir, NULL));
          g_assert_cmpint (onward_test_repository_stored_version (dir, kind), ==, 2);
          g_assert_cmpint (onward_test_repository_stored_version (dir, ONWARD_ROLE_TIMESTAMP), ==,
                           1);
        }

      repository->expires[kind] = ONWARD_TEST_NEVER;
      onward_test_repository_publish (repository, kind);
      onward_test_repository_assert_updates (repository, dir);
    }
}

/* A document holds until the very second before its expiry. */
static void
test_expiry_is_exact (void)
{
  static const struct
  {
    const char *expires;
    gboolean holds;
  } cases[] = {
    { "2023-11-14T22:13:19Z", FALSE },
    { "2023-11-14T22:13:20Z", FALSE }, /* ONWARD_TEST_NOW */
    { "2023-11-14T22:13:21Z", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

      repository->expires[ONWARD_ROLE_TIMESTAMP] = cases[i].expires;
      onward_test_repository_publish (repository, ONWARD_ROLE_TIMESTAMP);
      if (cases[i].holds)
        onward_test_repository_assert_updates (repository, dir);
      else
        onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_TIMESTAMP,
                                               ONWARD_ERROR_EXPIRED);
    }
}

/* Genuine documents of other days under the names of today's are refused. */
static void
test_mix_and_match (gconstpointer data)
{
  static const OnwardRoleKind kinds[] = { ONWARD_ROLE_SNAPSHOT, ONWARD_ROLE_TARGETS };
  gboolean pinned = GPOINTER_TO_INT (data);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      g_autoptr (GBytes) older = NULL;
      g_autoptr (GBytes) newer = NULL;
      g_autofree char *path = NULL;

      repository->pinned = pinned;
      onward_test_repository_write (repository, ONWARD_ROLE_SNAPSHOT);
      onward_test_repository_write (repository, ONWARD_ROLE_TIMESTAMP);
      older = g_bytes_ref (onward_test_repository_get (repository, kinds[i]));
      onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
      path = onward_test_repository_dup_path (repository, kinds[i]);
      repository->versions[kinds[i]] = 9;
      onward_test_repository_write (repository, kinds[i]);
      newer = g_bytes_ref (onward_test_repository_get (repository, kinds[i]));
      repository->versions[kinds[i]] = 2;

      onward_test_repository_put (repository, path, older);
      onward_test_repository_assert_refuses (
          repository, dir, kinds[i], pinned ? ONWARD_ERROR_WRONG_HASH : ONWARD_ERROR_ROLLED_BACK);
      onward_test_repository_put (repository, path, newer);
      onward_test_repository_assert_refuses (
          repository, dir, kinds[i], pinned ? ONWARD_ERROR_WRONG_HASH : ONWARD_ERROR_WRONG_VERSION);
    }
}

/* A genuine document of the right version, made anew, is refused when its hash was pinned. */
static void
test_pinned_bytes (void)
{
  static const OnwardRoleKind kinds[] = { ONWARD_ROLE_SNAPSHOT, ONWARD_ROLE_TARGETS };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

      repository->pinned = TRUE;
      onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
      repository->expires[kinds[i]] = "2091-01-01T00:00:00Z";
      onward_test_repository_write (repository, kinds[i]);
      onward_test_repository_assert_refuses (repository, dir, kinds[i], ONWARD_ERROR_WRONG_HASH);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/rollback/timestamp-goes-back", test_timestamp_goes_back);
  g_test_add_func ("/rollback/timestamp-of-equal-version", test_timestamp_of_equal_version);
  g_test_add_data_func ("/rollback/snapshot-goes-back", GINT_TO_POINTER (FALSE),
                        test_snapshot_goes_back);
  g_test_add_data_func ("/rollback/snapshot-goes-back-pinned", GINT_TO_POINTER (TRUE),
                        test_snapshot_goes_back);
  g_test_add_data_func ("/rollback/targets-go-back", GINT_TO_POINTER (FALSE), test_targets_go_back);
  g_test_add_data_func ("/rollback/targets-go-back-pinned", GINT_TO_POINTER (TRUE),
                        test_targets_go_back);
  g_test_add_func ("/rollback/listed-goes-back-or-vanishes", test_listed_goes_back_or_vanishes);
  g_test_add_func ("/rollback/expired-floors-count", test_expired_floors_count);
  g_test_add_func ("/freeze/expired-timestamp-of-equal-version",
                   test_expired_timestamp_of_equal_version);
  g_test_add_func ("/freeze/each-role", test_freeze);
  g_test_add_func ("/freeze/expiry-is-exact", test_expiry_is_exact);
  g_test_add_data_func ("/mix-and-match/by-version", GINT_TO_POINTER (FALSE), test_mix_and_match);
  g_test_add_data_func ("/mix-and-match/by-hash", GINT_TO_POINTER (TRUE), test_mix_and_match);
  g_test_add_func ("/mix-and-match/pinned-bytes", test_pinned_bytes);

  return g_test_run ();
}
