/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-leftovers.h"
#include "onward-walk.h"

#define JOURNAL_PREFIX "state.ini."
/* How many characters g_file_set_contents_full() adds to a name. */
#define JOURNAL_RANDOM 6

static gboolean
is_leftover (const char *name)
{
  return g_str_has_prefix (name, ".onward-") ||
         (g_str_has_prefix (name, JOURNAL_PREFIX) &&
          strlen (name) == strlen (JOURNAL_PREFIX) + JOURNAL_RANDOM);
}

static OnwardWalkStep
remove_leftover (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  if (S_ISDIR (found->info.st_mode))
    return g_str_equal (found->path, "trust") ? ONWARD_WALK_DESCEND : ONWARD_WALK_SKIP;
  if (is_leftover (found->name))
    (void) unlinkat (found->dirfd, found->name, 0);
  return ONWARD_WALK_SKIP;
}

/**
 * onward_leftovers_remove:
 * @state_dirfd: the state folder, whose lock has just been taken
 *
 * Removes the temporary names of the journal and of the trusted metadata. Nobody writes them
 * without the lock, so that those which are there belong to nobody. What cannot be removed stays.
 * Blocking.
 */
void
onward_leftovers_remove (int state_dirfd)
{
  g_autoptr (GError) error = NULL;

  if (!onward_walk (state_dirfd, remove_leftover, NULL, NULL, &error))
    g_debug ("Removing leftovers: %s", error->message);
}
