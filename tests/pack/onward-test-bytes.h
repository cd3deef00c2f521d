/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Content of the kinds that packs meet. */
GBytes *onward_test_bytes_random (guint32 seed, gsize size);
GBytes *onward_test_bytes_text   (guint32 seed, gsize size);
GBytes *onward_test_bytes_code   (guint32 seed, gsize size);
GBytes *onward_test_bytes_code_arm64 (guint32 seed, gsize size);
GBytes *onward_test_bytes_sparse (guint32 seed, gsize size);
GBytes *onward_test_bytes_change (GBytes *bytes, gsize step);

G_END_DECLS
