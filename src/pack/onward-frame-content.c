/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <errno.h>

#include "onward-anchors.h"
#include "onward-deflates.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-frame-content.h"
#include "onward-hasher.h"
#include "onward-spool.h"

#define STEP_SIZE (256 * 1024)

static gboolean
refuse_changed (const OnwardTreeEntry *entry, GError **error)
{
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
               "Packing “%s”: It changed while it was being packed", entry->path);
  return FALSE;
}

/* Like read(), but never short before the end of the file. */
static gssize
read_fully (int fd, guint8 *buffer, gsize size, const char *path, GError **error)
{
  gsize done = 0;

  while (done < size)
    {
      gssize n = TEMP_FAILURE_RETRY (read (fd, buffer + done, size - done));

      if (n == 0)
        break;
      if (n < 0)
        {
          onward_file_set_error (error, errno, "Reading", path);
          return -1;
        }
      done += (gsize) n;
    }
  return (gssize) done;
}

/* Copies one file's content, checking that it is what the tree says. */
static gboolean
copy_file (int dirfd, const OnwardTreeEntry *entry, OnwardSpool *spool, GCancellable *cancellable,
           GError **error)
{
  g_auto (OnwardFd) fd =
      onward_file_open_beneath (dirfd, entry->path, O_RDONLY | O_NONBLOCK, 0, error);
  g_autoptr (OnwardHasher) hasher = onward_hasher_new ();
  g_autofree guint8 *buffer = g_malloc (STEP_SIZE);
  guint64 end = onward_spool_get_size (spool) + entry->size;
  OnwardDigest digest;
  gssize n;

  if (fd < 0)
    return FALSE;

  while ((n = read_fully (fd, buffer, STEP_SIZE, entry->path, error)) > 0)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if ((gsize) n > end - onward_spool_get_size (spool))
        return refuse_changed (entry, error);

      onward_hasher_update (hasher, buffer, (gsize) n);
      if (!onward_spool_write (buffer, (gsize) n, spool, error))
        return FALSE;
    }
  if (n < 0)
    return FALSE;

  onward_hasher_finish (hasher, &digest);
  return onward_digest_equal (&digest, &entry->digest) || refuse_changed (entry, error);
}

/**
 * onward_frame_content_load:
 * @dirfd: the folder
 * @entries: (element-type OnwardTreeEntry): files of its tree
 * @spool_dir: a folder to keep the bytes in
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Takes a private copy of the files' content, one behind the other, on disk. A file that is no
 * longer what the tree says is an error that names it; later changes do no harm. Blocking.
 *
 * Returns: (transfer full): the bytes
 */
GBytes *
onward_frame_content_load (int dirfd, GPtrArray *entries, const char *spool_dir,
                           GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardSpool) spool = onward_spool_new (spool_dir, G_MAXUINT64, error);

  if (spool == NULL)
    return NULL;

  for (guint i = 0; i < entries->len; i++)
    if (!copy_file (dirfd, g_ptr_array_index (entries, i), spool, cancellable, error))
      return NULL;

  return onward_spool_map (spool, error);
}

/* So many bytes of the file from @offset on, or fewer when it is shorter. */
static gboolean
read_some (int dirfd, const OnwardTreeEntry *entry, guint64 offset, guint8 *bytes, gsize size,
           GError **error)
{
  g_auto (OnwardFd) fd =
      onward_file_open_beneath (dirfd, entry->path, O_RDONLY | O_NONBLOCK, 0, error);

  return fd >= 0 && lseek (fd, (off_t) offset, SEEK_SET) >= 0 &&
         read_fully (fd, bytes, size, entry->path, error) >= 0;
}

/**
 * onward_frame_content_get_method:
 * @dirfd: the folder
 * @entry: a file of its tree
 * @ret_method: (out): LZMA2, with a filter when the file holds code that it knows
 * @error: return location for an error
 *
 * Looks whether a file is an ELF executable, library or object, and for which processor.
 *
 * Returns: whether it could be read
 */
gboolean
onward_frame_content_get_method (int dirfd, const OnwardTreeEntry *entry,
                                 OnwardFrameMethod *ret_method, GError **error)
{
  guint8 start[20] = { 0 };
  guint machine;

  if (!read_some (dirfd, entry, 0, start, sizeof start, error))
    return FALSE;

  *ret_method = ONWARD_FRAME_LZMA2;
  if (memcmp (start, ELFMAG, SELFMAG) != 0 || start[EI_DATA] != ELFDATA2LSB)
    return TRUE;

  machine = start[18] | (guint) start[19] << 8;
  if (machine == EM_X86_64)
    *ret_method = ONWARD_FRAME_LZMA2_X86;
  else if (machine == EM_AARCH64)
    *ret_method = ONWARD_FRAME_LZMA2_ARM64;
  return TRUE;
}

/* Whether no byte value is much more frequent than another: what is compressed is like that. */
static gboolean
is_even (const guint8 *bytes, guint64 size)
{
  guint64 counts[256] = { 0 };
  guint64 squares = 0;

  for (guint64 i = 0; i < size; i++)
    counts[bytes[i]]++;
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    squares += counts[i] * counts[i];
  return squares * G_N_ELEMENTS (counts) < size * size / 4 * 5;
}

/**
 * onward_frame_content_is_dense:
 * @dirfd: the folder
 * @entry: a file of its tree
 * @ret_is_dense: (out): whether its middle looks as if it were compressed already
 * @error: return location for an error
 *
 * Returns: whether it could be read
 */
gboolean
onward_frame_content_is_dense (int dirfd, const OnwardTreeEntry *entry, gboolean *ret_is_dense,
                               GError **error)
{
  gsize size = MIN (entry->size, STEP_SIZE);
  g_autofree guint8 *bytes = g_malloc0 (size);

  if (!read_some (dirfd, entry, (entry->size - size) / 2, bytes, size, error))
    return FALSE;

  *ret_is_dense = is_even (bytes, size);
  return TRUE;
}

/**
 * onward_frame_content_is_archive:
 * @dirfd: the folder
 * @entry: a file of its tree
 *
 * Looks whether a delta would probably inflate it.
 *
 * Returns: whether it would; %FALSE of what cannot be read, which is told by who packs it
 */
gboolean
onward_frame_content_is_archive (int dirfd, const OnwardTreeEntry *entry)
{
  guint8 start[8] = { 0 };

  return read_some (dirfd, entry, 0, start, sizeof start, NULL) &&
         onward_deflates_begin (start, sizeof start);
}

/**
 * onward_frame_content_list_anchors:
 * @dirfd: the folder
 * @entry: a file of its tree
 * @bits: of onward_anchors_begin()
 * @cancellable: (nullable): a cancellable; then some are missing
 *
 * Reads a file to compare it with others. Blocking.
 *
 * Returns: (transfer full) (element-type OnwardAnchor): its anchors, as far as it can be read
 */
GArray *
onward_frame_content_list_anchors (int dirfd, const OnwardTreeEntry *entry, guint bits,
                                   GCancellable *cancellable)
{
  GArray *anchors = g_array_new (FALSE, FALSE, sizeof (OnwardAnchor));
  g_auto (OnwardFd) fd =
      onward_file_open_beneath (dirfd, entry->path, O_RDONLY | O_NONBLOCK, 0, NULL);
  g_autofree guint8 *buffer = g_malloc (STEP_SIZE);
  OnwardAnchorScan scan;
  gssize n;

  onward_anchors_begin (&scan, bits);
  while (fd >= 0 && !g_cancellable_is_cancelled (cancellable) &&
         (n = read_fully (fd, buffer, STEP_SIZE, entry->path, NULL)) > 0)
    onward_anchors_scan (&scan, buffer, (gsize) n, anchors);
  return anchors;
}
