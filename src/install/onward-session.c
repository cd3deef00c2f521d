/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "onward-file.h"
#include "onward-session.h"

#define MAX_SIZE 100

/**
 * onward_session_begin:
 * @lock_fd: var/lock, which has just been locked
 *
 * Writes down who holds the lock: the process, for messages, and a name for this hold of it. Beside
 * the lock itself, which can only be tried by taking it, it sets one that can be asked for. Where
 * there is no such lock nobody can watch, and that is all.
 *
 * Returns: (transfer full): the name
 */
char *
onward_session_begin (int lock_fd)
{
  struct flock mark = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  g_autofree char *session = g_uuid_string_random ();
  g_autofree char *text = g_strdup_printf ("%ld\n%s\n", (long) getpid (), session);

  if (TEMP_FAILURE_RETRY (ftruncate (lock_fd, 0)) == 0)
    (void) onward_file_write_all (lock_fd, text, strlen (text), NULL);
  (void) fcntl (lock_fd, F_OFD_SETLK, &mark);
  return g_steal_pointer (&session);
}

/**
 * onward_session_find:
 * @lock_fd: var/lock, open for reading
 *
 * Asks who holds the lock, without being in anybody's way.
 *
 * Returns: (transfer full) (nullable): the name of that hold; %NULL when nobody does
 */
char *
onward_session_find (int lock_fd)
{
  struct flock mark = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
  char text[MAX_SIZE + 1] = "";
  g_auto (GStrv) lines = NULL;

  if (fcntl (lock_fd, F_OFD_GETLK, &mark) != 0 || mark.l_type == F_UNLCK ||
      TEMP_FAILURE_RETRY (pread (lock_fd, text, MAX_SIZE, 0)) <= 0)
    return NULL;

  lines = g_strsplit (text, "\n", 3);
  return g_strv_length (lines) == 3 ? g_strdup (lines[1]) : NULL;
}
