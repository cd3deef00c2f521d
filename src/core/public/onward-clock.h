/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "onward-visibility.h"

G_BEGIN_DECLS

/* By which a status says when the next try begins. */
ONWARD_API gint64 onward_clock_get_time (void);

G_END_DECLS
