/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What tells about a large content, from all over it; about a small one, all of it. */
GBytes *onward_sample_take (GBytes *content);

G_END_DECLS
