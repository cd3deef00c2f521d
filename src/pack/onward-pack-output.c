/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>

#include "onward-delta.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-hasher.h"
#include "onward-pack-head-private.h"
#include "onward-pack-output.h"
#include "onward-pack-requirement.h"
#include "onward-spool.h"

struct _OnwardPackOutput
{
  char *dir;          /* (owned) */
  OnwardSpool *spool; /* (owned): the frames' bytes */
  GArray *frames;     /* (owned): of OnwardFrame */
  guint levels;       /* of zlib, that the deltas among them need: bit n is level n */
  guint methods;      /* of the frames: bit n is method n */

  /* While the file is written. */
  int fd;              /* (owned): or -1 */
  char *path;          /* (owned) (nullable): the temporary name, until the file has its own */
  OnwardHasher *whole; /* (owned) (nullable) */
  GByteArray *digests; /* (owned): of the blocks so far */
  OnwardHasher *block; /* (owned) (nullable): the block that is being filled */
  gsize block_size;    /* how much of it is filled */
  guint64 size;        /* how much was written */
};

static void
clear_frame (gpointer data)
{
  OnwardFrame *frame = data;

  g_clear_pointer (&frame->references, g_array_unref);
}

/**
 * onward_pack_output_new:
 * @packs_dir: the folder for the pack
 * @error: return location for an error
 *
 * Returns: (transfer full): a pack without frames
 */
OnwardPackOutput *
onward_pack_output_new (const char *packs_dir, GError **error)
{
  OnwardSpool *spool = onward_spool_new (packs_dir, G_MAXUINT64, error);
  OnwardPackOutput *self;

  if (spool == NULL)
    return NULL;

  self = g_new0 (OnwardPackOutput, 1);
  self->dir = g_strdup (packs_dir);
  self->spool = spool;
  self->frames = g_array_new (FALSE, FALSE, sizeof (OnwardFrame));
  g_array_set_clear_func (self->frames, clear_frame);
  self->fd = -1;
  self->digests = g_byte_array_new ();
  return self;
}

/**
 * onward_pack_output_free:
 * @self: (transfer full) (nullable): a pack that is being written
 *
 * Removes what was not finished.
 */
void
onward_pack_output_free (OnwardPackOutput *self)
{
  if (self == NULL)
    return;

  if (self->path != NULL)
    (void) unlink (self->path);
  if (self->fd >= 0)
    onward_fd_close (self->fd);
  onward_spool_free (self->spool);
  g_array_unref (self->frames);
  g_byte_array_unref (self->digests);
  g_clear_pointer (&self->whole, onward_hasher_free);
  g_clear_pointer (&self->block, onward_hasher_free);
  g_free (self->path);
  g_free (self->dir);
  g_free (self);
}

/**
 * onward_pack_output_get_n_frames:
 * @self: a pack that is being written
 *
 * Returns: the number of frames so far
 */
guint
onward_pack_output_get_n_frames (OnwardPackOutput *self)
{
  return self->frames->len;
}

/**
 * onward_pack_output_append:
 * @self: a pack that is being written
 * @frame: a frame; its offset does not matter
 * @stored: its bytes
 * @error: return location for an error
 *
 * Adds one frame.
 *
 * Returns: whether it was written
 */
gboolean
onward_pack_output_append (OnwardPackOutput *self, const OnwardFrame *frame, GBytes *stored,
                           GError **error)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (stored, &size);

  g_assert (size == frame->stored_size);

  if (!onward_spool_write (data, size, self->spool, error))
    return FALSE;

  g_array_append_vals (self->frames, frame, 1);
  self->methods |= 1u << frame->method;
  if (frame->references != NULL)
    {
      g_array_ref (frame->references);
      self->levels |= onward_delta_apply_get_levels (stored);
    }
  return TRUE;
}

static void
end_block (OnwardPackOutput *self)
{
  OnwardDigest digest;

  onward_hasher_finish (self->block, &digest);
  g_clear_pointer (&self->block, onward_hasher_free);
  g_byte_array_append (self->digests, digest.bytes, sizeof digest.bytes);
  self->block_size = 0;
}

static gboolean
write_piece (OnwardPackOutput *self, const guint8 *data, gsize size, GError **error)
{
  if (!onward_file_write_all (self->fd, data, size, error))
    return FALSE;

  if (self->block == NULL)
    self->block = onward_hasher_new ();
  onward_hasher_update (self->whole, data, size);
  onward_hasher_update (self->block, data, size);
  self->size += size;
  self->block_size += size;
  if (self->block_size == ONWARD_PACK_BLOCK_SIZE)
    end_block (self);
  return TRUE;
}

static gboolean
write_bytes (OnwardPackOutput *self, GBytes *bytes, GCancellable *cancellable, GError **error)
{
  gsize left;
  const guint8 *data = g_bytes_get_data (bytes, &left);

  while (left > 0)
    {
      gsize size = MIN (left, ONWARD_PACK_BLOCK_SIZE - self->block_size);

      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !write_piece (self, data, size, error))
        return FALSE;
      data += size;
      left -= size;
    }
  return TRUE;
}

static gboolean
open_file (OnwardPackOutput *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->dir, ".pack-XXXXXX", NULL);

  self->fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0644);
  if (self->fd < 0)
    {
      onward_file_set_error (error, errno, "Making", path);
      return FALSE;
    }

  /* What is published is for everybody, whatever the umask. */
  (void) fchmod (self->fd, 0644);
  self->path = g_steal_pointer (&path);
  self->whole = onward_hasher_new ();
  return TRUE;
}

/* Only a whole pack gets a pack's name. */
static gboolean
give_name (OnwardPackOutput *self, OnwardPackInfo *info, GError **error)
{
  g_autofree char *name = onward_pack_info_dup_file_name (info);
  g_autofree char *path = g_build_filename (self->dir, name, NULL);
  g_auto (OnwardFd) dirfd = -1;

  if (!onward_file_sync (self->fd, self->path, error))
    return FALSE;
  if (rename (self->path, path) != 0)
    {
      onward_file_set_error (error, errno, "Making", path);
      return FALSE;
    }

  g_clear_pointer (&self->path, g_free);
  dirfd = onward_file_open_dir (AT_FDCWD, self->dir, error);
  return dirfd >= 0 && onward_file_sync (dirfd, self->dir, error);
}

static OnwardPackInfo *
make_info (OnwardPackOutput *self, OnwardTree *old_tree, gsize head_size)
{
  const OnwardDigest *from = old_tree != NULL ? onward_tree_get_digest (old_tree) : NULL;
  g_autoptr (GBytes) blocks = NULL;
  g_autoptr (OnwardPackInfo) info = NULL;
  g_auto (GStrv) requirements = onward_pack_requirement_list (self->levels, self->methods);
  OnwardDigest digest;

  if (self->block != NULL)
    end_block (self);
  onward_hasher_finish (self->whole, &digest);
  blocks = g_bytes_new (self->digests->data, self->digests->len);
  info = onward_pack_info_new (from != NULL ? ONWARD_PACK_DELTA : ONWARD_PACK_FULL, from, &digest,
                               self->size, head_size, ONWARD_PACK_BLOCK_SIZE, blocks);
  return onward_pack_info_new_requiring (info, (const char *const *) requirements);
}

/**
 * onward_pack_output_finish:
 * @self: a pack that is being written
 * @tree: the tree it makes
 * @old_tree: (nullable): for a delta pack: the tree it starts from
 * @locations: (nullable) (element-type OnwardPackLocation): for a delta pack: where contents are
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Writes the file: head, then frames. Computes the digest of each block and of the whole on the
 * way, puts it on the disk and gives it its name. Call it once. Blocking.
 *
 * Returns: (transfer full): what a release document says of the pack
 */
OnwardPackInfo *
onward_pack_output_finish (OnwardPackOutput *self, OnwardTree *tree, OnwardTree *old_tree,
                           GArray *locations, GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardPackInfo) info = NULL;
  g_autoptr (GBytes) head =
      onward_pack_head_serialize (old_tree, tree, self->frames, locations, error);
  g_autoptr (GBytes) body = NULL;

  if (head == NULL)
    return NULL;

  body = onward_spool_map (self->spool, error);
  if (body == NULL || !open_file (self, error) || !write_bytes (self, head, cancellable, error) ||
      !write_bytes (self, body, cancellable, error))
    return NULL;

  info = make_info (self, old_tree, g_bytes_get_size (head));
  return give_name (self, info, error) ? g_steal_pointer (&info) : NULL;
}
