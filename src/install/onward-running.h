/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"

G_BEGIN_DECLS

/**
 * OnwardRunning:
 * @pid: the process that was started
 * @name: what it is called, or "" where that is not known
 * @version: the version it runs
 *
 * A copy of the application that runs. Processes that it has started itself are no copies.
 */
typedef struct
{
  gint64 pid;
  char *name;
  char *version;
} OnwardRunning;

void       onward_running_free (OnwardRunning *self);
/* A copy of @version that runs; (nullable) (transfer full). Another user's has no name. */
OnwardRunning *onward_running_find (OnwardInstall *install, const char *version);
/* Lets go of what this process has inherited from a copy of @version: it is none itself. */
void       onward_running_let_go (OnwardInstall *install, const char *version);
/* "NAME (PROCESS)"; (nullable) (transfer full): NULL where that is not known. */
char      *onward_running_dup_label (const OnwardRunning *self);
/* Every copy of every version that runs; (element-type OnwardRunning) (transfer container full).
 * Blocking, for milliseconds. */
GPtrArray *onward_running_list (OnwardInstall *install);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardRunning, onward_running_free)

G_END_DECLS
