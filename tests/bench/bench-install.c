/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <stdio.h>

#include "bench-memory.h"
#include "onward-fd.h"
#include "onward-file.h"
#include "onward-pack-writer.h"
#include "onward-staging.h"
#include "onward-switch.h"
#include "onward-tree-scan.h"

/* Brings a version into an install from a pack that is here already: what remains of an update
 * when the bytes have arrived. */

/* A full pack says where each content lies in it. There is none here: all lie in one frame. */
static OnwardTree *
locate (OnwardTree *scanned, GError **error)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));
  guint64 offset = 0;

  for (guint i = 0; i < onward_tree_get_n_entries (scanned); i++)
    {
      OnwardTreeEntry entry = *onward_tree_get_entry (scanned, i);

      entry.offset = entry.kind == ONWARD_ENTRY_FILE ? offset : 0;
      offset += entry.size;
      g_array_append_val (entries, entry);
    }
  return onward_tree_new (entries, error);
}

static OnwardTree *
scan (int dirfd, const char *path, GError **error)
{
  g_autoptr (OnwardTree) scanned = NULL;

  if (dirfd < 0)
    {
      onward_file_set_error (error, errno, "Opening", path);
      return NULL;
    }
  scanned = onward_tree_scan (dirfd, NULL, error);
  return scanned != NULL ? locate (scanned, error) : NULL;
}

static void
tell_pack (const char *packs, OnwardPackInfo *info)
{
  g_autofree char *name = onward_pack_info_dup_file_name (info);

  printf ("{\"pack\": \"%s/%s\", \"head\": %" G_GUINT64_FORMAT "}\n", packs, name,
          (guint64) onward_pack_info_get_head_size (info));
}

/* Writes the delta pack from folder @old to folder @new, and the receipt of @old. */
static gboolean
make_pack (const char *old, const char *new, const char *receipt, const char *packs, GError **error)
{
  const OnwardPackWriter writer = { .compression = ONWARD_COMPRESSION_ZSTD,
                                    .effort = ONWARD_DELTA_FAST };
  g_auto (OnwardFd) old_dirfd = open (old, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_auto (OnwardFd) new_dirfd = open (new, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (OnwardTree) old_tree = scan (old_dirfd, old, error);
  g_autoptr (OnwardTree) new_tree = old_tree != NULL ? scan (new_dirfd, new, error) : NULL;
  g_autoptr (OnwardPackInfo) info = NULL;

  if (new_tree == NULL ||
      !onward_file_write (AT_FDCWD, receipt, onward_tree_get_bytes (old_tree), 0644, error) ||
      !onward_pack_writer_write_delta (&writer, old_dirfd, old_tree, new_dirfd, new_tree, packs,
                                       &info, NULL, error))
    return FALSE;

  tell_pack (packs, info);
  return TRUE;
}

/* Writes the full pack of @folder as it is published. */
static gboolean
make_full_pack (const char *folder, const char *packs, GError **error)
{
  const OnwardPackWriter writer = { .compression = ONWARD_COMPRESSION_LZMA };
  g_auto (OnwardFd) dirfd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (OnwardTree) scanned = scan (dirfd, folder, error);
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (OnwardPackInfo) info = NULL;

  if (scanned == NULL ||
      !onward_pack_writer_write_full (&writer, dirfd, scanned, packs, &tree, &info, NULL, error))
    return FALSE;

  tell_pack (packs, info);
  return TRUE;
}

static OnwardInstall *
open_install (const char *folder, GError **error)
{
  g_autoptr (OnwardPaths) paths = onward_paths_new (folder, error);

  return paths != NULL ? onward_install_open (paths, error) : NULL;
}

static OnwardPackReader *
open_pack (OnwardInstall *install, const char *path, gsize head_size, GError **error)
{
  g_autofree char *current = onward_install_dup_current (install, NULL);
  g_autoptr (OnwardTree) tree =
      current != NULL ? onward_install_load_receipt (install, current, error) : NULL;
  g_auto (OnwardFd) fd = open (path, O_RDONLY | O_CLOEXEC);
  g_autofree guint8 *bytes = g_malloc (head_size);
  g_autoptr (GBytes) data = NULL;
  g_autoptr (OnwardPackHead) head = NULL;

  if (current != NULL && tree == NULL)
    return NULL;
  if (fd < 0 || pread (fd, bytes, head_size, 0) != (gssize) head_size)
    {
      onward_file_set_error (error, errno, "Reading", path);
      return NULL;
    }

  data = g_bytes_new_take (g_steal_pointer (&bytes), head_size);
  head = onward_pack_head_parse (data, (guint64) lseek (fd, 0, SEEK_END), tree, error);
  return head != NULL ? onward_pack_reader_new (g_steal_fd (&fd), head) : NULL;
}

static gboolean
install_version (const char *folder, const char *pack, gsize head_size, const char *version,
                 GError **error)
{
  g_autoptr (OnwardInstall) install = open_install (folder, error);
  g_autoptr (OnwardPackReader) reader =
      install != NULL ? open_pack (install, pack, head_size, error) : NULL;

  return reader != NULL &&
         onward_staging_build (install, reader, NULL, version, NULL, NULL, NULL, error) &&
         onward_switch_to (install, version, error);
}

static gboolean
run (const char *folder, const char *pack, const char *head_size, const char *version,
     GError **error)
{
  BenchMemory *memory = bench_memory_new ();
  gboolean ok = install_version (folder, pack, (gsize) g_ascii_strtoull (head_size, NULL, 10),
                                 version, error);
  double most = bench_memory_stop (memory);

  if (ok)
    printf ("{\"private\": %.1f}\n", most);
  return ok;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc != 6 && !(argc == 4 && g_str_equal (argv[1], "full")))
    {
      g_printerr ("usage: bench-install pack OLD-FOLDER NEW-FOLDER RECEIPT PACKS\n"
                  "       bench-install full FOLDER PACKS\n"
                  "       bench-install run INSTALL PACK HEAD-SIZE VERSION\n");
      return 2;
    }
  if (argc == 4 && make_full_pack (argv[2], argv[3], &error))
    return 0;
  if (g_str_equal (argv[1], "pack") && make_pack (argv[2], argv[3], argv[4], argv[5], &error))
    return 0;
  if (g_str_equal (argv[1], "run") && run (argv[2], argv[3], argv[4], argv[5], &error))
    return 0;

  g_printerr ("bench-install: %s\n", error != NULL ? error->message : "there is no such verb");
  return 1;
}
