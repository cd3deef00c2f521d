/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "onward-application.h"
#include "onward-archive.h"
#include "onward-bundle.h"
#include "onward-catalogue.h"
#include "onward-error.h"
#include "onward-extractor.h"
#include "onward-file.h"
#include "onward-paths.h"
#include "onward-receipt.h"
#include "onward-release-private.h"
#include "onward-tree-path.h"

#define LAUNCHER_MAX_SIZE (16 * 1024 * 1024)

typedef struct
{
  const OnwardBundleOptions *options;
  OnwardRepository *repository;
  OnwardReleaseDocument *document; /* (owned) */
  GBytes *ini;                     /* (owned): onward.ini */
  OnwardFd dirfd;                  /* (owned): the install being made */
} Bundle;

static void
bundle_clear (Bundle *self)
{
  g_clear_pointer (&self->document, onward_release_document_unref);
  g_clear_pointer (&self->ini, g_bytes_unref);
  if (self->dirfd >= 0)
    onward_fd_close (self->dirfd);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bundle, bundle_clear)

static gboolean
is_archive (const char *output)
{
  return g_str_has_suffix (output, ".tar.zst");
}

static void
set_from_setting (GKeyFile *ini, OnwardRepository *repository, const char *key)
{
  g_autofree char *value = onward_repository_dup_setting (repository, key);

  if (value != NULL)
    g_key_file_set_string (ini, "Application", key, value);
}

static char *
make_ini (Bundle *self, gsize *ret_size)
{
  const OnwardBundleOptions *options = self->options;
  OnwardRelease *release = onward_release_document_get_release (self->document);
  g_autoptr (GKeyFile) ini = g_key_file_new ();
  g_autofree char *url = g_strdup (options->url);

  while (g_str_has_suffix (url, "/"))
    url[strlen (url) - 1] = '\0';

  set_from_setting (ini, self->repository, "Id");
  set_from_setting (ini, self->repository, "Name");
  set_from_setting (ini, self->repository, "Icon");
  set_from_setting (ini, self->repository, "Command");
  g_key_file_set_string (ini, "Application", "Repository", url);
  g_key_file_set_string (ini, "Application", "Channel",
                         options->channel != NULL ? options->channel
                                                  : onward_release_get_channel (release));
  g_key_file_set_string (ini, "Application", "Layout",
                         options->layout != NULL ? options->layout : "side-by-side");
  if (options->allow_http)
    g_key_file_set_boolean (ini, "Application", "AllowHttp", TRUE);
  if (options->keep != NULL)
    g_key_file_set_string_list (ini, "Application", "Keep", (const char *const *) options->keep,
                                g_strv_length (options->keep));
  if (options->supervise)
    g_key_file_set_boolean (ini, "Application", "Supervise", TRUE);
  if (options->good_after != 0)
    g_key_file_set_integer (ini, "Application", "GoodAfter", options->good_after);
  return g_key_file_to_data (ini, ret_size, NULL);
}

/* A client reads it as it is written here: what it would refuse is refused now. */
static gboolean
prepare_ini (Bundle *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gsize size = 0;
  g_autofree char *text = make_ini (self, &size);
  g_autoptr (OnwardApplication) application = onward_application_parse (text, size, &local_error);

  if (application == NULL)
    {
      g_propagate_error (error, g_error_new (G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                                             "Making onward.ini (for http see --allow-http): %s",
                                             local_error->message));
      return FALSE;
    }

  self->ini = g_bytes_new_take (g_steal_pointer (&text), size);
  return TRUE;
}

static gboolean
write_launcher (Bundle *self, GError **error)
{
  g_autofree char *source = onward_paths_find_program ("onward-launch");
  g_autofree char *command = onward_repository_dup_setting (self->repository, "Command");
  g_autofree char *name = g_path_get_basename (command);
  g_autoptr (GBytes) bytes = NULL;

  if (source == NULL)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                           "Writing the launcher: “onward-launch” is not installed");
      return FALSE;
    }

  bytes = onward_file_read (AT_FDCWD, source, LAUNCHER_MAX_SIZE, error);
  return bytes != NULL && onward_file_write (self->dirfd, name, bytes, 0755, error);
}

/* The newest one: of what its keys vouch for no older state can be passed off as a theft mended. */
static gboolean
write_root (Bundle *self, GError **error)
{
  g_autoptr (GBytes) bytes = onward_repository_verify_roots (self->repository, error);

  return bytes != NULL && onward_file_write (self->dirfd, "root.json", bytes, 0644, error);
}

/* Whatever the umask of the publisher: others may be meant to use the install. */
static gboolean
make_folder (int dirfd, const char *path, GError **error)
{
  if (mkdirat (dirfd, path, 0755) == 0 && fchmodat (dirfd, path, 0755, 0) == 0)
    return TRUE;

  onward_file_set_error (error, errno, "Making", path);
  return FALSE;
}

static gboolean
check_names (Bundle *self, char **names, GError **error)
{
  OnwardRelease *release = onward_release_document_get_release (self->document);
  const char *const *components = onward_release_get_components (release);
  g_autofree char *list = g_strjoinv ("”, “", (char **) components);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (!g_strv_contains (components, names[i]))
      {
        g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                     "Version %s has no component “%s”%s%s%s", self->options->version, names[i],
                     list[0] != '\0' ? ", but “" : "", list, list[0] != '\0' ? "”" : "");
        return FALSE;
      }
  return TRUE;
}

/* What comes on demand only, and what is named. */
static char **
list_absent (Bundle *self)
{
  OnwardRelease *release = onward_release_document_get_release (self->document);
  const char *const *on_demand = onward_release_get_on_demand (release);
  const char *const *with = (const char *const *) self->options->with;
  g_autoptr (GStrvBuilder) absent = g_strv_builder_new ();

  for (guint i = 0; on_demand[i] != NULL; i++)
    if (with == NULL || !g_strv_contains (with, on_demand[i]))
      g_strv_builder_add (absent, on_demand[i]);
  if (self->options->without != NULL)
    g_strv_builder_addv (absent, (const char **) self->options->without);
  return g_strv_builder_end (absent);
}

/* In place the folder has the name of the link, and the link lies in it. */
static gboolean
write_tree (Bundle *self, const char *version, GError **error)
{
  gboolean is_in_place = g_strcmp0 (self->options->layout, "in-place") == 0;
  g_autofree char *target = g_build_filename ("versions", version, NULL);
  const char *folder = is_in_place ? "current" : target;
  const char *link = is_in_place ? "current/" ONWARD_TREE_PATH_MARK : "current";
  g_auto (GStrv) absent = list_absent (self);
  g_autoptr (OnwardTree) tree = NULL;
  g_autoptr (GBytes) receipt = NULL;
  g_auto (OnwardFd) versionfd = -1;
  g_auto (OnwardFd) receiptsfd = -1;

  if (!make_folder (self->dirfd, "versions", error) || !make_folder (self->dirfd, folder, error) ||
      !make_folder (self->dirfd, "receipts", error) || !make_folder (self->dirfd, "var", error))
    return FALSE;

  versionfd = onward_file_open_dir (self->dirfd, folder, error);
  receiptsfd = onward_file_open_dir (self->dirfd, "receipts", error);
  if (versionfd < 0 || receiptsfd < 0)
    return FALSE;

  tree = onward_extractor_run (self->repository, self->document, (const char *const *) absent,
                               versionfd, self->options->cancellable, error);
  if (tree == NULL)
    return FALSE;
  receipt = onward_receipt_serialize (tree);
  return onward_file_write (receiptsfd, version, receipt, 0644, error) &&
         onward_file_link_over (self->dirfd, target, link, error);
}

static gboolean
write_install (Bundle *self, const char *folder, GError **error)
{
  OnwardRelease *release = onward_release_document_get_release (self->document);

  if (!make_folder (AT_FDCWD, folder, error))
    return FALSE;

  self->dirfd = onward_file_open_dir (AT_FDCWD, folder, error);
  return self->dirfd >= 0 &&
         onward_file_write (self->dirfd, "onward.ini", self->ini, 0644, error) &&
         write_launcher (self, error) && write_root (self, error) &&
         write_tree (self, onward_release_get_version (release), error);
}

static gboolean
find_document (Bundle *self, GError **error)
{
  const OnwardBundleOptions *options = self->options;
  const char *platform =
      options->platform == NULL ? onward_paths_get_platform () : options->platform;
  g_autoptr (OnwardTargets) targets = onward_repository_verify (self->repository, error);
  g_autoptr (GPtrArray) releases = NULL;
  OnwardRelease *release;

  if (targets == NULL)
    return FALSE;

  releases = onward_catalogue_list (targets, error);
  if (releases == NULL)
    return FALSE;
  release = onward_catalogue_find (releases, options->version, platform);
  if (release == NULL)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                   "Bundling version %s: it is not published for %s", options->version, platform);
      return FALSE;
    }

  self->document = onward_catalogue_load_document (self->repository, targets, release, error);
  return self->document != NULL && check_names (self, options->without, error) &&
         check_names (self, options->with, error);
}

/* One step, which never replaces a folder. */
static gboolean
move_folder (const char *from, const char *to, GError **error)
{
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return TRUE;

  /* A file system that does not know the flag; that the name is free was checked before. */
  if (errno == EINVAL && rename (from, to) == 0)
    return TRUE;

  onward_file_set_error (error, errno, "Making", to);
  return FALSE;
}

static gboolean
move_file (const char *from, const char *to, GError **error)
{
  if (rename (from, to) == 0)
    return TRUE;

  onward_file_set_error (error, errno, "Making", to);
  return FALSE;
}

static gboolean
write_in (Bundle *self, const char *work, const char *output, GError **error)
{
  OnwardRelease *release = onward_release_document_get_release (self->document);
  g_autofree char *command = onward_repository_dup_setting (self->repository, "Command");
  g_autofree char *name = g_path_get_basename (command);
  g_autofree char *folder = g_build_filename (work, name, NULL);
  g_autofree char *archive = g_build_filename (work, ".tar.zst", NULL);

  if (!write_install (self, folder, error))
    return FALSE;
  if (!is_archive (output))
    return move_folder (folder, output, error);

  return onward_archive_write (work, name, onward_release_get_date (release), archive,
                               self->options->cancellable, error) &&
         move_file (archive, output, error);
}

static gboolean
check_output (const char *output, GError **error)
{
  struct stat info;

  if (lstat (output, &info) != 0 || (is_archive (output) && !S_ISDIR (info.st_mode)))
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
               "Making “%s”: it exists already; a bundle never changes an install", output);
  return FALSE;
}

/**
 * onward_bundle_write:
 * @options: what it is made of
 * @repository: the repository
 * @error: return location
 *
 * Makes the first install: launcher, onward.ini, trusted root, tree and receipt. It is made in a
 * temporary folder beside the output and moved to its name when it is whole: on failure nothing is
 * left. A folder that exists is refused, an archive is replaced. Blocking.
 */
gboolean
onward_bundle_write (const OnwardBundleOptions *options, OnwardRepository *repository,
                     GError **error)
{
  g_auto (Bundle) self = { .options = options, .repository = repository, .dirfd = -1 };
  g_autofree char *output = g_canonicalize_filename (options->output, NULL);
  g_autofree char *parent = g_path_get_dirname (output);
  g_autofree char *work = g_build_filename (parent, ".onward-bundle-XXXXXX", NULL);
  gboolean written;

  if (!check_output (output, error) || !find_document (&self, error) || !prepare_ini (&self, error))
    return FALSE;

  if (g_mkdtemp (work) == NULL)
    {
      onward_file_set_error (error, errno, "Making a folder in", parent);
      return FALSE;
    }

  written = write_in (&self, work, output, error);
  (void) onward_file_remove_tree (AT_FDCWD, work, NULL, NULL);
  return written;
}
