/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "install-fixture.h"
#include "onward-component.h"
#include "onward-error.h"
#include "onward-fd.h"
#include "onward-receipt.h"
#include "onward-repair.h"
#include "onward-switch.h"
#include "onward-tree-scan.h"
#include "onward-verify.h"

#define SIZE 100000

/* An install of version 1.0.0 without its component "voices", and the pack of all of it. */
typedef struct
{
  InstallFixture fixture;
  char *published; /* (owned): the publisher's folder */
  TestPack *pack;  /* (owned) */
} Fixture;

static void
write_all (const char *folder, gboolean has_voices)
{
  g_autofree char *noise = g_malloc (SIZE + 1);

  for (guint i = 0; i < SIZE; i++)
    noise[i] = (char) ('a' + g_test_rand_int_range (0, 26));
  noise[SIZE] = '\0';
  onward_test_write (folder, "bin/app", "#!/bin/sh\n");
  onward_test_write (folder, "share/twin", "the same in both");
  onward_test_write (folder, "help/index", "help");
  if (!has_voices)
    return;

  onward_test_write (folder, "voices/large", noise);
  onward_test_write (folder, "voices/de/one", "eins");
  onward_test_write (folder, "voices/twin", "the same in both");
  onward_test_write (folder, "voices/empty", "");
}

/* The tree of a folder, with the component of each entry. */
static OnwardTree *
scan_and_mark (const char *folder)
{
  g_auto (OnwardFd) fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTree) scanned = onward_tree_scan (fd, NULL, &error);
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));

  g_assert_no_error (error);
  for (guint i = 0; i < onward_tree_get_n_entries (scanned); i++)
    {
      OnwardTreeEntry entry = *onward_tree_get_entry (scanned, i);

      if (g_str_has_prefix (entry.path, "voices"))
        entry.component = "voices";
      if (g_str_has_prefix (entry.path, "help"))
        entry.component = "help";
      g_array_append_val (entries, entry);
    }
  return onward_tree_new (entries, &error);
}

static TestPack *
write_pack (Fixture *self)
{
  const OnwardPackWriter writer = { ONWARD_COMPRESSION_ZSTD, NULL, NULL };
  g_autofree char *packs = install_fixture_root_path (&self->fixture, "packs");
  g_auto (OnwardFd) fd = open (self->published, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_auto (OnwardFd) pack_fd = -1;
  g_autoptr (OnwardTree) marked = scan_and_mark (self->published);
  g_autoptr (OnwardPackInfo) info = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;
  TestPack *pack = g_new0 (TestPack, 1);

  g_assert_cmpint (g_mkdir_with_parents (packs, 0755), ==, 0);
  onward_pack_writer_write_full (&writer, fd, marked, packs, &pack->tree, &info, NULL, &error);
  g_assert_no_error (error);
  name = onward_pack_info_dup_file_name (info);
  pack->path = g_build_filename (packs, name, NULL);
  pack_fd = open (pack->path, O_RDONLY | O_CLOEXEC);
  pack->head = onward_pack_head_read (pack_fd, info, NULL, &error);
  g_assert_no_error (error);
  return pack;
}

static void
write_receipt (Fixture *self, OnwardTree *tree)
{
  g_autofree char *path = install_fixture_path (&self->fixture, "receipts/1.0.0");
  g_autoptr (GBytes) bytes = onward_receipt_serialize (tree);

  g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
                                      (gssize) g_bytes_get_size (bytes), NULL));
}

static void
set_up (Fixture *self, gconstpointer data)
{
  const char *const absent[] = { "voices", NULL };
  g_autofree char *folder = NULL;
  g_autoptr (OnwardTree) part = NULL;

  install_fixture_set_up (&self->fixture, NULL);
  self->published = install_fixture_root_path (&self->fixture, "published");
  folder = install_fixture_path (&self->fixture, "versions/1.0.0");
  write_all (self->published, TRUE);
  write_all (folder, FALSE);
  self->pack = write_pack (self);
  part = onward_tree_leave_out (self->pack->tree, absent);
  write_receipt (self, part);
  install_fixture_set_current (&self->fixture, "1.0.0");
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  test_pack_free (self->pack);
  g_free (self->published);
  install_fixture_tear_down (&self->fixture, NULL);
}

/* Adds "voices" with the bytes that are asked for, and no others. */
static guint64
add (Fixture *self, guint *ret_n, GError **error)
{
  g_autoptr (OnwardRanges) ranges = NULL;
  g_autoptr (TestPack) partial = NULL;
  g_autoptr (OnwardPackReader) reader = NULL;

  if (!onward_repair_plan (self->fixture.install, self->pack->head, "1.0.0", "voices", &ranges,
                           NULL, error))
    return 0;
  partial = test_pack_new_partial (&self->fixture, self->pack, ranges);
  reader = test_pack_read (partial);
  onward_repair_run (self->fixture.install, reader, "1.0.0", "voices", ret_n, NULL, error);
  return onward_ranges_get_length (ranges);
}

static guint64
assert_adds (Fixture *self, guint n_expected)
{
  g_autoptr (GError) error = NULL;
  guint n = 0;
  guint64 bytes = add (self, &n, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, n_expected);
  return bytes;
}

static gboolean
is_present (Fixture *self, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTree) tree =
      onward_install_load_receipt (self->fixture.install, "1.0.0", &error);

  g_assert_no_error (error);
  return !onward_component_is_absent (tree, name);
}

static void
assert_whole (Fixture *self)
{
  g_autofree char *folder = install_fixture_path (&self->fixture, "versions/1.0.0");
  g_autoptr (OnwardDifferences) differences = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (is_present (self, "voices"));
  install_fixture_assert_same (folder, self->published);
  differences = onward_verify_version (self->fixture.install, "1.0.0", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (differences->changed->len + differences->missing->len, ==, 0);
}

/* No frame holds files of two components, so that those that are absent cost nothing. */
static void
test_component_frames (Fixture *self, gconstpointer data)
{
  g_autoptr (GHashTable) components = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < onward_tree_get_n_entries (self->pack->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->pack->tree, i);
      const char *known = g_hash_table_lookup (components, GUINT_TO_POINTER (entry->frame + 1));

      if (entry->kind != ONWARD_ENTRY_FILE || entry->size == 0 ||
          g_str_equal (entry->path, "voices/twin"))
        continue;
      g_assert_cmpstr (known != NULL ? known : entry->component, ==, entry->component);
      g_hash_table_insert (components, GUINT_TO_POINTER (entry->frame + 1),
                           (gpointer) entry->component);
    }
  g_assert_cmpuint (g_hash_table_size (components), ==, 3);
}

/* What is absent is not missing, and what is present is what is counted. */
static void
test_component_absent (Fixture *self, gconstpointer data)
{
  g_autoptr (OnwardDifferences) differences = NULL;
  g_autoptr (OnwardRanges) ranges = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GError) error = NULL;
  const OnwardComponent *first, *second;

  differences = onward_verify_version (self->fixture.install, "1.0.0", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (differences->missing->len + differences->extra->len, ==, 0);
  onward_repair_plan (self->fixture.install, self->pack->head, "1.0.0", NULL, &ranges, NULL,
                      &error);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_ranges_get_length (ranges), ==, 0);

  list = onward_component_list (self->fixture.install, "1.0.0", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 2);
  first = g_ptr_array_index (list, 0);
  second = g_ptr_array_index (list, 1);
  g_assert_cmpstr (first->name, ==, "help");
  g_assert_true (first->is_present);
  g_assert_cmpstr (second->name, ==, "voices");
  g_assert_false (second->is_present);
  g_assert_cmpuint (second->size, ==, SIZE + 4 + 16);
}

/* Its own bytes are fetched: what another file has is copied from there. */
static void
test_component_add (Fixture *self, gconstpointer data)
{
  guint64 frames = 0;
  guint64 bytes;

  for (guint i = 0; i < onward_pack_head_get_n_frames (self->pack->head); i++)
    frames += onward_pack_head_get_frame (self->pack->head, i)->stored_size;
  bytes = assert_adds (self, 6);
  g_assert_cmpuint (bytes, >, SIZE / 2);
  g_assert_cmpuint (bytes, <, frames);
  assert_whole (self);
  g_assert_cmpuint (assert_adds (self, 0), ==, 0);
}

/* A twin that is damaged gives nothing: then the pack does. */
static void
test_component_damaged_twin (Fixture *self, gconstpointer data)
{
  g_autofree char *twin = install_fixture_path (&self->fixture, "versions/1.0.0/share/twin");
  g_autofree char *folder = install_fixture_path (&self->fixture, "versions/1.0.0/voices");
  g_autofree char *published = g_build_filename (self->published, "voices", NULL);

  g_assert_true (g_file_set_contents (twin, "not the same", -1, NULL));
  (void) assert_adds (self, 6);
  install_fixture_assert_same (folder, published);
}

/* Beside files that are in no release, each file comes by itself, and those stay. */
static void
test_component_add_beside (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = install_fixture_path (&self->fixture, "versions/1.0.0/voices");
  g_autofree char *mine = g_build_filename (folder, "mine", NULL);
  g_autofree char *text = NULL;

  onward_test_write (folder, "mine", "mine");
  (void) assert_adds (self, 5);
  text = onward_test_read (folder, "mine");
  g_assert_cmpstr (text, ==, "mine");
  g_assert_cmpint (g_unlink (mine), ==, 0);
  assert_whole (self);
}

/* Removing is written down, then the files go; adding brings them back. */
static void
test_component_remove (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void) assert_adds (self, 6);
  g_assert_true (onward_component_remove (self->fixture.install, "1.0.0", "voices", &error));
  g_assert_no_error (error);
  g_assert_false (is_present (self, "voices"));
  g_assert_true (install_fixture_exists (&self->fixture, "versions/1.0.0/voices/large"));
  g_assert_true (onward_component_sweep (self->fixture.install, "1.0.0", NULL, &error));
  g_assert_false (install_fixture_exists (&self->fixture, "versions/1.0.0/voices"));
  g_assert_true (install_fixture_exists (&self->fixture, "versions/1.0.0/help/index"));
  g_assert_true (onward_component_remove (self->fixture.install, "1.0.0", "voices", &error));

  (void) assert_adds (self, 6);
  assert_whole (self);
}

/* What was removed while it runs, and is asked for again, is there still. */
static void
test_component_remove_running (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = install_fixture_path (&self->fixture, "versions/1.0.0");
  g_auto (OnwardFd) pin = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (GError) error = NULL;

  (void) assert_adds (self, 6);
  g_assert_cmpint (flock (pin, LOCK_SH), ==, 0);
  g_assert_true (onward_component_remove (self->fixture.install, "1.0.0", "voices", &error));
  g_assert_true (onward_switch_prune (self->fixture.install, NULL, &error));
  g_assert_true (install_fixture_exists (&self->fixture, "versions/1.0.0/voices/large"));
  g_assert_cmpuint (assert_adds (self, 0), ==, 0);
  assert_whole (self);
}

/* What adding has left that was cut off goes with the next clearing away. */
static void
test_component_cut_off (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = install_fixture_path (&self->fixture, "versions/1.0.0/voices");
  g_autoptr (GError) error = NULL;

  onward_test_write (folder, "de/one", "eins");
  g_assert_true (onward_switch_prune (self->fixture.install, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (install_fixture_exists (&self->fixture, "versions/1.0.0/voices"));
}

/* Without a receipt what lies there tells what is present. */
static void
test_component_without_receipt (Fixture *self, gconstpointer data)
{
  g_autofree char *receipt = install_fixture_path (&self->fixture, "receipts/1.0.0");

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (OnwardTree) part = NULL;

      g_assert_cmpint (g_unlink (receipt), ==, 0);
      part =
          onward_component_find_part (self->fixture.install, "1.0.0", self->pack->tree, NULL, NULL);
      g_assert_false (onward_component_is_absent (part, "help"));
      g_assert_cmpint (onward_component_is_absent (part, "voices"), ==, i == 0);
      write_receipt (self, part);
      if (i == 0)
        (void) assert_adds (self, 6);
    }
}

/* A name that is none is told with those that are. */
static void
test_component_unknown (Fixture *self, gconstpointer data)
{
  g_autoptr (OnwardRanges) ranges = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (onward_repair_plan (self->fixture.install, self->pack->head, "1.0.0", "voice",
                                      &ranges, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_assert_nonnull (g_strstr_len (error->message, -1, "“help”, “voices”"));
  g_clear_error (&error);
  g_assert_false (onward_component_remove (self->fixture.install, "1.0.0", "", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
}

/* Without the rest of the version a component is of no use. */
static void
test_component_without_the_rest (Fixture *self, gconstpointer data)
{
  g_autofree char *versions = install_fixture_path (&self->fixture, "versions");
  g_autofree char *away = install_fixture_path (&self->fixture, "away");
  g_autoptr (OnwardRanges) ranges = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_rename (versions, away), ==, 0);
  g_assert_false (onward_repair_plan (self->fixture.install, self->pack->head, "1.0.0", "voices",
                                      &ranges, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==,
                   "Adding component “voices” to 1.0.0: the rest of this version is not there; "
                   "“onward repair” brings it back");
}

/* What components there are is said by the receipt; without it, what makes a new one is told. */
static void
test_component_needs_receipt (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) damaged = NULL;
  g_autoptr (GError) missing = NULL;
  g_autofree char *receipt = install_fixture_path (&self->fixture, "receipts/1.0.0");

  onward_test_write (self->fixture.dir, "receipts/1.0.0", "not a tree");
  g_assert_null (onward_component_list (self->fixture.install, "1.0.0", &damaged));
  g_assert_cmpstr (damaged->message, ==,
                   "Reading the receipt of 1.0.0: it is damaged; “onward repair” makes a new one");
  g_assert_cmpint (g_unlink (receipt), ==, 0);
  g_assert_false (onward_component_remove (self->fixture.install, "1.0.0", "voices", &missing));
  g_assert_cmpstr (missing->message, ==,
                   "Removing component “voices”: Reading the receipt of 1.0.0: it is missing; "
                   "“onward repair” makes a new one");
}

/* Links that were planted where a component goes lead nowhere. */
static void
test_component_planted_link (Fixture *self, gconstpointer data)
{
  g_autofree char *outside = install_fixture_root_path (&self->fixture, "outside");
  g_autofree char *link = install_fixture_path (&self->fixture, "versions/1.0.0/voices");

  g_assert_cmpint (g_mkdir (outside, 0755), ==, 0);
  onward_test_write (outside, "large", "not ours");
  g_assert_cmpint (symlink (outside, link), ==, 0);
  (void) assert_adds (self, 6);
  assert_whole (self);
  g_assert_true (g_file_test (outside, G_FILE_TEST_IS_DIR));
}

/* The tree of a version with components "a" and "b" as "A" for one that is absent. */
static OnwardTree *
make_tree (const char *components)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));
  g_autoptr (GStrvBuilder) absent = g_strv_builder_new ();
  g_autoptr (GStringChunk) strings = g_string_chunk_new (64);
  g_autoptr (OnwardTree) whole = NULL;
  g_auto (GStrv) names = NULL;

  for (const char *letter = components; *letter != '\0'; letter++)
    {
      const char text[] = { g_ascii_tolower (*letter), '\0' };
      const char *name = g_string_chunk_insert (strings, text);
      OnwardTreeEntry entry = { name, ONWARD_ENTRY_DIRECTORY, 0755, 0, { { 0 } }, "", name, 0, 0 };

      g_array_append_val (entries, entry);
      if (g_ascii_isupper (*letter))
        g_strv_builder_add (absent, name);
    }
  whole = onward_tree_new (entries, NULL);
  names = g_strv_builder_end (absent);
  return onward_tree_leave_out (whole, (const char *const *) names);
}

/* What comes with another version: what is present, and what is new unless it waits to be asked
 * for. */
static void
test_component_choose (void)
{
  static const struct
  {
    const char *installed, *next, *on_demand, *absent;
  } cases[] = {
    { "ab", "ab", "", "" },     { "Ab", "ab", "", "a" },   { "AB", "ab", "", "a b" },
    { "Ab", "b", "", "" },      { "a", "abc", "", "" },    { "A", "abc", "", "a" },
    { "A", "abc", "c", "a c" }, { "ab", "ab", "a b", "" }, { "", "ab", "b", "b" },
    { NULL, "ab", "", "" },     { NULL, "ab", "a", "a" },  { "AB", "c", "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTree) installed =
          cases[i].installed != NULL ? make_tree (cases[i].installed) : NULL;
      g_autoptr (OnwardTree) next = make_tree (cases[i].next);
      g_auto (GStrv) on_demand = g_strsplit (cases[i].on_demand, " ", -1);
      g_auto (GStrv) absent =
          onward_component_choose (installed, next, (const char *const *) on_demand);
      g_autofree char *text = g_strjoinv (" ", absent);

      g_assert_cmpstr (text, ==, cases[i].absent);
    }
}

/* What is staged still fits, unless a component that both have came or went. */
static void
test_component_agree (void)
{
  static const struct
  {
    const char *a, *b;
    gboolean agree;
  } cases[] = {
    { "ab", "ab", TRUE }, { "Ab", "Ab", TRUE }, { "Ab", "ab", FALSE }, { "ab", "aB", FALSE },
    { "a", "aB", TRUE },  { "A", "b", TRUE },   { "", "", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTree) a = make_tree (cases[i].a);
      g_autoptr (OnwardTree) b = make_tree (cases[i].b);

      g_assert_cmpint (onward_component_agree (a, b), ==, cases[i].agree);
      g_assert_cmpint (onward_component_agree (b, a), ==, cases[i].agree);
    }
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "/component/frames", test_component_frames },
    { "/component/absent", test_component_absent },
    { "/component/add", test_component_add },
    { "/component/damaged-twin", test_component_damaged_twin },
    { "/component/add-beside", test_component_add_beside },
    { "/component/remove", test_component_remove },
    { "/component/remove-running", test_component_remove_running },
    { "/component/cut-off", test_component_cut_off },
    { "/component/without-receipt", test_component_without_receipt },
    { "/component/unknown", test_component_unknown },
    { "/component/without-the-rest", test_component_without_the_rest },
    { "/component/needs-receipt", test_component_needs_receipt },
    { "/component/planted-link", test_component_planted_link },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  g_test_add_func ("/component/choose", test_component_choose);
  g_test_add_func ("/component/agree", test_component_agree);

  return g_test_run ();
}
