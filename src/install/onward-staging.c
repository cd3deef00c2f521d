/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "onward-content-ahead.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-keep.h"
#include "onward-receipt.h"
#include "onward-shelf.h"
#include "onward-stager.h"
#include "onward-staging-folder.h"
#include "onward-staging.h"
#include "onward-unpack.h"
#include "onward-verify.h"

/* Up to this size old content that a delta starts from is read, beyond it is mapped. */
#define MAX_READ_REFERENCE (8 * 1024 * 1024)

/* A build of one tree. */
typedef struct
{
  OnwardInstall *install;
  OnwardPackReader *reader;
  OnwardTree *tree;
  GPtrArray *steps; /* (nullable) */
  const char *version;
  OnwardStagingWatch watch;
  GCancellable *cancellable; /* (nullable) */

  OnwardContent *content;    /* (owned) */
  OnwardShelf *shelf;        /* (owned) (nullable) */
  OnwardStager *stager;      /* (owned) */
  OnwardUnpack *unpack;      /* (owned) */
  OnwardContentAhead *ahead; /* (owned) (nullable): of what may be in the current version */
  GHashTable *firsts;        /* (owned): digest → the OnwardTreeEntry that is unpacked for all */
} Build;

static void
build_clear (Build *self)
{
  onward_pack_reader_set_source (self->reader, NULL, NULL);
  onward_pack_reader_set_scratch (self->reader, -1);
  g_clear_pointer (&self->ahead, onward_content_ahead_free);
  g_clear_pointer (&self->unpack, onward_unpack_free);
  g_clear_pointer (&self->stager, onward_stager_free);
  g_clear_pointer (&self->shelf, onward_shelf_free);
  g_clear_pointer (&self->content, onward_content_free);
  g_clear_pointer (&self->firsts, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Build, build_clear)

/* Links or copies the file, the next that is opened ahead, from the current version. FALSE without
 * an error when its content there is damaged, so that it has to come from the pack. */
static gboolean
reuse_file (Build *self, const OnwardTreeEntry *entry, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_auto (OnwardFd) fd = onward_content_ahead_take (self->ahead, &failure);

  if (fd < 0)
    {
      if (!g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_CORRUPT))
        g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }

  if (onward_stager_link_file (self->stager, entry, fd, &failure))
    return TRUE;
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return onward_stager_copy_file (self->stager, entry, fd, error);
}

/* Content that several files have is unpacked once; the others are copied from the first. */
static gboolean
want_from_pack (Build *self, const OnwardTreeEntry *entry, GError **error)
{
  if (g_hash_table_contains (self->firsts, &entry->digest))
    return TRUE;
  if (!onward_unpack_add (self->unpack, entry, error))
    return FALSE;

  g_hash_table_insert (self->firsts, (gpointer) &entry->digest, (gpointer) entry);
  return TRUE;
}

static gboolean
may_be_here (Build *self, const OnwardTreeEntry *entry)
{
  return onward_content_lookup (self->content, &entry->digest, entry->size) != NULL;
}

/* Makes the file, lists it as one that may be here, or as one that the pack has to give. */
static gboolean
place_file (Build *self, const OnwardTreeEntry *entry, GPtrArray *here, GError **error)
{
  if (entry->size == 0)
    return onward_stager_make_empty_file (self->stager, entry, error);
  if (!may_be_here (self, entry))
    return want_from_pack (self, entry, error);

  g_ptr_array_add (here, (gpointer) entry);
  return TRUE;
}

/* @here: files that may be in the current version. */
static gboolean
reuse_files (Build *self, GPtrArray *here, GError **error)
{
  self->ahead = onward_content_ahead_new (self->content, here, self->cancellable);
  for (guint i = 0; i < here->len; i++)
    {
      const OnwardTreeEntry *entry = g_ptr_array_index (here, i);
      g_autoptr (GError) failure = NULL;

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      if (reuse_file (self, entry, &failure))
        continue;
      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      if (!want_from_pack (self, entry, error))
        return FALSE;
    }

  return TRUE;
}

/* Does what needs no pack, and lists what does. */
static gboolean
place_files (Build *self, GError **error)
{
  g_autoptr (GPtrArray) here = g_ptr_array_new ();

  for (guint i = 0; i < onward_tree_get_n_entries (self->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->tree, i);

      if (entry->kind != ONWARD_ENTRY_FILE || onward_stager_is_done (self->stager, entry))
        continue;
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
          !place_file (self, entry, here, error))
        return FALSE;
    }

  return reuse_files (self, here, error);
}

/* Files whose content was unpacked for another one. */
static gboolean
copy_twins (Build *self, GError **error)
{
  for (guint i = 0; i < onward_tree_get_n_entries (self->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->tree, i);
      const OnwardTreeEntry *first;
      g_auto (OnwardFd) fd = -1;

      if (entry->kind != ONWARD_ENTRY_FILE || onward_stager_is_done (self->stager, entry))
        continue;

      first = g_hash_table_lookup (self->firsts, &entry->digest);
      g_assert (first != NULL && first != entry);
      fd = onward_stager_open_file (self->stager, first, error);
      if (fd < 0 || !onward_stager_copy_file (self->stager, entry, fd, error))
        return FALSE;
    }

  return TRUE;
}

static GBytes *
bytes_of_fd (int fd, guint64 size, GError **error)
{
  g_autoptr (GMappedFile) mapped = NULL;
  g_autofree guint8 *data = NULL;
  gsize used = 0;

  if (size > MAX_READ_REFERENCE)
    {
      mapped = g_mapped_file_new_from_fd (fd, FALSE, error);
      return mapped != NULL ? g_mapped_file_get_bytes (mapped) : NULL;
    }

  data = g_malloc (MAX (size, 1));
  while (used < size)
    {
      gssize n = TEMP_FAILURE_RETRY (pread (fd, data + used, size - used, (off_t) used));

      if (n <= 0)
        {
          onward_file_set_error (error, n < 0 ? errno : ENODATA, "Reading", "old content");
          return NULL;
        }
      used += (gsize) n;
    }
  return g_bytes_new_take (g_steal_pointer (&data), used);
}

/* An OnwardReferenceSource. */
static GBytes *
get_reference (const OnwardDigest *digest, guint64 size, gpointer user_data, GError **error)
{
  Build *self = user_data;
  g_auto (OnwardFd) fd =
      onward_content_open (self->content, digest, size, self->cancellable, error);

  return fd >= 0 ? bytes_of_fd (fd, size, error) : NULL;
}

static gboolean
check_shape (Build *self, const char *const *keep, GError **error)
{
  g_autoptr (OnwardDifferences) differences =
      onward_verify_folder (onward_stager_get_dirfd (self->stager), self->tree, keep,
                            ONWARD_VERIFY_SHAPE, self->cancellable, error);
  const GPtrArray *wrong;

  if (differences == NULL)
    return FALSE;

  wrong = differences->changed->len > 0   ? differences->changed
          : differences->missing->len > 0 ? differences->missing
                                          : differences->extra;
  if (wrong->len == 0)
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
               "“%s” is not as the release says after unpacking",
               (const char *) g_ptr_array_index (wrong, 0));
  return FALSE;
}

/* A damaged copy of this very version may hold files of the user's. */
static gboolean
keep_from_replaced (Build *self, const char *const *keep, GError **error)
{
  g_auto (OnwardFd) old = -1;
  g_autoptr (OnwardTree) old_tree = NULL;

  if (!onward_install_find_version (self->install, self->version, &old, error))
    return FALSE;
  if (old < 0)
    return TRUE;

  old_tree = onward_install_load_receipt (self->install, self->version, NULL);
  return onward_keep_copy (keep, old, old_tree, onward_stager_get_dirfd (self->stager), self->tree,
                           self->cancellable, error);
}

/* Everything is on the disk before the receipt, and the receipt before the folder has its name: a
 * version with a receipt is complete. */
static gboolean
publish (Build *self, int staging_dirfd, GError **error)
{
  g_autofree char *receipt = g_strconcat ("receipts/", self->version, NULL);
  g_auto (GStrv) keep = onward_keep_load (self->install, error);
  g_autoptr (GBytes) bytes = onward_receipt_serialize (self->tree);
  int dirfd = onward_install_get_dirfd (self->install);

  if (keep == NULL || !check_shape (self, NULL, error) ||
      !keep_from_replaced (self, (const char *const *) keep, error) ||
      !onward_file_sync_system (staging_dirfd, "var/staging", error))
    return FALSE;
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;

  return onward_install_clear_folder (dirfd, receipt, error) &&
         onward_file_write (dirfd, receipt, bytes, 0644, error) &&
         onward_staging_folder_publish (staging_dirfd, self->install, self->version, error);
}

/* Whether the version stands there already, byte for byte. */
static gboolean
is_installed (Build *self)
{
  g_autoptr (OnwardTree) receipt = onward_install_load_receipt (self->install, self->version, NULL);
  g_autoptr (OnwardDifferences) differences = NULL;

  if (receipt == NULL || !onward_receipt_equal (receipt, self->tree))
    return FALSE;

  differences = onward_verify_version (self->install, self->version, NULL, self->cancellable, NULL);
  return differences != NULL && differences->changed->len == 0 && differences->missing->len == 0;
}

/* What the version is made from, and nobody here has. */
static gboolean
fill_shelf (Build *self, int staging_dirfd, GError **error)
{
  if (self->steps == NULL || self->steps->len == 0)
    return TRUE;

  self->shelf = onward_shelf_new (staging_dirfd, self->steps, self->cancellable, error);
  if (self->shelf == NULL)
    return FALSE;

  onward_content_add (self->content, onward_shelf_get_tree (self->shelf),
                      onward_shelf_get_dirfd (self->shelf));
  return onward_shelf_fill (self->shelf, get_reference, self, error);
}

static gboolean
prepare (Build *self, int staging_dirfd, GError **error)
{
  self->content = onward_content_new (self->install, error);
  if (self->content == NULL || !fill_shelf (self, staging_dirfd, error))
    return FALSE;
  self->stager =
      onward_stager_new (staging_dirfd, self->version, self->tree, self->cancellable, error);
  if (self->stager == NULL)
    return FALSE;

  self->unpack = onward_unpack_new (self->reader, self->stager);
  self->firsts = g_hash_table_new (onward_digest_hash, onward_digest_equal);
  onward_pack_reader_set_source (self->reader, get_reference, self);
  onward_pack_reader_set_scratch (self->reader, staging_dirfd);
  return TRUE;
}

static gboolean
fill (Build *self, GError **error)
{
  onward_stager_set_progress (self->stager, self->watch.progress, self->watch.user_data);

  return onward_stager_resume (self->stager, error) && place_files (self, error) &&
         onward_unpack_run (self->unpack, self->cancellable, error) && copy_twins (self, error) &&
         onward_stager_make_links (self->stager, error);
}

static gboolean
confirm (Build *self, GError **error)
{
  return self->watch.confirm == NULL ||
         self->watch.confirm (self->watch.user_data, self->cancellable, error);
}

static gboolean
run (Build *self, GError **error)
{
  g_auto (OnwardFd) staging_dirfd = -1;
  guint n_files = onward_tree_get_n_files (self->tree);

  if (is_installed (self))
    {
      if (self->watch.progress != NULL)
        self->watch.progress (n_files, n_files, self->watch.user_data);
      return confirm (self, error);
    }
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;

  staging_dirfd = onward_staging_folder_open (self->install, error);
  return staging_dirfd >= 0 &&
         onward_staging_folder_clear (staging_dirfd, self->version, self->cancellable, error) &&
         prepare (self, staging_dirfd, error) && fill (self, error) && confirm (self, error) &&
         publish (self, staging_dirfd, error) &&
         onward_staging_folder_discard (staging_dirfd, staging_dirfd, ONWARD_SHELF_NAME, NULL,
                                        error);
}

/* Whether it is for files of the current version that something could not be made; all of them are
 * told at once. */
static gboolean
find_damage (Build *self, const GError *failure, GHashTable **ret_damaged)
{
  g_autoptr (GHashTable) damaged = NULL;

  if (!g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_CORRUPT) &&
      !g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_MALFORMED))
    return FALSE;

  damaged = onward_staging_damage_find (self->install, TRUE, self->cancellable, NULL);
  if (damaged == NULL || g_hash_table_size (damaged) == 0)
    return FALSE;

  if (ret_damaged != NULL)
    *ret_damaged = g_steal_pointer (&damaged);
  return TRUE;
}

static void
fail (Build *self, GError *failure, GHashTable **ret_damaged, GError **error)
{
  if (find_damage (self, failure, ret_damaged))
    failure->code = ONWARD_ERROR_CORRUPT;
  g_propagate_prefixed_error (error, failure, "Staging %s: ", self->version);
}

/**
 * onward_staging_build:
 * @install: an install
 * @reader: the pack, of which what onward_staging_plan() asked for was fetched, or is on its way
 * @steps: (nullable) (element-type OnwardStagingStep): what is made before, in order, since the
 *   version is made from it
 * @version: the name of the version
 * @watch: (nullable): who watches; copied
 * @ret_damaged: (out) (optional) (transfer full) (nullable) (element-type OnwardDigest): set with
 *   CORRUPT when files of the current version are damaged: what they should hold
 * @cancellable: (nullable): stops in the middle; what is complete is kept for the next call
 * @error: where to put ONWARD_ERROR; CORRUPT when bytes differ from their digest, BUSY when another
 *   updater works
 *
 * Builds the tree of a pack in var/staging and, complete and synced, makes it versions/@version.
 * Nothing outside var/staging, receipts/@version and versions/@version is written; no version in
 * between ever stands. A version that stands there already is checked, and built again only when it
 * is not what the tree says. Blocking.
 *
 * Returns: whether versions/@version is complete and on the disk
 */
gboolean
onward_staging_build (OnwardInstall *install, OnwardPackReader *reader, GPtrArray *steps,
                      const char *version, const OnwardStagingWatch *watch,
                      GHashTable **ret_damaged, GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardInstallLock) lock = NULL;
  g_auto (Build) build = { .install = install, .reader = reader, .version = version };
  GError *failure = NULL;

  g_return_val_if_fail (install != NULL, FALSE);
  g_return_val_if_fail (reader != NULL, FALSE);
  g_return_val_if_fail (version != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!onward_install_is_version (version))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "“%s” is not a version", version);
      return FALSE;
    }
  lock = onward_install_acquire (install, error);
  if (lock == NULL)
    return FALSE;

  build.tree = onward_pack_head_get_tree (onward_pack_reader_get_head (reader));
  build.steps = steps;
  build.cancellable = cancellable;
  if (watch != NULL)
    build.watch = *watch;
  if (run (&build, &failure))
    return TRUE;

  fail (&build, failure, ret_damaged, error);
  return FALSE;
}
