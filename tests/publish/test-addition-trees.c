/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-file.h"
#include "publish-fixture.h"

static char *
get_tree (OnwardTestSite *site, const char *version)
{
  return g_build_filename (site->dir, "trees", version, NULL);
}

static OnwardAdditionOptions
say (const char *version)
{
  OnwardAdditionOptions options = { .version = (char *) version, .compression = (char *) "zstd" };

  return options;
}

/* What a fixture does to a tree before it is published. */
typedef void (*Spoil) (const char *tree);

static void
spoil_setuid (const char *tree)
{
  g_autofree char *path = g_build_filename (tree, "bin", "app", NULL);

  g_assert_cmpint (g_chmod (path, 04755), ==, 0);
}

static void
spoil_fifo (const char *tree)
{
  g_autofree char *path = g_build_filename (tree, "share", "pipe", NULL);

  g_assert_cmpint (mkfifo (path, 0644), ==, 0);
}

static void
add_link (const char *tree, const char *target)
{
  g_autofree char *path = g_build_filename (tree, "share", "link", NULL);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
spoil_link_out (const char *tree)
{
  add_link (tree, "../../../etc/passwd");
}

static void
spoil_link_absolute (const char *tree)
{
  add_link (tree, "/etc/passwd");
}

static void
spoil_name (const char *tree)
{
  onward_test_write (tree, "share/new\nline", "");
}

static void
spoil_encoding (const char *tree)
{
  onward_test_write (tree, "share/caf\xe9", "");
}

static void
spoil_case (const char *tree)
{
  onward_test_write (tree, "share/SAME", "");
}

static void
spoil_missing_command (const char *tree)
{
  g_autofree char *path = g_build_filename (tree, "bin", "app", NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
spoil_plain_command (const char *tree)
{
  g_autofree char *path = g_build_filename (tree, "bin", "app", NULL);

  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
}

static void
replace_command (const char *tree, const char *target)
{
  g_autofree char *path = g_build_filename (tree, "bin", "app", NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
  if (target == NULL)
    g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
  else
    g_assert_cmpint (symlink (target, path), ==, 0);
}

/* Makes the command a link to a program in another folder of the tree. */
static void
put_command_in (const char *tree, const char *folder)
{
  g_autofree char *real = g_build_filename (folder, "real", NULL);
  g_autofree char *path = g_build_filename (tree, real, NULL);
  g_autofree char *target = g_build_filename ("..", real, NULL);

  onward_test_write (tree, real, "#!/bin/sh\n");
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
  replace_command (tree, target);
}

static void
spoil_folder_command (const char *tree)
{
  replace_command (tree, NULL);
}

static void
spoil_dangling_command (const char *tree)
{
  replace_command (tree, "nowhere");
}

static void
spoil_command_to_plain (const char *tree)
{
  replace_command (tree, "../share/same");
}

static void
spoil_command_to_folder (const char *tree)
{
  replace_command (tree, "../share");
}

/* What cannot be part of a release is refused by its name, before anything is written. */
static void
test_addition_trees_hostile_trees (void)
{
  static const struct
  {
    Spoil spoil;
    const char *expected;
  } cases[] = {
    { spoil_setuid, "bin/app" },
    { spoil_fifo, "share/pipe" },
    { spoil_link_out, "share/link" },
    { spoil_link_absolute, "share/link" },
    { spoil_name, "share/new" },
    { spoil_encoding, "share/caf" },
    { spoil_case, "share/" },
    { spoil_missing_command, "“bin/app” is missing" },
    { spoil_plain_command, "“bin/app” is not executable" },
    { spoil_folder_command, "“bin/app” is not a file" },
    { spoil_dangling_command, "bin/app" },
    { spoil_command_to_plain, "“bin/app” is not executable" },
    { spoil_command_to_folder, "“bin/app” is not a file" },
  };
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autofree char *repo = g_build_filename (site->dir, "repo", NULL);

  onward_test_site_make_tree (site, "1.0.0", 1000);
  onward_test_site_add (site, "1.0.0");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      OnwardAdditionOptions options = say ("1.1.0");
      g_autofree char *tree = get_tree (site, "1.1.0");
      g_autofree char *before = publish_fixture_snapshot (repo);
      g_autofree char *after = NULL;
      g_autoptr (GError) error = NULL;

      onward_test_site_make_tree (site, "1.1.0", 1000);
      cases[i].spoil (tree);
      g_assert_false (publish_fixture_add (site, &options, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_nonnull (strstr (error->message, cases[i].expected));
      after = publish_fixture_snapshot (repo);
      g_assert_cmpstr (after, ==, before);
      onward_file_remove_tree (AT_FDCWD, tree, NULL, &error);
    }
}

/* A program may be a link to the real one. */
static void
test_addition_trees_command_link (void)
{
  OnwardAdditionOptions options = say ("1.0.0");
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autofree char *tree = get_tree (site, "1.0.0");
  g_autoptr (GError) error = NULL;

  onward_test_site_make_tree (site, "1.0.0", 10);
  put_command_in (tree, "share");
  publish_fixture_add (site, &options, &error);
  g_assert_no_error (error);
}

/* A program that an install may be without starts nothing, also where a link leads to it. */
static void
test_addition_trees_command_in_component (void)
{
  g_auto (GStrv) components = g_strsplit ("extra=extra", "|", -1);
  OnwardAdditionOptions options = say ("1.0.0");
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autofree char *tree = get_tree (site, "1.0.0");
  g_autoptr (GError) error = NULL;

  onward_test_site_make_tree (site, "1.0.0", 10);
  put_command_in (tree, "extra");
  options.components = components;
  g_assert_false (publish_fixture_add (site, &options, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_nonnull (strstr (error->message, "“bin/app” is in a component"));

  g_clear_error (&error);
  options.components = NULL;
  publish_fixture_add (site, &options, &error);
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/addition-trees/hostile-trees", test_addition_trees_hostile_trees);
  g_test_add_func ("/addition-trees/command-link", test_addition_trees_command_link);
  g_test_add_func ("/addition-trees/command-in-component",
                   test_addition_trees_command_in_component);
  return g_test_run ();
}
