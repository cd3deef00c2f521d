/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-launcher.h"
#include "onward-switch.h"
#include "onward-verify.h"

/* What it is called in a release that brings it, in whichever folder. */
#define LAUNCHER "onward-launch"
#define MAX_SIZE (16 * 1024 * 1024)

/* The launcher that a release brings, or NULL. */
static const OnwardTreeEntry *
find_entry (OnwardTree *tree)
{
  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);
      const char *slash = strrchr (entry->path, '/');

      if (entry->kind == ONWARD_ENTRY_FILE && entry->mode == 0755 && entry->size > 0 &&
          entry->size <= MAX_SIZE &&
          g_str_equal (slash != NULL ? slash + 1 : entry->path, LAUNCHER))
        return entry;
    }

  return NULL;
}

/* The name that the launcher has in the install: that of the program which it starts. */
static char *
dup_name (OnwardInstall *install, GError **error)
{
  g_autoptr (OnwardApplication) application = onward_install_load_application (install, error);

  return application != NULL ? g_path_get_basename (onward_application_get_command (application))
                             : NULL;
}

static gboolean
is_up_to_date (int dirfd, const char *name, const OnwardTreeEntry *entry)
{
  struct stat info;

  return fstatat (dirfd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         onward_verify_entry (dirfd, name, &info, entry, ONWARD_VERIFY_CONTENTS, NULL);
}

/* The bytes are hashed as they were read: what is written is what the tree says. */
static GBytes *
read_launcher (OnwardInstall *install, const char *version, const OnwardTreeEntry *entry,
               GError **error)
{
  g_auto (OnwardFd) dirfd = onward_install_open_version (install, version, error);
  g_autoptr (GBytes) bytes = NULL;
  OnwardDigest digest;

  if (dirfd < 0)
    return NULL;
  bytes = onward_file_read (dirfd, entry->path, MAX_SIZE, error);
  if (bytes == NULL)
    return NULL;

  onward_digest_of_data (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &digest);
  if (onward_digest_equal (&digest, &entry->digest))
    return g_steal_pointer (&bytes);

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT, "Reading “%s”: it is damaged",
               entry->path);
  return NULL;
}

/* Only what is there already is replaced: a folder without a launcher has another way to start. */
static gboolean
refresh (OnwardInstall *install, const char *version, const OnwardTreeEntry *entry, GError **error)
{
  g_autofree char *name = dup_name (install, error);
  g_autoptr (GBytes) bytes = NULL;
  int dirfd = onward_install_get_dirfd (install);
  struct stat info;

  if (name == NULL)
    return FALSE;
  if (fstatat (dirfd, name, &info, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG (info.st_mode) ||
      is_up_to_date (dirfd, name, entry))
    return TRUE;

  bytes = read_launcher (install, version, entry, error);
  return bytes != NULL && onward_file_write (dirfd, name, bytes, entry->mode, error);
}

/**
 * onward_launcher_refresh:
 * @install: an install, whose lock is held
 * @error: where to put ONWARD_ERROR; CORRUPT when the new launcher is damaged
 *
 * Updates the launcher from the current version, when a file called "onward-launch" is among what
 * that brings. A version on trial brings nothing: a launcher that is no good would take the way
 * back with it. One rename replaces it; a launcher that runs goes on. Blocking.
 *
 * Returns: FALSE when the launcher stays as it is for a reason
 */
gboolean
onward_launcher_refresh (OnwardInstall *install, GError **error)
{
  g_autofree char *current = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  const OnwardTreeEntry *entry;

  g_return_val_if_fail (install != NULL, FALSE);

  current = onward_install_dup_current (install, NULL);
  if (current == NULL || onward_switch_get_trial (install, NULL) != ONWARD_TRIAL_NONE)
    return TRUE;
  tree = onward_install_load_receipt (install, current, NULL);
  entry = tree != NULL ? find_entry (tree) : NULL;
  if (entry == NULL || refresh (install, current, entry, error))
    return TRUE;

  g_prefix_error (error, "Updating the launcher: ");
  return FALSE;
}
