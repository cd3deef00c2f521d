/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-status.h"
#include "onward-subject.h"

G_BEGIN_DECLS

#define ONWARD_NOTICE_AVAILABLE  "available"
#define ONWARD_NOTICE_BACKGROUND "background"
#define ONWARD_NOTICE_READY      "ready"
#define ONWARD_NOTICE_FAILED     "failed"

/* What is said while there is no window. (transfer full) */
GNotification *onward_notice_new      (const char *id, OnwardStatus *status,
                                       const OnwardSubject *subject);
/* Takes every notice back: the window says it all. */
void           onward_notice_withdraw (GApplication *application);

G_END_DECLS
