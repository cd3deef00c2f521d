/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Opens the updater's windows for whoever asks over the session bus. Returns the exit status. */
int onward_updater_service_run (void);

G_END_DECLS
