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

/* Takes the contents over; @second may be NULL. */
GPtrArray *
onward_test_delta_list (GBytes *first, GBytes *second)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (list, first);
  if (second != NULL)
    g_ptr_array_add (list, second);
  return list;
}

GBytes *
onward_test_delta_join (GPtrArray *list)
{
  GByteArray *all = g_byte_array_new ();

  for (guint i = 0; i < list->len; i++)
    {
      gsize size;
      gconstpointer data = g_bytes_get_data (g_ptr_array_index (list, i), &size);

      g_byte_array_append (all, data, (guint) size);
    }
  return g_byte_array_free_to_bytes (all);
}

GBytes *
onward_test_delta_make (OnwardDeltaEffort effort, GPtrArray *old_contents, GPtrArray *new_contents)
{
  const OnwardDeltaMaker maker = { effort };
  g_autoptr (GError) error = NULL;
  GBytes *delta = onward_delta_make_run (&maker, old_contents, new_contents, NULL, &error);

  g_assert_no_error (error);
  return delta;
}

/* Makes the delta twice, compares what comes out, and tells the delta's size. */
gsize
onward_test_delta_round_trip (OnwardDeltaEffort effort, GPtrArray *old_contents,
                              GPtrArray *new_contents)
{
  g_autoptr (GBytes) delta = onward_test_delta_make (effort, old_contents, new_contents);
  g_autoptr (GBytes) again = onward_test_delta_make (effort, old_contents, new_contents);
  g_autoptr (GBytes) expected = onward_test_delta_join (new_contents);
  g_autoptr (GBytes) rebuilt = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_bytes_equal (delta, again));
  rebuilt = onward_test_delta_apply (old_contents, delta, g_bytes_get_size (expected), &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (rebuilt, expected));
  return g_bytes_get_size (delta);
}
