/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-trust-session.h"

#include <string.h>

#include "onward-error.h"
#include "onward-test-repository.h"
#include "onward-test.h"

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

/* A client that has version 1 of everything, and a repository that offers version 2, with nothing
 * but signatures to tell a document by. */
static OnwardTestRepository *
make_unpinned (const char *dir)
{
  OnwardTestRepository *repository = onward_test_repository_new ();

  onward_test_repository_assert_updates (repository, dir);
  repository->pinned = FALSE;
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    repository->versions[kind] = 2;
  for (gint kind = ONWARD_ROLE_TARGETS; kind >= ONWARD_ROLE_ROOT; kind--)
    onward_test_repository_write (repository, (OnwardRoleKind) kind);
  return repository;
}

/* No beginning of a document passes for the whole, and no refusal leaves a trace. */
static void
test_every_truncation (gconstpointer data)
{
  OnwardRoleKind kind = GPOINTER_TO_UINT (data);
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = make_unpinned (dir);
  g_autoptr (OnwardTrustStore) store = onward_trust_store_open (dir, NULL, NULL);
  g_autoptr (OnwardTrustSession) session = begin (repository, store, kind);
  GBytes *document = onward_test_repository_get (repository, kind);
  g_autofree char *before = onward_test_repository_dump (dir);
  g_autofree char *after = NULL;

  for (gsize size = 0; size < g_bytes_get_size (document); size++)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (document, 0, size);
      g_autoptr (GError) error = NULL;

      g_assert_false (onward_trust_session_accept (session, part, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
  after = onward_test_repository_dump (dir);
  g_assert_cmpstr (before, ==, after);
  g_assert_true (onward_trust_session_accept (session, document, NULL));
}

/* Hexadecimal in capitals is the same signature: the one change that changes nothing. */
static gboolean
is_case_of_signature (const char *text, gsize at, guint8 bit)
{
  const char *sig = strstr (text, "\"sig\":\"") + strlen ("\"sig\":\"");

  return bit == 0x20 && g_ascii_isalpha (text[at]) && text + at >= sig &&
         text + at < strchr (sig, '"');
}

/* No bit of a document can be changed, and no refusal leaves a trace. */
static void
test_every_bit_flip (gconstpointer user_data)
{
  OnwardRoleKind kind = GPOINTER_TO_UINT (user_data);
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = make_unpinned (dir);
  g_autoptr (OnwardTrustStore) store = onward_trust_store_open (dir, NULL, NULL);
  g_autoptr (OnwardTrustSession) session = begin (repository, store, kind);
  GBytes *document = onward_test_repository_get (repository, kind);
  g_autofree char *before = onward_test_repository_dump (dir);
  g_autofree char *after = NULL;
  gsize size;
  const char *data = g_bytes_get_data (document, &size);
  g_autofree char *text = g_strndup (data, size);

  for (gsize i = 0; i < size * 8; i++)
    {
      g_autoptr (GBytes) changed = NULL;
      g_autoptr (GError) error = NULL;
      guint8 bit = (guint8) (1u << (i % 8));

      if (is_case_of_signature (text, i / 8, bit))
        continue;
      text[i / 8] = (char) (text[i / 8] ^ bit);
      changed = g_bytes_new (text, size);
      g_assert_false (onward_trust_session_accept (session, changed, &error));
      g_assert_nonnull (error);
      text[i / 8] = (char) (text[i / 8] ^ bit);
    }
  after = onward_test_repository_dump (dir);
  g_assert_cmpstr (before, ==, after);
  g_assert_true (onward_trust_session_accept (session, document, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      const char *name = onward_role_kind_get_name (kind);
      g_autofree char *cut = g_strdup_printf ("/damage/every-truncation/%s", name);
      g_autofree char *flipped = g_strdup_printf ("/damage/every-bit-flip/%s", name);

      g_test_add_data_func (cut, GUINT_TO_POINTER (kind), test_every_truncation);
      g_test_add_data_func (flipped, GUINT_TO_POINTER (kind), test_every_bit_flip);
    }

  return g_test_run ();
}
