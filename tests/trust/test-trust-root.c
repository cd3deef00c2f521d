/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-root.h"

#include "onward-error.h"
#include "onward-test-repository.h"
#include "onward-test.h"

#define IN_2031 G_GINT64_CONSTANT (1924992000)

/* Roots are followed one by one, through changes of every key. */
static void
test_walk (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  onward_test_repository_assert_updates (repository, dir);
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      onward_test_repository_rotate (repository, kind);
      onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
    }
  for (guint kind = ONWARD_ROLE_TIMESTAMP; kind < ONWARD_TEST_N_ROLES; kind++)
    onward_test_repository_write (repository, kind);
  onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
  onward_test_repository_assert_updates (repository, dir);
  g_assert_true (g_str_has_prefix (repository->log->str,
                                   "2.root.json 3.root.json 4.root.json 5.root.json 6.root.json "
                                   "timestamp.json "));
}

/* A run follows 256 roots at most; the next one goes on. */
static void
test_walk_is_bounded (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  for (guint i = 0; i < 257; i++)
    onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
  g_assert_nonnull (onward_test_repository_get (repository, ONWARD_ROLE_ROOT));
  onward_targets_unref (onward_test_repository_update (repository, dir, NULL));
  g_assert_cmpint (onward_test_repository_stored_version (dir, ONWARD_ROLE_ROOT), ==, 257);
  onward_test_repository_assert_updates (repository, dir);
}

/* A root under the next one's name whose version is not the next is refused. */
static void
test_wrong_versions (void)
{
  static const struct
  {
    gint64 version;
    gint code;
  } cases[] = {
    { 1, ONWARD_ERROR_ROLLED_BACK },
    { 2, ONWARD_ERROR_ROLLED_BACK },   /* equal */
    { 4, ONWARD_ERROR_WRONG_VERSION }, /* skips one */
    { ONWARD_METADATA_MAX_VERSION, ONWARD_ERROR_WRONG_VERSION },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      g_autoptr (JsonObject) content = NULL;
      g_autoptr (GBytes) document = NULL;

      onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
      onward_test_repository_assert_updates (repository, dir);
      content = onward_test_repository_make (repository, ONWARD_ROLE_ROOT);
      json_object_set_int_member (content, "version", cases[i].version);
      document = onward_test_repository_sign (repository, ONWARD_ROLE_ROOT, content);
      onward_test_repository_put (repository, "metadata/3.root.json", document);
      onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_ROOT, cases[i].code);
    }
}

/* A root needs the threshold of its own keys and of the keys before it: one of the two is not
 * enough. */
static void
test_needs_both_thresholds (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  GPtrArray *signers = repository->signers[ONWARD_ROLE_ROOT];
  gpointer old_key, new_key;

  onward_test_repository_assert_updates (repository, dir);
  onward_test_repository_rotate (repository, ONWARD_ROLE_ROOT);
  old_key = g_ptr_array_index (signers, 0);
  new_key = g_ptr_array_index (signers, 1);
  repository->versions[ONWARD_ROLE_ROOT] = 2;

  g_ptr_array_set_size (signers, 0);
  onward_test_repository_write (repository, ONWARD_ROLE_ROOT);
  onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_ROOT, ONWARD_ERROR_UNTRUSTED);
  g_ptr_array_add (signers, old_key);
  onward_test_repository_write (repository, ONWARD_ROLE_ROOT);
  onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_ROOT, ONWARD_ERROR_UNTRUSTED);
  g_ptr_array_index (signers, 0) = new_key;
  onward_test_repository_write (repository, ONWARD_ROLE_ROOT);
  onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_ROOT,
                                         ONWARD_ERROR_OTHER_REPOSITORY);
  g_ptr_array_add (signers, old_key);
  onward_test_repository_write (repository, ONWARD_ROLE_ROOT);
  onward_test_repository_assert_updates (repository, dir);
}

/* When the new root asks for two signatures, one is not enough; nor when the old one did. */
static void
test_thresholds_grow_and_shrink (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  GPtrArray *signers = repository->signers[ONWARD_ROLE_ROOT];
  gpointer second;

  onward_test_repository_assert_updates (repository, dir);
  onward_test_repository_add_key (repository, ONWARD_ROLE_ROOT);
  second = g_ptr_array_index (signers, 1);
  repository->thresholds[ONWARD_ROLE_ROOT] = 2;
  for (guint round = 0; round < 2; round++)
    {
      repository->versions[ONWARD_ROLE_ROOT]++;
      g_ptr_array_set_size (signers, 1);
      onward_test_repository_write (repository, ONWARD_ROLE_ROOT);
      onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_ROOT,
                                             ONWARD_ERROR_UNTRUSTED);
      g_ptr_array_add (signers, second);
      onward_test_repository_write (repository, ONWARD_ROLE_ROOT);
      onward_test_repository_assert_updates (repository, dir);
      repository->thresholds[ONWARD_ROLE_ROOT] = 1;
    }
}

/* An expired root on the way does not matter; the last one's expiry does. */
static void
test_expired_on_the_way (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (GError) error = NULL;

  repository->expires[ONWARD_ROLE_ROOT] = ONWARD_TEST_PAST;
  onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
  onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
  g_assert_null (onward_test_repository_update (repository, dir, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_ROOT_EXPIRED);
  g_assert_cmpstr (repository->log->str, ==, "2.root.json 3.root.json 4.root.json ");

  repository->expires[ONWARD_ROLE_ROOT] = ONWARD_TEST_NEVER;
  onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
  onward_test_repository_assert_updates (repository, dir);
}

/* Documents signed with keys the present root took away are refused. */
static void
test_revoked_keys (void)
{
  for (guint kind = ONWARD_ROLE_TIMESTAMP; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      gpointer revoked = g_ptr_array_index (repository->keys[kind], 0);

      onward_test_repository_assert_updates (repository, dir);
      onward_test_repository_rotate (repository, kind);
      onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
      onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
      onward_test_repository_assert_updates (repository, dir);
      g_ptr_array_index (repository->signers[kind], 0) = revoked;
      onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
      onward_test_repository_assert_refuses (repository, dir, kind, ONWARD_ERROR_UNTRUSTED);
    }
}

/* After a stolen key drove the versions up, new keys let clients come back down. */
static void
test_fast_forward_recovery (void)
{
  static const OnwardRoleKind rotated[][2] = {
    { ONWARD_ROLE_TIMESTAMP, ONWARD_ROLE_TIMESTAMP },
    { ONWARD_ROLE_SNAPSHOT, ONWARD_ROLE_SNAPSHOT },
    { ONWARD_ROLE_SNAPSHOT, ONWARD_ROLE_TIMESTAMP },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rotated); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

      for (guint kind = ONWARD_ROLE_TIMESTAMP; kind < ONWARD_TEST_N_ROLES; kind++)
        repository->versions[kind] = 99999;
      onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
      onward_test_repository_assert_updates (repository, dir);

      onward_test_repository_rotate (repository, rotated[i][0]);
      onward_test_repository_rotate (repository, rotated[i][1]);
      onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
      for (guint kind = ONWARD_ROLE_TIMESTAMP; kind < ONWARD_TEST_N_ROLES; kind++)
        repository->versions[kind] = 1;
      onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
      onward_test_repository_assert_updates (repository, dir);
    }
}

/* A key that is only added takes no floor away. */
static void
test_added_key_keeps_floors (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
  onward_test_repository_assert_updates (repository, dir);
  onward_test_repository_add_key (repository, ONWARD_ROLE_TIMESTAMP);
  onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
  repository->versions[ONWARD_ROLE_TIMESTAMP] = 1;
  onward_test_repository_write (repository, ONWARD_ROLE_TIMESTAMP);
  onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_TIMESTAMP,
                                         ONWARD_ERROR_ROLLED_BACK);
}

/* A root without one of the roles, or with a role that is not one, is refused. */
static void
test_incomplete_roots (void)
{
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      g_autoptr (JsonObject) content = NULL;
      g_autoptr (GBytes) document = NULL;

      repository->versions[ONWARD_ROLE_ROOT] = 2;
      content = onward_test_repository_make (repository, ONWARD_ROLE_ROOT);
      json_object_remove_member (json_object_get_object_member (content, "roles"),
                                 onward_role_kind_get_name (kind));
      document = onward_test_repository_sign (repository, ONWARD_ROLE_ROOT, content);
      onward_test_repository_put (repository, "metadata/2.root.json", document);
      onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_ROOT,
                                             ONWARD_ERROR_MALFORMED);
    }
}

/* A root that does not say plainly whether names carry versions is refused. */
static void
test_unclear_names (void)
{
  static const char *const values[] = { "\"true\"", "1", "null", "{}" };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      g_autoptr (JsonObject) content = NULL;
      g_autoptr (GBytes) document = NULL;

      repository->versions[ONWARD_ROLE_ROOT] = 2;
      content = onward_test_repository_make (repository, ONWARD_ROLE_ROOT);
      json_object_set_member (content, "consistent_snapshot", json_from_string (values[i], NULL));
      document = onward_test_repository_sign (repository, ONWARD_ROLE_ROOT, content);
      onward_test_repository_put (repository, "metadata/2.root.json", document);
      onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_ROOT,
                                             ONWARD_ERROR_MALFORMED);
    }
}

static gboolean
disowns (const char *dir, GBytes *anchor)
{
  g_autoptr (OnwardTrustStore) store = onward_trust_store_open (dir, NULL, NULL);

  return onward_trust_store_disowns (store, anchor);
}

/* An install whose targets key was taken away since is told from one whose keys only grew. */
static void
test_disowned_installs (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (GBytes) anchor =
      g_bytes_ref (onward_test_repository_get (repository, ONWARD_ROLE_ROOT));

  onward_test_repository_assert_updates (repository, dir);
  g_assert_false (disowns (dir, anchor));
  onward_test_repository_add_key (repository, ONWARD_ROLE_TARGETS);
  onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
  onward_test_repository_assert_updates (repository, dir);
  g_assert_false (disowns (dir, anchor));

  onward_test_repository_rotate (repository, ONWARD_ROLE_TARGETS);
  onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
  onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
  onward_test_repository_assert_updates (repository, dir);
  g_assert_true (disowns (dir, anchor));
  g_assert_false (disowns (dir, NULL));
}

/* What a key vouched for that was taken away is not kept, not even on the disk. */
static void
test_rotation_forgets (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (GError) error = NULL;

  onward_test_repository_assert_updates (repository, dir);
  onward_test_repository_rotate (repository, ONWARD_ROLE_SNAPSHOT);
  onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
  g_hash_table_remove (repository->files, "metadata/timestamp.json");
  g_assert_null (onward_test_repository_update (repository, dir, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_assert_cmpint (onward_test_repository_stored_version (dir, ONWARD_ROLE_ROOT), ==, 2);
  g_assert_cmpint (onward_test_repository_stored_version (dir, ONWARD_ROLE_TIMESTAMP), ==, 0);
  g_assert_cmpint (onward_test_repository_stored_version (dir, ONWARD_ROLE_SNAPSHOT), ==, 0);
  g_assert_cmpint (onward_test_repository_stored_version (dir, ONWARD_ROLE_TARGETS), ==, 1);
}

static void
assert_fails_at (OnwardTestRepository *repository, const char *dir, gint64 now, gint code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (onward_test_repository_update_at (repository, dir, now, &error));
  g_assert_error (error, ONWARD_ERROR, code);
}

/* What the keys of the root before signed is late, not forged, until their successors have signed:
 * in every run, whichever role rotated, but no longer than it holds, and never again afterwards. */
static void
test_rotation_before_its_documents (void)
{
  static const OnwardRoleKind kinds[] = { ONWARD_ROLE_TIMESTAMP, ONWARD_ROLE_SNAPSHOT,
                                          ONWARD_ROLE_TARGETS };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      g_autoptr (GBytes) late = NULL;

      repository->expires[kinds[i]] = "2030-01-01T00:00:00Z";
      onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
      late = g_bytes_ref (onward_test_repository_get (repository, ONWARD_ROLE_TIMESTAMP));
      onward_test_repository_assert_updates (repository, dir);
      onward_test_repository_rotate (repository, kinds[i]);
      onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
      assert_fails_at (repository, dir, ONWARD_TEST_NOW, ONWARD_ERROR_UPLOAD_UNDER_WAY);
      onward_test_repository_rotate (repository, ONWARD_ROLE_ROOT);
      onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
      assert_fails_at (repository, dir, ONWARD_TEST_NOW, ONWARD_ERROR_UPLOAD_UNDER_WAY);
      assert_fails_at (repository, dir, ONWARD_TEST_NOW, ONWARD_ERROR_UPLOAD_UNDER_WAY);
      assert_fails_at (repository, dir, IN_2031, ONWARD_ERROR_UNTRUSTED);

      onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
      onward_test_repository_assert_updates (repository, dir);
      onward_test_repository_put (repository, "metadata/timestamp.json", late);
      assert_fails_at (repository, dir, ONWARD_TEST_NOW,
                       kinds[i] == ONWARD_ROLE_TIMESTAMP ? ONWARD_ERROR_UNTRUSTED
                                                         : ONWARD_ERROR_ROLLED_BACK);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/root/walk", test_walk);
  g_test_add_func ("/root/walk-is-bounded", test_walk_is_bounded);
  g_test_add_func ("/root/wrong-versions", test_wrong_versions);
  g_test_add_func ("/root/needs-both-thresholds", test_needs_both_thresholds);
  g_test_add_func ("/root/thresholds-grow-and-shrink", test_thresholds_grow_and_shrink);
  g_test_add_func ("/root/expired-on-the-way", test_expired_on_the_way);
  g_test_add_func ("/root/revoked-keys", test_revoked_keys);
  g_test_add_func ("/root/fast-forward-recovery", test_fast_forward_recovery);
  g_test_add_func ("/root/rotation-forgets", test_rotation_forgets);
  g_test_add_func ("/root/rotation-before-its-documents", test_rotation_before_its_documents);
  g_test_add_func ("/root/added-key-keeps-floors", test_added_key_keeps_floors);
  g_test_add_func ("/root/incomplete", test_incomplete_roots);
  g_test_add_func ("/root/unclear-names", test_unclear_names);
  g_test_add_func ("/root/disowned-installs", test_disowned_installs);

  return g_test_run ();
}
