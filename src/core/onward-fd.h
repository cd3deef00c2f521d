/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <unistd.h>

G_BEGIN_DECLS

/**
 * OnwardFd:
 *
 * An owned file descriptor: `g_auto (OnwardFd) fd = -1;` closes it at the end of the scope.
 */
typedef int OnwardFd;

static inline void
onward_fd_close (int fd)
{
  (void) close (fd);
}

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (OnwardFd, onward_fd_close, -1)

G_END_DECLS
