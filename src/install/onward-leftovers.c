/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-file.h"
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

/* Of another kind than what belongs under that name: it would be in the way for ever. Somebody may
 * have put the parts on another disk, by a link. */
static gboolean
is_misplaced (const OnwardWalkEntry *found)
{
  static const char *const folders[] = { "parts", "staging", "trust", NULL };
  static const char *const files[] = { "state.ini", "update.log", "trial", "reverted", NULL };
  gboolean is_inner = strchr (found->path, '/') != NULL;

  if (S_ISDIR (found->info.st_mode))
    return is_inner || g_strv_contains (files, found->path);
  if (S_ISREG (found->info.st_mode))
    return g_strv_contains (folders, found->path);
  if (S_ISLNK (found->info.st_mode))
    return is_inner || g_str_equal (found->path, "staging");

  return is_inner || g_strv_contains (folders, found->path) || g_strv_contains (files, found->path);
}

static OnwardWalkStep
remove_leftover (const OnwardWalkEntry *found, gpointer user_data, GError **error)
{
  static const char *const entered[] = { "parts", "trust", NULL };
  g_autoptr (GError) failure = NULL;

  if (is_misplaced (found))
    {
      if (!onward_file_remove_tree (found->dirfd, found->name, NULL, &failure))
        g_debug ("%s, ignoring", failure->message);
      return ONWARD_WALK_SKIP;
    }
  if (S_ISDIR (found->info.st_mode))
    return g_strv_contains (entered, found->path) ? ONWARD_WALK_DESCEND : ONWARD_WALK_SKIP;
  if (is_leftover (found->name) && !g_str_has_prefix (found->path, "parts/"))
    (void) unlinkat (found->dirfd, found->name, 0);
  return ONWARD_WALK_SKIP;
}

/**
 * onward_leftovers_remove:
 * @state_dirfd: the state folder, whose lock has just been taken
 *
 * Removes the temporary names of the journal and of the trusted metadata, and what is of another
 * kind than the name it has (a file where a folder belongs). Nobody writes there without the lock,
 * so that what is there belongs to nobody. What cannot be removed stays. Blocking.
 */
void
onward_leftovers_remove (int state_dirfd)
{
  g_autoptr (GError) error = NULL;

  if (!onward_walk (state_dirfd, remove_leftover, NULL, NULL, &error))
    g_debug ("Removing leftovers: %s", error->message);
}
