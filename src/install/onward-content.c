/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-content.h"
#include "onward-error.h"
#include "onward-file.h"

/* A folder and what it should hold. */
typedef struct
{
  OnwardTree *tree;     /* (owned) */
  int dirfd;            /* (owned) */
  GPtrArray *by_digest; /* (owned): files of the tree; equal contents as the tree has them */
} Layer;

struct _OnwardContent
{
  GArray *layers; /* (owned): of Layer: the current version, when there is one, and others */
};

static void
layer_clear (gpointer data)
{
  Layer *layer = data;

  g_ptr_array_unref (layer->by_digest);
  onward_tree_unref (layer->tree);
  onward_fd_close (layer->dirfd);
}

static int
compare_digests (gconstpointer a, gconstpointer b)
{
  const OnwardTreeEntry *left = *(const OnwardTreeEntry *const *) a;
  const OnwardTreeEntry *right = *(const OnwardTreeEntry *const *) b;

  return memcmp (&left->digest, &right->digest, sizeof left->digest);
}

/* The file at @index when that has the digest. */
static const OnwardTreeEntry *
get_match (const Layer *layer, guint index, const OnwardDigest *digest)
{
  const OnwardTreeEntry *entry =
      index < layer->by_digest->len ? g_ptr_array_index (layer->by_digest, index) : NULL;

  return entry != NULL && onward_digest_equal (&entry->digest, digest) ? entry : NULL;
}

/* Where the files with this digest begin, if there are any. */
static guint
find_first (const Layer *layer, const OnwardDigest *digest)
{
  guint low = 0, high = layer->by_digest->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const OnwardTreeEntry *entry = g_ptr_array_index (layer->by_digest, middle);

      if (memcmp (&entry->digest, digest, sizeof *digest) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* Takes both over. */
static void
add_layer (OnwardContent *self, OnwardTree *tree, int dirfd)
{
  Layer layer = { .tree = tree, .dirfd = dirfd };

  layer.by_digest = g_ptr_array_sized_new (onward_tree_get_n_files (tree));
  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);

      if (entry->kind == ONWARD_ENTRY_FILE)
        g_ptr_array_add (layer.by_digest, (gpointer) entry);
    }
  g_ptr_array_sort (layer.by_digest, compare_digests);
  g_array_append_val (self->layers, layer);
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
  OnwardContent *self;
  g_autofree char *current = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  g_auto (OnwardFd) dirfd = -1;

  g_return_val_if_fail (install != NULL, NULL);

  self = g_new0 (OnwardContent, 1);
  self->layers = g_array_new (FALSE, FALSE, sizeof (Layer));
  g_array_set_clear_func (self->layers, layer_clear);

  current = onward_install_dup_current (install, NULL);
  if (current != NULL)
    dirfd = onward_install_open_version (install, current, NULL);
  if (dirfd >= 0)
    tree = onward_install_load_receipt (install, current, NULL);
  if (tree != NULL)
    add_layer (self, g_steal_pointer (&tree), g_steal_fd (&dirfd));
  return self;
}

/**
 * onward_content_add:
 * @self: a content
 * @tree: what will be in the folder
 * @dirfd: the folder; a descriptor of its own is taken
 *
 * Lets files that are made on the way be found, once they are there.
 */
void
onward_content_add (OnwardContent *self, OnwardTree *tree, int dirfd)
{
  int fd = fcntl (dirfd, F_DUPFD_CLOEXEC, 0);

  g_return_if_fail (self != NULL);

  if (fd >= 0)
    add_layer (self, onward_tree_ref (tree), fd);
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

  g_array_unref (self->layers);
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
  g_return_val_if_fail (self != NULL, NULL);

  for (guint i = 0; i < self->layers->len; i++)
    {
      const Layer *layer = &g_array_index (self->layers, Layer, i);
      const OnwardTreeEntry *entry = get_match (layer, find_first (layer, digest), digest);

      if (entry != NULL && entry->size == size)
        return entry;
    }
  return NULL;
}

/* A descriptor of the file when it is there with its size, else -1. */
static int
open_shape (const Layer *layer, const OnwardTreeEntry *entry)
{
  g_auto (OnwardFd) fd = -1;
  struct stat info;

  fd = onward_file_open_beneath (layer->dirfd, entry->path, O_RDONLY | O_NONBLOCK, 0, NULL);
  if (fd < 0 || fstat (fd, &info) < 0 || !S_ISREG (info.st_mode) ||
      (guint64) info.st_size != entry->size)
    return -1;
  return g_steal_fd (&fd);
}

/* A descriptor of the file when its content is what the receipt says, else -1. */
static int
open_entry (const Layer *layer, const OnwardTreeEntry *entry, GCancellable *cancellable)
{
  g_auto (OnwardFd) fd = open_shape (layer, entry);
  OnwardDigest digest;
  guint64 size = 0;

  if (fd < 0 || !onward_digest_of_fd (fd, &size, &digest, cancellable, NULL) ||
      size != entry->size || !onward_digest_equal (&digest, &entry->digest))
    return -1;
  return g_steal_fd (&fd);
}

/* The first of the files that is as it should be, open; or -1. */
static int
open_any (const Layer *layer, const OnwardDigest *digest, guint64 size, gboolean hashes,
          GCancellable *cancellable)
{
  const OnwardTreeEntry *entry;

  for (guint i = find_first (layer, digest); (entry = get_match (layer, i, digest)) != NULL; i++)
    {
      int fd = -1;

      if (entry->size == size)
        fd = hashes ? open_entry (layer, entry, cancellable) : open_shape (layer, entry);
      if (fd >= 0)
        return fd;
    }
  return -1;
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
  g_autofree char *hex = NULL;

  for (guint i = 0; i < self->layers->len; i++)
    {
      int fd = open_any (&g_array_index (self->layers, Layer, i), digest, size, TRUE, cancellable);

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

/**
 * onward_content_list_damaged:
 * @self: a content, to which nothing was added
 * @hashes: whether to hash every file, or only to look whether it is there with its size
 * @cancellable: (nullable): stops in the middle
 * @error: where to put ONWARD_ERROR
 *
 * Finds the contents that the current version should have and no file of it has. Blocking.
 *
 * Returns: (transfer full) (element-type OnwardDigest): a set, empty when all is well
 */
GHashTable *
onward_content_list_damaged (OnwardContent *self, gboolean hashes, GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (GHashTable) damaged =
      g_hash_table_new_full (onward_digest_hash, onward_digest_equal, g_free, NULL);
  const Layer *current = self->layers->len > 0 ? &g_array_index (self->layers, Layer, 0) : NULL;

  for (guint i = 0; current != NULL && i < current->by_digest->len; i++)
    {
      const OnwardTreeEntry *entry = g_ptr_array_index (current->by_digest, i);
      g_auto (OnwardFd) fd = -1;

      if (i > 0 && get_match (current, i - 1, &entry->digest) != NULL)
        continue;
      fd = open_any (current, &entry->digest, entry->size, hashes, cancellable);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (fd < 0)
        g_hash_table_add (damaged, onward_digest_copy (&entry->digest));
    }
  return g_steal_pointer (&damaged);
}
