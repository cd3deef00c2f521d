/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Appends "2026-10-02T09:15:00Z message" to the log, control characters escaped; the file is
 * turned over to "<path>.1" beyond 1 MiB. Failure is ignored: a log never stops an update. */
void  onward_log_write  (const char *path, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The text with every control, bidirectional and non-UTF-8 character escaped, at most
 * @max_chars characters: fit for a terminal. (transfer full) */
char *onward_log_escape (const char *text, gsize max_chars);

G_END_DECLS
