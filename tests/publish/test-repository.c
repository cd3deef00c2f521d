/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-fd.h"
#include "onward-metadata-writer.h"
#include "publish-fixture.h"

static GKeyFile *
make_settings (void)
{
  GKeyFile *settings = g_key_file_new ();

  g_key_file_set_string (settings, "Publisher", "Id", "org.example.App");
  g_key_file_set_string (settings, "Publisher", "Name", "App");
  g_key_file_set_string (settings, "Publisher", "Command", "bin/app");
  return settings;
}

static char *
get_path (OnwardTestSite *site, const char *name)
{
  return g_build_filename (site->dir, "repo", name, NULL);
}

static void
put_bytes (OnwardRepository *repository, const char *path, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  onward_repository_put (repository, path, bytes);
}

/* Collects targets without a release, signed by the site's keys. */
static void
put_empty_targets (OnwardTestSite *site, OnwardRepository *repository)
{
  g_autoptr (OnwardKeyring) keyring = publish_fixture_load_keys (site);
  g_autoptr (JsonObject) targets = json_object_new ();
  g_autoptr (GError) error = NULL;

  onward_metadata_writer_put_targets (repository, keyring, targets, &error);
  g_assert_no_error (error);
}

/* A folder becomes a repository with its first commit, and never a second time. */
static void
test_repository_create (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (GKeyFile) settings = make_settings ();
  g_autofree char *folder = get_path (site, "");
  g_autofree char *ini = get_path (site, "publish.ini");
  g_autofree char *before = publish_fixture_snapshot (folder);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (onward_repository_create (folder, settings, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  after = publish_fixture_snapshot (folder);
  g_assert_cmpstr (after, ==, before);
  g_clear_error (&error);

  /* Signed metadata without settings is a repository, too. */
  g_assert_cmpint (g_unlink (ini), ==, 0);
  g_assert_null (onward_repository_create (folder, settings, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
}

/* What was not committed is no repository, and can be begun again. */
static void
test_repository_create_unfinished (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *folder = g_build_filename (dir, "a", "repo", NULL);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GKeyFile) settings = make_settings ();
      g_autoptr (GError) error = NULL;
      g_autoptr (OnwardRepository) repository = onward_repository_create (folder, settings, &error);

      g_assert_no_error (error);
      g_clear_pointer (&repository, onward_repository_free);
      g_assert_null (onward_repository_open (folder, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
      g_assert_nonnull (strstr (error->message, "onward-publish init"));
    }
}

/* One publisher at a time changes a repository; others may look at it. */
static void
test_repository_lock (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) first = publish_fixture_open (site);
  g_autoptr (OnwardRepository) reader = NULL;
  g_autoptr (OnwardRepository) second = NULL;
  g_autofree char *folder = get_path (site, "");
  g_autoptr (GError) error = NULL;

  g_assert_null (onward_repository_open (folder, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  g_clear_error (&error);

  reader = onward_repository_open_to_read (folder, &error);
  g_assert_no_error (error);
  g_clear_pointer (&first, onward_repository_free);
  second = onward_repository_open (folder, &error);
  g_assert_no_error (error);
}

/* Settings that no publisher wrote are refused, and the message says where and what. */
static void
test_repository_settings (void)
{
  static const struct
  {
    const char *contents;
    const char *expected;
  } cases[] = {
    { "", "publish.ini" },
    { "no key file", "publish.ini" },
    { "[Publisher]\nId=a.b\nName=App\n", "“Command” is missing" },
    { "[Publisher]\nId=a.b\nName=\nCommand=app\n", "“Name” is missing" },
    { "[Other]\nId=a.b\nName=App\nCommand=app\n", "“Id” is missing" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (GError) error = NULL;

      onward_test_write (dir, "publish.ini", cases[i].contents);
      g_assert_null (onward_repository_open (dir, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_nonnull (strstr (error->message, cases[i].expected));
    }
}

/* A repository that is no folder, or not there. */
static void
test_repository_no_folder (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *file = g_build_filename (dir, "file", NULL);
  g_autofree char *missing = g_build_filename (dir, "missing", NULL);
  g_autoptr (GError) error = NULL;

  onward_test_write (dir, "file", "");
  g_assert_null (onward_repository_open (file, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_null (onward_repository_open (missing, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "missing"));
}

/* The names of what appeared in the folders that @fd watches, in their order. */
static char *
read_names (int fd)
{
  char buffer[8192] __attribute__ ((aligned (8)));
  gssize size = read (fd, buffer, sizeof buffer);
  GString *names = g_string_new (NULL);

  for (gssize at = 0; at < size;)
    {
      struct inotify_event *event = (struct inotify_event *) (buffer + at);

      g_string_append_printf (names, "%s ", event->name);
      at += (gssize) (sizeof *event + event->len);
    }

  return g_string_free (names, FALSE);
}

/* The timestamp is what clients ask first, so it is written last, whatever was collected first. */
static void
test_repository_order (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autofree char *metadata = get_path (site, "metadata");
  g_autofree char *targets = get_path (site, "targets");
  g_autofree char *names = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (OnwardFd) fd = inotify_init1 (IN_CLOEXEC);

  put_empty_targets (site, repository);
  put_bytes (repository, "targets/later", "a document");
  g_assert_cmpint (inotify_add_watch (fd, metadata, IN_MOVED_TO), >=, 0);
  g_assert_cmpint (inotify_add_watch (fd, targets, IN_MOVED_TO), >=, 0);
  onward_repository_commit (repository, &error);
  g_assert_no_error (error);
  names = read_names (fd);
  g_assert_cmpstr (names, ==, "2.targets.json 2.snapshot.json later timestamp.json ");
}

/* A commit that cannot write something leaves every file as it was, and can be tried again. */
static void
test_repository_commit_fails (void)
{
  /* Where a folder is in the way of a document, or a document in the way of a folder. */
  static const struct
  {
    const char *document;
    const char *obstacle;
  } cases[] = {
    { "targets/x/document", "targets/x" },
    { "metadata/extra.json", "metadata/extra.json/" },
    { "metadata/timestamp.json", "metadata/timestamp.json/" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTestSite) site = onward_test_site_new ();
      g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
      g_autofree char *folder = get_path (site, "");
      g_autofree char *obstacle = get_path (site, cases[i].obstacle);
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;
      g_autoptr (GError) error = NULL;

      put_empty_targets (site, repository);
      if (!g_str_has_suffix (cases[i].document, "timestamp.json"))
        put_bytes (repository, cases[i].document, "a document");
      (void) g_unlink (obstacle);
      if (g_str_has_suffix (cases[i].obstacle, "/"))
        {
          obstacle[strlen (obstacle) - 1] = '\0';
          (void) g_unlink (obstacle);
          g_assert_cmpint (g_mkdir (obstacle, 0755), ==, 0);
        }
      else
        onward_test_write (folder, cases[i].obstacle, "in the way");

      before = publish_fixture_snapshot (folder);
      g_assert_false (onward_repository_commit (repository, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, "repo"));
      after = publish_fixture_snapshot (folder);
      g_assert_cmpstr (after, ==, before);

      g_clear_error (&error);
      g_assert_cmpint (g_remove (obstacle), ==, 0);
      onward_repository_commit (repository, &error);
      g_assert_no_error (error);
    }
}

/* Nobody may be given two documents of one name; the same one again is welcome. */
static void
test_repository_immutable (void)
{
  static const struct
  {
    const char *present;
    gboolean expected;
  } cases[] = { { "a document", TRUE }, { "A document", FALSE }, { "a document, longer", FALSE } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTestSite) site = onward_test_site_new ();
      g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
      g_autofree char *folder = get_path (site, "");
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;

      onward_test_write (folder, "targets/document", cases[i].present);
      put_empty_targets (site, repository);
      put_bytes (repository, "targets/document", "a document");
      g_assert_true (onward_repository_commit (repository, &error) == cases[i].expected);
      if (!cases[i].expected)
        g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
      text = onward_test_read (folder, "targets/document");
      g_assert_cmpstr (text, ==, cases[i].present);
    }
}

/* What no client would trust is not written. */
static void
test_repository_commit_verifies (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autofree char *folder = get_path (site, "");
  g_autofree char *keys = g_build_filename (site->dir, "other-keys", NULL);
  g_autofree char *before = publish_fixture_snapshot (folder);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardKeyring) strangers = onward_keyring_generate (keys, NULL, &error);
  g_autoptr (JsonObject) targets = json_object_new ();

  g_assert_no_error (error);
  onward_metadata_writer_put_targets (repository, strangers, targets, &error);
  g_assert_no_error (error);
  g_assert_false (onward_repository_commit (repository, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_UNTRUSTED);
  after = publish_fixture_snapshot (folder);
  g_assert_cmpstr (after, ==, before);
}

/* Metadata that somebody changed is noticed, whichever it is. */
static void
test_repository_tampered (void)
{
  static const char *const names[] = { "1.root.json", "1.targets.json", "1.snapshot.json",
                                       "timestamp.json" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (OnwardTestSite) site = onward_test_site_new ();
      g_autofree char *path = g_build_filename (site->dir, "repo", "metadata", names[i], NULL);
      g_autofree char *text = NULL;
      g_autoptr (OnwardRepository) repository = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      publish_fixture_flip (path, (gsize) (strstr (text, "\"20") + 4 - text));
      repository = publish_fixture_open (site);
      g_assert_null (onward_repository_verify (repository, &error));
      g_assert_nonnull (error);
      g_assert_cmpint (onward_error_get_remedy (error), !=, ONWARD_REMEDY_RETRY_SOON);
      g_assert_nonnull (strstr (error->message, "repo"));
    }
}

/* What an interrupted run left is passed over, and its numbers are not used again. */
static void
test_repository_leftovers (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autofree char *folder = get_path (site, "");
  g_autofree char *left = get_path (site, "metadata/9.snapshot.json");
  g_autoptr (JsonObject) snapshot = NULL;
  g_autoptr (JsonObject) next = NULL;
  g_autoptr (GError) error = NULL;

  onward_test_write (folder, "metadata/9.snapshot.json", "half");
  snapshot = onward_repository_load_role (repository, "snapshot", &error);
  g_assert_no_error (error);
  g_assert_cmpint (json_object_get_int_member (snapshot, "version"), ==, 1);

  put_empty_targets (site, repository);
  onward_repository_commit (repository, &error);
  g_assert_no_error (error);
  next = onward_repository_load_role (repository, "snapshot", &error);
  g_assert_no_error (error);
  g_assert_cmpint (json_object_get_int_member (next, "version"), ==, 10);
  g_assert_true (g_file_test (left, G_FILE_TEST_EXISTS));
}

/* Only whole numbers before the role's name count as versions. */
static void
test_repository_versions (void)
{
  static const char *const strays[] = { "7.targets.json~", "x7.targets.json", ".targets.json",
                                        "7.targets",       "-7.targets.json", "7targets.json",
                                        "7..targets.json" };
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autofree char *metadata = get_path (site, "metadata");

  for (gsize i = 0; i < G_N_ELEMENTS (strays); i++)
    onward_test_write (metadata, strays[i], "");
  g_assert_cmpint (onward_repository_get_version (repository, "targets"), ==, 1);
  g_assert_cmpint (onward_repository_get_version (repository, "root"), ==, 1);
  g_assert_cmpint (onward_repository_get_version (repository, "nothing"), ==, 0);

  onward_test_write (metadata, "12.targets.json", "");
  g_assert_cmpint (onward_repository_get_version (repository, "targets"), ==, 12);
}

/* A document that was collected is read before the one that is there. */
static void
test_repository_pending (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (onward_repository_read (repository, "targets/x", 10, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  put_bytes (repository, "targets/x", "one");
  first = onward_repository_read (repository, "targets/x", 10, NULL);
  g_assert_cmpmem (g_bytes_get_data (first, NULL), g_bytes_get_size (first), "one", 3);
  put_bytes (repository, "targets/x", "two");
  second = onward_repository_read (repository, "targets/x", 10, NULL);
  g_assert_cmpmem (g_bytes_get_data (second, NULL), g_bytes_get_size (second), "two", 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/repository/create", test_repository_create);
  g_test_add_func ("/repository/create-unfinished", test_repository_create_unfinished);
  g_test_add_func ("/repository/lock", test_repository_lock);
  g_test_add_func ("/repository/settings", test_repository_settings);
  g_test_add_func ("/repository/no-folder", test_repository_no_folder);
  g_test_add_func ("/repository/order", test_repository_order);
  g_test_add_func ("/repository/commit-fails", test_repository_commit_fails);
  g_test_add_func ("/repository/immutable", test_repository_immutable);
  g_test_add_func ("/repository/commit-verifies", test_repository_commit_verifies);
  g_test_add_func ("/repository/tampered", test_repository_tampered);
  g_test_add_func ("/repository/leftovers", test_repository_leftovers);
  g_test_add_func ("/repository/versions", test_repository_versions);
  g_test_add_func ("/repository/pending", test_repository_pending);
  return g_test_run ();
}
