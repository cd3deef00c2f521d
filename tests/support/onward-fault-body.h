/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What is sent when something else than the file is. @mode: "right", "raw" (not compressed at all),
 * "short", "checksum" (a wrong one), "tail" (something follows) or "bomb". Both (transfer full). */
GBytes *onward_fault_body_compress (GBytes *plain, const char *mode);
GBytes *onward_fault_body_make_portal (void);

G_END_DECLS
