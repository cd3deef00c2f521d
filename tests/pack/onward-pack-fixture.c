/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include <glib/gstdio.h>

#include "onward-file.h"
#include "onward-pack-fixture.h"
#include "onward-tree-scan.h"

/**
 * onward_pack_fixture_new:
 *
 * Returns: (transfer full): two empty folders and one for packs
 */
OnwardPackFixture *
onward_pack_fixture_new (void)
{
  OnwardPackFixture *self = g_new0 (OnwardPackFixture, 1);

  self->dir = onward_test_make_dir ();
  self->packs = g_build_filename (self->dir, "packs", NULL);
  self->old_dir = g_build_filename (self->dir, "old", NULL);
  self->new_dir = g_build_filename (self->dir, "new", NULL);
  g_assert_cmpint (g_mkdir (self->packs, 0755), ==, 0);
  g_assert_cmpint (g_mkdir (self->old_dir, 0755), ==, 0);
  g_assert_cmpint (g_mkdir (self->new_dir, 0755), ==, 0);
  return self;
}

/**
 * onward_pack_fixture_free:
 * @self: (transfer full): a fixture
 *
 * Removes the folders.
 */
void
onward_pack_fixture_free (OnwardPackFixture *self)
{
  g_free (self->packs);
  g_free (self->old_dir);
  g_free (self->new_dir);
  onward_test_remove_dir (self->dir);
  g_free (self);
}

/**
 * onward_pack_fixture_write:
 * @dir: a folder
 * @name: a path below it; missing parents are made
 * @bytes: (transfer full): what to write
 *
 * Writes one file.
 */
void
onward_pack_fixture_write (const char *dir, const char *name, GBytes *bytes)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GBytes) owned = bytes;
  g_autoptr (GError) error = NULL;
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_file_set_contents_full (path, data, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0644, &error);
  g_assert_no_error (error);
}

/**
 * onward_pack_fixture_open:
 * @dir: a folder
 *
 * Returns: (transfer full): a descriptor of @dir
 */
int
onward_pack_fixture_open (const char *dir)
{
  g_autoptr (GError) error = NULL;
  int fd = onward_file_open_dir (AT_FDCWD, dir, &error);

  g_assert_no_error (error);
  return fd;
}

/**
 * onward_pack_fixture_scan:
 * @dir: a folder
 *
 * Returns: (transfer full): its tree
 */
OnwardTree *
onward_pack_fixture_scan (const char *dir)
{
  g_auto (OnwardFd) dirfd = onward_pack_fixture_open (dir);
  g_autoptr (GError) error = NULL;
  OnwardTree *tree = onward_tree_scan (dirfd, NULL, &error);

  g_assert_no_error (error);
  return tree;
}

/**
 * onward_pack_fixture_write_full:
 * @self: a fixture
 * @dir: its old or new folder
 * @ret_tree: (out) (optional) (transfer full): the tree
 *
 * Returns: (transfer full): the full pack of @dir
 */
OnwardPackInfo *
onward_pack_fixture_write_full (OnwardPackFixture *self, const char *dir, OnwardTree **ret_tree)
{
  const OnwardPackWriter writer = { ONWARD_COMPRESSION_LZMA, NULL, NULL };
  g_auto (OnwardFd) dirfd = onward_pack_fixture_open (dir);
  g_autoptr (OnwardTree) scanned = onward_pack_fixture_scan (dir);
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (GError) error = NULL;
  OnwardPackInfo *info = NULL;

  onward_pack_writer_write_full (&writer, dirfd, scanned, self->packs, &tree, &info, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (info);
  if (ret_tree != NULL)
    *ret_tree = g_steal_pointer (&tree);
  return info;
}

/**
 * onward_pack_fixture_write_delta_from:
 * @self: a fixture
 * @old_tree: the tree of the old folder, located or not
 * @tree: the located tree of the new folder
 *
 * Returns: (transfer full): the delta pack from the old to the new folder
 */
OnwardPackInfo *
onward_pack_fixture_write_delta_from (OnwardPackFixture *self, OnwardTree *old_tree,
                                      OnwardTree *tree)
{
  const OnwardPackWriter writer = { ONWARD_COMPRESSION_LZMA, NULL, NULL };
  g_auto (OnwardFd) old_dirfd = onward_pack_fixture_open (self->old_dir);
  g_auto (OnwardFd) new_dirfd = onward_pack_fixture_open (self->new_dir);
  g_autoptr (GError) error = NULL;
  OnwardPackInfo *info = NULL;

  onward_pack_writer_write_delta (&writer, old_dirfd, old_tree, new_dirfd, tree, self->packs, &info,
                                  NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (info);
  return info;
}

/**
 * onward_pack_fixture_write_delta:
 * @self: a fixture
 * @tree: the located tree of the new folder
 *
 * Returns: (transfer full): the delta pack from the old folder, scanned, to the new one
 */
OnwardPackInfo *
onward_pack_fixture_write_delta (OnwardPackFixture *self, OnwardTree *tree)
{
  g_autoptr (OnwardTree) old_tree = onward_pack_fixture_scan (self->old_dir);

  return onward_pack_fixture_write_delta_from (self, old_tree, tree);
}

/**
 * onward_pack_fixture_dup_path:
 * @self: a fixture
 * @info: one of its packs
 *
 * Returns: (transfer full): the pack's path
 */
char *
onward_pack_fixture_dup_path (OnwardPackFixture *self, OnwardPackInfo *info)
{
  g_autofree char *name = onward_pack_info_dup_file_name (info);

  return g_build_filename (self->packs, name, NULL);
}

/**
 * onward_pack_fixture_read_pack:
 * @self: a fixture
 * @info: one of its packs
 *
 * Returns: (transfer full): the pack's bytes
 */
GBytes *
onward_pack_fixture_read_pack (OnwardPackFixture *self, OnwardPackInfo *info)
{
  g_autofree char *path = onward_pack_fixture_dup_path (self, info);
  g_autoptr (GError) error = NULL;
  char *data = NULL;
  gsize size = 0;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, size);
}

/**
 * onward_pack_fixture_read_head:
 * @self: a fixture
 * @info: one of its packs
 *
 * Returns: (transfer full): the bytes of the pack's head
 */
GBytes *
onward_pack_fixture_read_head (OnwardPackFixture *self, OnwardPackInfo *info)
{
  g_autoptr (GBytes) pack = onward_pack_fixture_read_pack (self, info);

  return g_bytes_new_from_bytes (pack, 0, onward_pack_info_get_head_size (info));
}

/**
 * onward_pack_fixture_open_pack:
 * @self: a fixture
 * @info: one of its packs
 *
 * Returns: (transfer full): a reader of it
 */
OnwardPackReader *
onward_pack_fixture_open_pack (OnwardPackFixture *self, OnwardPackInfo *info)
{
  g_autofree char *path = onward_pack_fixture_dup_path (self, info);
  g_autoptr (GBytes) bytes = onward_pack_fixture_read_head (self, info);
  g_autoptr (OnwardTree) old_tree = onward_pack_fixture_scan (self->old_dir);
  g_autoptr (OnwardPackHead) head = NULL;
  g_autoptr (GError) error = NULL;
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  head = onward_pack_head_parse (bytes, onward_pack_info_get_size (info), old_tree, &error);
  g_assert_no_error (error);
  return onward_pack_reader_new (fd, head);
}

static gboolean
append (guint64 offset, gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  GByteArray *array = user_data;

  g_assert_cmpuint (offset, ==, array->len);
  g_byte_array_append (array, data, (guint) size);
  return TRUE;
}

static GBytes *
find_reference (const OnwardDigest *digest, guint64 size, gpointer user_data, GError **error)
{
  OnwardPackFixture *self = user_data;
  g_autoptr (OnwardTree) tree = onward_pack_fixture_scan (self->old_dir);

  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);
      g_autofree char *path = g_build_filename (self->old_dir, entry->path, NULL);
      char *data = NULL;
      gsize length = 0;

      if (!onward_digest_equal (&entry->digest, digest))
        continue;
      g_assert_true (g_file_get_contents (path, &data, &length, NULL));
      g_assert_cmpuint (length, ==, size);
      return g_bytes_new_take (data, length);
    }
  g_assert_not_reached ();
}

static void
check_entry (OnwardPackReader *reader, const char *dir, const OnwardTreeEntry *entry, guint frame,
             guint64 offset, GPtrArray *frames)
{
  g_autofree char *path = g_build_filename (dir, entry->path, NULL);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  GByteArray *content = g_ptr_array_index (frames, frame);
  gsize size = 0;

  if (content == NULL)
    {
      content = g_byte_array_new ();
      g_ptr_array_index (frames, frame) = content;
      onward_pack_reader_read_frame (reader, frame, append, content, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (
          content->len, ==,
          onward_pack_head_get_frame (onward_pack_reader_get_head (reader), frame)->size);
    }
  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (data, size, content->data + offset, entry->size);
}

static void
free_frame (gpointer frame)
{
  if (frame != NULL)
    g_byte_array_unref (frame);
}

/**
 * onward_pack_fixture_check:
 * @self: a fixture
 * @info: one of its packs
 * @dir: the folder it was made of
 *
 * Unpacks every file that the pack carries and compares it with the folder's.
 *
 * Returns: how many files it carries
 */
guint
onward_pack_fixture_check (OnwardPackFixture *self, OnwardPackInfo *info, const char *dir)
{
  g_autoptr (OnwardPackReader) reader = onward_pack_fixture_open_pack (self, info);
  OnwardPackHead *head = onward_pack_reader_get_head (reader);
  OnwardTree *tree = onward_pack_head_get_tree (head);
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func (free_frame);
  guint n_carried = 0;

  onward_pack_reader_set_source (reader, find_reference, self);
  g_ptr_array_set_size (frames, (int) onward_pack_head_get_n_frames (head));
  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);
      guint64 offset;
      guint frame;

      if (!onward_pack_head_locate (head, entry, &frame, &offset))
        continue;
      check_entry (reader, dir, entry, frame, offset, frames);
      n_carried++;
    }
  return n_carried;
}
