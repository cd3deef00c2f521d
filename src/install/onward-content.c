/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-content.h"
#include "onward-error.h"
#include "onward-file.h"

struct _OnwardContent
{
  OnwardTree *tree;      /* (owned) (nullable): NULL when there is no current version */
  int dirfd;             /* (owned): its folder, or -1 */
  GHashTable *by_digest; /* (owned): OnwardDigest * in the tree → GPtrArray of OnwardTreeEntry */
};

static void
add_entry (OnwardContent *self, const OnwardTreeEntry *entry)
{
  GPtrArray *entries = g_hash_table_lookup (self->by_digest, &entry->digest);

  if (entries == NULL)
    {
      entries = g_ptr_array_new ();
      g_hash_table_insert (self->by_digest, (gpointer) &entry->digest, entries);
    }
  g_ptr_array_add (entries, (gpointer) entry);
}

static void
index_tree (OnwardContent *self)
{
  for (guint i = 0; i < onward_tree_get_n_entries (self->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->tree, i);

      if (entry->kind == ONWARD_ENTRY_FILE)
        add_entry (self, entry);
    }
}

static void
free_entries (gpointer data)
{
  g_ptr_array_unref (data);
}

/**
 * onward_content_new:
 * @install: an install
 * @error: where to put ONWARD_ERROR
 *
 * Reads the receipt of the current version. Without a current version, without its folder or
 * without a receipt that can be used there is simply no content: all of it comes from the pack.
 *
 * Returns: (transfer full) (nullable): the content
 */
OnwardContent *
onward_content_new (OnwardInstall *install, GError **error)
{
  g_autoptr (OnwardContent) self = NULL;
  g_autofree char *current = NULL;

  g_return_val_if_fail (install != NULL, NULL);

  self = g_new0 (OnwardContent, 1);
  self->dirfd = -1;
  self->by_digest =
      g_hash_table_new_full (onward_digest_hash, onward_digest_equal, NULL, free_entries);

  current = onward_install_dup_current (install, NULL);
  if (current != NULL)
    self->dirfd = onward_install_open_version (install, current, NULL);
  if (self->dirfd >= 0)
    self->tree = onward_install_load_receipt (install, current, NULL);
  if (self->tree != NULL)
    index_tree (self);

  return g_steal_pointer (&self);
}

/**
 * onward_content_free:
 * @self: (transfer full): a content
 *
 * Frees @self.
 */
void
onward_content_free (OnwardContent *self)
{
  g_return_if_fail (self != NULL);

  g_hash_table_unref (self->by_digest);
  g_clear_pointer (&self->tree, onward_tree_unref);
  if (self->dirfd >= 0)
    onward_fd_close (self->dirfd);
  g_free (self);
}

/**
 * onward_content_lookup:
 * @self: a content
 * @digest: the digest looked for
 * @size: its size in bytes
 *
 * Returns: (transfer none) (nullable): an entry of the current version that has it, by receipt
 */
const OnwardTreeEntry *
onward_content_lookup (OnwardContent *self, const OnwardDigest *digest, guint64 size)
{
  const GPtrArray *entries;
  const OnwardTreeEntry *entry;

  g_return_val_if_fail (self != NULL, NULL);

  entries = g_hash_table_lookup (self->by_digest, digest);
  if (entries == NULL)
    return NULL;

  entry = g_ptr_array_index (entries, 0);
  return entry->size == size ? entry : NULL;
}

/* A descriptor of the file when its content is what the receipt says, else -1. */
static int
open_entry (const OnwardContent *self, const OnwardTreeEntry *entry, GCancellable *cancellable)
{
  g_auto (OnwardFd) fd = -1;
  OnwardDigest digest;
  guint64 size = 0;
  struct stat info;
  int intact;

  fd = onward_file_open_beneath (self->dirfd, entry->path, O_RDONLY | O_NONBLOCK, 0, NULL);
  if (fd < 0 || fstat (fd, &info) < 0 || !S_ISREG (info.st_mode) ||
      (guint64) info.st_size != entry->size ||
      !onward_digest_of_fd (fd, &size, &digest, cancellable, NULL) || size != entry->size ||
      !onward_digest_equal (&digest, &entry->digest))
    return -1;

  intact = fd;
  fd = -1;
  return intact;
}

/**
 * onward_content_open:
 * @self: a content
 * @digest: the digest wanted
 * @size: its size in bytes
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR; CORRUPT when no file has this content any more
 *
 * Opens a file of the current version after hashing it. Blocking.
 *
 * Returns: an owned descriptor open for reading, or -1
 */
int
onward_content_open (OnwardContent *self, const OnwardDigest *digest, guint64 size,
                     GCancellable *cancellable, GError **error)
{
  const OnwardTreeEntry *first = onward_content_lookup (self, digest, size);
  const GPtrArray *entries = g_hash_table_lookup (self->by_digest, digest);
  g_autofree char *hex = NULL;

  for (guint i = 0; first != NULL && i < entries->len; i++)
    {
      int fd = open_entry (self, g_ptr_array_index (entries, i), cancellable);

      if (fd >= 0)
        return fd;
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return -1;
    }

  hex = onward_digest_to_string (digest);
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
               "Reusing “%s”: the installed version no longer holds this content (%s)",
               first != NULL ? first->path : "?", hex);
  return -1;
}
