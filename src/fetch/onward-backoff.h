/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint onward_backoff_get_delay (guint attempt, double random);

G_END_DECLS
