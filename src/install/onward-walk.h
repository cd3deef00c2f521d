/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <sys/stat.h>

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardWalkEntry:
 * @dirfd: the folder it lies in (borrowed)
 * @name: its name there
 * @path: its path below the folder that is walked
 * @info: what it is; links are not followed
 *
 * What a walk comes by.
 */
typedef struct
{
  int dirfd;
  const char *name;
  const char *path;
  struct stat info;
} OnwardWalkEntry;

typedef enum
{
  ONWARD_WALK_FAIL,
  ONWARD_WALK_SKIP,
  ONWARD_WALK_DESCEND,
} OnwardWalkStep;

/* SKIP and DESCEND differ for folders only; FAIL stops, with @error set. An entry may be removed
 * by this. */
typedef OnwardWalkStep (*OnwardWalkFunc) (const OnwardWalkEntry *entry, gpointer user_data,
                                          GError **error);

gboolean onward_walk (int dirfd, OnwardWalkFunc func, gpointer user_data, GCancellable *cancellable,
                      GError **error);

G_END_DECLS
