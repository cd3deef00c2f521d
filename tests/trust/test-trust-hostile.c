/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-trust-session.h"

#include <string.h>

#include "onward-error.h"
#include "onward-test-repository.h"
#include "onward-test.h"

/* Puts @content, signed by @kind's signers, where the client looks for @kind. */
static void
put_signed (OnwardTestRepository *repository, OnwardRoleKind kind, JsonObject *content)
{
  g_autoptr (GBytes) document = onward_test_repository_sign (repository, kind, content);
  g_autofree char *path = onward_test_repository_dup_path (repository, kind);

  onward_test_repository_put (repository, path, document);
}

/* A client that has version 1 of everything, and a repository about to offer version 2. */
static OnwardTestRepository *
make_second (const char *dir)
{
  OnwardTestRepository *repository = onward_test_repository_new ();

  onward_test_repository_assert_updates (repository, dir);
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    repository->versions[kind] = 2;
  for (gint kind = ONWARD_ROLE_TARGETS; kind >= ONWARD_ROLE_ROOT; kind--)
    onward_test_repository_write (repository, (OnwardRoleKind) kind);
  return repository;
}

/* A document of one type never passes for another, whoever signed it. */
static void
test_wrong_types (void)
{
  for (guint wanted = 0; wanted < ONWARD_TEST_N_ROLES; wanted++)
    {
      for (guint offered = 0; offered < ONWARD_TEST_N_ROLES; offered++)
        {
          g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
          g_autoptr (OnwardTestRepository) repository = make_second (dir);
          g_autoptr (JsonObject) content = NULL;
          g_autofree char *path = NULL;

          if (wanted == offered)
            continue;
          content = onward_test_repository_make (repository, offered);
          put_signed (repository, wanted, content);
          onward_test_repository_assert_refuses (repository, dir, wanted, ONWARD_ERROR_WRONG_TYPE);

          path = onward_test_repository_dup_path (repository, wanted);
          onward_test_repository_write (repository, offered);
          onward_test_repository_put (repository, path,
                                      onward_test_repository_get (repository, offered));
          onward_test_repository_assert_refuses (repository, dir, wanted, ONWARD_ERROR_WRONG_TYPE);
        }
    }
}

/* A document signed by another role's key is refused. */
static void
test_wrong_signers (void)
{
  for (guint wanted = 0; wanted < ONWARD_TEST_N_ROLES; wanted++)
    {
      for (guint signer = 0; signer < ONWARD_TEST_N_ROLES; signer++)
        {
          g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
          g_autoptr (OnwardTestRepository) repository = make_second (dir);
          g_autoptr (JsonObject) content = onward_test_repository_make (repository, wanted);
          g_autoptr (GBytes) document = NULL;
          g_autofree char *path = onward_test_repository_dup_path (repository, wanted);

          if (wanted == signer)
            continue;
          document = onward_test_repository_sign (repository, signer, content);
          onward_test_repository_put (repository, path, document);
          onward_test_repository_assert_refuses (repository, dir, wanted, ONWARD_ERROR_UNTRUSTED);
        }
    }
}

typedef struct
{
  const char *name;
  const char *member;
  const char *json; /* NULL: the member is removed */
  gint code;
} Bend;

/* clang-format off */
static const Bend bends[] = {
  { "no-type", "_type", NULL, ONWARD_ERROR_MALFORMED },
  { "type-number", "_type", "1", ONWARD_ERROR_MALFORMED },
  { "type-case", "_type", "\"Timestamp\"", ONWARD_ERROR_WRONG_TYPE },
  { "no-spec", "spec_version", NULL, ONWARD_ERROR_MALFORMED },
  { "spec-2", "spec_version", "\"2.0.0\"", ONWARD_ERROR_UNSUPPORTED_FORMAT },
  { "spec-0", "spec_version", "\"0.9\"", ONWARD_ERROR_UNSUPPORTED_FORMAT },
  { "spec-10", "spec_version", "\"10.0\"", ONWARD_ERROR_UNSUPPORTED_FORMAT },
  { "spec-empty", "spec_version", "\"\"", ONWARD_ERROR_UNSUPPORTED_FORMAT },
  { "spec-no-minor", "spec_version", "\"1.\"", ONWARD_ERROR_UNSUPPORTED_FORMAT },
  { "spec-trailing", "spec_version", "\"1.0-2\"", ONWARD_ERROR_UNSUPPORTED_FORMAT },
  { "spec-text", "spec_version", "\"1.x\"", ONWARD_ERROR_UNSUPPORTED_FORMAT },
  { "spec-number", "spec_version", "1", ONWARD_ERROR_MALFORMED },
  { "no-version", "version", NULL, ONWARD_ERROR_MALFORMED },
  { "version-0", "version", "0", ONWARD_ERROR_MALFORMED },
  { "version-negative", "version", "-1", ONWARD_ERROR_MALFORMED },
  { "version-text", "version", "\"2\"", ONWARD_ERROR_MALFORMED },
  { "version-true", "version", "true", ONWARD_ERROR_MALFORMED },
  { "no-expires", "expires", NULL, ONWARD_ERROR_MALFORMED },
  { "expires-number", "expires", "4000000000", ONWARD_ERROR_MALFORMED },
  { "expires-offset", "expires", "\"2090-01-01T00:00:00+00:00\"", ONWARD_ERROR_MALFORMED },
  { "expires-no-zone", "expires", "\"2090-01-01T00:00:00\"", ONWARD_ERROR_MALFORMED },
  { "expires-fraction", "expires", "\"2090-01-01T00:00:00.0Z\"", ONWARD_ERROR_MALFORMED },
  { "expires-month-13", "expires", "\"2090-13-01T00:00:00Z\"", ONWARD_ERROR_MALFORMED },
  { "expires-day-30", "expires", "\"2090-02-30T00:00:00Z\"", ONWARD_ERROR_MALFORMED },
  { "expires-trailing", "expires", "\"2090-01-01T00:00:00Z \"", ONWARD_ERROR_MALFORMED },
  { "expires-sign", "expires", "\"2090-01-+1T00:00:00Z\"", ONWARD_ERROR_MALFORMED },
  { "expires-year-0", "expires", "\"0000-01-01T00:00:00Z\"", ONWARD_ERROR_MALFORMED },
  { "expires-no-digit", "expires", "\"3:90-01-01T00:00:00Z\"", ONWARD_ERROR_MALFORMED },
  { "expires-lower-case", "expires", "\"2090-01-01T00:00:00z\"", ONWARD_ERROR_MALFORMED },
  { "no-meta", "meta", NULL, ONWARD_ERROR_MALFORMED },
  { "meta-array", "meta", "[]", ONWARD_ERROR_MALFORMED },
  { "meta-empty", "meta", "{}", ONWARD_ERROR_MALFORMED },
  { "meta-no-object", "meta", "{\"snapshot.json\":1}", ONWARD_ERROR_MALFORMED },
  { "meta-no-version", "meta", "{\"snapshot.json\":{}}", ONWARD_ERROR_MALFORMED },
  { "meta-version-0", "meta", "{\"snapshot.json\":{\"version\":0}}", ONWARD_ERROR_MALFORMED },
  { "meta-length", "meta",
    "{\"snapshot.json\":{\"version\":2,\"length\":-1}}",
    ONWARD_ERROR_MALFORMED },
  { "meta-hashes", "meta",
    "{\"snapshot.json\":{\"version\":2,\"hashes\":[]}}",
    ONWARD_ERROR_MALFORMED },
  { "meta-hash-unknown", "meta",
    "{\"snapshot.json\":{\"version\":2,\"hashes\":{\"md5\":\"00\"}}}",
    ONWARD_ERROR_UNSUPPORTED_FORMAT },
  { "meta-hash-short", "meta",
    "{\"snapshot.json\":{\"version\":2,\"hashes\":{\"sha256\":\"00\"}}}",
    ONWARD_ERROR_MALFORMED },
};
/* clang-format on */

/* Content that breaks the format is refused though the right key signed it. */
static void
test_bent_timestamps (gconstpointer data)
{
  const Bend *bend = data;
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = make_second (dir);
  g_autoptr (JsonObject) content = NULL;

  content = onward_test_repository_make (repository, ONWARD_ROLE_TIMESTAMP);
  if (bend->json != NULL)
    json_object_set_member (content, bend->member, json_from_string (bend->json, NULL));
  else
    json_object_remove_member (content, bend->member);
  put_signed (repository, ONWARD_ROLE_TIMESTAMP, content);
  onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_TIMESTAMP, bend->code);
}

/* 4.4: a snapshot that does not list the targets says nothing. */
static void
test_snapshot_without_targets (void)
{
  static const char *const lists[] = { "{}", "{\"other.json\":{\"version\":1}}" };

  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      g_autoptr (JsonObject) content =
          onward_test_repository_make (repository, ONWARD_ROLE_SNAPSHOT);

      json_object_set_member (content, "meta", json_from_string (lists[i], NULL));
      put_signed (repository, ONWARD_ROLE_SNAPSHOT, content);
      onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_SNAPSHOT,
                                             ONWARD_ERROR_MALFORMED);
    }
}

/* The session of a client that waits for the document of @kind. */
static OnwardTrustSession *
begin (OnwardTestRepository *repository, OnwardTrustStore *store, OnwardRoleKind kind)
{
  OnwardTrustSession *session = onward_trust_session_new (store, ONWARD_TEST_NOW);

  for (OnwardRoleKind i = 0; i < kind; i++)
    {
      g_assert_true (
          onward_trust_session_accept (session, onward_test_repository_get (repository, i), NULL));
      if (i == ONWARD_ROLE_ROOT)
        g_assert_true (onward_trust_session_accept_missing (session, NULL));
    }
  return session;
}

/* Whatever is refused, the folder stays as it was, byte for byte. */
static void
test_refusals_leave_no_trace (void)
{
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      g_autoptr (OnwardTrustStore) store = NULL;
      g_autoptr (OnwardTrustSession) session = NULL;
      g_autoptr (GBytes) junk = g_bytes_new_static ("{\"signed\":{},\"signatures\":[]}", 29);
      g_autoptr (GError) error = NULL;
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;

      onward_test_repository_assert_updates (repository, dir);
      onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
      onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
      store = onward_trust_store_open (dir, NULL, NULL);
      session = begin (repository, store, kind);
      before = onward_test_repository_dump (dir);
      g_assert_false (onward_trust_session_accept (session, junk, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      after = onward_test_repository_dump (dir);
      g_assert_cmpstr (before, ==, after);
    }
}

/* A document beyond its role's cap is refused unread. */
static void
test_oversized (void)
{
  static const gsize caps[] = { 512000, 16384, 2000000, 5000000 };

  for (guint kind = ONWARD_ROLE_TIMESTAMP; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = make_second (dir);
      g_autofree char *path = onward_test_repository_dup_path (repository, kind);
      GBytes *document = onward_test_repository_get (repository, kind);
      gsize size = g_bytes_get_size (document);
      char *padded = g_malloc (caps[kind] + 1);
      g_autoptr (GBytes) bytes = g_bytes_new_take (padded, caps[kind] + 1);
      g_autoptr (GBytes) fitting = g_bytes_new_from_bytes (bytes, 0, caps[kind]);

      memset (padded, ' ', caps[kind] + 1);
      memcpy (padded, g_bytes_get_data (document, NULL), size);
      onward_test_repository_put (repository, path, bytes);
      onward_test_repository_assert_refuses (repository, dir, kind, ONWARD_ERROR_TOO_LARGE);
      onward_test_repository_put (repository, path, fitting);
      onward_test_repository_assert_updates (repository, dir);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/hostile/wrong-types", test_wrong_types);
  g_test_add_func ("/hostile/wrong-signers", test_wrong_signers);
  for (gsize i = 0; i < G_N_ELEMENTS (bends); i++)
    {
      g_autofree char *path = g_strdup_printf ("/hostile/bent/%s", bends[i].name);

      g_test_add_data_func (path, &bends[i], test_bent_timestamps);
    }
  g_test_add_func ("/hostile/snapshot-without-targets", test_snapshot_without_targets);
  g_test_add_func ("/hostile/refusals-leave-no-trace", test_refusals_leave_no_trace);
  g_test_add_func ("/hostile/oversized", test_oversized);

  return g_test_run ();
}
