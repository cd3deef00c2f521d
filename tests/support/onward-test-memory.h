/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OnwardTestSecret:
 * @masked: the bytes, which nothing that looks for them finds here
 * @size: how many there are
 *
 * What must not be left in memory. The test must not be what leaves it there, so that it is known
 * in disguise only.
 */
typedef struct
{
  guint8 masked[256];
  gsize size;
} OnwardTestSecret;

void     onward_test_memory_learn      (OnwardTestSecret *secret, const char *path, gsize offset,
                                        gsize size);
void     onward_test_memory_learn_bytes (OnwardTestSecret *secret, gpointer data, gsize size);
gboolean onward_test_memory_holds      (const OnwardTestSecret *secret);

G_END_DECLS
