/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Memory for a table that is looked at all over, filled with zeros; never NULL. */
gpointer onward_large_alloc (gsize size);
void     onward_large_free  (gpointer memory);

G_END_DECLS
