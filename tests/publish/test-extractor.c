/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "onward-catalogue.h"
#include "onward-error.h"
#include "onward-extractor.h"
#include "onward-file.h"
#include "publish-fixture.h"

/* A site with version 1.0.0, whose tree has an entry of every kind. */
static OnwardTestSite *
make_site (void)
{
  OnwardTestSite *site = onward_test_site_new ();
  g_autofree char *tree = g_build_filename (site->dir, "trees", "1.0.0", NULL);
  g_autofree char *link = g_build_filename (tree, "share", "link", NULL);
  g_autofree char *folder = g_build_filename (tree, "empty", "folder", NULL);

  onward_test_site_make_tree (site, "1.0.0", 300000);
  onward_test_write (tree, "share/empty", "");
  onward_test_write (tree, "share/twin", "This file is the same in every version.\n");
  onward_test_write (tree, "更新/ü", "text");
  g_assert_cmpint (symlink ("../bin/app", link), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  onward_test_site_add (site, "1.0.0");
  return site;
}

static OnwardReleaseDocument *
load_document (OnwardRepository *repository, const char *version)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTargets) targets = onward_repository_verify (repository, &error);
  g_autoptr (GPtrArray) releases = onward_catalogue_list (targets, &error);
  OnwardReleaseDocument *document = NULL;

  g_assert_no_error (error);
  for (guint i = 0; i < releases->len; i++)
    {
      OnwardRelease *release = g_ptr_array_index (releases, i);

      if (g_str_equal (onward_release_get_version (release), version))
        document = onward_catalogue_load_document (repository, targets, release, &error);
    }
  g_assert_no_error (error);
  return document;
}

static OnwardTree *
extract (OnwardTestSite *site, const char *folder, GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autoptr (OnwardReleaseDocument) document = load_document (repository, "1.0.0");
  g_auto (OnwardFd) dirfd = onward_file_open_dir (AT_FDCWD, folder, NULL);

  return onward_extractor_run (repository, document, NULL, dirfd, cancellable, error);
}

static char *
find_pack (OnwardTestSite *site)
{
  g_autofree char *packs = g_build_filename (site->dir, "repo", "packs", NULL);

  return publish_fixture_find (packs, ".full");
}

/* What was published comes back, with modes, links and empty folders, whatever the umask. */
static void
test_extractor_run (void)
{
  static const mode_t masks[] = { 0, 022, 077 };
  g_autoptr (OnwardTestSite) site = make_site ();
  g_autofree char *tree_folder = g_build_filename (site->dir, "trees", "1.0.0", NULL);
  g_autofree char *published = publish_fixture_snapshot (tree_folder);

  for (gsize i = 0; i < G_N_ELEMENTS (masks); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (GError) error = NULL;
      mode_t before = umask (masks[i]);
      g_autoptr (OnwardTree) tree = extract (site, dir, NULL, &error);
      g_autofree char *extracted = NULL;
      g_auto (GStrv) parts = NULL;
      g_autofree char *moved = NULL;

      (void) umask (before);
      g_assert_no_error (error);
      extracted = publish_fixture_snapshot (dir);
      parts = g_strsplit (extracted, dir, -1);
      moved = g_strjoinv (tree_folder, parts);
      g_assert_cmpstr (moved, ==, published);
      g_assert_cmpuint (onward_tree_get_n_files (tree), ==, 7);
    }
}

/* A pack of which any byte was changed is an alarm, or it does not matter. */
static void
test_extractor_tampered (void)
{
  g_autoptr (OnwardTestSite) site = make_site ();
  g_autofree char *tree_folder = g_build_filename (site->dir, "trees", "1.0.0", NULL);
  g_autofree char *pack = find_pack (site);
  g_autoptr (OnwardTree) published = publish_fixture_scan (tree_folder);
  struct stat info;
  guint refused = 0;

  g_assert_cmpint (stat (pack, &info), ==, 0);
  for (guint i = 0; i < 24; i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (GError) error = NULL;
      g_autoptr (OnwardTree) tree = NULL;
      gsize offset = i < 12 ? i * 17 : (gsize) info.st_size * (i - 12) / 12;

      publish_fixture_flip (pack, offset);
      tree = extract (site, dir, NULL, &error);
      publish_fixture_flip (pack, offset);
      if (tree != NULL)
        {
          g_autoptr (OnwardTree) extracted = publish_fixture_scan (dir);

          g_assert_true (onward_digest_equal (onward_tree_get_digest (extracted),
                                              onward_tree_get_digest (published)));
          continue;
        }

      refused++;
      g_assert_nonnull (error);
      g_assert_false (g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND));
    }
  g_assert_cmpuint (refused, >=, 20);
}

/* A pack that was cut, emptied or taken away. */
static void
test_extractor_short (void)
{
  static const goffset sizes[] = { 0, 1, 100, 250000 };
  g_autoptr (OnwardTestSite) site = make_site ();
  g_autofree char *pack = find_pack (site);
  g_autoptr (OnwardTestDir) dir = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = G_N_ELEMENTS (sizes); i > 0; i--)
    {
      g_autoptr (OnwardTestDir) output = onward_test_make_dir ();
      g_autoptr (GError) problem = NULL;

      g_assert_cmpint (truncate (pack, sizes[i - 1]), ==, 0);
      g_assert_null (extract (site, output, NULL, &problem));
      g_assert_nonnull (problem);
      g_assert_false (g_error_matches (problem, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND));
    }

  dir = onward_test_make_dir ();
  g_assert_cmpint (g_unlink (pack), ==, 0);
  g_assert_null (extract (site, dir, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "packs/"));
}

/* Makes packs of trees that differ in one word until one is as large as @pack, head and all: only
 * the tree's digest tells them apart. */
static char *
make_other_pack (OnwardTestSite *site, OnwardPackInfo *pack, gsize *ret_size)
{
  for (guint i = 0; i < 64; i++)
    {
      g_autoptr (OnwardTestSite) other = onward_test_site_new ();
      g_autofree char *tree = g_build_filename (other->dir, "trees", "1.0.0", NULL);
      g_autofree char *text = g_strdup_printf ("%04u", i);
      g_autofree char *path = NULL;
      g_autoptr (OnwardRepository) repository = NULL;
      g_autoptr (OnwardReleaseDocument) document = NULL;
      OnwardPackInfo *other_pack;
      char *data = NULL;

      onward_test_site_make_tree (other, "1.0.0", 1000);
      onward_test_write (tree, "text", text);
      onward_test_site_add (other, "1.0.0");
      repository = publish_fixture_open (other);
      document = load_document (repository, "1.0.0");
      other_pack = onward_release_document_get_full_pack (document);
      if (onward_pack_info_get_size (pack) != onward_pack_info_get_size (other_pack) ||
          onward_pack_info_get_head_size (pack) != onward_pack_info_get_head_size (other_pack))
        continue;

      path = find_pack (other);
      g_assert_true (g_file_get_contents (path, &data, ret_size, NULL));
      return data;
    }

  g_assert_not_reached ();
}

/* A pack that is sound in itself, but of another tree, is not believed. */
static void
test_extractor_other_tree (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autofree char *tree_folder = g_build_filename (site->dir, "trees", "1.0.0", NULL);
  g_autofree char *path = NULL;
  g_autofree char *data = NULL;
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardReleaseDocument) document = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  onward_test_site_make_tree (site, "1.0.0", 1000);
  onward_test_write (tree_folder, "text", "word");
  onward_test_site_add (site, "1.0.0");
  repository = publish_fixture_open (site);
  document = load_document (repository, "1.0.0");
  path = find_pack (site);
  data = make_other_pack (site, onward_release_document_get_full_pack (document), &size);
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));

  g_assert_null (onward_extractor_read_tree (repository, document, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, "another tree"));
}

/* A folder that is not empty is no place to extract to: nothing in it is overwritten. */
static void
test_extractor_occupied (void)
{
  static const char *const obstacles[] = { "bin/app", "share/empty", "share/link", "empty" };
  g_autoptr (OnwardTestSite) site = make_site ();

  for (gsize i = 0; i < G_N_ELEMENTS (obstacles); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;

      onward_test_write (dir, obstacles[i], "mine");
      g_assert_null (extract (site, dir, NULL, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
      text = onward_test_read (dir, obstacles[i]);
      g_assert_cmpstr (text, ==, "mine");
    }
}

/* An interrupt ends it. */
static void
test_extractor_cancelled (void)
{
  g_autoptr (OnwardTestSite) site = make_site ();
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (extract (site, dir, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/extractor/run", test_extractor_run);
  g_test_add_func ("/extractor/tampered", test_extractor_tampered);
  g_test_add_func ("/extractor/short", test_extractor_short);
  g_test_add_func ("/extractor/other-tree", test_extractor_other_tree);
  g_test_add_func ("/extractor/occupied", test_extractor_occupied);
  g_test_add_func ("/extractor/cancelled", test_extractor_cancelled);
  return g_test_run ();
}
