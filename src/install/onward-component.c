/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onward-component.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-receipt.h"
#include "onward-verify.h"

/**
 * onward_component_free:
 * @self: (transfer full): a component
 */
void
onward_component_free (OnwardComponent *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->name);
  g_free (self);
}

static guint64
measure (OnwardTree *whole, const char *name)
{
  guint64 size = 0;

  for (guint i = 0; i < onward_tree_get_n_entries (whole); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (whole, i);

      if (g_str_equal (entry->component, name))
        size += entry->size;
    }
  return size;
}

/**
 * onward_component_list:
 * @install: an install
 * @version: an installed version
 * @error: where to put ONWARD_ERROR, as onward_install_load_needed_receipt() does
 *
 * Tells what a version's receipt says of its components. Blocking.
 *
 * Returns: (transfer full) (element-type OnwardComponent): all of them, sorted by name
 */
GPtrArray *
onward_component_list (OnwardInstall *install, const char *version, GError **error)
{
  g_autoptr (OnwardTree) tree = onward_install_load_needed_receipt (install, version, error);
  g_auto (GStrv) names = NULL;
  GPtrArray *list;

  if (tree == NULL)
    return NULL;

  list = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_component_free);
  names = onward_tree_dup_components (tree);
  for (guint i = 0; names[i] != NULL; i++)
    {
      OnwardComponent *component = g_new0 (OnwardComponent, 1);

      component->name = g_strdup (names[i]);
      component->is_present = !onward_component_is_absent (tree, names[i]);
      component->size = measure (onward_tree_get_whole (tree), names[i]);
      g_ptr_array_add (list, component);
    }
  return list;
}

/**
 * onward_component_is_absent:
 * @tree: a tree
 * @name: one of its components
 *
 * Returns: whether it is left out
 */
gboolean
onward_component_is_absent (OnwardTree *tree, const char *name)
{
  return g_strv_contains (onward_tree_get_absent (tree), name);
}

static gboolean
has_component (char **names, const char *name)
{
  return g_strv_contains ((const char *const *) names, name);
}

/**
 * onward_component_choose:
 * @installed: (nullable): the tree of the current version
 * @tree: the tree of another version
 * @on_demand: (array zero-terminated=1): components that the publisher of @tree gives only to who
 *   asks for them
 *
 * Decides what of another version comes: what is present now, and nothing that is absent. A
 * component that the current version does not know comes, as its files may have been a part of the
 * rest before, unless the publisher says otherwise. Pure.
 *
 * Returns: (transfer full) (array zero-terminated=1): the components of @tree to leave out
 */
char **
onward_component_choose (OnwardTree *installed, OnwardTree *tree, const char *const *on_demand)
{
  g_auto (GStrv) names = onward_tree_dup_components (tree);
  g_auto (GStrv) known = installed != NULL ? onward_tree_dup_components (installed) : NULL;
  g_autoptr (GStrvBuilder) absent = g_strv_builder_new ();

  for (guint i = 0; names[i] != NULL; i++)
    {
      gboolean is_known = known != NULL && has_component (known, names[i]);

      if (is_known ? onward_component_is_absent (installed, names[i])
                   : g_strv_contains (on_demand, names[i]))
        g_strv_builder_add (absent, names[i]);
    }
  return g_strv_builder_end (absent);
}

/**
 * onward_component_dup_present:
 * @tree: a tree
 *
 * Returns: (transfer full) (array zero-terminated=1): those of its components that are not left out
 */
char **
onward_component_dup_present (OnwardTree *tree)
{
  g_auto (GStrv) names = onward_tree_dup_components (tree);
  g_autoptr (GStrvBuilder) present = g_strv_builder_new ();

  for (guint i = 0; names[i] != NULL; i++)
    if (!onward_component_is_absent (tree, names[i]))
      g_strv_builder_add (present, names[i]);
  return g_strv_builder_end (present);
}

/**
 * onward_component_agree:
 * @a: the tree of a version
 * @b: that of another
 *
 * Returns: whether each component that both have is absent from both, or from neither
 */
gboolean
onward_component_agree (OnwardTree *a, OnwardTree *b)
{
  g_auto (GStrv) names = onward_tree_dup_components (a);
  g_auto (GStrv) others = onward_tree_dup_components (b);

  for (guint i = 0; names[i] != NULL; i++)
    if (has_component (others, names[i]) &&
        onward_component_is_absent (a, names[i]) != onward_component_is_absent (b, names[i]))
      return FALSE;
  return TRUE;
}

static gboolean
stat_entry (int dirfd, const OnwardTreeEntry *entry, struct stat *ret_info)
{
  g_auto (OnwardFd) parent = -1;
  const char *name = NULL;

  parent = onward_file_open_parent (dirfd, entry->path, &name, NULL);
  return parent >= 0 && fstatat (parent, name, ret_info, AT_SYMLINK_NOFOLLOW) == 0;
}

/**
 * onward_component_look:
 * @install: an install
 * @version: an installed version
 * @tree: its tree, or that of a version that is like it
 *
 * Without a receipt the disk tells which components are absent: those of which nothing is there.
 * Blocking.
 *
 * Returns: (transfer full) (array zero-terminated=1): their names
 */
char **
onward_component_look (OnwardInstall *install, const char *version, OnwardTree *tree)
{
  g_auto (OnwardFd) dirfd = onward_install_open_version (install, version, NULL);
  g_autoptr (GHashTable) here = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GStrvBuilder) absent = g_strv_builder_new ();
  g_auto (GStrv) names = onward_tree_dup_components (tree);
  struct stat info;

  for (guint i = 0; dirfd >= 0 && i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);

      if (entry->component[0] != '\0' && entry->kind != ONWARD_ENTRY_DIRECTORY &&
          !g_hash_table_contains (here, entry->component) && stat_entry (dirfd, entry, &info))
        g_hash_table_add (here, (gpointer) entry->component);
    }
  for (guint i = 0; names[i] != NULL; i++)
    if (!g_hash_table_contains (here, names[i]))
      g_strv_builder_add (absent, names[i]);
  return g_strv_builder_end (absent);
}

static char **
dup_without (const char *const *names, const char *name)
{
  g_autoptr (GStrvBuilder) left = g_strv_builder_new ();

  for (guint i = 0; names[i] != NULL; i++)
    if (g_strcmp0 (names[i], name) != 0)
      g_strv_builder_add (left, names[i]);
  return g_strv_builder_end (left);
}

/**
 * onward_component_load_receipt:
 * @install: an install
 * @version: an installed version
 * @ret_tree: (out) (transfer full) (nullable): what its receipt says, without what is absent;
 *   %NULL when it is lost or damaged
 * @error: where to put ONWARD_ERROR
 *
 * onward_install_load_receipt() for who must not take a receipt that cannot be read now for one
 * that is lost: what is absent would come back.
 *
 * Returns: FALSE when it cannot be read
 */
gboolean
onward_component_load_receipt (OnwardInstall *install, const char *version, OnwardTree **ret_tree,
                               GError **error)
{
  g_autoptr (GError) failure = NULL;
  OnwardTree *tree = onward_install_load_receipt (install, version, &failure);

  if (tree == NULL && !g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND) &&
      !g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_MALFORMED))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }

  *ret_tree = tree;
  return TRUE;
}

/**
 * onward_component_find_part:
 * @install: an install
 * @version: an installed version
 * @tree: its signed tree
 * @added: (nullable): a component that ought to be there as well
 * @error: where to put ONWARD_ERROR
 *
 * Finds out which components are present: by the receipt, or by what lies there when that is lost
 * or is that of other files. Blocking.
 *
 * Returns: (transfer full) (nullable): @tree without those that are absent
 */
OnwardTree *
onward_component_find_part (OnwardInstall *install, const char *version, OnwardTree *tree,
                            const char *added, GError **error)
{
  OnwardTree *whole = onward_tree_get_whole (tree);
  g_autoptr (OnwardTree) receipt = NULL;
  g_auto (GStrv) seen = NULL;
  g_auto (GStrv) absent = NULL;

  if (!onward_component_load_receipt (install, version, &receipt, error))
    return NULL;

  if (receipt == NULL ||
      !onward_digest_equal (onward_tree_get_digest (receipt), onward_tree_get_digest (whole)))
    seen = onward_component_look (install, version, whole);
  absent = dup_without (
      seen != NULL ? (const char *const *) seen : onward_tree_get_absent (receipt), added);
  return onward_tree_leave_out (whole, (const char *const *) absent);
}

/**
 * onward_component_check_name:
 * @tree: the tree of a version
 * @version: its name
 * @name: what may be the name of a component
 * @error: set with %ONWARD_ERROR_NOT_FOUND when it is not
 *
 * Returns: whether it is
 */
gboolean
onward_component_check_name (OnwardTree *tree, const char *version, const char *name,
                             GError **error)
{
  g_auto (GStrv) names = onward_tree_dup_components (tree);
  g_autofree char *list = NULL;

  if (has_component (names, name))
    return TRUE;

  list = g_strjoinv ("”, “", names);
  if (names[0] == NULL)
    g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                 "Looking for component “%s”: version %s has no components", name, version);
  else
    g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                 "Looking for component “%s”: version %s has none of that name, but “%s”", name,
                 version, list);
  return FALSE;
}

/**
 * onward_component_is_here:
 * @install: an install
 * @version: an installed version
 * @tree: its receipt
 * @name: one of its components
 *
 * Looks at kinds, modes and sizes only: it is asked for each time that something is used. Blocking.
 *
 * Returns: whether it is present, and so are its files
 */
gboolean
onward_component_is_here (OnwardInstall *install, const char *version, OnwardTree *tree,
                          const char *name)
{
  g_auto (OnwardFd) dirfd = onward_install_open_version (install, version, NULL);

  if (dirfd < 0 || onward_component_is_absent (tree, name))
    return FALSE;

  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);

      if (g_str_equal (entry->component, name) &&
          !onward_verify_path (dirfd, entry, ONWARD_VERIFY_SHAPE, NULL))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_without (OnwardInstall *install, const char *version, OnwardTree *tree, const char *name,
               GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *path = g_strconcat ("receipts/", version, NULL);
  g_autoptr (OnwardTree) part = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_auto (GStrv) absent = NULL;

  g_strv_builder_addv (builder, (const char **) onward_tree_get_absent (tree));
  g_strv_builder_add (builder, name);
  absent = g_strv_builder_end (builder);
  part = onward_tree_leave_out (tree, (const char *const *) absent);
  bytes = onward_receipt_serialize (part);
  return onward_file_write (onward_install_get_dirfd (install), path, bytes, 0644, error);
}

/**
 * onward_component_remove:
 * @install: an install
 * @version: an installed version
 * @name: the name of a component
 * @error: where to put ONWARD_ERROR; NOT_FOUND when there is no such component, BUSY when another
 *   updater works
 *
 * Writes down that a component is not here any more, in one step. Its files are of no version from
 * then on; they go by onward_component_sweep(), when no copy runs that may still want them.
 * Blocking.
 *
 * Returns: whether it is absent now
 */
gboolean
onward_component_remove (OnwardInstall *install, const char *version, const char *name,
                         GError **error)
{
  g_autoptr (OnwardInstallLock) lock = NULL;
  g_autoptr (OnwardTree) tree = NULL;

  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (version != NULL && name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  lock = onward_install_acquire (install, error);
  if (lock == NULL)
    return FALSE;

  tree = onward_install_load_needed_receipt (install, version, error);
  if (tree != NULL && onward_component_check_name (tree, version, name, error) &&
      (onward_component_is_absent (tree, name) ||
       write_without (install, version, tree, name, error)))
    return TRUE;

  g_prefix_error (error, "Removing component “%s”: ", name);
  return FALSE;
}

/* What lies there of entries that are left out: folders before what they hold. What is below a
 * folder that is not there is not looked for. */
static GPtrArray *
list_left (int dirfd, OnwardTree *tree)
{
  OnwardTree *whole = onward_tree_get_whole (tree);
  GPtrArray *left = g_ptr_array_new ();
  g_autofree char *gone = NULL;
  struct stat info;

  for (guint i = 0; i < onward_tree_get_n_entries (whole); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (whole, i);

      if (!onward_component_is_absent (tree, entry->component) ||
          (gone != NULL && g_str_has_prefix (entry->path, gone)))
        continue;
      if (stat_entry (dirfd, entry, &info))
        g_ptr_array_add (left, (gpointer) entry);
      else if (entry->kind == ONWARD_ENTRY_DIRECTORY)
        {
          g_free (gone);
          gone = g_strconcat (entry->path, "/", NULL);
        }
    }
  return left;
}

/* A folder that holds what no receipt lists stays. */
static gboolean
take_away (int dirfd, const OnwardTreeEntry *entry, GError **error)
{
  g_auto (OnwardFd) parent = -1;
  const char *name = NULL;
  struct stat info;

  parent = onward_file_open_parent (dirfd, entry->path, &name, error);
  if (parent < 0)
    return FALSE;
  if (fstatat (parent, name, &info, AT_SYMLINK_NOFOLLOW) < 0 ||
      unlinkat (parent, name, S_ISDIR (info.st_mode) ? AT_REMOVEDIR : 0) == 0 ||
      errno == ENOTEMPTY || errno == EEXIST)
    return TRUE;

  onward_file_set_error (error, errno, "Removing", entry->path);
  return FALSE;
}

/**
 * onward_component_sweep:
 * @install: an install whose lock is held
 * @version: an installed version
 * @cancellable: (nullable): stops between two files
 * @error: where to put ONWARD_ERROR
 *
 * Takes away what lies in a version of components that its receipt leaves out: one was removed, or
 * adding one was cut off. While a copy of the version runs nothing is touched. Files that are in no
 * release stay. Blocking.
 *
 * Returns: FALSE when something could not be removed
 */
gboolean
onward_component_sweep (OnwardInstall *install, const char *version, GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (OnwardTree) tree = onward_install_load_receipt (install, version, NULL);
  g_auto (OnwardFd) dirfd = -1;
  g_autoptr (GPtrArray) left = NULL;

  if (tree == NULL || onward_tree_get_absent (tree)[0] == NULL)
    return TRUE;

  dirfd = onward_install_open_version (install, version, NULL);
  if (dirfd < 0)
    return TRUE;
  left = list_left (dirfd, tree);
  if (left->len == 0 || flock (dirfd, LOCK_EX | LOCK_NB) < 0)
    return TRUE;

  for (guint i = left->len; i-- > 0;)
    if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
        !take_away (dirfd, g_ptr_array_index (left, i), error))
      return FALSE;
  return TRUE;
}
