/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "onward-addition.h"
#include "onward-catalogue.h"
#include "onward-error.h"
#include "onward-extractor.h"
#include "onward-facts.h"
#include "onward-file.h"
#include "onward-metadata-writer.h"
#include "onward-pack-writer.h"
#include "onward-tree-changes.h"
#include "onward-tree-scan.h"
#include "onward-version.h"

/* A delta that saves less than a fifth is not worth its keep. */
#define WORTHWHILE_PERCENT 80

typedef struct
{
  const OnwardAdditionOptions *options;
  OnwardRepository *repository;
  OnwardFd dirfd;         /* (owned): the folder to publish */
  OnwardTargets *targets; /* (owned): what is published so far */
  GPtrArray *releases;    /* (owned): OnwardRelease, newest first */
  OnwardRelease *release; /* (owned): the new one, with its notes */
  OnwardTree *tree;       /* (owned): with its content located in frames */
  GPtrArray *packs;       /* (owned): OnwardPackInfo */
  OnwardPackWriter writer;
  char *packs_dir; /* (owned) */
} Addition;

/**
 * onward_addition_options_clear:
 * @options: options
 *
 * Frees what the options hold.
 */
void
onward_addition_options_clear (OnwardAdditionOptions *options)
{
  g_free (options->version);
  g_free (options->channel);
  g_free (options->platform);
  g_strfreev (options->notes);
  g_free (options->minimum);
  g_strfreev (options->reasons);
  g_free (options->severity);
  g_free (options->compression);
  g_free (options->passphrase_file);
}

static void
addition_clear (Addition *self)
{
  if (self->dirfd >= 0)
    onward_fd_close (self->dirfd);
  g_clear_pointer (&self->targets, onward_targets_unref);
  g_clear_pointer (&self->releases, g_ptr_array_unref);
  g_clear_pointer (&self->release, onward_release_unref);
  g_clear_pointer (&self->tree, onward_tree_unref);
  g_clear_pointer (&self->packs, g_ptr_array_unref);
  g_free (self->packs_dir);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Addition, addition_clear)

static void
on_progress (guint64 done, guint64 total, gpointer user_data)
{
  if (isatty (STDERR_FILENO) == 1 && total > 0)
    fprintf (stderr, "\r%s %3d %%\033[K%s", (const char *) user_data, (int) (done * 100 / total),
             done == total ? "\r\033[K" : "");
}

/* The newest release that the new one follows: of its platform, best of its channel. */
static OnwardRelease *
find_previous (Addition *self)
{
  OnwardRelease *fallback = NULL;

  for (guint i = 0; i < self->releases->len; i++)
    {
      OnwardRelease *release = g_ptr_array_index (self->releases, i);

      if (!g_str_equal (onward_release_get_platform (release),
                        onward_release_get_platform (self->release)))
        continue;
      if (g_str_equal (onward_release_get_channel (release),
                       onward_release_get_channel (self->release)))
        return release;
      if (fallback == NULL)
        fallback = release;
    }

  return fallback;
}

/* Versions of a channel only grow, so that "newer" means the same to people and to clients. */
static gboolean
check_version (Addition *self, GError **error)
{
  const char *version = onward_release_get_version (self->release);
  const char *platform = onward_release_get_platform (self->release);
  OnwardRelease *previous = find_previous (self);

  if (onward_catalogue_find (self->releases, version, platform) != NULL)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                   "Adding version %s: it is published already; give the new files a new version",
                   version);
      return FALSE;
    }

  if (previous != NULL &&
      g_str_equal (onward_release_get_channel (previous),
                   onward_release_get_channel (self->release)) &&
      onward_version_compare (version, onward_release_get_version (previous)) < 0)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                   "Adding version %s: version %s is published in this channel already", version,
                   onward_release_get_version (previous));
      return FALSE;
    }

  return TRUE;
}

static gboolean
check_command (Addition *self, OnwardTree *scanned, GError **error)
{
  g_autofree char *command = onward_repository_dup_setting (self->repository, "Command");
  const OnwardTreeEntry *entry = command == NULL ? NULL : onward_tree_lookup (scanned, command);

  if (entry != NULL && (entry->kind == ONWARD_ENTRY_SYMLINK || entry->mode == 0755) &&
      entry->kind != ONWARD_ENTRY_DIRECTORY)
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
               "Adding version %s: the program “%s” is missing or is not executable",
               onward_release_get_version (self->release), command == NULL ? "" : command);
  return FALSE;
}

static gboolean
print_changes (Addition *self, OnwardTree *scanned, GError **error)
{
  OnwardRelease *previous = find_previous (self);
  g_autoptr (OnwardReleaseDocument) document = NULL;
  g_autoptr (OnwardTree) old_tree = NULL;
  g_autoptr (GArray) changes = NULL;

  if (previous == NULL)
    {
      printf ("First release: %u files\n", onward_tree_get_n_files (scanned));
      return TRUE;
    }

  document = onward_catalogue_load_document (self->repository, self->targets, previous, error);
  if (document == NULL)
    return FALSE;
  old_tree = onward_extractor_read_tree (self->repository, document, error);
  if (old_tree == NULL)
    return FALSE;

  changes = onward_tree_changes_find (old_tree, scanned);
  printf ("Changes since %s\n", onward_release_get_version (previous));
  onward_tree_changes_print (changes);
  return TRUE;
}

static void
print_pack (OnwardPackInfo *pack, const char *from)
{
  g_autofree char *size = g_format_size (onward_pack_info_get_size (pack));

  if (from == NULL)
    printf ("Full pack %s\n", size);
  else
    printf ("Delta pack from %s %s\n", from, size);
}

static gboolean
write_full (Addition *self, OnwardTree *scanned, GError **error)
{
  OnwardPackInfo *pack = NULL;

  self->writer.progress_data = (gpointer) "Full pack";
  if (!onward_pack_writer_write_full (&self->writer, self->dirfd, scanned, self->packs_dir,
                                      &self->tree, &pack, NULL, error))
    return FALSE;

  g_ptr_array_add (self->packs, pack);
  print_pack (pack, NULL);
  return TRUE;
}

static gboolean
write_delta_from (Addition *self, OnwardReleaseDocument *old_document, int old_dirfd,
                  GError **error)
{
  OnwardPackInfo *full = g_ptr_array_index (self->packs, 0);
  OnwardRelease *old = onward_release_document_get_release (old_document);
  g_autoptr (OnwardTree) old_tree = NULL;
  g_autoptr (OnwardPackInfo) pack = NULL;

  old_tree = onward_extractor_run (self->repository, old_document, old_dirfd, error);
  if (old_tree == NULL)
    return FALSE;

  self->writer.progress_data = (gpointer) "Delta pack";
  if (!onward_pack_writer_write_delta (&self->writer, old_dirfd, old_tree, self->dirfd, self->tree,
                                       self->packs_dir, &pack, NULL, error))
    return FALSE;

  if (onward_pack_info_get_size (pack) * 100 >=
      onward_pack_info_get_size (full) * WORTHWHILE_PERCENT)
    {
      g_autofree char *name = onward_pack_info_dup_file_name (pack);
      g_autofree char *path = g_build_filename (self->packs_dir, name, NULL);

      printf ("Delta pack from %s left out: it saves too little\n",
              onward_release_get_version (old));
      (void) unlink (path);
      return TRUE;
    }

  print_pack (pack, onward_release_get_version (old));
  g_ptr_array_add (self->packs, g_steal_pointer (&pack));
  return TRUE;
}

static gboolean
is_known_tree (Addition *self, OnwardReleaseDocument *document)
{
  const OnwardDigest *digest = onward_release_document_get_tree_digest (document);

  for (guint i = 1; i < self->packs->len; i++)
    {
      OnwardPackInfo *pack = g_ptr_array_index (self->packs, i);

      if (onward_digest_equal (onward_pack_info_get_from (pack), digest))
        return TRUE;
    }

  return onward_digest_equal (digest, onward_tree_get_digest (self->tree));
}

static gboolean
write_delta (Addition *self, OnwardRelease *old, GError **error)
{
  g_autoptr (OnwardReleaseDocument) document =
      onward_catalogue_load_document (self->repository, self->targets, old, error);
  g_autofree char *folder = NULL;
  g_auto (OnwardFd) dirfd = -1;
  gboolean written;

  if (document == NULL)
    return FALSE;
  if (is_known_tree (self, document))
    return TRUE;

  folder = g_dir_make_tmp ("onward-delta-XXXXXX", error);
  if (folder == NULL)
    return FALSE;
  dirfd = onward_file_open_dir (AT_FDCWD, folder, error);
  written = dirfd >= 0 && write_delta_from (self, document, dirfd, error);
  (void) onward_file_remove_tree (AT_FDCWD, folder, NULL, NULL);
  return written;
}

static gboolean
write_deltas (Addition *self, GError **error)
{
  int left = self->options->deltas;

  for (guint i = 0; i < self->releases->len && left > 0; i++)
    {
      OnwardRelease *old = g_ptr_array_index (self->releases, i);

      if (!g_str_equal (onward_release_get_platform (old),
                        onward_release_get_platform (self->release)) ||
          onward_release_is_withdrawn (old))
        continue;
      if (!write_delta (self, old, error))
        {
          g_prefix_error (error, "Making the delta from %s: ", onward_release_get_version (old));
          return FALSE;
        }
      left--;
    }

  return TRUE;
}

static JsonObject *
describe_target (Addition *self, GBytes *document)
{
  JsonObject *target = json_object_new ();
  JsonObject *hashes = json_object_new ();
  JsonObject *custom = json_object_new ();
  g_autofree char *hex = NULL;
  OnwardDigest digest;

  onward_digest_of_bytes (document, &digest);
  hex = onward_digest_to_string (&digest);
  json_object_set_string_member (hashes, "sha256", hex);
  json_object_set_object_member (custom, "onward", onward_release_to_json (self->release));
  json_object_set_int_member (target, "length", (gint64) g_bytes_get_size (document));
  json_object_set_object_member (target, "hashes", hashes);
  json_object_set_object_member (target, "custom", custom);
  return target;
}

static void
put_document (Addition *self, GBytes *bytes)
{
  g_autofree char *name = onward_release_dup_document_name (self->release);
  g_autofree char *folder = g_path_get_dirname (name);
  g_autofree char *base = g_path_get_basename (name);
  g_autofree char *hex = NULL;
  g_autofree char *path = NULL;
  OnwardDigest digest;

  onward_digest_of_bytes (bytes, &digest);
  hex = onward_digest_to_string (&digest);
  path = g_strdup_printf ("targets/%s/%s.%s", folder, hex, base);
  onward_repository_put (self->repository, path, bytes);
}

static gboolean
publish (Addition *self, OnwardKeyring *keyring, GError **error)
{
  g_autoptr (OnwardReleaseDocument) document =
      onward_release_document_new (self->release, onward_tree_get_digest (self->tree),
                                   onward_tree_get_size (self->tree), self->packs);
  g_autoptr (GBytes) bytes = onward_release_document_serialize (document);
  g_autofree char *name = onward_release_dup_document_name (self->release);
  g_autoptr (JsonObject) content = NULL;
  JsonObject *targets;

  content = onward_repository_load_role (self->repository, "targets", error);
  if (content == NULL)
    return FALSE;

  targets = json_object_get_object_member (content, "targets");
  json_object_set_object_member (targets, name, describe_target (self, bytes));
  put_document (self, bytes);
  if (!onward_metadata_writer_put_targets (self->repository, keyring, targets, error) ||
      !onward_repository_commit (self->repository, error))
    return FALSE;

  printf ("Published %s, sequence %" G_GUINT64_FORMAT ", channel %s, %s\n",
          onward_release_get_version (self->release), onward_release_get_sequence (self->release),
          onward_release_get_channel (self->release), onward_release_get_platform (self->release));
  return TRUE;
}

static gboolean
begin (Addition *self, const char *folder, GError **error)
{
  guint64 sequence = 1;

  self->packs_dir =
      g_build_filename (onward_repository_get_folder (self->repository), "packs", NULL);
  self->packs = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_pack_info_unref);
  self->writer.progress = on_progress;
  if (!onward_facts_parse_compression (self->options->compression, &self->writer.compression,
                                       error))
    return FALSE;

  self->targets = onward_repository_verify (self->repository, error);
  if (self->targets == NULL)
    return FALSE;
  self->releases = onward_catalogue_list (self->targets);
  if (self->releases->len > 0)
    sequence += onward_release_get_sequence (g_ptr_array_index (self->releases, 0));

  self->release = onward_facts_make_release (self->options, sequence, error);
  if (self->release == NULL || !check_version (self, error))
    return FALSE;

  self->dirfd = onward_file_open_dir (AT_FDCWD, folder, error);
  return self->dirfd >= 0;
}

/**
 * onward_addition_run:
 * @options: what the publisher says
 * @repository: the repository
 * @keyring: its keys
 * @folder: the tree to publish
 * @error: return location
 *
 * Finds what changed, makes the packs, and publishes the release. Until the new timestamp is
 * written nothing of it is visible to clients.
 */
gboolean
onward_addition_run (const OnwardAdditionOptions *options, OnwardRepository *repository,
                     OnwardKeyring *keyring, const char *folder, GError **error)
{
  g_auto (Addition) self = { .options = options, .repository = repository, .dirfd = -1 };
  g_autoptr (OnwardTree) scanned = NULL;

  if (!begin (&self, folder, error))
    return FALSE;

  scanned = onward_tree_scan (self.dirfd, NULL, error);
  if (scanned == NULL)
    {
      g_prefix_error (error, "Reading “%s”: ", folder);
      return FALSE;
    }

  return check_command (&self, scanned, error) && print_changes (&self, scanned, error) &&
         write_full (&self, scanned, error) && write_deltas (&self, error) &&
         publish (&self, keyring, error);
}
