/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onward-file.h"
#include "onward-running.h"

#define MAX_TEXT 4096

/* A version whose folder somebody has locked. */
typedef struct
{
  char *version;
  struct stat info;
} Pinned;

/* What is looked for in the list of processes. */
typedef struct
{
  GArray *pinned;     /* (unowned): Pinned */
  GHashTable *owners; /* (unowned): whose locks were seen */
  GPtrArray *running; /* (owned): OnwardRunning */
} Search;

/**
 * onward_running_free:
 * @self: (transfer full): a running copy
 */
void
onward_running_free (OnwardRunning *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->name);
  g_free (self->version);
  g_free (self);
}

static void
clear_pinned (gpointer data)
{
  g_free (((Pinned *) data)->version);
}

/* The kernel lists no holder of a lock that one may see, so the lock itself is asked first. */
static GArray *
list_pinned (OnwardInstall *install)
{
  g_auto (GStrv) versions = onward_install_list_versions (install, NULL);
  GArray *pinned = g_array_new (FALSE, FALSE, sizeof (Pinned));

  g_array_set_clear_func (pinned, clear_pinned);
  for (guint i = 0; versions != NULL && versions[i] != NULL; i++)
    {
      g_auto (OnwardFd) fd = onward_install_open_version (install, versions[i], NULL);
      Pinned found;

      if (fd < 0 || flock (fd, LOCK_EX | LOCK_NB) == 0 || fstat (fd, &found.info) < 0)
        continue;
      found.version = g_strdup (versions[i]);
      g_array_append_val (pinned, found);
    }

  return pinned;
}

static const char *
find_version (const Search *self, const struct stat *info)
{
  for (guint i = 0; i < self->pinned->len; i++)
    {
      const Pinned *pinned = &g_array_index (self->pinned, Pinned, i);

      if (pinned->info.st_dev == info->st_dev && pinned->info.st_ino == info->st_ino)
        return pinned->version;
    }

  return NULL;
}

static char *
read_small (const char *path)
{
  g_auto (OnwardFd) fd = TEMP_FAILURE_RETRY (open (path, O_RDONLY | O_CLOEXEC));
  char text[MAX_TEXT];
  gssize length = fd >= 0 ? TEMP_FAILURE_RETRY (read (fd, text, sizeof text - 1)) : -1;

  return length >= 0 ? g_strndup (text, (gsize) length) : NULL;
}

/* The process that has taken the shared lock which a descriptor has: 0 when that is gone, -1 when
 * there is no lock. What was started by a copy has inherited its lock, but not taken it. */
static gint64
get_owner (gint64 pid, const char *descriptor)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/fdinfo/%s", pid, descriptor);
  g_autofree char *text = read_small (path);
  const char *line = text != NULL ? strstr (text, "lock:") : NULL;
  long owner = -1;

  if (line == NULL || sscanf (line, "lock: %*d: FLOCK %*s READ %ld", &owner) != 1)
    return -1;
  return owner;
}

/* One that has ended holds nothing, however long nobody asks how. */
static gboolean
is_alive (gint64 pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/stat", pid);
  g_autofree char *text = read_small (path);
  const char *state = text != NULL ? strrchr (text, ')') : NULL;

  return (kill ((pid_t) pid, 0) == 0 || errno != ESRCH) &&
         (state == NULL || !g_str_has_prefix (state, ") Z"));
}

/* Where the owner is gone, something that it has started stands for all that. */
static void
add (Search *self, gint64 owner, gint64 holder, const char *version)
{
  gint64 pid = owner > 0 && is_alive (owner) ? owner : holder;
  gconstpointer key = owner > 0 ? GINT_TO_POINTER ((int) owner) : version;
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/comm", pid);
  OnwardRunning *running;

  if (!g_hash_table_add (self->owners, (gpointer) key))
    return;

  running = g_new0 (OnwardRunning, 1);
  running->pid = pid;
  running->version = g_strdup (version);
  running->name = read_small (path);
  running->name = running->name != NULL ? g_strchomp (running->name) : g_strdup ("");
  g_ptr_array_add (self->running, running);
}

/* Looks at the descriptors of one process; those of other users are not shown. */
static void
search_process (Search *self, const char *name)
{
  g_autofree char *path = g_build_filename ("/proc", name, "fd", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  gint64 pid = g_ascii_strtoll (name, NULL, 10);
  const char *descriptor;

  while (dir != NULL && (descriptor = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename (path, descriptor, NULL);
      const char *version = NULL;
      struct stat info;
      gint64 owner;

      if (stat (link, &info) == 0 && S_ISDIR (info.st_mode))
        version = find_version (self, &info);
      owner = version != NULL ? get_owner (pid, descriptor) : -1;
      if (owner >= 0)
        add (self, owner, pid, version);
    }
}

static int
compare_processes (gconstpointer a, gconstpointer b)
{
  gint64 left = (*(OnwardRunning *const *) a)->pid;
  gint64 right = (*(OnwardRunning *const *) b)->pid;

  return (left > right) - (left < right);
}

/**
 * onward_running_list:
 * @install: an install
 *
 * Finds the copies of the application that run, by the lock that each launcher takes on the folder
 * of its version. What another user runs is known to run, but not by whom. Blocking, for
 * milliseconds.
 *
 * Returns: (transfer full) (element-type OnwardRunning): the copies, by process
 */
GPtrArray *
onward_running_list (OnwardInstall *install)
{
  g_autoptr (GArray) pinned = NULL;
  g_autoptr (GHashTable) owners = g_hash_table_new (NULL, NULL);
  g_autoptr (GDir) dir = NULL;
  Search self;
  const char *name;

  g_return_val_if_fail (install != NULL, NULL);

  pinned = list_pinned (install);
  self.pinned = pinned;
  self.owners = owners;
  self.running = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_running_free);
  if (pinned->len > 0)
    dir = g_dir_open ("/proc", 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      if (g_ascii_isdigit (name[0]))
        search_process (&self, name);
    }

  g_ptr_array_sort (self.running, compare_processes);
  return self.running;
}

/**
 * onward_running_find:
 * @install: an install
 * @version: an installed version
 *
 * Blocking, for milliseconds.
 *
 * Returns: (transfer full) (nullable): a copy of @version that runs; what another user runs has no
 *   process and no name
 */
OnwardRunning *
onward_running_find (OnwardInstall *install, const char *version)
{
  g_autoptr (GPtrArray) running = onward_running_list (install);
  g_auto (OnwardFd) folder = -1;
  OnwardRunning *unknown;

  for (guint i = 0; i < running->len; i++)
    {
      const OnwardRunning *copy = g_ptr_array_index (running, i);

      if (g_str_equal (copy->version, version))
        return g_ptr_array_steal_index (running, i);
    }

  folder = onward_install_open_version (install, version, NULL);
  if (folder < 0 || flock (folder, LOCK_EX | LOCK_NB) == 0)
    return NULL;

  unknown = g_new0 (OnwardRunning, 1);
  unknown->name = g_strdup ("");
  unknown->version = g_strdup (version);
  return unknown;
}

/**
 * onward_running_dup_label:
 * @self: a running copy
 *
 * Returns: (transfer full) (nullable): "NAME (PROCESS)", which says in every language which one it
 *   is; %NULL where that is not known
 */
char *
onward_running_dup_label (const OnwardRunning *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->pid == 0 ? NULL
                        : g_strdup_printf ("%s (%" G_GINT64_FORMAT ")", self->name, self->pid);
}

/**
 * onward_running_let_go:
 * @install: an install
 * @version: an installed version
 *
 * What a copy has started shares its lock, and stands for it when it has ended. One that waits for
 * all copies to end would then wait for itself: it gives up the lock that another one has taken.
 */
void
onward_running_let_go (OnwardInstall *install, const char *version)
{
  g_auto (OnwardFd) folder = onward_install_open_version (install, version, NULL);
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  struct stat wanted, info;
  const char *name;

  if (folder < 0 || fstat (folder, &wanted) < 0)
    return;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      int fd = (int) g_ascii_strtoll (name, NULL, 10);
      gint64 owner =
          fstat (fd, &info) == 0 && info.st_ino == wanted.st_ino && info.st_dev == wanted.st_dev
              ? get_owner (getpid (), name)
              : -1;

      if (owner >= 0 && owner != getpid ())
        close (fd);
    }
}
