/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "hostile-victim.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "onward-digest.h"
#include "onward-fd.h"
#include "onward-staging.h"

/* Where an updater may write. */
#define STAGING "install/var/staging"
#define LOCK    "install/var/lock"

void
hostile_pack_clear (HostilePack *self)
{
  g_clear_pointer (&self->bytes, g_bytes_unref);
}

GBytes *
hostile_victim_make_old (void)
{
  guint8 *data = g_malloc (8192);

  for (guint i = 0; i < 8192; i++)
    data[i] = (guint8) (i * i / 7 + i / 64);
  return g_bytes_new_take (data, 8192);
}

void
hostile_victim_set_up (HostileVictim *self)
{
  g_autoptr (GBytes) old = hostile_victim_make_old ();
  g_autofree char *path = NULL;

  install_fixture_set_up (&self->fixture, NULL);
  install_fixture_add_version (&self->fixture, "1.0.0");
  path = install_fixture_path (&self->fixture, "versions/1.0.0/old");
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (old, NULL),
                                      (gssize) g_bytes_get_size (old), NULL));
  install_fixture_write_receipt (&self->fixture, "1.0.0");
  install_fixture_set_current (&self->fixture, "1.0.0");
  onward_test_write (self->fixture.root, "above", "above");
  onward_test_write (self->fixture.root, "beside/file", "beside");
  onward_test_write (self->fixture.root, "beside/folder/file", "deep beside");
  onward_test_write (self->fixture.dir, "root.json", "{}");
  onward_test_write (self->fixture.dir, "var/parts/part", "");
  self->before = NULL;
}

void
hostile_victim_tear_down (HostileVictim *self)
{
  g_clear_pointer (&self->before, g_hash_table_unref);
  install_fixture_tear_down (&self->fixture, NULL);
}

/* Everything of it that a write would change; not how many names it has. */
static char *
describe (const char *path, const struct stat *info)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *contents = NULL;
  char target[4096];
  gsize size = 0;
  gssize length;

  g_string_printf (text, "%o %ld %ld", info->st_mode, (long) info->st_uid, (long) info->st_ino);
  if (S_ISREG (info->st_mode) && g_file_get_contents (path, &contents, &size, NULL))
    {
      g_autofree char *digest =
          g_compute_checksum_for_data (G_CHECKSUM_MD5, (guchar *) contents, size);

      g_string_append_printf (text, " %zu %s %ld.%09ld", size, digest, (long) info->st_mtim.tv_sec,
                              info->st_mtim.tv_nsec);
    }
  else if (S_ISLNK (info->st_mode) && (length = readlink (path, target, sizeof target)) >= 0)
    g_string_append_printf (text, " -> %.*s", (int) length, target);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
look_at (GHashTable *found, const char *root, const char *name)
{
  g_autofree char *path = g_build_filename (root, name, NULL);
  g_autoptr (GDir) dir = NULL;
  const char *child;
  struct stat info;

  g_assert_cmpint (lstat (path, &info), ==, 0);
  g_hash_table_insert (found, g_strdup (name), describe (path, &info));
  if (!S_ISDIR (info.st_mode))
    return;

  dir = g_dir_open (path, 0, NULL);
  g_assert_nonnull (dir);
  while ((child = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = g_build_filename (name, child, NULL);

      if (!g_str_equal (below, STAGING) && !g_str_equal (below, LOCK))
        look_at (found, root, below);
    }
}

static GHashTable *
look_around (HostileVictim *self)
{
  GHashTable *found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  look_at (found, self->fixture.root, "");
  return found;
}

void
hostile_victim_remember (HostileVictim *self)
{
  g_clear_pointer (&self->before, g_hash_table_unref);
  self->before = look_around (self);
}

static gboolean
is_of_the_new_version (const char *name)
{
  return g_str_has_prefix (name, "install/versions/2.0.0") ||
         g_str_equal (name, "install/receipts/2.0.0");
}

static guint64
measure (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;
  struct stat info;
  guint64 size = 0;

  if (lstat (path, &info) == 0 && S_ISREG (info.st_mode) && info.st_nlink == 1)
    return (guint64) info.st_blocks * 512;
  dir = S_ISDIR (info.st_mode) ? g_dir_open (path, 0, NULL) : NULL;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);

      size += measure (below);
    }
  return size;
}

void
hostile_victim_judge (HostileVictim *self, gboolean is_built, guint64 limit)
{
  g_autoptr (GHashTable) after = look_around (self);
  g_autofree char *staging = install_fixture_root_path (&self->fixture, STAGING);
  GHashTableIter iter;
  gpointer name, facts;

  g_hash_table_iter_init (&iter, after);
  while (g_hash_table_iter_next (&iter, &name, &facts))
    {
      if ((!is_built || !is_of_the_new_version (name)) &&
          g_strcmp0 (facts, g_hash_table_lookup (self->before, name)) != 0)
        g_test_fail_printf ("made or changed: “%s”", (const char *) name);
      (void) g_hash_table_remove (self->before, name);
    }
  g_hash_table_iter_init (&iter, self->before);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_test_fail_printf ("removed: “%s”", (const char *) name);

  install_fixture_assert_current (&self->fixture, "1.0.0");
  if (measure (staging) > limit)
    g_test_fail_printf ("%" G_GUINT64_FORMAT " bytes in staging", measure (staging));
}

/* From /proc/self/status, in KiB. */
static gsize
read_memory (const char *what)
{
  g_autofree char *status = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, what);
  return line != NULL ? (gsize) strtoul (line + strlen (what), NULL, 10) : 0;
}

static void
begin_measuring (gsize *ret_resident)
{
  FILE *file = fopen ("/proc/self/clear_refs", "we");

  (void) malloc_trim (0);
  if (file != NULL)
    {
      (void) fputs ("5", file);
      (void) fclose (file);
    }
  *ret_resident = read_memory ("VmRSS:");
}

/* What the release document says of a pack; its digests are those of the signed bytes. */
static OnwardPackInfo *
read_info (const HostilePack *pack, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  guint64 n_blocks = MIN (pack->size, ONWARD_TREE_MAX_SIZE - 1) / ONWARD_PACK_BLOCK_SIZE + 1;
  g_autofree guint8 *digests = g_malloc0 (n_blocks * ONWARD_DIGEST_SIZE);
  g_autofree char *blocks = g_base64_encode (digests, n_blocks * ONWARD_DIGEST_SIZE);
  g_autofree char *digest = g_strnfill (2 * ONWARD_DIGEST_SIZE, '0');

  json_object_set_string_member (object, "kind", "full");
  json_object_set_string_member (object, "sha256", digest);
  json_object_set_int_member (object, "size", (gint64) pack->size);
  json_object_set_int_member (object, "head", (gint64) pack->head_size);
  json_object_set_int_member (object, "block", ONWARD_PACK_BLOCK_SIZE);
  json_object_set_string_member (object, "blocks", blocks);
  return onward_pack_info_new_from_json (object, error);
}

static gboolean
update (HostileVictim *self, const HostilePack *pack, OnwardFd *inout_fd, GError **error)
{
  g_autoptr (OnwardPackInfo) info = read_info (pack, error);
  g_autoptr (OnwardPackHead) head = NULL;
  g_autoptr (OnwardPackReader) reader = NULL;
  g_autoptr (OnwardRanges) ranges = NULL;

  if (info != NULL)
    head = onward_pack_head_read (*inout_fd, info, NULL, error);
  if (head == NULL || !onward_staging_plan (self->fixture.install, head, &ranges, error) ||
      !onward_staging_preflight (self->fixture.install, head, 0, 0, error))
    return FALSE;

  reader = onward_pack_reader_new (g_steal_fd (inout_fd), head);
  return onward_staging_build (self->fixture.install, reader, NULL, "2.0.0", NULL, NULL, NULL,
                               error);
}

gboolean
hostile_victim_attack (HostileVictim *self, const HostilePack *pack, GError **error)
{
  g_autofree char *path = install_fixture_root_path (&self->fixture, "install/var/parts/part");
  gsize before;
  g_auto (OnwardFd) fd = -1;
  gboolean is_built;

  g_assert_true (g_file_set_contents (path, g_bytes_get_data (pack->bytes, NULL),
                                      (gssize) g_bytes_get_size (pack->bytes), NULL));
  hostile_victim_remember (self);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);

  begin_measuring (&before);
  is_built = update (self, pack, &fd, error);
  self->memory = MAX (self->memory, MAX (read_memory ("VmHWM:"), before) - before);
  return is_built;
}
