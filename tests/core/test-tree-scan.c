/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <glib/gstdio.h>

#include "onward-error.h"
#include "onward-fd.h"
#include "onward-test.h"
#include "onward-tree-scan.h"

static OnwardTree *
scan (const char *dir, GCancellable *cancellable, GError **error)
{
  g_auto (OnwardFd) fd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  return onward_tree_scan (fd, cancellable, error);
}

static void
change_mode (const char *dir, const char *name, mode_t mode)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  g_assert_cmpint (chmod (path, mode), ==, 0);
}

static void
add_symlink (const char *dir, const char *name, const char *target)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
assert_refused (const char *dir, const char *named)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (scan (dir, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_nonnull (strstr (error->message, named));
}

/* Files, folders and links come out with digests, sizes and plain modes. */
static void
test_tree_scan_contents (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (GError) error = NULL;
  const OnwardTreeEntry *entry;
  OnwardDigest digest;

  onward_test_write (dir, "bin/app", "program");
  onward_test_write (dir, "share/empty", "");
  onward_test_write (dir, ".hidden", "x");
  change_mode (dir, "bin/app", 0700);
  change_mode (dir, ".hidden", 0611);
  change_mode (dir, "share", 0700);
  add_symlink (dir, "share/app", "../bin/app");

  tree = scan (dir, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_tree_get_n_entries (tree), ==, 6);
  g_assert_cmpuint (onward_tree_get_size (tree), ==, 8);

  entry = onward_tree_lookup (tree, "bin/app");
  onward_digest_of_data ("program", 7, &digest);
  g_assert_true (onward_digest_equal (&entry->digest, &digest));
  g_assert_cmpuint (entry->mode, ==, 0755);
  g_assert_cmpuint (entry->size, ==, 7);
  g_assert_cmpuint (onward_tree_lookup (tree, ".hidden")->mode, ==, 0644);
  g_assert_cmpuint (onward_tree_lookup (tree, "share")->mode, ==, 0755);
  g_assert_cmpstr (onward_tree_lookup (tree, "share/app")->link_target, ==, "../bin/app");
}

/* The same contents give the same tree, however and whenever they were written. */
static void
test_tree_scan_deterministic (void)
{
  g_autoptr (OnwardTestDir) one = onward_test_make_dir ();
  g_autoptr (OnwardTestDir) two = onward_test_make_dir ();
  g_autoptr (OnwardTree) first = NULL;
  g_autoptr (OnwardTree) second = NULL;

  for (int i = 0; i < 50; i++)
    {
      g_autofree char *up = g_strdup_printf ("d%d/f%d", i % 7, i);
      g_autofree char *down = g_strdup_printf ("d%d/f%d", (49 - i) % 7, 49 - i);

      onward_test_write (one, up, up);
      onward_test_write (two, down, down);
    }
  change_mode (two, "d1", 0711);

  first = scan (one, NULL, NULL);
  second = scan (two, NULL, NULL);
  g_assert_true (
      onward_digest_equal (onward_tree_get_digest (first), onward_tree_get_digest (second)));
}

/* An empty folder is an empty tree. */
static void
test_tree_scan_empty (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTree) tree = scan (dir, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (onward_tree_get_n_entries (tree), ==, 0);
}

/* Links that lead out, or nowhere, are refused by name. */
static void
test_tree_scan_links (void)
{
  const char *targets[] = { "/etc/passwd", "../outside", "missing", "link-0" };

  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();

      add_symlink (dir, "link-0", targets[i]);
      assert_refused (dir, "link-0");
    }
}

/* A link to a folder is a link: what lies behind it is not read. */
static void
test_tree_scan_not_followed (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (GError) error = NULL;

  onward_test_write (dir, "real/file", "x");
  add_symlink (dir, "alias", "real");
  tree = scan (dir, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_tree_get_n_entries (tree), ==, 3);
  g_assert_null (onward_tree_lookup (tree, "alias/file"));
}

/* Programs that would run as somebody else are refused. */
static void
test_tree_scan_setuid (void)
{
  static const mode_t modes[] = { 04755, 02755, 01755, 04644 };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();

      onward_test_write (dir, "sudo", "x");
      change_mode (dir, "sudo", modes[i]);
      assert_refused (dir, "sudo");
    }
}

/* Pipes and sockets are refused without being opened. */
static void
test_tree_scan_special (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *pipe_path = g_build_filename (dir, "a-pipe", NULL);
  g_autofree char *socket_path = g_build_filename (dir, "socket", NULL);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_auto (OnwardFd) fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (mkfifo (pipe_path, 0644), ==, 0);
  assert_refused (dir, "a-pipe");
  g_assert_cmpint (g_unlink (pipe_path), ==, 0);

  g_strlcpy (address.sun_path, socket_path, sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  assert_refused (dir, "socket");
}

/* Names outside the rules are refused, at any depth, in a message that is valid text. */
static void
test_tree_scan_names (void)
{
  /* clang-format off */
  const char *names[] = {
    "new\nline", "esc\x1b[2J", "dot.", "space ", "d/bad\xff", "e\xcc\x81",
    "d/e/right\xe2\x80\xaeleft",
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (GError) error = NULL;

      onward_test_write (dir, names[i], "x");
      g_assert_null (scan (dir, NULL, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

/* Two names that differ in nothing but case are refused already here. */
static void
test_tree_scan_collision (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();

  onward_test_write (dir, "Readme", "x");
  onward_test_write (dir, "README", "x");
  assert_refused (dir, "readme");
}

/* Folders nested too deeply are refused instead of followed down. */
static void
test_tree_scan_deep (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (GString) path = g_string_new ("file");

  for (int i = 0; i < 40; i++)
    g_string_prepend (path, "deep/");
  onward_test_write (dir, path->str, "x");
  assert_refused (dir, "too many components");
}

/* Cancelling stops the scan, and says so. */
static void
test_tree_scan_cancelled (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  onward_test_write (dir, "file", "x");
  g_cancellable_cancel (cancellable);
  g_assert_null (scan (dir, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* What cannot be read is an error of permission, not of the contents. */
static void
test_tree_scan_unreadable (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (GError) error = NULL;

  if (geteuid () == 0)
    {
      g_test_skip ("root may read everything");
      return;
    }
  onward_test_write (dir, "secret", "x");
  change_mode (dir, "secret", 0);
  g_assert_null (scan (dir, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/tree-scan/contents", test_tree_scan_contents);
  g_test_add_func ("/tree-scan/deterministic", test_tree_scan_deterministic);
  g_test_add_func ("/tree-scan/empty", test_tree_scan_empty);
  g_test_add_func ("/tree-scan/links", test_tree_scan_links);
  g_test_add_func ("/tree-scan/not-followed", test_tree_scan_not_followed);
  g_test_add_func ("/tree-scan/setuid", test_tree_scan_setuid);
  g_test_add_func ("/tree-scan/special", test_tree_scan_special);
  g_test_add_func ("/tree-scan/names", test_tree_scan_names);
  g_test_add_func ("/tree-scan/collision", test_tree_scan_collision);
  g_test_add_func ("/tree-scan/deep", test_tree_scan_deep);
  g_test_add_func ("/tree-scan/cancelled", test_tree_scan_cancelled);
  g_test_add_func ("/tree-scan/unreadable", test_tree_scan_unreadable);

  return g_test_run ();
}
