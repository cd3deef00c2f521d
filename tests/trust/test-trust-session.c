/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-trust-session.h"

#include <string.h>

#include "onward-error.h"
#include "onward-test-repository.h"
#include "onward-test.h"

#define SHA256_OF_HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static void
add_target (OnwardTestRepository *repository, const char *name)
{
  JsonObject *target = json_object_new ();
  JsonObject *hashes = json_object_new ();
  JsonObject *custom = json_object_new ();

  json_object_set_string_member (hashes, "sha256", SHA256_OF_HELLO);
  json_object_set_string_member (custom, "note", "“new”");
  json_object_set_int_member (target, "length", 5);
  json_object_set_object_member (target, "hashes", hashes);
  json_object_set_object_member (target, "custom", custom);
  json_object_set_object_member (repository->targets, name, target);
}

/* The first run asks for the next root, then for each document once, and stores them all. */
static void
test_fresh_start (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  onward_test_repository_assert_updates (repository, dir);
  g_assert_cmpstr (repository->log->str, ==,
                   "2.root.json timestamp.json 1.snapshot.json 1.targets.json ");
}

/* What is stored is byte for byte what the server sent. */
static void
test_stores_as_received (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  onward_test_repository_assert_updates (repository, dir);
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      g_autofree char *stored = onward_test_read (dir, onward_role_kind_get_file (kind));
      GBytes *sent = onward_test_repository_get (repository, kind);

      g_assert_cmpmem (stored, strlen (stored), g_bytes_get_data (sent, NULL),
                       g_bytes_get_size (sent));
    }
}

/* A run that finds nothing new asks for root and timestamp only, and changes no file. */
static void
test_nothing_new (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  onward_test_repository_assert_updates (repository, dir);
  before = onward_test_repository_dump (dir);
  onward_test_repository_assert_updates (repository, dir);
  after = onward_test_repository_dump (dir);

  g_assert_cmpstr (repository->log->str, ==, "2.root.json timestamp.json ");
  g_assert_cmpstr (before, ==, after);
}

/* Only what changed is asked for again. */
static void
test_asks_for_what_changed (void)
{
  static const struct
  {
    OnwardRoleKind kind;
    const char *log;
  } cases[] = {
    { ONWARD_ROLE_TIMESTAMP, "2.root.json timestamp.json " },
    { ONWARD_ROLE_SNAPSHOT, "2.root.json timestamp.json 2.snapshot.json " },
    { ONWARD_ROLE_TARGETS, "2.root.json timestamp.json 2.snapshot.json 2.targets.json " },
    { ONWARD_ROLE_ROOT, "2.root.json 3.root.json timestamp.json " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

      onward_test_repository_assert_updates (repository, dir);
      onward_test_repository_publish (repository, cases[i].kind);
      onward_test_repository_assert_updates (repository, dir);
      g_assert_cmpstr (repository->log->str, ==, cases[i].log);
    }
}

/* Many versions later one run is enough. */
static void
test_skips_versions (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  onward_test_repository_assert_updates (repository, dir);
  for (guint i = 0; i < 20; i++)
    onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
  onward_test_repository_assert_updates (repository, dir);
  g_assert_cmpstr (repository->log->str, ==,
                   "2.root.json timestamp.json 21.snapshot.json 21.targets.json ");
}

/* Without consistent snapshots names carry neither versions nor hashes. */
static void
test_inconsistent_names (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  repository->consistent = FALSE;
  add_target (repository, "a/b");
  onward_test_repository_write (repository, ONWARD_ROLE_ROOT);
  onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
  targets = onward_test_repository_update (repository, dir, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (repository->log->str, ==,
                   "2.root.json timestamp.json snapshot.json targets.json ");
  path = onward_target_dup_path (onward_targets_lookup (targets, "a/b"));
  g_assert_cmpstr (path, ==, "targets/a/b");
}

/* Each request names the most bytes worth receiving: the signed length, or the role's cap. */
static void
test_request_sizes (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (OnwardTrustStore) store = NULL;
  g_autoptr (OnwardTrustSession) session = NULL;
  g_autoptr (GError) error = NULL;
  static const gsize caps[] = { 512000, 16384, 0, 0 };

  repository->pinned = TRUE;
  onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
  store = onward_trust_store_open (dir, onward_test_repository_get (repository, ONWARD_ROLE_ROOT),
                                   &error);
  g_assert_no_error (error);
  session = onward_trust_session_new (store, ONWARD_TEST_NOW);
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      const OnwardTrustRequest *request = onward_trust_session_get_request (session);
      GBytes *body = onward_test_repository_get (repository, kind);

      g_assert_cmpint (request->may_be_missing, ==, kind == ONWARD_ROLE_ROOT);
      g_assert_cmpuint (request->max_size, ==,
                        caps[kind] != 0 ? caps[kind] : g_bytes_get_size (body));
      if (kind == ONWARD_ROLE_ROOT)
        g_assert_true (onward_trust_session_accept_missing (session, &error));
      else
        g_assert_true (onward_trust_session_accept (session, body, &error));
      g_assert_no_error (error);
    }
  g_assert_null (onward_trust_session_get_request (session));
}

/* A document that is missing ends the run, unless it is the next root. */
static void
test_missing_documents (void)
{
  for (guint kind = ONWARD_ROLE_TIMESTAMP; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      g_autofree char *path = onward_test_repository_dup_path (repository, kind);
      g_autoptr (GError) error = NULL;

      g_hash_table_remove (repository->files, path);
      g_assert_null (onward_test_repository_update (repository, dir, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
      onward_test_repository_write (repository, kind);
      onward_test_repository_assert_updates (repository, dir);
    }
}

/* A document that was refused may be asked for again within the run. */
static void
test_refused_can_be_retried (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (OnwardTrustStore) store = NULL;
  g_autoptr (OnwardTrustSession) session = NULL;
  g_autoptr (GBytes) bad = g_bytes_new_static ("<html>", 6);
  GBytes *root = onward_test_repository_get (repository, ONWARD_ROLE_ROOT);

  store = onward_trust_store_open (dir, root, NULL);
  session = onward_trust_session_new (store, ONWARD_TEST_NOW);
  g_assert_true (onward_trust_session_accept_missing (session, NULL));
  for (guint kind = ONWARD_ROLE_TIMESTAMP; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      g_autofree char *path = g_strdup (onward_trust_session_get_request (session)->path);
      GBytes *good = onward_test_repository_get (repository, kind);

      g_assert_false (onward_trust_session_accept (session, bad, NULL));
      g_assert_cmpstr (onward_trust_session_get_request (session)->path, ==, path);
      g_assert_true (onward_trust_session_accept (session, good, NULL));
    }
  g_assert_nonnull (onward_trust_session_get_targets (session));
}

/* Targets carry their name, length, custom member and path. */
static void
test_targets (void)
{
  static const struct
  {
    const char *name;
    const char *path;
  } cases[] = {
    { "releases/linux-x86_64/stable/1.2.0.json",
      "targets/releases/linux-x86_64/stable/" SHA256_OF_HELLO ".1.2.0.json" },
    { "plain", "targets/" SHA256_OF_HELLO ".plain" },
    { "a b/c?d#e%f", "targets/a%20b/" SHA256_OF_HELLO ".c%3Fd%23e%25f" },
    { "é", "targets/" SHA256_OF_HELLO ".%C3%A9" },
  };
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    add_target (repository, cases[i].name);
  onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
  targets = onward_test_repository_update (repository, dir, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_targets_get_n_targets (targets), ==, G_N_ELEMENTS (cases));
  g_assert_null (onward_targets_lookup (targets, "other"));

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      OnwardTarget *target = onward_targets_lookup (targets, cases[i].name);
      g_autofree char *path = onward_target_dup_path (target);

      g_assert_true (target == onward_targets_get_target (targets, (guint) i));
      g_assert_cmpstr (onward_target_get_name (target), ==, cases[i].name);
      g_assert_cmpstr (path, ==, cases[i].path);
      g_assert_cmpuint (onward_target_get_length (target), ==, 5);
      g_assert_cmpstr (json_object_get_string_member (onward_target_get_custom (target), "note"),
                       ==, "“new”");
    }
}

/* A target's bytes are accepted only with its length and its hash. */
static void
test_target_verify (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (GBytes) good = g_bytes_new_static ("hello", 5);
  g_autoptr (GBytes) other = g_bytes_new_static ("hellO", 5);
  g_autoptr (GBytes) longer = g_bytes_new_static ("hello!", 6);
  g_autoptr (GError) error = NULL;
  OnwardTarget *target;

  add_target (repository, "t");
  onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
  targets = onward_test_repository_update (repository, dir, NULL);
  target = onward_targets_lookup (targets, "t");

  g_assert_true (onward_target_verify (target, good, &error));
  g_assert_no_error (error);
  g_assert_false (onward_target_verify (target, other, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_HASH);
  g_clear_error (&error);
  g_assert_false (onward_target_verify (target, longer, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_LENGTH);
}

/* The targets hold until the first document in force expires. */
static void
test_expiry_of_the_chain (void)
{
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      g_autoptr (OnwardTargets) targets = NULL;

      repository->expires[kind] = "2033-05-18T03:33:20Z";
      onward_test_repository_publish (repository, kind);
      targets = onward_test_repository_update (repository, dir, NULL);
      g_assert_cmpint (onward_targets_get_expiry (targets), ==, G_GINT64_CONSTANT (2000000000));
    }
}

/* Members nobody knows are covered by signatures and change nothing. */
static void
test_unknown_members (void)
{
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      g_autoptr (JsonObject) content = onward_test_repository_make (repository, kind);
      g_autoptr (GBytes) document = NULL;
      g_autofree char *path = onward_test_repository_dup_path (repository, kind);

      json_object_set_string_member (content, "x-new", "\n\"é\\");
      document = onward_test_repository_sign (repository, kind, content);
      onward_test_repository_put (repository, path, document);
      onward_test_repository_assert_updates (repository, dir);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/trust-session/fresh-start", test_fresh_start);
  g_test_add_func ("/trust-session/stores-as-received", test_stores_as_received);
  g_test_add_func ("/trust-session/nothing-new", test_nothing_new);
  g_test_add_func ("/trust-session/asks-for-what-changed", test_asks_for_what_changed);
  g_test_add_func ("/trust-session/skips-versions", test_skips_versions);
  g_test_add_func ("/trust-session/inconsistent-names", test_inconsistent_names);
  g_test_add_func ("/trust-session/request-sizes", test_request_sizes);
  g_test_add_func ("/trust-session/missing-documents", test_missing_documents);
  g_test_add_func ("/trust-session/refused-can-be-retried", test_refused_can_be_retried);
  g_test_add_func ("/trust-session/targets", test_targets);
  g_test_add_func ("/trust-session/target-verify", test_target_verify);
  g_test_add_func ("/trust-session/expiry-of-the-chain", test_expiry_of_the_chain);
  g_test_add_func ("/trust-session/unknown-members", test_unknown_members);

  return g_test_run ();
}
