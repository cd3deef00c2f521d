/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <linux/filter.h>
#include <sys/types.h>

G_BEGIN_DECLS

/**
 * OnwardStep:
 *
 * A system call that changes a file system, or, where that is asked for, reads from it, as a
 * stopped thread is about to make it.
 */
typedef struct
{
  const char *name; /* (unowned): of the call */
  char *path;       /* (owned) (nullable): what it changes */
} OnwardStep;

/* A filter that stops the thread at every call that may be a step; (transfer full). */
struct sock_fprog *onward_step_new_filter (gboolean with_reads, gboolean is_plain);
void               onward_step_free_filter (struct sock_fprog *filter);
/* What the stopped thread @pid is about to do: NULL when it is no step. */
OnwardStep        *onward_step_read       (pid_t pid, gboolean with_reads);
void               onward_step_free       (OnwardStep *self);
/* Keeps the call from being made; at its end onward_step_answer() says what it seems to return. */
gboolean           onward_step_suppress   (pid_t pid);
gboolean           onward_step_answer     (pid_t pid, long value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardStep, onward_step_free)

G_END_DECLS
