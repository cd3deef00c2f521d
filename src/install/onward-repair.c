/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onward-component.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-receipt.h"
#include "onward-repair.h"
#include "onward-stager.h"
#include "onward-staging.h"
#include "onward-staging-folder.h"
#include "onward-unpack.h"
#include "onward-verify.h"

/* One version, and how it differs from its signed tree. */
typedef struct
{
  OnwardTree *tree;          /* (owned): what is to be there */
  const char *component;     /* (nullable): when only that is looked at */
  int dirfd;                 /* (owned): the version's folder, -1 when there is none */
  GHashTable *damaged;       /* (owned): OnwardTreeEntry */
  GHashTable *intact;        /* (owned): digest → the OnwardTreeEntry of a file that has it */
  GCancellable *cancellable; /* (nullable) */

  OnwardStager *stager; /* (owned) (nullable) */
  OnwardUnpack *unpack; /* (owned) (nullable) */
  GHashTable *firsts;   /* (owned): digest → the OnwardTreeEntry that is unpacked for all */
  char *placed;         /* (owned) (nullable): a folder that came with all that is in it */
} Repair;

static void
repair_clear (Repair *self)
{
  g_clear_pointer (&self->unpack, onward_unpack_free);
  g_clear_pointer (&self->stager, onward_stager_free);
  g_clear_pointer (&self->firsts, g_hash_table_unref);
  g_clear_pointer (&self->intact, g_hash_table_unref);
  g_clear_pointer (&self->damaged, g_hash_table_unref);
  g_clear_pointer (&self->tree, onward_tree_unref);
  g_clear_pointer (&self->placed, g_free);
  if (self->dirfd >= 0)
    onward_fd_close (self->dirfd);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Repair, repair_clear)

static void
add_damaged (Repair *self, const GPtrArray *paths)
{
  for (guint i = 0; i < paths->len; i++)
    g_hash_table_add (self->damaged,
                      (gpointer) onward_tree_lookup (self->tree, g_ptr_array_index (paths, i)));
}

static gboolean
is_looked_at (const Repair *self, const OnwardTreeEntry *entry)
{
  return self->component == NULL || g_str_equal (entry->component, self->component);
}

static void
index_intact (Repair *self)
{
  for (guint i = 0; i < onward_tree_get_n_entries (self->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->tree, i);

      if (entry->kind == ONWARD_ENTRY_FILE && is_looked_at (self, entry) &&
          !g_hash_table_contains (self->damaged, entry))
        g_hash_table_insert (self->intact, (gpointer) &entry->digest, (gpointer) entry);
    }
}

/* Of a file whose mode alone is wrong nothing is missing. */
static void
index_misfits (Repair *self)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->damaged);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      const OnwardTreeEntry *entry = key;

      if (entry->kind == ONWARD_ENTRY_FILE && entry->size > 0 &&
          !g_hash_table_contains (self->intact, &entry->digest) &&
          onward_verify_has_content (self->dirfd, entry, self->cancellable))
        g_hash_table_insert (self->intact, (gpointer) &entry->digest, (gpointer) entry);
    }
}

static gboolean
examine_version (Repair *self, GError **error)
{
  g_autoptr (OnwardDifferences) differences = onward_verify_folder (
      self->dirfd, self->tree, NULL, ONWARD_VERIFY_CONTENTS, self->cancellable, error);

  if (differences == NULL)
    return FALSE;

  add_damaged (self, differences->changed);
  add_damaged (self, differences->missing);
  index_intact (self);
  index_misfits (self);
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

/* Other files are looked at where the component has the same content. */
static void
index_twins (Repair *self)
{
  g_autoptr (GHashTable) wanted = g_hash_table_new (onward_digest_hash, onward_digest_equal);
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->damaged);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_hash_table_add (wanted, (gpointer) & ((const OnwardTreeEntry *) key)->digest);

  for (guint i = 0; i < onward_tree_get_n_entries (self->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->tree, i);

      if (entry->kind == ONWARD_ENTRY_FILE && entry->size > 0 && !is_looked_at (self, entry) &&
          g_hash_table_contains (wanted, &entry->digest) &&
          onward_verify_path (self->dirfd, entry, ONWARD_VERIFY_CONTENTS, self->cancellable))
        g_hash_table_insert (self->intact, (gpointer) &entry->digest, (gpointer) entry);
    }
}

static gboolean
examine_component (Repair *self, GError **error)
{
  for (guint i = 0; i < onward_tree_get_n_entries (self->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->tree, i);

      if (is_looked_at (self, entry) &&
          !onward_verify_path (self->dirfd, entry, ONWARD_VERIFY_CONTENTS, self->cancellable))
        g_hash_table_add (self->damaged, (gpointer) entry);
    }

  index_intact (self);
  index_misfits (self);
  index_twins (self);
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

/* Without the version's folder all of it is missing; one component of it would be of no use. */
static gboolean
examine_nothing (Repair *self, GError **error)
{
  if (self->component != NULL)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                           "the rest of this version is not there; “onward repair” brings it back");
      return FALSE;
    }

  for (guint i = 0; i < onward_tree_get_n_entries (self->tree); i++)
    g_hash_table_add (self->damaged, (gpointer) onward_tree_get_entry (self->tree, i));
  return TRUE;
}

/* @tree: the signed one. */
static gboolean
examine (Repair *self, OnwardInstall *install, OnwardTree *tree, const char *version,
         GError **error)
{
  if (self->component != NULL &&
      !onward_component_check_name (tree, version, self->component, error))
    return FALSE;
  if (!onward_install_find_version (install, version, &self->dirfd, error))
    return FALSE;

  self->tree = onward_component_find_part (install, version, tree, self->component, error);
  if (self->tree == NULL)
    return FALSE;
  self->damaged = g_hash_table_new (NULL, NULL);
  self->intact = g_hash_table_new (onward_digest_hash, onward_digest_equal);
  self->firsts = g_hash_table_new (onward_digest_hash, onward_digest_equal);
  if (self->dirfd < 0)
    return examine_nothing (self, error);
  return self->component != NULL ? examine_component (self, error) : examine_version (self, error);
}

static void
prefix_error (const Repair *self, const char *version, GError **error)
{
  if (self->component != NULL)
    g_prefix_error (error, "Adding component “%s” to %s: ", self->component, version);
  else
    g_prefix_error (error, "Repairing %s: ", version);
}

/* Whether the content of a damaged file lies nowhere else in the version. */
static gboolean
is_needed (const Repair *self, const OnwardTreeEntry *entry)
{
  return entry->kind == ONWARD_ENTRY_FILE && entry->size > 0 &&
         g_hash_table_contains (self->damaged, entry) &&
         !g_hash_table_contains (self->intact, &entry->digest);
}

static gboolean
plan_entry (OnwardPackHead *head, const OnwardTreeEntry *entry, OnwardRanges *ranges,
            GError **error)
{
  const OnwardFrame *frame;
  guint64 offset = 0;
  guint index = 0;

  if (!onward_pack_head_locate (head, entry, &index, &offset))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND, "“%s” is not in the pack",
                   entry->path);
      return FALSE;
    }

  frame = onward_pack_head_get_frame (head, index);
  onward_ranges_add (ranges, frame->offset, frame->offset + frame->stored_size);
  return TRUE;
}

/* What is damaged stays until all of it has been built beside the version. */
static gboolean
check_space (const Repair *self, OnwardInstall *install, const OnwardRanges *ranges, GError **error)
{
  g_autofree char *component = g_strdup_printf ("Component “%s”", self->component);
  OnwardStagingNeed need = { .what = self->component != NULL ? component : "The repair",
                             .download = onward_ranges_get_length (ranges),
                             .n_entries = g_hash_table_size (self->damaged),
                             .replaces = self->component == NULL };
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->damaged);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    need.content += ((const OnwardTreeEntry *) key)->size;
  return need.n_entries == 0 || onward_staging_preflight_space (install, &need, error);
}

/**
 * onward_repair_plan:
 * @install: an install
 * @head: the beginning of the full pack of @version
 * @version: an installed version
 * @component: (nullable): the only component to look at, which is to be there from now on
 * @ret_ranges: (out) (transfer full): the bytes of the pack to fetch, its head not among them
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR; NO_SPACE; NOT_FOUND when @component is to be added to a
 *   version that is not here
 *
 * Compares every file of a version with its signed tree, and finds out what of the pack is needed
 * to put that right, and whether there is room for it. Components that are absent are not missing.
 * Blocking.
 *
 * Returns: FALSE on failure
 */
gboolean
onward_repair_plan (OnwardInstall *install, OnwardPackHead *head, const char *version,
                    const char *component, OnwardRanges **ret_ranges, GCancellable *cancellable,
                    GError **error)
{
  g_auto (Repair) self = { .component = component, .dirfd = -1, .cancellable = cancellable };
  g_autoptr (OnwardRanges) ranges = onward_ranges_new ();

  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (version != NULL, FALSE);
  g_return_val_if_fail (ret_ranges != NULL, FALSE);

  if (!examine (&self, install, onward_pack_head_get_tree (head), version, error))
    {
      prefix_error (&self, version, error);
      return FALSE;
    }
  for (guint i = 0; i < onward_tree_get_n_entries (self.tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self.tree, i);

      if (is_needed (&self, entry) && !plan_entry (head, entry, ranges, error))
        return FALSE;
    }
  if (!check_space (&self, install, ranges, error))
    return FALSE;

  *ret_ranges = g_steal_pointer (&ranges);
  return TRUE;
}

static gboolean
copy_from (Repair *self, int fd, const OnwardTreeEntry *entry, GError **error)
{
  g_auto (OnwardFd) owned = fd;

  return owned >= 0 && onward_stager_copy_file (self->stager, entry, owned, error);
}

/* Copies what lies elsewhere, and lists what the pack has to give. */
static gboolean
place_file (Repair *self, const OnwardTreeEntry *entry, GError **error)
{
  const OnwardTreeEntry *twin = g_hash_table_lookup (self->intact, &entry->digest);

  if (entry->size == 0)
    return onward_stager_make_empty_file (self->stager, entry, error);
  if (twin != NULL)
    return copy_from (self, onward_file_open_beneath (self->dirfd, twin->path, O_RDONLY, 0, error),
                      entry, error);
  if (g_hash_table_contains (self->firsts, &entry->digest))
    return TRUE;

  g_hash_table_insert (self->firsts, (gpointer) &entry->digest, (gpointer) entry);
  return onward_unpack_add (self->unpack, entry, error);
}

typedef gboolean (*ForEntry) (Repair *self, const OnwardTreeEntry *entry, GError **error);

/* Calls @func for each damaged entry, folders before what they hold. */
static gboolean
for_damaged (Repair *self, ForEntry func, GError **error)
{
  for (guint i = 0; i < onward_tree_get_n_entries (self->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->tree, i);

      if (!g_hash_table_contains (self->damaged, entry))
        continue;
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
          !func (self, entry, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
begin_entry (Repair *self, const OnwardTreeEntry *entry, GError **error)
{
  return entry->kind != ONWARD_ENTRY_FILE || onward_stager_is_done (self->stager, entry) ||
         place_file (self, entry, error);
}

/* Files whose content was unpacked for another one. */
static gboolean
copy_twin (Repair *self, const OnwardTreeEntry *entry, GError **error)
{
  const OnwardTreeEntry *first;

  if (entry->kind != ONWARD_ENTRY_FILE || onward_stager_is_done (self->stager, entry))
    return TRUE;

  first = g_hash_table_lookup (self->firsts, &entry->digest);
  g_assert (first != NULL && first != entry);
  return copy_from (self, onward_stager_open_file (self->stager, first, error), entry, error);
}

/* What lies in the way of an entry of another kind. What a folder holds may not be ours. */
static gboolean
clear_way (int parent, const char *name, const OnwardTreeEntry *entry, gboolean *ret_is_free,
           GError **error)
{
  gboolean wants_folder = entry->kind == ONWARD_ENTRY_DIRECTORY;
  struct stat info;

  *ret_is_free = fstatat (parent, name, &info, AT_SYMLINK_NOFOLLOW) < 0;
  if (*ret_is_free && errno != ENOENT)
    {
      onward_file_set_error (error, errno, "Examining", entry->path);
      return FALSE;
    }
  if (*ret_is_free || S_ISDIR (info.st_mode) == wants_folder)
    return TRUE;
  *ret_is_free = unlinkat (parent, name, wants_folder ? 0 : AT_REMOVEDIR) == 0;
  if (*ret_is_free)
    return TRUE;

  if (errno == ENOTEMPTY || errno == EEXIST)
    g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                 "Replacing “%s”: a folder that holds something is in its place; move it away",
                 entry->path);
  else
    onward_file_set_error (error, errno, "Replacing", entry->path);
  return FALSE;
}

static gboolean
put_folder (int parent, const char *name, const OnwardTreeEntry *entry, GError **error)
{
  g_auto (OnwardFd) fd = -1;

  fd = onward_file_open_dir (parent, name, error);
  if (fd < 0)
    return FALSE;
  if (fchmod (fd, entry->mode) == 0)
    return TRUE;

  onward_file_set_error (error, errno, "Making folder", entry->path);
  return FALSE;
}

static gboolean
put_built (Repair *self, int to, const OnwardTreeEntry *entry, GError **error)
{
  g_auto (OnwardFd) from = -1;
  const char *name = NULL;

  from =
      onward_file_open_parent (onward_stager_get_dirfd (self->stager), entry->path, &name, error);
  if (from < 0)
    return FALSE;
  if (renameat (from, name, to, name) == 0)
    return TRUE;

  onward_file_set_error (error, errno, "Putting in place", entry->path);
  return FALSE;
}

/* What is below a folder that is not there is not there either, so that it was built whole: it
 * comes in one step, and nobody ever sees a part of it. */
static gboolean
put_whole_folder (Repair *self, int to, const OnwardTreeEntry *entry, GError **error)
{
  if (!put_built (self, to, entry, error))
    return FALSE;

  g_free (self->placed);
  self->placed = g_strconcat (entry->path, "/", NULL);
  return TRUE;
}

/* A copy that runs keeps what it has open; whoever opens the file next gets the whole one. */
static gboolean
put_entry (Repair *self, const OnwardTreeEntry *entry, GError **error)
{
  g_auto (OnwardFd) to = -1;
  const char *name = NULL;
  gboolean is_free;

  if (self->placed != NULL && g_str_has_prefix (entry->path, self->placed))
    return TRUE;

  to = onward_file_open_parent (self->dirfd, entry->path, &name, error);
  if (to < 0 || !clear_way (to, name, entry, &is_free, error))
    return FALSE;
  if (entry->kind != ONWARD_ENTRY_DIRECTORY)
    return put_built (self, to, entry, error);
  if (is_free)
    return put_whole_folder (self, to, entry, error);
  return put_folder (to, name, entry, error);
}

static gboolean
build (Repair *self, int staging_dirfd, OnwardPackReader *reader, const char *version,
       GError **error)
{
  self->stager = onward_stager_new (staging_dirfd, version, self->tree, self->cancellable, error);
  if (self->stager == NULL)
    return FALSE;

  self->unpack = onward_unpack_new (reader, self->stager);
  return onward_stager_resume (self->stager, error) && for_damaged (self, begin_entry, error) &&
         onward_unpack_run (self->unpack, self->cancellable, error) &&
         for_damaged (self, copy_twin, error) && onward_stager_make_links (self->stager, error) &&
         onward_file_sync_system (staging_dirfd, "var/staging", error);
}

/* From here on it goes to its end: what was put in place is right, and the rest is soon. */
static gboolean
put_in_place (Repair *self, int staging_dirfd, const char *version, GError **error)
{
  self->cancellable = NULL;
  return for_damaged (self, put_entry, error) &&
         onward_file_sync_system (self->dirfd, version, error) &&
         onward_staging_folder_discard (staging_dirfd, staging_dirfd, version, NULL, error);
}

/* A version that came without a receipt, or whose receipt is damaged, gets one: every file of it
 * was just compared with the signed tree. One that has a component more now gets another: from then
 * on it counts. */
static gboolean
make_receipt (Repair *self, OnwardInstall *install, const char *version, GError **error)
{
  g_autoptr (OnwardTree) receipt = onward_install_load_receipt (install, version, NULL);
  g_autofree char *path = g_strconcat ("receipts/", version, NULL);
  g_autoptr (GBytes) bytes = onward_receipt_serialize (self->tree);
  int dirfd = onward_install_get_dirfd (install);

  if (receipt != NULL && onward_receipt_equal (receipt, self->tree))
    return TRUE;

  return onward_file_make_dir (dirfd, "receipts", error) &&
         onward_file_write (dirfd, path, bytes, 0644, error);
}

static gboolean
repair (Repair *self, OnwardInstall *install, OnwardPackReader *reader, const char *version,
        GError **error)
{
  OnwardTree *tree = onward_pack_head_get_tree (onward_pack_reader_get_head (reader));
  g_auto (OnwardFd) staging_dirfd = -1;

  if (!examine (self, install, tree, version, error))
    return FALSE;
  if (g_hash_table_size (self->damaged) == 0)
    return make_receipt (self, install, version, error);

  staging_dirfd = onward_staging_folder_open (install, error);
  if (staging_dirfd < 0 || !build (self, staging_dirfd, reader, version, error))
    return FALSE;
  if (self->dirfd < 0)
    return make_receipt (self, install, version, error) &&
           onward_staging_folder_publish (staging_dirfd, install, version, error);
  return put_in_place (self, staging_dirfd, version, error) &&
         make_receipt (self, install, version, error);
}

/**
 * onward_repair_run:
 * @install: an install
 * @reader: the full pack of @version, of which what onward_repair_plan() asked for was fetched
 * @version: an installed version
 * @component: (nullable): the only component to look at, which is to be there from now on
 * @ret_n_repaired: (out): how many files, folders and links were put in place
 * @cancellable: (nullable): stops before the first of them is put in place
 * @error: where to put ONWARD_ERROR; CORRUPT when the pack does not give what it should, BUSY when
 *   another updater works
 *
 * Makes a version what its signed tree says. Everything is built beside it, verified and synced,
 * then put in place by one rename each: cut off in between, the next repair has less to do. A
 * version without a receipt gets one. What the tree does not list stays as it is. A @component that
 * was absent is named by the receipt when all of it is there: cut off before, it is taken away by
 * the next onward_switch_prune(). Blocking.
 *
 * Returns: whether the version is whole
 */
gboolean
onward_repair_run (OnwardInstall *install, OnwardPackReader *reader, const char *version,
                   const char *component, guint *ret_n_repaired, GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (OnwardInstallLock) lock = NULL;
  g_auto (Repair) self = { .component = component, .dirfd = -1, .cancellable = cancellable };

  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (reader != NULL, FALSE);
  g_return_val_if_fail (version != NULL, FALSE);
  g_return_val_if_fail (ret_n_repaired != NULL, FALSE);

  lock = onward_install_acquire (install, error);
  if (lock == NULL)
    return FALSE;

  if (!repair (&self, install, reader, version, error))
    {
      prefix_error (&self, version, error);
      return FALSE;
    }

  *ret_n_repaired = g_hash_table_size (self.damaged);
  return TRUE;
}
