/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward.h"

G_BEGIN_DECLS

char    *onward_terminal_escape        (const char *text);
char    *onward_terminal_escape_lines  (const char *text);
void     onward_terminal_say           (const char *format, ...) G_GNUC_PRINTF (1, 2);
gboolean onward_terminal_ask           (const char *question, GCancellable *cancellable);
char    *onward_terminal_draw_progress (OnwardStatus *status, glong columns);
void     onward_terminal_show_progress (OnwardStatus *status);
void     onward_terminal_end_progress  (void);
char    *onward_terminal_describe      (OnwardStatus *status);

G_END_DECLS
