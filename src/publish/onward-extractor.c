/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "onward-error.h"
#include "onward-extractor.h"
#include "onward-file.h"
#include "onward-hasher.h"
#include "onward-pack-reader.h"
#include "onward-sparse.h"

/* The files that one frame fills, in the order of their offsets. */
typedef struct
{
  int dirfd;
  GPtrArray *entries; /* (owned): OnwardTreeEntry, borrowed */
  guint next;
  OnwardFd fd;
  guint64 written;
  OnwardHasher *hasher; /* (owned) */
} Filling;

static int
compare_offsets (gconstpointer a, gconstpointer b)
{
  const OnwardTreeEntry *left = *(const OnwardTreeEntry *const *) a;
  const OnwardTreeEntry *right = *(const OnwardTreeEntry *const *) b;

  return left->offset < right->offset ? -1 : left->offset > right->offset ? 1 : 0;
}

static gboolean
finish_file (const OnwardTreeEntry *entry, Filling *filling, GError **error)
{
  OnwardDigest digest;

  onward_hasher_finish (filling->hasher, &digest);
  onward_fd_close (filling->fd);
  filling->fd = -1;
  filling->written = 0;
  filling->next++;
  if (onward_digest_equal (&digest, &entry->digest))
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
               "Extracting “%s”: its content is not what the tree promises", entry->path);
  return FALSE;
}

static gboolean
write_piece (const OnwardTreeEntry *entry, Filling *filling, const guint8 *data, gsize size,
             GError **error)
{
  if (filling->fd < 0)
    {
      filling->fd = onward_file_open_beneath (filling->dirfd, entry->path,
                                              O_WRONLY | O_CREAT | O_EXCL, entry->mode, error);
      if (filling->fd < 0)
        return FALSE;
      if (fchmod (filling->fd, entry->mode) != 0)
        {
          onward_file_set_error (error, errno, "Making", entry->path);
          return FALSE;
        }
    }

  if (!onward_sparse_write (filling->fd, data, size, error))
    {
      g_prefix_error (error, "Writing “%s”: ", entry->path);
      return FALSE;
    }

  onward_hasher_update (filling->hasher, data, size);
  filling->written += size;
  return filling->written < entry->size || finish_file (entry, filling, error);
}

/* Hands a piece of the frame to the files it belongs to; what belongs to none is passed over. */
static gboolean
fill (guint64 offset, gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  Filling *filling = user_data;
  guint64 end = offset + size;

  while (filling->next < filling->entries->len)
    {
      const OnwardTreeEntry *entry = g_ptr_array_index (filling->entries, filling->next);
      guint64 at = entry->offset + filling->written;
      gsize length = (gsize) MIN (entry->size - filling->written, end - MIN (at, end));

      if (at < offset)
        {
          g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
                       "Extracting “%s”: its content overlaps that of another file", entry->path);
          return FALSE;
        }
      if (length == 0)
        return TRUE;
      if (!write_piece (entry, filling, (const guint8 *) data + (at - offset), length, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
extract_frame (OnwardPackReader *reader, guint frame, GPtrArray *entries, int dirfd,
               GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardHasher) hasher = onward_hasher_new ();
  Filling filling = { .dirfd = dirfd, .entries = entries, .fd = -1, .hasher = hasher };
  gboolean done;

  g_ptr_array_sort (entries, compare_offsets);
  done = onward_pack_reader_read_frame (reader, frame, fill, &filling, cancellable, error);
  if (filling.fd >= 0)
    onward_fd_close (filling.fd);
  if (!done || filling.next == entries->len)
    return done;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT, "Extracting “%s”: the frame is too short",
               ((const OnwardTreeEntry *) g_ptr_array_index (entries, filling.next))->path);
  return FALSE;
}

/* Modes are the tree's, whatever the umask of the publisher. */
static gboolean
try_entry (const OnwardTreeEntry *entry, int dirfd)
{
  g_auto (OnwardFd) fd = -1;

  switch (entry->kind)
    {
    case ONWARD_ENTRY_DIRECTORY:
      return mkdirat (dirfd, entry->path, entry->mode) == 0 &&
             fchmodat (dirfd, entry->path, entry->mode, 0) == 0;
    case ONWARD_ENTRY_SYMLINK:
      return symlinkat (entry->link_target, dirfd, entry->path) == 0;
    case ONWARD_ENTRY_FILE:
      if (entry->size > 0)
        return TRUE;
      fd = TEMP_FAILURE_RETRY (
          openat (dirfd, entry->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, entry->mode));
      return fd >= 0 && fchmod (fd, entry->mode) == 0;
    }

  g_return_val_if_reached (FALSE);
}

static gboolean
make_entry (const OnwardTreeEntry *entry, int dirfd, GError **error)
{
  if (try_entry (entry, dirfd))
    return TRUE;

  onward_file_set_error (error, errno, "Making", entry->path);
  return FALSE;
}

/* Two files with the same content share one place in the frame: the second is filled by a second
 * reading. */
static void
sort_into_rounds (OnwardTree *tree, GPtrArray *rounds, guint n_frames)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);
      g_autofree char *place = NULL;
      guint round;
      GPtrArray *frames;

      if (entry->kind != ONWARD_ENTRY_FILE || entry->size == 0)
        continue;

      place = g_strdup_printf ("%u:%" G_GUINT64_FORMAT, entry->frame, entry->offset);
      round = GPOINTER_TO_UINT (g_hash_table_lookup (seen, place));
      g_hash_table_replace (seen, g_steal_pointer (&place), GUINT_TO_POINTER (round + 1));

      if (round == rounds->len)
        {
          frames = g_ptr_array_new_full (n_frames, (GDestroyNotify) g_ptr_array_unref);
          for (guint frame = 0; frame < n_frames; frame++)
            g_ptr_array_add (frames, g_ptr_array_new ());
          g_ptr_array_add (rounds, frames);
        }
      frames = g_ptr_array_index (rounds, round);
      g_ptr_array_add (g_ptr_array_index (frames, entry->frame), (gpointer) entry);
    }
}

/* The document is signed, and so is the tree that it names; the pack itself is not. */
static gboolean
check_tree (OnwardPackHead *head, OnwardReleaseDocument *document, GError **error)
{
  if (onward_digest_equal (onward_tree_get_digest (onward_pack_head_get_tree (head)),
                           onward_release_document_get_tree_digest (document)))
    return TRUE;

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
                       "it holds another tree than the release document names");
  return FALSE;
}

static OnwardPackReader *
open_full_pack (OnwardRepository *repository, OnwardReleaseDocument *document, GError **error)
{
  OnwardPackInfo *pack = onward_release_document_get_full_pack (document);
  g_autofree char *name = onward_pack_info_dup_file_name (pack);
  g_autofree char *path = g_build_filename ("packs", name, NULL);
  g_autoptr (OnwardPackHead) head = NULL;
  g_auto (OnwardFd) fd = -1;

  fd =
      onward_file_open_beneath (onward_repository_get_dirfd (repository), path, O_RDONLY, 0, error);
  if (fd < 0)
    return NULL;

  head = onward_pack_head_read (fd, pack, NULL, error);
  if (head == NULL || !check_tree (head, document, error))
    {
      g_prefix_error (error, "Reading “%s”: ", path);
      return NULL;
    }
  return onward_pack_reader_new (g_steal_fd (&fd), head);
}

/**
 * onward_extractor_read_tree:
 * @repository: a repository
 * @document: a verified release document
 * @error: return location
 *
 * Returns: (transfer full): the release's tree, from the head of its full pack
 */
OnwardTree *
onward_extractor_read_tree (OnwardRepository *repository, OnwardReleaseDocument *document,
                            GError **error)
{
  g_autoptr (OnwardPackReader) reader = open_full_pack (repository, document, error);

  if (reader == NULL)
    return NULL;
  return onward_tree_ref (onward_pack_head_get_tree (onward_pack_reader_get_head (reader)));
}

/**
 * onward_extractor_run:
 * @repository: a repository
 * @document: a verified release document
 * @without: (nullable): the components to leave out
 * @dirfd: an empty folder
 * @cancellable: (nullable): a cancellable
 * @error: return location
 *
 * Writes the files of a release, checking the digest of each. A pack that is not there is
 * NOT_FOUND, one that is not what was signed is CORRUPT or MALFORMED. Memory is bounded by a
 * frame's window.
 *
 * Returns: (transfer full): the release's tree, without what was left out
 */
OnwardTree *
onward_extractor_run (OnwardRepository *repository, OnwardReleaseDocument *document,
                      const char *const *without, int dirfd, GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (OnwardPackReader) reader = open_full_pack (repository, document, error);
  g_autoptr (GPtrArray) rounds =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  const char *const nothing[] = { NULL };
  g_autoptr (OnwardTree) tree = NULL;
  OnwardPackHead *head;

  if (reader == NULL)
    return NULL;

  head = onward_pack_reader_get_head (reader);
  tree =
      onward_tree_leave_out (onward_pack_head_get_tree (head), without != NULL ? without : nothing);
  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      if (!make_entry (onward_tree_get_entry (tree, i), dirfd, error))
        return NULL;
    }

  sort_into_rounds (tree, rounds, onward_pack_head_get_n_frames (head));
  for (guint round = 0; round < rounds->len; round++)
    {
      GPtrArray *frames = g_ptr_array_index (rounds, round);

      for (guint frame = 0; frame < frames->len; frame++)
        {
          GPtrArray *entries = g_ptr_array_index (frames, frame);

          if (entries->len > 0 &&
              !extract_frame (reader, frame, entries, dirfd, cancellable, error))
            return NULL;
        }
    }

  return g_steal_pointer (&tree);
}
