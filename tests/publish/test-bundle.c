/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onward-bundle.h"
#include "onward-error.h"
#include "publish-fixture.h"

#define FAR "https://example.org/app"

static OnwardTestSite *
make_site (void)
{
  OnwardTestSite *site = onward_test_site_new ();
  g_autofree char *tree = g_build_filename (site->dir, "trees", "1.0.0", NULL);
  g_autofree char *link = g_build_filename (tree, "share", "link", NULL);
  g_autofree char *out = g_build_filename (site->dir, "out", NULL);

  onward_test_site_make_tree (site, "1.0.0", 1000);
  g_assert_cmpint (symlink ("same", link), ==, 0);
  g_assert_cmpint (g_mkdir (out, 0755), ==, 0);
  onward_test_site_add (site, "1.0.0");
  return site;
}

static gboolean
bundle (OnwardTestSite *site, OnwardBundleOptions *options, GError **error)
{
  g_autofree char *folder = g_build_filename (site->dir, "repo", NULL);
  g_autoptr (OnwardRepository) repository = onward_repository_open_to_read (folder, NULL);

  return onward_bundle_write (options, repository, error);
}

static char *
get_output (OnwardTestSite *site, const char *name)
{
  return g_build_filename (site->dir, "out", name, NULL);
}

/* Nothing, not even a hidden file, is in the folder of the outputs. */
static void
assert_nothing_left (OnwardTestSite *site)
{
  g_autofree char *out = get_output (site, "");
  g_autofree char *left = publish_fixture_snapshot (out);

  g_assert_cmpstr (left, ==, "");
}

static mode_t
get_mode (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct stat info;

  g_assert_cmpint (lstat (path, &info), ==, 0);
  return info.st_mode & 07777;
}

/* An install has all its parts, that others may read, whatever the umask. */
static void
test_bundle_folder (void)
{
  static const mode_t masks[] = { 0, 022, 077 };
  static const char *const folders[] = {
    "", "versions", "versions/1.0.0", "versions/1.0.0/bin", "receipts", "var"
  };
  static const char *const files[] = { "onward.ini", "root.json", "receipts/1.0.0",
                                       "versions/1.0.0/share/same" };
  static const char *const programs[] = { "app", "versions/1.0.0/bin/app" };

  for (gsize i = 0; i < G_N_ELEMENTS (masks); i++)
    {
      g_autoptr (OnwardTestSite) site = make_site ();
      g_autofree char *output = get_output (site, "app");
      g_autofree char *current = g_build_filename (output, "current", NULL);
      g_autofree char *link = NULL;
      OnwardBundleOptions options = { .version = (char *) "1.0.0",
                                      .url = (char *) FAR "///",
                                      .output = output };
      g_autofree char *ini = NULL;
      g_autoptr (GError) error = NULL;
      mode_t before = umask (masks[i]);

      bundle (site, &options, &error);
      (void) umask (before);
      g_assert_no_error (error);
      for (gsize j = 0; j < G_N_ELEMENTS (folders); j++)
        g_assert_cmpuint (get_mode (output, folders[j]), ==, 0755);
      for (gsize j = 0; j < G_N_ELEMENTS (files); j++)
        g_assert_cmpuint (get_mode (output, files[j]), ==, 0644);
      for (gsize j = 0; j < G_N_ELEMENTS (programs); j++)
        g_assert_cmpuint (get_mode (output, programs[j]), ==, 0755);

      link = g_file_read_link (current, NULL);
      g_assert_cmpstr (link, ==, "versions/1.0.0");
      ini = onward_test_read (output, "onward.ini");
      g_assert_nonnull (strstr (ini, "Repository=" FAR "\n"));
      g_assert_nonnull (strstr (ini, "Channel=stable\n"));
      g_assert_null (strstr (ini, "AllowHttp"));
    }
}

/* In place the version's folder has the name of the link, and the link lies in it. */
static void
test_bundle_in_place (void)
{
  g_autoptr (OnwardTestSite) site = make_site ();
  g_autofree char *output = get_output (site, "app");
  g_autofree char *mark = g_build_filename (output, "current", ".onward-version", NULL);
  g_autofree char *link = NULL;
  g_autofree char *ini = NULL;
  OnwardBundleOptions options = { .version = (char *) "1.0.0",
                                  .url = (char *) FAR,
                                  .output = output,
                                  .layout = (char *) "in-place" };
  g_autoptr (GError) error = NULL;

  bundle (site, &options, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (get_mode (output, "current/bin/app"), ==, 0755);
  g_assert_cmpuint (get_mode (output, "versions"), ==, 0755);
  link = g_file_read_link (mark, NULL);
  g_assert_cmpstr (link, ==, "versions/1.0.0");
  ini = onward_test_read (output, "onward.ini");
  g_assert_nonnull (strstr (ini, "Layout=in-place\n"));

  options.layout = (char *) "on-top";
  options.output = get_output (site, "other");
  bundle (site, &options, &error);
  g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
  g_free (options.output);
}

/* What a client would refuse is wrong usage, and nothing is made. */
static void
test_bundle_addresses (void)
{
  static const struct
  {
    const char *url;
    gboolean allow_http;
    gboolean expected;
  } cases[] = {
    { "https://example.org/app", FALSE, TRUE },
    { "http://127.0.0.1:8080", FALSE, TRUE },
    { "http://localhost/app", FALSE, TRUE },
    { "file:///srv/app", FALSE, TRUE },
    { "http://example.org/app", TRUE, TRUE },
    { "http://example.org/app", FALSE, FALSE },
    { "http://127.0.0.1.example.org/", FALSE, FALSE },
    { "http://localhost.example.org/", FALSE, FALSE },
    { "ftp://example.org/app", TRUE, FALSE },
    { "file://host/srv/app", FALSE, FALSE },
    { "example.org/app", TRUE, FALSE },
    { "/srv/app", TRUE, FALSE },
    { "https://user:word@example.org/", FALSE, FALSE },
    { "https://example.org/?q=1", FALSE, FALSE },
    { "https://example.org/\nCommand=sh", FALSE, FALSE },
    { "https://exa mple.org/", FALSE, FALSE },
    { "", TRUE, FALSE },
  };
  g_autoptr (OnwardTestSite) site = make_site ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("ok-%zu", i);
      g_autofree char *output = get_output (site, cases[i].expected ? name : "refused");
      OnwardBundleOptions options = { .version = (char *) "1.0.0",
                                      .url = (char *) cases[i].url,
                                      .output = output,
                                      .allow_http = cases[i].allow_http };
      g_autoptr (GError) error = NULL;

      g_assert_true (bundle (site, &options, &error) == cases[i].expected);
      g_assert_true (g_file_test (output, G_FILE_TEST_EXISTS) == cases[i].expected);
      if (!cases[i].expected)
        g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
    }
}

/* What else the publisher says reaches onward.ini, or is refused. */
static void
test_bundle_settings (void)
{
  const char *keep[] = { "data/*.db", "plugins/**", NULL };
  const char *bad[] = { "../*", NULL };
  g_autoptr (OnwardTestSite) site = make_site ();
  g_autofree char *output = get_output (site, "app");
  OnwardBundleOptions options = { .version = (char *) "1.0.0",
                                  .url = (char *) "http://example.org",
                                  .output = output,
                                  .channel = (char *) "Not A Channel",
                                  .allow_http = TRUE,
                                  .keep = (char **) keep };
  g_autofree char *ini = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (bundle (site, &options, &error));
  g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
  g_clear_error (&error);

  options.channel = (char *) "beta";
  options.keep = (char **) bad;
  g_assert_false (bundle (site, &options, &error));
  g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
  g_clear_error (&error);
  assert_nothing_left (site);

  options.keep = (char **) keep;
  options.good_after = -1;
  g_assert_false (bundle (site, &options, &error));
  g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
  g_clear_error (&error);
  assert_nothing_left (site);

  options.supervise = TRUE;
  options.good_after = 30;
  bundle (site, &options, &error);
  g_assert_no_error (error);
  ini = onward_test_read (output, "onward.ini");
  g_assert_nonnull (strstr (ini, "Channel=beta\n"));
  g_assert_nonnull (strstr (ini, "AllowHttp=true\n"));
  g_assert_nonnull (strstr (ini, "Keep=data/*.db;plugins/**;\n"));
  g_assert_nonnull (strstr (ini, "Supervise=true\n"));
  g_assert_nonnull (strstr (ini, "GoodAfter=30\n"));
}

/* What exists, be it empty, a file or a link to nowhere, is refused and stays as it is. */
static void
test_bundle_existing (void)
{
  static const char *const names[] = { "install/onward.ini", "empty/", "file", "link" };
  static const char *const outputs[] = { "install", "install/", "empty", "file", "link", "." };
  g_autoptr (OnwardTestSite) site = make_site ();
  g_autofree char *out = get_output (site, "");
  g_autofree char *link = get_output (site, "link");
  g_autofree char *empty = get_output (site, "empty");
  g_autofree char *before = NULL;

  onward_test_write (out, names[0], "mine");
  onward_test_write (out, names[2], "mine");
  g_assert_cmpint (g_mkdir (empty, 0700), ==, 0);
  g_assert_cmpint (symlink ("nowhere", link), ==, 0);
  before = publish_fixture_snapshot (out);

  for (gsize i = 0; i < G_N_ELEMENTS (outputs); i++)
    {
      g_autofree char *output = get_output (site, outputs[i]);
      OnwardBundleOptions options = { .version = (char *) "1.0.0",
                                      .url = (char *) FAR,
                                      .output = output };
      g_autofree char *after = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_false (bundle (site, &options, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, "exists already"));
      after = publish_fixture_snapshot (out);
      g_assert_cmpstr (after, ==, before);
    }
}

/* A bundle that fails half-way leaves nothing behind, and an older archive as it was. */
static void
test_bundle_half_way (void)
{
  static const char *const outputs[] = { "app", "app.tar.zst" };
  g_autoptr (OnwardTestSite) site = make_site ();
  g_autofree char *packs = g_build_filename (site->dir, "repo", "packs", NULL);
  g_autofree char *pack = publish_fixture_find (packs, ".full");
  g_autofree char *out = get_output (site, "");
  g_autofree char *text = NULL;
  struct stat info;

  g_assert_cmpint (stat (pack, &info), ==, 0);
  publish_fixture_flip (pack, (gsize) info.st_size - 200);
  for (gsize i = 0; i < G_N_ELEMENTS (outputs); i++)
    {
      g_autofree char *output = get_output (site, outputs[i]);
      OnwardBundleOptions options = { .version = (char *) "1.0.0",
                                      .url = (char *) FAR,
                                      .output = output };
      g_autoptr (GError) error = NULL;

      g_assert_false (bundle (site, &options, &error));
      g_assert_nonnull (error);
      assert_nothing_left (site);
    }

  onward_test_write (out, "app.tar.zst", "older");
  {
    g_autofree char *output = get_output (site, "app.tar.zst");
    OnwardBundleOptions options = { .version = (char *) "1.0.0",
                                    .url = (char *) FAR,
                                    .output = output };

    g_assert_false (bundle (site, &options, NULL));
  }
  text = onward_test_read (out, "app.tar.zst");
  g_assert_cmpstr (text, ==, "older");
}

/* A version that is not there, for another computer, or for a folder that is not there. */
static void
test_bundle_not_found (void)
{
  g_autoptr (OnwardTestSite) site = make_site ();
  const struct
  {
    const char *version;
    const char *platform;
    const char *output;
  } cases[] = {
    { "1.0.1", NULL, "app" },         { "1.0", NULL, "app" },
    { "../1.0.0", NULL, "app" },      { "1.0.0", "linux-pdp11", "app" },
    { "1.0.0", NULL, "missing/app" }, { "1.0.0", NULL, "missing/app.tar.zst" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *output = get_output (site, cases[i].output);
      OnwardBundleOptions options = { .version = (char *) cases[i].version,
                                      .platform = (char *) cases[i].platform,
                                      .url = (char *) FAR,
                                      .output = output };
      g_autoptr (GError) error = NULL;

      g_assert_false (bundle (site, &options, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
      assert_nothing_left (site);
    }
}

/* An interrupt leaves nothing behind either. */
static void
test_bundle_cancelled (void)
{
  static const char *const outputs[] = { "app", "app.tar.zst" };
  g_autoptr (OnwardTestSite) site = make_site ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  for (gsize i = 0; i < G_N_ELEMENTS (outputs); i++)
    {
      g_autofree char *output = get_output (site, outputs[i]);
      OnwardBundleOptions options = { .version = (char *) "1.0.0",
                                      .url = (char *) FAR,
                                      .output = output,
                                      .cancellable = cancellable };
      g_autoptr (GError) error = NULL;

      g_assert_false (bundle (site, &options, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      assert_nothing_left (site);
    }
}

/* Unpacks an archive as a user does. */
static void
unpack (const char *archive, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) tar = g_subprocess_new (
      G_SUBPROCESS_FLAGS_NONE, &error, "tar", "--extract", "--zstd", "--same-permissions",
      "--no-same-owner", "--file", archive, "--directory", folder, NULL);

  g_assert_no_error (error);
  g_subprocess_wait_check (tar, NULL, &error);
  g_assert_no_error (error);
}

/* The archive holds the install, in one folder of the program's name, and replaces an older one. */
static void
test_bundle_archive (void)
{
  g_autoptr (OnwardTestSite) site = make_site ();
  g_autofree char *folder = get_output (site, "app");
  g_autofree char *archive = get_output (site, "app.tar.zst");
  g_autofree char *out = get_output (site, "");
  g_autofree char *expected = NULL;
  g_autofree char *unpacked = NULL;
  OnwardBundleOptions options = { .version = (char *) "1.0.0", .url = (char *) FAR };
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *unpacked_folder = g_build_filename (dir, "app", NULL);
  g_auto (GStrv) parts = NULL;
  g_autofree char *moved = NULL;
  g_autoptr (GError) error = NULL;

  onward_test_write (out, "app.tar.zst", "older");
  options.output = folder;
  bundle (site, &options, &error);
  g_assert_no_error (error);
  options.output = archive;
  bundle (site, &options, &error);
  g_assert_no_error (error);

  unpack (archive, dir);
  expected = publish_fixture_snapshot (folder);
  unpacked = publish_fixture_snapshot (unpacked_folder);
  parts = g_strsplit (unpacked, unpacked_folder, -1);
  moved = g_strjoinv (folder, parts);
  g_assert_cmpstr (moved, ==, expected);
}

/* The same release gives the same archive, to the byte. */
static void
test_bundle_archive_reproducible (void)
{
  g_autoptr (OnwardTestSite) site = make_site ();
  g_autofree char *first = get_output (site, "first.tar.zst");
  g_autofree char *second = get_output (site, "second.tar.zst");
  g_autofree char *first_data = NULL;
  g_autofree char *second_data = NULL;
  OnwardBundleOptions options = { .version = (char *) "1.0.0", .url = (char *) FAR };
  gsize first_size, second_size;

  options.output = first;
  g_assert_true (bundle (site, &options, NULL));
  g_usleep (1100000);
  options.output = second;
  g_assert_true (bundle (site, &options, NULL));
  g_assert_true (g_file_get_contents (first, &first_data, &first_size, NULL));
  g_assert_true (g_file_get_contents (second, &second_data, &second_size, NULL));
  g_assert_cmpmem (first_data, first_size, second_data, second_size);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/folder", test_bundle_folder);
  g_test_add_func ("/bundle/in-place", test_bundle_in_place);
  g_test_add_func ("/bundle/addresses", test_bundle_addresses);
  g_test_add_func ("/bundle/settings", test_bundle_settings);
  g_test_add_func ("/bundle/existing", test_bundle_existing);
  g_test_add_func ("/bundle/half-way", test_bundle_half_way);
  g_test_add_func ("/bundle/not-found", test_bundle_not_found);
  g_test_add_func ("/bundle/cancelled", test_bundle_cancelled);
  g_test_add_func ("/bundle/archive", test_bundle_archive);
  g_test_add_func ("/bundle/archive-reproducible", test_bundle_archive_reproducible);
  return g_test_run ();
}
