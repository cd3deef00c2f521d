/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/utsname.h>

#include "onward-digest.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-paths.h"

#define STATE_NAME_LENGTH 16

struct _OnwardPaths
{
  char *install; /* (owned): canonical */
  char *config;  /* (owned) */
  char *anchor;  /* (owned) */
  char *state;   /* (owned) */
  char *journal; /* (owned) */
  char *trust;   /* (owned) */
  char *parts;   /* (owned) */
  char *log;     /* (owned) */
};

static gboolean
may_write (const char *dir)
{
  return faccessat (AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) == 0;
}

/* Two installs never share a state folder, and one keeps it by whichever way it is reached. */
static char *
user_state_dir (const char *install)
{
  g_autofree char *name = NULL;
  OnwardDigest digest;

  onward_digest_of_data (install, strlen (install), &digest);
  name = onward_digest_to_string (&digest);
  name[STATE_NAME_LENGTH] = '\0';
  return g_build_filename (g_get_user_state_dir (), "onward", name, NULL);
}

/* Only when it is known that the folder is not this user's to write: elsewhere nothing is found of
 * what was trusted and received. */
static char *
choose_state_dir (const char *install)
{
  g_autofree char *own = g_build_filename (install, "var", NULL);
  gboolean exists = g_file_test (own, G_FILE_TEST_IS_DIR);

  if (may_write (exists ? own : install) || (errno != EACCES && errno != EPERM && errno != EROFS))
    return g_steal_pointer (&own);
  return user_state_dir (install);
}

static void
clear (gpointer data)
{
  OnwardPaths *self = data;

  g_free (self->install);
  g_free (self->config);
  g_free (self->anchor);
  g_free (self->state);
  g_free (self->journal);
  g_free (self->trust);
  g_free (self->parts);
  g_free (self->log);
}

/**
 * onward_paths_new:
 * @dir: an install folder
 * @error: where to put ONWARD_ERROR
 *
 * Finds where the parts of an install live (DESIGN.md §5). NOT_FOUND says that @dir is no install.
 *
 * Returns: (transfer full): the paths
 */
OnwardPaths *
onward_paths_new (const char *dir, GError **error)
{
  g_autofree char *install = NULL;
  g_autofree char *config = NULL;
  struct stat info = { 0 };
  OnwardPaths *self;

  g_return_val_if_fail (dir != NULL, NULL);

  install = realpath (dir, NULL);
  if (install == NULL)
    {
      onward_file_set_error (error, errno, "Opening install", dir);
      return NULL;
    }

  config = g_build_filename (install, "onward.ini", NULL);
  errno = ENOENT;
  if (stat (config, &info) < 0 || !S_ISREG (info.st_mode))
    {
      onward_file_set_error (error, errno, "Opening install", config);
      return NULL;
    }

  self = g_atomic_rc_box_new0 (OnwardPaths);
  self->install = g_steal_pointer (&install);
  self->config = g_steal_pointer (&config);
  self->anchor = g_build_filename (self->install, "root.json", NULL);
  self->state = choose_state_dir (self->install);
  self->journal = g_build_filename (self->state, "state.ini", NULL);
  self->trust = g_build_filename (self->state, "trust", NULL);
  self->parts = g_build_filename (self->state, "parts", NULL);
  self->log = g_build_filename (self->state, "update.log", NULL);
  return self;
}

/**
 * onward_paths_ref:
 * @self: the paths
 *
 * Returns: (transfer full): @self; any thread may hold a reference
 */
OnwardPaths *
onward_paths_ref (OnwardPaths *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

/**
 * onward_paths_unref:
 * @self: (transfer full): the paths
 */
void
onward_paths_unref (OnwardPaths *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/**
 * onward_paths_get_install:
 * @self: the paths
 *
 * Returns: (transfer none): the install folder, absolute and without links
 */
const char *
onward_paths_get_install (OnwardPaths *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->install;
}

/**
 * onward_paths_get_config:
 * @self: the paths
 *
 * Returns: (transfer none): what describes the application, "onward.ini"
 */
const char *
onward_paths_get_config (OnwardPaths *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->config;
}

/**
 * onward_paths_get_anchor:
 * @self: the paths
 *
 * Returns: (transfer none): the first trusted root, which came with the install
 */
const char *
onward_paths_get_anchor (OnwardPaths *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->anchor;
}

/* Makes a folder of the state, for this user alone; that it could not be shows where it is used. */
static const char *
ensure (const char *dir)
{
  (void) g_mkdir_with_parents (dir, 0700);
  return dir;
}

/**
 * onward_paths_get_state:
 * @self: the paths
 *
 * Returns: (transfer none): the folder of the state, made when it is missing; "var" in the
 *   install, or a folder of the user's own when the install is not theirs to change
 */
const char *
onward_paths_get_state (OnwardPaths *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return ensure (self->state);
}

/**
 * onward_paths_get_journal:
 * @self: the paths
 *
 * Returns: (transfer none): the journal, in a folder that was made when it was missing
 */
const char *
onward_paths_get_journal (OnwardPaths *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  (void) ensure (self->state);
  return self->journal;
}

/**
 * onward_paths_get_trust:
 * @self: the paths
 *
 * Returns: (transfer none): the folder of trusted metadata, made when it is missing
 */
const char *
onward_paths_get_trust (OnwardPaths *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return ensure (self->trust);
}

/**
 * onward_paths_get_parts:
 * @self: the paths
 *
 * Returns: (transfer none): the folder of unfinished downloads, made when it is missing
 */
const char *
onward_paths_get_parts (OnwardPaths *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return ensure (self->parts);
}

/**
 * onward_paths_get_log:
 * @self: the paths
 *
 * Returns: (transfer none): the log, in a folder that was made when it was missing
 */
const char *
onward_paths_get_log (OnwardPaths *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  (void) ensure (self->state);
  return self->log;
}

/**
 * onward_paths_is_writable:
 * @self: the paths
 *
 * Returns: whether this user may change the install itself at this moment
 */
gboolean
onward_paths_is_writable (OnwardPaths *self)
{
  g_autofree char *versions = NULL;

  g_return_val_if_fail (self != NULL, FALSE);

  versions = g_build_filename (self->install, "versions", NULL);
  return may_write (self->install) && may_write (versions);
}

/**
 * onward_paths_get_platform:
 *
 * Returns: (transfer none): the platform of this computer, e.g. "linux-x86_64"
 */
const char *
onward_paths_get_platform (void)
{
  g_autofree char *platform = NULL;
  struct utsname names;

  if (uname (&names) < 0)
    return "linux-unknown";

  platform = g_strconcat ("linux-", names.machine, NULL);
  return g_intern_string (platform);
}

/**
 * onward_paths_get_test_setting:
 * @name: the rest of the name, e.g. "PROGRAM_DIR"
 *
 * The only place that reads the settings made for tests. A program with raised rights has none.
 *
 * Returns: (transfer none) (nullable): the value of ONWARD_TEST_<NAME>
 */
const char *
onward_paths_get_test_setting (const char *name)
{
  g_autofree char *variable = NULL;

  g_return_val_if_fail (name != NULL, NULL);

  if (getauxval (AT_SECURE) != 0)
    return NULL;

  variable = g_strconcat ("ONWARD_TEST_", name, NULL);
  return g_getenv (variable);
}

static char *
program_in (const char *dir, const char *name)
{
  g_autofree char *path = dir != NULL ? g_build_filename (dir, name, NULL) : NULL;

  if (path == NULL || !g_file_test (path, G_FILE_TEST_IS_REGULAR) || access (path, X_OK) < 0)
    return NULL;

  return g_steal_pointer (&path);
}

/* A program that was just built, for a program that runs from the same build folder. */
static char *
program_in_build (const char *own_dir, const char *name)
{
  g_autofree char *root = g_build_filename (own_dir, "..", "..", NULL);
  g_autofree char *marker = g_build_filename (root, "build.ninja", NULL);
  const char *room = g_str_has_prefix (name, "onward-") ? name + strlen ("onward-") : "cli";
  g_autofree char *dir = g_build_filename (root, "src", room, NULL);

  return g_file_test (marker, G_FILE_TEST_EXISTS) ? program_in (dir, name) : NULL;
}

/**
 * onward_paths_find_program:
 * @name: a program that ships with Onward, e.g. "onward-updater"
 *
 * Looks where ONWARD_TEST_PROGRAM_DIR says, beside the running program, in its build folder, where
 * Onward was installed, and in PATH.
 *
 * Returns: (transfer full) (nullable): its path
 */
char *
onward_paths_find_program (const char *name)
{
  g_autofree char *own = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *own_dir = own != NULL ? g_path_get_dirname (own) : NULL;
  char *found;

  g_return_val_if_fail (name != NULL, NULL);

  found = program_in (onward_paths_get_test_setting ("PROGRAM_DIR"), name);
  if (found == NULL)
    found = program_in (own_dir, name);
  if (found == NULL && own_dir != NULL)
    found = program_in_build (own_dir, name);
  if (found == NULL)
    found = program_in (ONWARD_LIBEXECDIR, name);
  if (found == NULL)
    found = program_in (ONWARD_BINDIR, name);

  return found != NULL ? found : g_find_program_in_path (name);
}

/**
 * onward_paths_get_own_install:
 *
 * Returns: (transfer none) (nullable): the install that the running program was started from, as
 *   its launcher says in the environment
 */
const char *
onward_paths_get_own_install (void)
{
  return g_getenv ("ONWARD_INSTALL");
}

/**
 * onward_paths_get_own_version:
 * @self: the paths
 *
 * Returns: (transfer none) (nullable): the version of this install that the running program was
 *   started as, when its launcher has started it
 */
const char *
onward_paths_get_own_version (OnwardPaths *self)
{
  const char *install = onward_paths_get_own_install ();

  g_return_val_if_fail (self != NULL, NULL);

  if (install == NULL || !g_str_equal (install, self->install))
    return NULL;
  return g_getenv ("ONWARD_VERSION");
}
