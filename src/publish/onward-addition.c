/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "onward-addition-report.h"
#include "onward-addition.h"
#include "onward-catalogue.h"
#include "onward-component-marks.h"
#include "onward-error.h"
#include "onward-extractor.h"
#include "onward-facts.h"
#include "onward-file.h"
#include "onward-json.h"
#include "onward-metadata-writer.h"
#include "onward-notice.h"
#include "onward-pack-folder.h"
#include "onward-pack-writer.h"
#include "onward-tree-changes.h"
#include "onward-tree-scan.h"
#include "onward-version.h"
#include "onward-work-folder.h"

/* A delta that saves less than a fifth of what is fetched without it is not worth its keep. */
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
  OnwardPackFolder *folder; /* (owned): where the packs go */
  gboolean is_published;
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
  g_strfreev (options->delta_from);
  g_free (options->compression);
  g_free (options->effort);
  g_strfreev (options->components);
  g_strfreev (options->on_demand);
}

/* What no release that is published needs is not left behind. */
static void
discard_packs (Addition *self)
{
  for (guint i = 0; !self->is_published && self->packs != NULL && i < self->packs->len; i++)
    onward_pack_folder_discard (self->folder, g_ptr_array_index (self->packs, i));
}

static void
addition_clear (Addition *self)
{
  discard_packs (self);
  if (self->dirfd >= 0)
    onward_fd_close (self->dirfd);
  g_clear_pointer (&self->targets, onward_targets_unref);
  g_clear_pointer (&self->releases, g_ptr_array_unref);
  g_clear_pointer (&self->release, onward_release_unref);
  g_clear_pointer (&self->tree, onward_tree_unref);
  g_clear_pointer (&self->packs, g_ptr_array_unref);
  g_clear_pointer (&self->folder, onward_pack_folder_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Addition, addition_clear)

static void
on_progress (guint64 done, guint64 total, gpointer user_data)
{
  if (isatty (STDERR_FILENO) == 1 && total > 0)
    fprintf (stderr, "\r%s %3d %%\033[K%s", (const char *) user_data, (int) (done * 100 / total),
             done == total ? "\r\033[K" : "");
}

/* What takes longer than this is told before. */
#define LONG_SECONDS 10

static void
on_forecast (guint64 memory, guint64 seconds, gpointer user_data)
{
  g_autofree char *size = g_format_size (memory);

  if (seconds >= LONG_SECONDS)
    fprintf (stderr,
             "%s: takes up to %s of memory, and about %" G_GUINT64_FORMAT " seconds of a core\n",
             (const char *) user_data, size, seconds);
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

/* The tree was scanned: a link in it leads to something inside it, or nowhere. */
static gboolean
check_command (Addition *self, OnwardTree *scanned, GError **error)
{
  g_autofree char *command = onward_repository_dup_setting (self->repository, "Command");
  const char *problem = NULL;
  struct stat info;

  if (onward_tree_lookup (scanned, command) == NULL)
    problem = "is missing";
  else if (onward_component_marks_covers (scanned, self->dirfd, command))
    problem = "is in a component, which may be left out";
  else if (fstatat (self->dirfd, command, &info, 0) != 0)
    problem = "is a link that leads nowhere";
  else if (!S_ISREG (info.st_mode))
    problem = "is not a file";
  else if ((info.st_mode & S_IXUSR) == 0)
    problem = "is not executable";
  if (problem == NULL)
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
               "Adding version %s: the program “%s” %s", onward_release_get_version (self->release),
               command, problem);
  return FALSE;
}

/* A pack that was deleted is missed by no one but its release; one that was changed is an alarm. */
static gboolean
is_missing (OnwardRelease *old, const char *what, GError **error)
{
  if (!g_error_matches (*error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    return FALSE;

  onward_notice_warn ("Version %s: %s; going on without %s", onward_release_get_version (old),
                      (*error)->message, what);
  g_clear_error (error);
  return TRUE;
}

static gboolean
report_changes (Addition *self, OnwardTree *scanned, GError **error)
{
  OnwardRelease *previous = find_previous (self);
  g_autoptr (OnwardReleaseDocument) document = NULL;
  g_autoptr (OnwardTree) old_tree = NULL;
  g_autoptr (GArray) changes = NULL;
  g_autoptr (GError) local_error = NULL;

  if (previous == NULL)
    {
      onward_addition_report_first (self->options->json, scanned);
      return TRUE;
    }

  document =
      onward_catalogue_load_document (self->repository, self->targets, previous, &local_error);
  if (document != NULL)
    old_tree = onward_extractor_read_tree (self->repository, document, &local_error);
  if (old_tree == NULL)
    {
      if (is_missing (previous, "the table of changes", &local_error))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  changes = onward_tree_changes_find (old_tree, scanned);
  onward_addition_report_changes (self->options->json, previous, changes);
  return TRUE;
}

static gboolean
write_full (Addition *self, OnwardTree *scanned, GError **error)
{
  OnwardPackInfo *pack = NULL;

  self->writer.progress_data = self->writer.forecast_data = (gpointer) "Full pack";
  if (!onward_pack_writer_write_full (&self->writer, self->dirfd, scanned,
                                      onward_pack_folder_get_path (self->folder), &self->tree,
                                      &pack, self->options->cancellable, error))
    return FALSE;

  g_ptr_array_add (self->packs, pack);
  onward_addition_report_pack (self->options->json, pack, NULL);
  return TRUE;
}

static gboolean
write_delta_from (Addition *self, OnwardReleaseDocument *old_document, int old_dirfd,
                  GError **error)
{
  OnwardRelease *old = onward_release_document_get_release (old_document);
  g_autoptr (OnwardTree) old_tree = NULL;
  g_autoptr (OnwardPackInfo) pack = NULL;
  guint64 full_size;

  old_tree = onward_extractor_run (self->repository, old_document, NULL, old_dirfd,
                                   self->options->cancellable, error);
  if (old_tree == NULL)
    return FALSE;

  self->writer.progress_data = self->writer.forecast_data = (gpointer) "Delta pack";
  if (!onward_pack_writer_write_delta (&self->writer, old_dirfd, old_tree, self->dirfd, self->tree,
                                       onward_pack_folder_get_path (self->folder), &pack,
                                       self->options->cancellable, error) ||
      !onward_pack_folder_measure (self->folder, g_ptr_array_index (self->packs, 0), old_tree,
                                   &full_size, error))
    return FALSE;

  if (onward_pack_info_get_size (pack) * 100 >= full_size * WORTHWHILE_PERCENT)
    {
      onward_addition_report_left_out (self->options->json, pack, old);
      onward_pack_folder_discard (self->folder, pack);
      return TRUE;
    }

  onward_addition_report_pack (self->options->json, pack, old);
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
  g_autoptr (OnwardWorkFolder) folder = NULL;
  g_auto (OnwardFd) dirfd = -1;

  if (document == NULL)
    return FALSE;
  if (is_known_tree (self, document))
    return TRUE;

  folder = onward_work_folder_new (self->repository, error);
  if (folder == NULL)
    return FALSE;
  dirfd = onward_file_open_dir (AT_FDCWD, folder, error);
  return dirfd >= 0 && write_delta_from (self, document, dirfd, error);
}

static gboolean
is_of_platform (Addition *self, OnwardRelease *old)
{
  return g_str_equal (onward_release_get_platform (old),
                      onward_release_get_platform (self->release));
}

static gboolean
is_named (Addition *self, OnwardRelease *old)
{
  char **names = self->options->delta_from;

  return names != NULL &&
         g_strv_contains ((const char *const *) names, onward_release_get_version (old));
}

/* A name that is no release's is a mistake, told before any work is done. */
static gboolean
check_named (Addition *self, GError **error)
{
  char **names = self->options->delta_from;

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (onward_catalogue_find (self->releases, names[i],
                               onward_release_get_platform (self->release)) == NULL)
      {
        g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                     "Making the delta from %s: there is no such version", names[i]);
        return FALSE;
      }
  return TRUE;
}

/* One more or less is no reason to fail when the old pack is gone. */
static gboolean
try_delta (Addition *self, OnwardRelease *old, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (write_delta (self, old, &local_error) || is_missing (old, "the delta from it", &local_error))
    return TRUE;

  g_propagate_prefixed_error (error, g_steal_pointer (&local_error),
                              "Making the delta from %s: ", onward_release_get_version (old));
  return FALSE;
}

/* From the newest releases, and from those that were named, however old. */
static gboolean
write_deltas (Addition *self, GError **error)
{
  int left = self->options->deltas;

  for (guint i = 0; i < self->releases->len; i++)
    {
      OnwardRelease *old = g_ptr_array_index (self->releases, i);
      gboolean is_recent = left > 0 && !onward_release_is_withdrawn (old);

      if (!is_of_platform (self, old) || !(is_recent || is_named (self, old)))
        continue;
      if (!try_delta (self, old, error))
        return FALSE;
      left -= is_recent;
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

/* What a client would refuse is refused now. */
static GBytes *
make_document (Addition *self, GError **error)
{
  g_autoptr (OnwardReleaseDocument) document =
      onward_release_document_new (self->release, onward_tree_get_digest (self->tree),
                                   onward_tree_get_size (self->tree), self->packs);
  g_autoptr (GBytes) bytes = onward_release_document_serialize (document);
  g_autoptr (OnwardReleaseDocument) again = NULL;

  if (g_bytes_get_size (bytes) > ONWARD_RELEASE_DOCUMENT_MAX_SIZE)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                   "Adding version %s: its notes are too long together",
                   onward_release_get_version (self->release));
      return NULL;
    }

  again = onward_release_document_parse (bytes, error);
  return again == NULL ? NULL : g_steal_pointer (&bytes);
}

/* From the commit on nothing is interrupted. */
static gboolean
publish (Addition *self, OnwardKeyring *keyring, GError **error)
{
  g_autoptr (GBytes) bytes = make_document (self, error);
  g_autofree char *name = onward_release_dup_document_name (self->release);
  g_autoptr (JsonObject) content = NULL;
  JsonObject *targets;

  if (bytes == NULL)
    return FALSE;
  content = onward_repository_load_role (self->repository, "targets", error);
  if (content == NULL || !onward_json_get_object (content, "targets", &targets, error))
    return FALSE;

  json_object_set_object_member (targets, name, describe_target (self, bytes));
  put_document (self, bytes);
  if (!onward_metadata_writer_put_targets (self->repository, keyring, targets, error) ||
      g_cancellable_set_error_if_cancelled (self->options->cancellable, error) ||
      !onward_repository_commit (self->repository, error))
    return FALSE;

  self->is_published = TRUE;
  if (onward_repository_stage_get_version (self->repository, "targets") > 0)
    onward_notice_warn ("It waits for the online keys, unseen by clients: run “onward-publish "
                        "refresh” where they are");
  onward_addition_report_published (self->options->json, self->release);
  return TRUE;
}

static gboolean
is_inside (const char *path, const char *folder)
{
  gsize length = strlen (folder);

  return strncmp (path, folder, length) == 0 &&
         (path[length] == '\0' || path[length] == '/' || g_str_equal (folder, "/"));
}

/* Publishing "." with the keys in it would hand them to everybody. */
static gboolean
check_apart (Addition *self, const char *folder, GError **error)
{
  g_autofree char *keys = onward_repository_dup_keys_path (self->repository);
  const char *secrets[] = { keys, onward_repository_get_folder (self->repository) };
  g_autofree char *tree = realpath (folder, NULL);

  for (guint i = 0; tree != NULL && i < G_N_ELEMENTS (secrets); i++)
    {
      g_autofree char *path = realpath (secrets[i], NULL);

      if (path != NULL && is_inside (path, tree))
        {
          g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                       "Adding “%s”: it holds “%s”, which is not to be published", folder, path);
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
prepare (Addition *self, GError **error)
{
  guint64 sequence = 1;

  self->packs = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_pack_info_unref);
  self->writer.progress = on_progress;
  self->writer.forecast = on_forecast;
  if (!onward_facts_parse_compression (self->options->compression, &self->writer.compression,
                                       error) ||
      !onward_facts_parse_effort (self->options->effort, &self->writer.effort, error))
    return FALSE;

  self->targets = onward_repository_verify_ahead (self->repository, error);
  if (self->targets == NULL)
    return FALSE;
  self->releases = onward_catalogue_list (self->targets, error);
  if (self->releases == NULL)
    return FALSE;
  if (self->releases->len > 0)
    sequence += onward_release_get_sequence (g_ptr_array_index (self->releases, 0));

  self->release = onward_facts_make_release (self->options, sequence, error);
  return self->release != NULL && check_version (self, error) && check_named (self, error);
}

static OnwardTree *
scan (Addition *self, const char *folder, GError **error)
{
  g_autoptr (OnwardTree) scanned = NULL;

  self->dirfd = onward_file_open_dir (AT_FDCWD, folder, error);
  if (self->dirfd < 0)
    return NULL;

  scanned = onward_tree_scan (self->dirfd, self->options->cancellable, error);
  if (scanned != NULL)
    return onward_component_marks_apply (scanned, self->options, error);

  g_prefix_error (error, "Reading “%s”: ", folder);
  return NULL;
}

static gboolean
write_packs (Addition *self, OnwardTree *scanned, GError **error)
{
  self->folder = onward_pack_folder_open (self->repository, error);
  return self->folder != NULL && write_full (self, scanned, error) && write_deltas (self, error);
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
 * written nothing of it is visible to clients; on failure every file of the repository is as it was
 * before, and no other is there. Old releases are unpacked beside the repository one at a time; one
 * whose pack is gone gives a warning instead of a delta. Blocking.
 */
gboolean
onward_addition_run (const OnwardAdditionOptions *options, OnwardRepository *repository,
                     OnwardKeyring *keyring, const char *folder, GError **error)
{
  g_auto (Addition) self = { .options = options, .repository = repository, .dirfd = -1 };
  g_autoptr (OnwardTree) scanned = NULL;

  if (!check_apart (&self, folder, error) || !prepare (&self, error))
    return FALSE;

  scanned = scan (&self, folder, error);
  return scanned != NULL && check_command (&self, scanned, error) &&
         report_changes (&self, scanned, error) && write_packs (&self, scanned, error) &&
         publish (&self, keyring, error);
}
