/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-delta-window.h"
#include "onward-fd.h"
#include "onward-likeness.h"
#include "onward-pack-fixture.h"

#define N_FILES   6
#define FILE_SIZE 60000

/* The windows of a fixture's folders, and what they are of. */
typedef struct
{
  OnwardTree *old_tree;
  OnwardTree *tree;
  OnwardReferenceIndex *index;
  GPtrArray *windows;
  GPtrArray *left;
} Result;

static void
result_clear (Result *self)
{
  onward_tree_unref (self->old_tree);
  onward_tree_unref (self->tree);
  onward_reference_index_free (self->index);
  g_ptr_array_unref (self->windows);
  g_ptr_array_unref (self->left);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

/* What is in "voices" is a component of that name. */
static OnwardTree *
scan_and_mark (const char *dir)
{
  g_autoptr (OnwardTree) scanned = onward_pack_fixture_scan (dir);
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));

  for (guint i = 0; i < onward_tree_get_n_entries (scanned); i++)
    {
      OnwardTreeEntry entry = *onward_tree_get_entry (scanned, i);

      if (g_str_has_prefix (entry.path, "voices"))
        entry.component = "voices";
      g_array_append_val (entries, entry);
    }
  return onward_tree_new (entries, NULL);
}

static void
list_windows (OnwardPackFixture *fixture, guint64 limit, Result *ret_result)
{
  g_auto (OnwardFd) old_dirfd = onward_pack_fixture_open (fixture->old_dir);
  g_auto (OnwardFd) new_dirfd = onward_pack_fixture_open (fixture->new_dir);
  g_autoptr (GPtrArray) contents = g_ptr_array_new ();

  ret_result->old_tree = scan_and_mark (fixture->old_dir);
  ret_result->tree = scan_and_mark (fixture->new_dir);
  ret_result->index = onward_reference_index_new (ret_result->old_tree);
  ret_result->left = g_ptr_array_new ();
  for (guint i = 0; i < onward_tree_get_n_entries (ret_result->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (ret_result->tree, i);

      if (entry->kind == ONWARD_ENTRY_FILE)
        g_ptr_array_add (contents, (gpointer) entry);
    }
  ret_result->windows =
      onward_delta_window_list (ret_result->index, ret_result->tree, contents, limit, old_dirfd,
                                new_dirfd, ret_result->left, NULL);
}

/* Files whose names all changed: new-0 was old-5 and so on; and one like none before. */
static OnwardPackFixture *
make_renamed (void)
{
  OnwardPackFixture *fixture = onward_pack_fixture_new ();

  for (guint i = 0; i < N_FILES; i++)
    {
      g_autofree char *old_name = g_strdup_printf ("old-%u", N_FILES - 1 - i);
      g_autofree char *new_name = g_strdup_printf ("new-%u", i);
      GBytes *bytes = onward_test_bytes_random (i + 1, FILE_SIZE);

      onward_pack_fixture_write (fixture->new_dir, new_name,
                                 onward_test_bytes_change (bytes, FILE_SIZE / 2));
      onward_pack_fixture_write (fixture->old_dir, old_name, bytes);
    }
  onward_pack_fixture_write (fixture->new_dir, "unlike", onward_test_bytes_random (100, FILE_SIZE));
  return fixture;
}

static gboolean
has_path (const GPtrArray *entries, const char *path)
{
  for (guint i = 0; i < entries->len; i++)
    if (g_str_equal (((const OnwardTreeEntry *) g_ptr_array_index (entries, i))->path, path))
      return TRUE;
  return FALSE;
}

/* What does not fit into one window is put together by what is in it, under whatever name. */
static void
test_renamed (void)
{
  g_autoptr (OnwardPackFixture) fixture = make_renamed ();
  g_auto (Result) result = { 0 };
  guint n_pairs = 0;

  list_windows (fixture, 2 * FILE_SIZE + 1000, &result);
  g_assert_cmpuint (result.windows->len, >=, N_FILES / 2);
  for (guint i = 0; i < result.windows->len; i++)
    {
      const OnwardDeltaWindow *window = g_ptr_array_index (result.windows, i);

      g_assert_cmpuint (window->old_size, <=, 2 * FILE_SIZE + 1000);
      g_assert_cmpuint (window->new_size, <=, 2 * FILE_SIZE + 1000);
      for (guint j = 0; j < N_FILES; j++)
        {
          g_autofree char *old_name = g_strdup_printf ("old-%u", N_FILES - 1 - j);
          g_autofree char *new_name = g_strdup_printf ("new-%u", j);

          if (!has_path (window->new_entries, new_name))
            continue;
          g_assert_true (has_path (window->old_entries, old_name));
          n_pairs++;
        }
    }
  g_assert_cmpuint (n_pairs, ==, N_FILES);
}

/* Where all fits into one window, there is one. */
static void
test_one (void)
{
  g_autoptr (OnwardPackFixture) fixture = make_renamed ();
  g_auto (Result) result = { 0 };
  const OnwardDeltaWindow *window;

  list_windows (fixture, 100 * FILE_SIZE, &result);
  g_assert_cmpuint (result.windows->len, ==, 1);
  window = g_ptr_array_index (result.windows, 0);
  g_assert_cmpuint (window->old_entries->len, ==, N_FILES);
  g_assert_cmpuint (window->new_entries->len, ==, N_FILES + 1);
  g_assert_cmpuint (result.left->len, ==, 0);
}

/* What is larger than any window is alone with what it is made from; what is like nothing goes by
 * itself. */
static void
test_large (void)
{
  g_autoptr (OnwardPackFixture) fixture = make_renamed ();
  g_auto (Result) result = { 0 };

  list_windows (fixture, FILE_SIZE / 2, &result);
  g_assert_cmpuint (result.windows->len, ==, N_FILES);
  for (guint i = 0; i < result.windows->len; i++)
    {
      const OnwardDeltaWindow *window = g_ptr_array_index (result.windows, i);

      g_assert_cmpuint (window->old_entries->len, ==, 1);
      g_assert_cmpuint (window->new_entries->len, ==, 1);
    }
  g_assert_cmpuint (result.left->len, ==, 1);
  g_assert_true (has_path (result.left, "unlike"));
}

/* Who cannot be read is like nothing. */
static void
test_unreadable (void)
{
  g_autoptr (OnwardPackFixture) fixture = make_renamed ();
  g_autoptr (OnwardTree) tree = onward_pack_fixture_scan (fixture->old_dir);
  g_auto (OnwardFd) dirfd = onward_pack_fixture_open (fixture->old_dir);
  g_auto (OnwardFd) elsewhere = onward_pack_fixture_open (fixture->new_dir);
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  g_autoptr (OnwardLikeness) blind = NULL;
  g_autoptr (OnwardLikeness) likeness = NULL;
  const OnwardTreeEntry *entry = onward_tree_lookup (tree, "old-0");

  g_ptr_array_add (entries, (gpointer) entry);
  blind = onward_likeness_new (elsewhere, entries, NULL);
  likeness = onward_likeness_new (dirfd, entries, NULL);
  g_assert_true (onward_likeness_find (likeness, dirfd, entry, NULL) == entry);
  g_assert_null (onward_likeness_find (likeness, elsewhere, entry, NULL));
  g_assert_null (onward_likeness_find (blind, dirfd, entry, NULL));
}

/* Who cancels does not wait until all files are read. */
static void
test_cancelled (void)
{
  g_autoptr (OnwardPackFixture) fixture = make_renamed ();
  g_autoptr (OnwardTree) tree = onward_pack_fixture_scan (fixture->old_dir);
  g_auto (OnwardFd) dirfd = onward_pack_fixture_open (fixture->old_dir);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  g_autoptr (OnwardLikeness) likeness = NULL;
  g_autoptr (OnwardLikeness) partial = NULL;
  const OnwardTreeEntry *entry = onward_tree_lookup (tree, "old-0");

  g_ptr_array_add (entries, (gpointer) entry);
  likeness = onward_likeness_new (dirfd, entries, cancellable);
  g_cancellable_cancel (cancellable);
  partial = onward_likeness_new (dirfd, entries, cancellable);
  g_assert_true (onward_likeness_find (likeness, dirfd, entry, NULL) == entry);
  g_assert_null (onward_likeness_find (likeness, dirfd, entry, cancellable));
  g_assert_null (onward_likeness_find (partial, dirfd, entry, NULL));
}

/* A component is made from itself, also from what is gone of it, and from what everybody has;
 * nothing else is made from it. */
static void
test_components (void)
{
  g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
  g_auto (Result) result = { 0 };
  const char *const names[] = { "base", "voices/de" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GBytes *bytes = onward_test_bytes_random (i + 1, FILE_SIZE);

      onward_pack_fixture_write (fixture->new_dir, names[i],
                                 onward_test_bytes_change (bytes, FILE_SIZE / 2));
      onward_pack_fixture_write (fixture->old_dir, names[i], bytes);
    }
  onward_pack_fixture_write (fixture->old_dir, "voices/gone",
                             onward_test_bytes_random (3, FILE_SIZE));

  list_windows (fixture, G_MAXUINT32, &result);
  g_assert_cmpuint (result.windows->len, ==, 2);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const OnwardDeltaWindow *window = g_ptr_array_index (result.windows, i);

      g_assert_cmpuint (window->new_entries->len, ==, 1);
      g_assert_true (has_path (window->new_entries, names[i]));
      g_assert_cmpuint (window->old_entries->len, ==, i + 1);
      g_assert_true (has_path (window->old_entries, names[i]));
      g_assert_true (has_path (window->old_entries, "voices/gone") == (i == 1));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/delta-window/renamed", test_renamed);
  g_test_add_func ("/delta-window/one", test_one);
  g_test_add_func ("/delta-window/large", test_large);
  g_test_add_func ("/delta-window/unreadable", test_unreadable);
  g_test_add_func ("/delta-window/cancelled", test_cancelled);
  g_test_add_func ("/delta-window/components", test_components);
  return g_test_run ();
}
