/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onward-catalogue.h"
#include "onward-error.h"
#include "onward-file.h"
#include "publish-fixture.h"

static char *
get_repo (OnwardTestSite *site)
{
  return g_build_filename (site->dir, "repo", NULL);
}

/* Options that say nothing but the version. */
static OnwardAdditionOptions
say (const char *version)
{
  OnwardAdditionOptions options = { .version = (char *) version,
                                    .compression = (char *) "zstd",
                                    .deltas = 5 };

  return options;
}

static void
make_and_add (OnwardTestSite *site, const char *version, guint size)
{
  OnwardAdditionOptions options = say (version);
  g_autoptr (GError) error = NULL;

  onward_test_site_make_tree (site, version, size);
  publish_fixture_add (site, &options, &error);
  g_assert_no_error (error);
}

static guint
count_packs (OnwardTestSite *site, const char *suffix)
{
  g_autofree char *path = g_build_filename (site->dir, "repo", "packs", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    n += g_str_has_suffix (name, suffix);
  return n;
}

static GPtrArray *
list_releases (OnwardTestSite *site)
{
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTargets) targets = onward_repository_verify (repository, &error);
  GPtrArray *releases;

  g_assert_no_error (error);
  releases = onward_catalogue_list (targets, &error);
  g_assert_no_error (error);
  return releases;
}

/* How many deltas lead to the newest release. */
static guint
count_deltas (OnwardTestSite *site)
{
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTargets) targets = onward_repository_verify (repository, &error);
  g_autoptr (GPtrArray) releases = onward_catalogue_list (targets, &error);
  g_autoptr (OnwardReleaseDocument) document =
      onward_catalogue_load_document (repository, targets, g_ptr_array_index (releases, 0), &error);

  g_assert_no_error (error);
  return onward_release_document_get_packs (document)->len - 1;
}

/* Versions of a channel only grow; other channels have their own order. */
static void
test_addition_versions (void)
{
  static const struct
  {
    const char *version;
    const char *channel;
    gboolean expected;
  } cases[] = {
    { "1.5.0", NULL, TRUE },         { "1.5.0", NULL, FALSE },
    { "1.5.0", "beta", FALSE },      { "1.4.9", NULL, FALSE },
    { "1.5.0-rc.1", NULL, FALSE },   { "1.4.0", "beta", TRUE },
    { "1.10.0", NULL, TRUE },        { "1.9.0", NULL, FALSE },
    { "2.0.0-rc.1", "beta", TRUE },  { "2.0.0-alpha", "beta", FALSE },
    { "2.0.0+build.7", NULL, TRUE },
  };
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autofree char *repo = get_repo (site);
  guint64 sequence = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      OnwardAdditionOptions options = say (cases[i].version);
      g_autofree char *before = publish_fixture_snapshot (repo);
      g_autoptr (GError) error = NULL;

      options.channel = (char *) cases[i].channel;
      onward_test_site_make_tree (site, cases[i].version, 10);
      g_assert_true (publish_fixture_add (site, &options, &error) == cases[i].expected);
      if (cases[i].expected)
        {
          g_autoptr (GPtrArray) releases = list_releases (site);

          g_assert_cmpuint (onward_release_get_sequence (g_ptr_array_index (releases, 0)), ==,
                            ++sequence);
        }
      else
        {
          g_autofree char *after = publish_fixture_snapshot (repo);

          g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
          g_assert_nonnull (strstr (error->message, cases[i].version));
          g_assert_cmpstr (after, ==, before);
        }
    }
}

/* Makes a version with the noise of another one, so that a delta between them is small. */
static void
make_like (OnwardTestSite *site, const char *version, const char *like)
{
  g_autofree char *from = g_build_filename (site->dir, "trees", like, "share", "data", NULL);
  g_autofree char *to = g_build_filename (site->dir, "trees", version, "share", "data", NULL);
  g_autofree char *contents = NULL;
  gsize size;

  onward_test_site_make_tree (site, version, 0);
  g_assert_true (g_file_get_contents (from, &contents, &size, NULL));
  g_assert_true (g_file_set_contents (to, contents, (gssize) size, NULL));
}

static void
add_like (OnwardTestSite *site, const char *version, const char *like, int deltas)
{
  OnwardAdditionOptions options = say (version);
  g_autoptr (GError) error = NULL;

  make_like (site, version, like);
  options.deltas = deltas;
  publish_fixture_add (site, &options, &error);
  g_assert_no_error (error);
}

/* Deltas come from the newest releases, as many as asked for. */
static void
test_addition_deltas (void)
{
  static const guint cases[][2] = { { 0, 0 }, { 1, 1 }, { 2, 2 }, { 50, 3 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTestSite) site = onward_test_site_new ();

      make_and_add (site, "1.0.0", 50000);
      add_like (site, "1.1.0", "1.0.0", 0);
      add_like (site, "1.2.0", "1.0.0", 0);
      add_like (site, "2.0.0", "1.0.0", (int) cases[i][0]);
      g_assert_cmpuint (count_packs (site, ".full"), ==, 4);
      /* Two of them may be one file: what is new is the same. */
      g_assert_cmpuint (count_deltas (site), ==, cases[i][1]);
    }
}

/* A delta that saves too little is neither published nor left behind. */
static void
test_addition_worthless_delta (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();

  make_and_add (site, "1.0.0", 50000);
  make_and_add (site, "1.1.0", 50000);
  g_assert_cmpuint (count_packs (site, ".full"), ==, 2);
  g_assert_cmpuint (count_packs (site, ".delta"), ==, 0);
  add_like (site, "1.2.0", "1.1.0", 5);
  g_assert_cmpuint (count_packs (site, ".delta"), ==, 1);
}

/* A delta is made from every version that is named, beside the newest: each once, however old. */
static void
test_addition_named_deltas (void)
{
  static const struct
  {
    int deltas;
    const char *names[4];
    guint expect;
  } cases[] = {
    { 0, { "1.0.0" }, 1 }, { 1, { "1.0.0" }, 2 },
    { 1, { "1.2.0" }, 1 }, { 0, { "1.0.0", "1.1.0", "1.0.0" }, 2 },
    { 5, { "1.1.0" }, 3 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTestSite) site = onward_test_site_new ();
      OnwardAdditionOptions options = say ("2.0.0");
      g_autoptr (GError) error = NULL;

      make_and_add (site, "1.0.0", 50000);
      add_like (site, "1.1.0", "1.0.0", 0);
      add_like (site, "1.2.0", "1.0.0", 0);
      make_like (site, "2.0.0", "1.0.0");
      options.deltas = cases[i].deltas;
      options.delta_from = (char **) cases[i].names;
      publish_fixture_add (site, &options, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (count_deltas (site), ==, cases[i].expect);
    }
}

/* To name what is no version is a mistake, and nothing is published. */
static void
test_addition_unknown_delta (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  const char *names[] = { "1.0.0", "7.0.0", NULL };
  OnwardAdditionOptions options = say ("1.1.0");
  g_autoptr (GError) error = NULL;

  make_and_add (site, "1.0.0", 50000);
  make_like (site, "1.1.0", "1.0.0");
  options.delta_from = (char **) names;
  g_assert_false (publish_fixture_add (site, &options, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "7.0.0"));
  g_assert_cmpuint (count_packs (site, ".full"), ==, 1);
}

/* An old pack that the publisher deleted costs its delta, and nothing more. */
static void
test_addition_missing_pack (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autofree char *packs = g_build_filename (site->dir, "repo", "packs", NULL);
  g_autofree char *pack = NULL;
  g_autoptr (GPtrArray) releases = NULL;

  make_and_add (site, "1.0.0", 50000);
  pack = publish_fixture_find (packs, ".full");
  g_assert_cmpint (g_unlink (pack), ==, 0);
  add_like (site, "1.1.0", "1.0.0", 5);
  g_assert_cmpuint (count_packs (site, ".delta"), ==, 0);
  add_like (site, "1.2.0", "1.0.0", 5);
  g_assert_cmpuint (count_packs (site, ".delta"), ==, 1);
  releases = list_releases (site);
  g_assert_cmpuint (releases->len, ==, 3);
}

/* An old pack that was changed is an alarm: nothing is added, and nothing of the try stays. */
static void
test_addition_tampered_pack (void)
{
  OnwardAdditionOptions options = say ("1.1.0");
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autofree char *repo = get_repo (site);
  g_autofree char *packs = g_build_filename (repo, "packs", NULL);
  g_autofree char *work = g_build_filename (site->dir, ".repo.onward-work", NULL);
  g_autofree char *pack = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  struct stat info;

  make_and_add (site, "1.0.0", 50000);
  pack = publish_fixture_find (packs, ".full");
  g_assert_cmpint (stat (pack, &info), ==, 0);
  publish_fixture_flip (pack, (gsize) info.st_size / 2);
  before = publish_fixture_snapshot (repo);
  onward_test_site_make_tree (site, "1.1.0", 50000);
  g_assert_false (publish_fixture_add (site, &options, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "the delta from 1.0.0"));
  after = publish_fixture_snapshot (repo);
  g_assert_cmpstr (after, ==, before);
  g_assert_false (g_file_test (work, G_FILE_TEST_EXISTS));
}

/* Metadata that was changed is an alarm, too. */
static void
test_addition_tampered_metadata (void)
{
  static const char *const names[] = { "2.targets.json", "2.snapshot.json", "timestamp.json",
                                       "1.root.json" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      OnwardAdditionOptions options = say ("1.1.0");
      g_autoptr (OnwardTestSite) site = onward_test_site_new ();
      g_autofree char *repo = get_repo (site);
      g_autofree char *path = g_build_filename (repo, "metadata", names[i], NULL);
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;
      g_autoptr (GError) error = NULL;

      make_and_add (site, "1.0.0", 10);
      publish_fixture_flip (path, 40);
      before = publish_fixture_snapshot (repo);
      onward_test_site_make_tree (site, "1.1.0", 10);
      g_assert_false (publish_fixture_add (site, &options, &error));
      g_assert_nonnull (error);
      after = publish_fixture_snapshot (repo);
      g_assert_cmpstr (after, ==, before);
    }
}

static void
copy_file (OnwardTestSite *site, const char *name, const char *from, const char *to)
{
  g_autofree char *source_path = g_build_filename (site->dir, "trees", from, name, NULL);
  g_autofree char *target_path = g_build_filename (site->dir, "trees", to, name, NULL);
  g_autoptr (GFile) source = g_file_new_for_path (source_path);
  g_autoptr (GFile) target = g_file_new_for_path (target_path);

  g_assert_true (g_file_copy (source, target, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, NULL));
}

/* When the last step fails every file is as before, and the packs of the try are gone; but those
 * that a release needs stay, even if the try made the same. */
static void
test_addition_commit_fails (void)
{
  static const char *const copied[] = { "bin/app", "share/same", "share/version", "share/data" };
  OnwardAdditionOptions options = say ("1.1.0");
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autofree char *repo = get_repo (site);
  g_autofree char *before = NULL;

  make_and_add (site, "1.0.0", 50000);
  onward_test_site_make_tree (site, "1.1.0", 50000);
  /* Where the folder of the new channel's documents would be. */
  options.channel = (char *) "beta";
  onward_test_write (repo, "targets/releases/linux-x86_64/beta", "in the way");
  options.platform = (char *) "linux-x86_64";
  before = publish_fixture_snapshot (repo);

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *after = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_false (publish_fixture_add (site, &options, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, "beta"));
      after = publish_fixture_snapshot (repo);
      g_assert_cmpstr (after, ==, before);

      /* The second time with the same tree as that of the release. */
      for (gsize j = 0; j < G_N_ELEMENTS (copied); j++)
        copy_file (site, copied[j], "1.0.0", "1.1.0");
    }
}

/* What a run that was killed left unfinished is swept away by the next. */
static void
test_addition_sweeps (void)
{
  static const char *const left[] = { "repo/packs/.pack-AbCdEf", "repo/packs/.spool-AbCdEf",
                                      ".repo.onward-work/bin/app" };
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autofree char *kept = g_build_filename (site->dir, "repo", "packs", "README", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (left); i++)
    onward_test_write (site->dir, left[i], "half");
  onward_test_write (site->dir, "repo/packs/README", "mine");

  make_and_add (site, "1.0.0", 50000);
  add_like (site, "1.1.0", "1.0.0", 5);
  for (gsize i = 0; i < G_N_ELEMENTS (left); i++)
    {
      g_autofree char *path = g_build_filename (site->dir, left[i], NULL);

      g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
    }
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
}

/* Secret keys, and the repository itself, are never taken for a part of the application. */
static void
test_addition_apart (void)
{
  OnwardAdditionOptions options = say ("1.0.0");
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autofree char *keys = g_build_filename (site->dir, "keys", NULL);
  g_autofree char *repo = get_repo (site);
  g_autofree char *link = g_build_filename (site->dir, "link", NULL);
  const char *folders[] = { site->dir, keys, repo, link };

  g_assert_cmpint (symlink (".", link), ==, 0);
  onward_test_write (site->dir, "bin/app", "#!/bin/sh\n");
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
      g_autoptr (OnwardKeyring) keyring = publish_fixture_load_keys (site);
      g_autoptr (GError) error = NULL;

      g_assert_false (onward_addition_run (&options, repository, keyring, folders[i], &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, "not to be published"));
    }
}

/* A tree that is not there, or no folder. */
static void
test_addition_no_tree (void)
{
  static const char *const versions[] = { "1.0.0", "1.1.0" };
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();

  onward_test_write (site->dir, "trees/1.1.0", "a file");
  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      OnwardAdditionOptions options = say (versions[i]);
      g_autoptr (GError) error = NULL;

      g_assert_false (publish_fixture_add (site, &options, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, versions[i]));
    }
}

/* An interrupt at any moment before the commit leaves every file as it was. */
static void
test_addition_cancelled (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autofree char *repo = get_repo (site);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  OnwardAdditionOptions options = say ("1.1.0");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  make_and_add (site, "1.0.0", 1000);
  onward_test_site_make_tree (site, "1.1.0", 1000);
  before = publish_fixture_snapshot (repo);
  g_cancellable_cancel (cancellable);
  options.cancellable = cancellable;
  g_assert_false (publish_fixture_add (site, &options, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  after = publish_fixture_snapshot (repo);
  g_assert_cmpstr (after, ==, before);
}

/* Notes that are too long together are refused before clients would. */
static void
test_addition_too_many_notes (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autofree char *repo = get_repo (site);
  g_autofree char *path = g_build_filename (site->dir, "notes.md", NULL);
  g_autofree char *text = g_strnfill (256 * 1024, '\001');
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  OnwardAdditionOptions options = say ("1.0.0");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  onward_test_write (site->dir, "notes.md", text);
  for (char c = 'a'; c < 'a' + 16; c++)
    g_ptr_array_add (notes, g_strdup_printf ("%s:a%c", path, c));
  g_ptr_array_add (notes, NULL);
  options.notes = (char **) notes->pdata;

  before = publish_fixture_snapshot (repo);
  onward_test_site_make_tree (site, "1.0.0", 10);
  g_assert_false (publish_fixture_add (site, &options, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  after = publish_fixture_snapshot (repo);
  g_assert_cmpstr (after, ==, before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/addition/versions", test_addition_versions);
  g_test_add_func ("/addition/deltas", test_addition_deltas);
  g_test_add_func ("/addition/worthless-delta", test_addition_worthless_delta);
  g_test_add_func ("/addition/named-deltas", test_addition_named_deltas);
  g_test_add_func ("/addition/unknown-delta", test_addition_unknown_delta);
  g_test_add_func ("/addition/missing-pack", test_addition_missing_pack);
  g_test_add_func ("/addition/tampered-pack", test_addition_tampered_pack);
  g_test_add_func ("/addition/tampered-metadata", test_addition_tampered_metadata);
  g_test_add_func ("/addition/commit-fails", test_addition_commit_fails);
  g_test_add_func ("/addition/sweeps", test_addition_sweeps);
  g_test_add_func ("/addition/apart", test_addition_apart);
  g_test_add_func ("/addition/no-tree", test_addition_no_tree);
  g_test_add_func ("/addition/cancelled", test_addition_cancelled);
  g_test_add_func ("/addition/too-many-notes", test_addition_too_many_notes);
  return g_test_run ();
}
