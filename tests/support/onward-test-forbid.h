/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <sys/syscall.h>

#include <glib.h>

G_BEGIN_DECLS

void onward_test_forbid         (int call, guint argument, guint32 bits, int reason);
void onward_test_forbid_threads (void);

G_END_DECLS
