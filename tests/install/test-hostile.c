/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a hostile publisher, or whoever has the keys, can put into a release, and what a hostile
 * user can put in an updater's way: read hostile-trees.c, hostile-frames.c, head-lies.c and the
 * table below. Each is tried as a whole update, once where openat2() works and once where it does
 * not. */

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "head-lies.h"
#include "hostile-frames.h"
#include "hostile-trees.h"
#include "hostile-victim.h"
#include "onward-fd.h"
#include "onward-test-forbid.h"
#include "onward-test-sanitizers.h"
#include "onward-tree-scan.h"

/* KiB. A list of files alone may have 64 MiB. */
#define MAX_MEMORY (128 * 1024)
#define MAX_FILE   (rlim_t) (64 * 1024 * 1024)
#define LEAST      120

/**
 * Trap:
 * @name: what waits
 * @why: what the refusal says, or %NULL when it is done all the same
 * @plants: one a "|": "l PATH -> TARGET", "d PATH", "f PATH", "h PATH -> FILE" for another name of
 *   the file, "p PATH" for a pipe, "s PATH" for a socket, "c PATH" for a device, "4 PATH" for a
 *   file with that mode; below the folder that holds the install
 */
typedef struct
{
  const char *name;
  const char *why;
  const char *plants;
} Trap;

/* clang-format off */
/* In the way of an update to 2.0.0, which has the file a and the folders d and d/e. */
static const Trap traps[] = {
  { "nothing", NULL, "" },
  { "staging leads out", "Not a directory", "l install/var/staging -> ../../beside" },
  { "staging leads above", "Not a directory", "l install/var/staging -> /" },
  { "staging is a file", "Not a directory", "f install/var/staging" },
  { "staging is a pipe", "Not a directory", "p install/var/staging" },
  { "the version in staging leads out", NULL, "d install/var/staging|l install/var/staging/2.0.0 -> ../../../beside" },
  { "a folder in staging leads out", NULL, "d install/var/staging/2.0.0|l install/var/staging/2.0.0/d -> ../../../../beside" },
  { "a folder in a folder leads out", NULL, "d install/var/staging/2.0.0/d|l install/var/staging/2.0.0/d/e -> ../../../../../beside/folder" },
  { "the file in staging leads out", NULL, "d install/var/staging/2.0.0|l install/var/staging/2.0.0/a -> ../../../../beside/file" },
  { "the file in staging is the file beside", NULL, "d install/var/staging/2.0.0|h install/var/staging/2.0.0/a -> beside/file" },
  { "the file in staging is a pipe", NULL, "d install/var/staging/2.0.0|p install/var/staging/2.0.0/a" },
  { "the file in staging is a socket", NULL, "d install/var/staging/2.0.0|s install/var/staging/2.0.0/a" },
  { "the file in staging is a device", NULL, "d install/var/staging/2.0.0|c install/var/staging/2.0.0/a" },
  { "the file in staging would run as another user", NULL, "d install/var/staging/2.0.0|4 install/var/staging/2.0.0/a" },
  { "the file in staging is a folder", NULL, "d install/var/staging/2.0.0/a/b/c|l install/var/staging/2.0.0/a/b/l -> /" },
  { "more in staging than there should be", NULL, "d install/var/staging/2.0.0/z|l install/var/staging/2.0.0/z/l -> /|p install/var/staging/2.0.0/z/p" },
  { "the new version leads out", NULL, "l install/versions/2.0.0 -> ../../beside" },
  { "the new version is a pipe", NULL, "p install/versions/2.0.0" },
  { "the new receipt leads out", NULL, "l install/receipts/2.0.0 -> ../../beside/file" },
  { "the new receipt is the file beside", NULL, "h install/receipts/2.0.0 -> beside/file" },
  { "the new receipt is a pipe", NULL, "p install/receipts/2.0.0" },
};

/* In the folder that a publisher makes a release of. */
static const Trap scans[] = {
  { "nothing", NULL, "f tree/a|d tree/d|l tree/d/l -> ../a" },
  { "a pipe", "neither a file, a folder nor a link", "p tree/a" },
  { "a pipe in a folder", "neither a file, a folder nor a link", "d tree/d|p tree/d/a" },
  { "a socket", "neither a file, a folder nor a link", "s tree/a" },
  { "a device", "neither a file, a folder nor a link", "c tree/a" },
  { "set-user-id", "rights of another user", "4 tree/a" },
  { "a link out", "leads out", "l tree/a -> ../beside/file" },
  { "a link to the root", "absolute", "l tree/a -> /" },
  { "a link to nothing", "listed entry", "l tree/a -> b" },
  { "two names that differ in case", "nothing but case", "f tree/a|f tree/A" },
  { "a name with a new line", "control character", "f tree/a\nb" },
  { "a name that is not UTF-8", "not UTF-8", "f tree/\xff" },
};
/* clang-format on */

/* What was tried in this way of opening files. */
typedef struct
{
  guint refused;
  guint harmless;
  guint skipped;
  gsize memory; /* KiB */
} Tally;

/* Goes on after what is wrong, so that all of it is told. */
static void
count (Tally *self, const char *kind, const char *name, const char *why, const GError *error)
{
  gboolean is_right =
      why == NULL ? error == NULL : error != NULL && strstr (error->message, why) != NULL;

  if (!is_right)
    g_test_fail_printf ("%s: %s: %s", kind, name, error != NULL ? error->message : "not refused");
  if (why != NULL)
    self->refused++;
  else
    self->harmless++;
}

static void
try_pack (Tally *self, const char *kind, const char *name, const char *why, const HostilePack *pack)
{
  HostileVictim victim = { .memory = self->memory };
  g_autoptr (GError) error = NULL;

  g_test_message ("%s: %s", kind, name);
  hostile_victim_set_up (&victim);
  hostile_victim_attack (&victim, pack, &error);
  count (self, kind, name, why, error);
  hostile_victim_judge (&victim, why == NULL, pack->limit);
  self->memory = victim.memory;
  hostile_victim_tear_down (&victim);
}

static void
try_trees (Tally *self)
{
  guint n_trees;
  const HostileTree *trees = hostile_trees_get (&n_trees);

  for (guint i = 0; i < n_trees; i++)
    {
      g_auto (HostilePack) pack = { 0 };

      hostile_trees_make_pack (&trees[i], &pack);
      try_pack (self, "tree", trees[i].name, trees[i].why, &pack);
    }
}

static void
try_frames (Tally *self)
{
  guint n_frames;
  const HostileFrame *frames = hostile_frames_get (&n_frames);

  for (guint i = 0; i < n_frames; i++)
    {
      g_auto (HostilePack) pack = { 0 };

      hostile_frames_make_pack (&frames[i], &pack);
      try_pack (self, "frame", frames[i].name, frames[i].why, &pack);
    }
}

/* The pack is as long as it is said to be, up to a length that nobody stores. */
static void
try_heads (Tally *self)
{
  guint n_lies;
  const HeadLie *lies = head_lies_get (&n_lies);

  for (guint i = 0; i < n_lies; i++)
    {
      HeadParts parts = head_lies_make_parts (lies[i].kind);
      g_auto (HostilePack) pack = { 0 };
      g_autoptr (GBytes) head = NULL;
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      head_lies_apply (&parts, &lies[i]);
      head = head_lies_serialize (&parts);
      pack.head_size = g_bytes_get_size (head);
      pack.size = head_lies_pack_size (&parts, head);
      g_byte_array_append (bytes, g_bytes_get_data (head, NULL), (guint) pack.head_size);
      g_byte_array_set_size (bytes, (guint) MIN (MAX (pack.size, pack.head_size), MAX_FILE));
      pack.bytes = g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
      try_pack (self, "head", lies[i].name, "", &pack);
    }
}

static gboolean
plant_special (const char *path, char kind)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_auto (OnwardFd) fd = -1;

  if (kind == 'p')
    return mkfifo (path, 0644) == 0;
  if (kind == 'c')
    return mknod (path, S_IFCHR | 0666, makedev (1, 5)) == 0;

  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  return bind (fd, (struct sockaddr *) &address, sizeof address) == 0;
}

/* Returns: FALSE where it takes more rights than the test has */
static gboolean
plant (const char *root, const char *line)
{
  g_auto (GStrv) parts = g_strsplit (line + 2, " -> ", 2);
  g_autofree char *path = g_build_filename (root, parts[0], NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *target = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  switch (line[0])
    {
    case 'd':
      return g_mkdir_with_parents (path, 0755) == 0;
    case 'l':
      return symlink (parts[1], path) == 0;
    case 'h':
      target = g_build_filename (root, parts[1], NULL);
      return link (target, path) == 0;
    case 'f':
      return g_file_set_contents (path, "x", 1, NULL);
    case '4':
      return g_file_set_contents (path, "x", 1, NULL) && chmod (path, 04755) == 0;
    default:
      return plant_special (path, line[0]);
    }
}

/* Devices are root's to make. */
static gboolean
plant_all (Tally *self, const char *root, const Trap *trap)
{
  g_auto (GStrv) lines = g_strsplit (trap->plants, "|", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (plant (root, lines[i]))
        continue;
      g_assert_cmpint (lines[i][0], ==, 'c');
      self->skipped++;
      return FALSE;
    }
  return TRUE;
}

static void
try_trap (Tally *self, const Trap *trap)
{
  static const HostileTree good = { "good", NULL, "f a|d d|d d/e|f d/e/f" };
  HostileVictim victim = { .memory = self->memory };
  g_auto (HostilePack) pack = { 0 };
  g_autoptr (GError) error = NULL;

  g_test_message ("trap: %s", trap->name);
  hostile_trees_make_pack (&good, &pack);
  hostile_victim_set_up (&victim);
  if (plant_all (self, victim.fixture.root, trap))
    {
      hostile_victim_attack (&victim, &pack, &error);
      count (self, "trap", trap->name, trap->why, error);
      hostile_victim_judge (&victim, trap->why == NULL, pack.limit);
    }
  hostile_victim_tear_down (&victim);
}

static void
try_scan (Tally *self, const Trap *trap)
{
  g_autoptr (OnwardTestDir) root = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (root, "tree", NULL);
  g_auto (OnwardFd) fd = -1;
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (GError) error = NULL;

  g_test_message ("scan: %s", trap->name);
  if (!plant_all (self, root, trap))
    return;
  fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  tree = onward_tree_scan (fd, NULL, &error);
  g_assert_true ((tree == NULL) == (error != NULL));
  count (self, "scan", trap->name, trap->why, error);
}

/* Everything, at least as much as is promised, in bounded memory and with files of bounded size. */
static void
try_everything (const char *way)
{
  const struct rlimit limit = { MAX_FILE, MAX_FILE };
  Tally tally = { 0 };

  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  try_trees (&tally);
  try_heads (&tally);
  try_frames (&tally);
  for (guint i = 0; i < G_N_ELEMENTS (traps); i++)
    try_trap (&tally, &traps[i]);
  for (guint i = 0; i < G_N_ELEMENTS (scans); i++)
    try_scan (&tally, &scans[i]);

  g_test_message ("%s: %u hostile packs, trees and places refused, %u harmless ones done, %u "
                  "skipped, no byte outside staging, at most %zu KiB of memory",
                  way, tally.refused, tally.harmless, tally.skipped, tally.memory);
  g_assert_cmpuint (tally.refused, >=, LEAST);
#ifndef ONWARD_TEST_SANITIZED
  g_assert_cmpuint (tally.memory, <=, MAX_MEMORY);
#endif
}

static int
open_by_openat2 (void)
{
  struct open_how how = { .flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH };

  return (int) syscall (SYS_openat2, AT_FDCWD, ".", &how, sizeof how);
}

/* Paths are resolved by the kernel, in one call. */
static void
test_at_once (void)
{
  g_auto (OnwardFd) fd = open_by_openat2 ();

  if (fd < 0)
    g_test_skip ("this kernel has no openat2()");
  else
    try_everything ("at once");
}

/* Paths are opened component by component, as in a sandbox that forbids openat2(). Nothing takes
 * the filter away again, so this comes last. */
static void
test_stepwise (void)
{
  onward_test_forbid (SYS_openat2, 0, 0, EPERM);
  g_assert_cmpint (open_by_openat2 (), <, 0);
  try_everything ("step by step");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hostile/at-once", test_at_once);
  g_test_add_func ("/hostile/stepwise", test_stepwise);

  return g_test_run ();
}
