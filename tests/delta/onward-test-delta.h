/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-make.h"
#include "onward-delta.h"

G_BEGIN_DECLS

/* What is rebuilt, and how much of it may come. */
typedef struct
{
  GByteArray *bytes;
  guint64 limit;
} OnwardTestDelta;

gboolean   onward_test_delta_collect    (gconstpointer data, gsize size, gpointer user_data,
                                         GError **error);
GBytes    *onward_test_delta_apply      (GPtrArray *old_contents, GBytes *delta, guint64 new_size,
                                         GError **error);
GPtrArray *onward_test_delta_list       (GBytes *first, GBytes *second);
GBytes    *onward_test_delta_join       (GPtrArray *list);
GBytes    *onward_test_delta_make       (OnwardDeltaEffort effort, GPtrArray *old_contents,
                                         GPtrArray *new_contents);
gsize      onward_test_delta_round_trip (OnwardDeltaEffort effort, GPtrArray *old_contents,
                                         GPtrArray *new_contents);

G_END_DECLS
