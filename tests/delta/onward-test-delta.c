/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-test-delta.h"

/* Fails the test as soon as more is emitted than was asked for. */
gboolean
onward_test_delta_collect (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  OnwardTestDelta *output = user_data;

  g_assert_cmpuint (output->bytes->len + size, <=, output->limit);
  g_byte_array_append (output->bytes, data, (guint) size);
  return TRUE;
}

/* What @delta makes of the old contents; NULL when it is refused. */
GBytes *
onward_test_delta_apply (GPtrArray *old_contents, GBytes *delta, guint64 new_size, GError **error)
{
  OnwardTestDelta output = { g_byte_array_new (), new_size };
  gboolean ok = onward_delta_apply (old_contents, delta, new_size, onward_test_delta_collect,
                                    &output, NULL, error);
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (output.bytes);

  return ok ? g_steal_pointer (&bytes) : NULL;
}
