/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-trust-store.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "onward-error.h"
#include "onward-role-name.h"
#include "onward-test-repository.h"
#include "onward-test.h"

static OnwardTargets *
load (const char *dir, gint64 now, GError **error)
{
  g_autoptr (OnwardTrustStore) store = onward_trust_store_open (dir, NULL, error);

  return store != NULL ? onward_trust_store_load_targets (store, now, error) : NULL;
}

/* An empty folder needs the root that came with the install; nothing is trusted on first sight. */
static void
test_needs_an_anchor (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *missing = g_build_filename (dir, "a", "b", NULL);
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (OnwardTrustStore) store = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (onward_trust_store_open (missing, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_UNTRUSTED);
  g_clear_error (&error);
  store = onward_trust_store_open (
      missing, onward_test_repository_get (repository, ONWARD_ROLE_ROOT), &error);
  g_assert_no_error (error);
  g_assert_nonnull (store);
}

/* An anchor that does not speak for itself is refused. */
static void
test_bad_anchors (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (JsonObject) content = onward_test_repository_make (repository, ONWARD_ROLE_ROOT);
  g_autoptr (GBytes) unsigned_root = NULL;
  g_autoptr (GBytes) junk = g_bytes_new_static ("junk", 4);
  g_autoptr (GError) error = NULL;

  unsigned_root = onward_test_repository_sign (repository, ONWARD_ROLE_TARGETS, content);
  g_assert_null (onward_trust_store_open (dir, unsigned_root, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_UNTRUSTED);
  g_clear_error (&error);
  g_assert_null (onward_trust_store_open (dir, junk, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
}

/* A stored root that was damaged gives way to the anchor, from which the run follows the roots. */
static void
test_damaged_root (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  onward_test_repository_rotate (repository, ONWARD_ROLE_ROOT);
  onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
  onward_test_repository_assert_updates (repository, dir);
  onward_test_write (dir, "root.json", "{\"signed\":{},\"signatures\":[]}");
  onward_test_repository_assert_updates (repository, dir);
  g_assert_cmpstr (repository->log->str, ==, "2.root.json 3.root.json timestamp.json ");
}

/* Any other stored document that was damaged is fetched again. */
static void
test_damaged_documents (void)
{
  static const struct
  {
    const char *file;
    const char *contents;
    const char *log;
  } cases[] = {
    { "timestamp.json", "", "2.root.json timestamp.json " },
    { "snapshot.json", "x", "2.root.json timestamp.json 1.snapshot.json " },
    { "targets.json", "{}", "2.root.json timestamp.json 1.targets.json " },
  };
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  onward_test_repository_assert_updates (repository, dir);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_build_filename (dir, cases[i].file, NULL);

      onward_test_write (dir, cases[i].file, cases[i].contents);
      onward_test_repository_assert_updates (repository, dir);
      g_assert_cmpstr (repository->log->str, ==, cases[i].log);

      g_assert_cmpint (g_unlink (path), ==, 0);
      onward_test_repository_assert_updates (repository, dir);
      g_assert_cmpstr (repository->log->str, ==, cases[i].log);
    }
}

/* What a run ended with can be had again without a server, while it holds. */
static void
test_load (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (GError) error = NULL;

  onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
  onward_test_repository_assert_updates (repository, dir);
  targets = load (dir, ONWARD_TEST_NOW, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_targets_get_version (targets), ==, 2);
}

/* Without a complete run there is nothing to load. */
static void
test_load_incomplete (void)
{
  static const char *const files[] = { "timestamp.json", "snapshot.json", "targets.json" };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      g_autofree char *path = g_build_filename (dir, files[i], NULL);
      g_autoptr (GError) error = NULL;

      onward_test_repository_assert_updates (repository, dir);
      g_assert_cmpint (g_unlink (path), ==, 0);
      g_assert_null (load (dir, ONWARD_TEST_NOW, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
    }
}

/* Each stored document must hold when it is loaded, whatever it was when it was stored. */
static void
test_load_expired (void)
{
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      g_autoptr (GError) error = NULL;
      int code = kind == ONWARD_ROLE_ROOT ? ONWARD_ERROR_ROOT_EXPIRED : ONWARD_ERROR_EXPIRED;

      repository->expires[kind] = "2023-11-16T00:00:00Z";
      onward_test_repository_publish (repository, kind);
      onward_test_repository_assert_updates (repository, dir);
      g_assert_null (load (dir, ONWARD_TEST_NOW + 864000, &error));
      g_assert_error (error, ONWARD_ERROR, code);
      g_assert_nonnull (strstr (error->message, onward_role_kind_get_file (kind)));
    }
}

/* A stored document somebody put there without the key is not loaded. */
static void
test_load_forged (void)
{
  for (guint kind = ONWARD_ROLE_TIMESTAMP; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      g_autoptr (JsonObject) content = onward_test_repository_make (repository, kind);
      g_autoptr (GBytes) forged = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      onward_test_repository_assert_updates (repository, dir);
      forged = onward_test_repository_sign (repository, ONWARD_ROLE_ROOT, content);
      text = g_strndup (g_bytes_get_data (forged, NULL), g_bytes_get_size (forged));
      onward_test_write (dir, onward_role_kind_get_file (kind), text);
      g_assert_null (load (dir, ONWARD_TEST_NOW, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_UNTRUSTED);
    }
}

/* A folder that cannot be made is an error, not a crash. */
static void
test_unusable_folder (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *below_file = g_build_filename (dir, "file", "trust", NULL);
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (GError) error = NULL;

  onward_test_write (dir, "file", "");
  g_assert_null (onward_trust_store_open (
      below_file, onward_test_repository_get (repository, ONWARD_ROLE_ROOT), &error));
  g_assert_nonnull (error);
}

static gboolean
exists (const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) || g_file_test (path, G_FILE_TEST_IS_SYMLINK);
}

/* Documents of roles that are not listed go with the next complete run, whatever somebody made of
 * them; what is listed stays, whatever it is called, and so does all that is no document. */
static void
test_prune (void)
{
  static const char *const listed[] = { "kept", "of/a.folder", ".." };
  static const char *const kept[] = { "kept.json", "of%2Fa.folder.json", "notes.txt",
                                      "timestamp.json", "full.json/inside.json" };
  static const char *const gone[] = { "removed.json", "of%2Fa.json", "link.json", "%00.json" };
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestDir) outside = onward_test_make_dir ();
  g_autofree char *target = g_build_filename (outside, "victim.json", NULL);
  g_autofree char *link = g_build_filename (dir, "link.json", NULL);
  g_autofree char *folder = g_build_filename (dir, "full.json", NULL);
  g_autofree char *dots = onward_role_name_dup_file ("..");
  g_autofree char *dots_file = g_strconcat (dots, ".json", NULL);
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  for (guint i = 0; i < G_N_ELEMENTS (listed); i++)
    {
      g_autofree char *name = g_strconcat (listed[i], ".json", NULL);

      json_object_set_int_member (repository->listed, name, 1);
    }
  onward_test_repository_publish (repository, ONWARD_ROLE_SNAPSHOT);
  onward_test_write (outside, "victim.json", "precious");
  g_assert_cmpint (symlink (target, link), ==, 0);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    onward_test_write (dir, kept[i], "junk");
  onward_test_write (dir, dots_file, "junk");
  for (guint i = 0; i < G_N_ELEMENTS (gone); i++)
    if (!g_str_equal (gone[i], "link.json"))
      onward_test_write (dir, gone[i], "junk");

  onward_test_repository_assert_updates (repository, dir);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    g_assert_true (exists (dir, kept[i]));
  for (guint i = 0; i < G_N_ELEMENTS (gone); i++)
    g_assert_false (exists (dir, gone[i]));
  g_assert_true (exists (dir, dots_file));
  g_assert_true (exists (outside, "victim.json"));
}

/* A run that ends before it is complete removes nothing. */
static void
test_prune_only_when_complete (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();

  onward_test_repository_assert_updates (repository, dir);
  onward_test_write (dir, "role.json", "junk");
  repository->expires[ONWARD_ROLE_TARGETS] = "2001-01-01T00:00:00Z";
  onward_test_repository_publish (repository, ONWARD_ROLE_TARGETS);
  onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_TARGETS,
                                         ONWARD_ERROR_EXPIRED);
  g_assert_true (exists (dir, "role.json"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/trust-store/needs-an-anchor", test_needs_an_anchor);
  g_test_add_func ("/trust-store/bad-anchors", test_bad_anchors);
  g_test_add_func ("/trust-store/damaged-root", test_damaged_root);
  g_test_add_func ("/trust-store/damaged-documents", test_damaged_documents);
  g_test_add_func ("/trust-store/load", test_load);
  g_test_add_func ("/trust-store/load-incomplete", test_load_incomplete);
  g_test_add_func ("/trust-store/load-expired", test_load_expired);
  g_test_add_func ("/trust-store/load-forged", test_load_forged);
  g_test_add_func ("/trust-store/unusable-folder", test_unusable_folder);

  g_test_add_func ("/trust-store/prune", test_prune);
  g_test_add_func ("/trust-store/prune-only-when-complete", test_prune_only_when_complete);
  return g_test_run ();
}
