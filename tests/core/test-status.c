/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-release-private.h"
#include "onward-status-private.h"

static OnwardRelease *
make_release (void)
{
  static const char json[] = "{\"version\":\"2.1.0\",\"sequence\":7,\"channel\":\"stable\","
                             "\"platform\":\"linux-x86_64\",\"date\":\"2026-10-02\"}";
  g_autoptr (JsonNode) node = json_from_string (json, NULL);
  g_autoptr (GError) error = NULL;
  OnwardRelease *release = onward_release_new_from_json (json_node_get_object (node), &error);

  g_assert_no_error (error);
  return release;
}

/* What is put into a snapshot is what the views read from it. */
static void
test_status_fields (void)
{
  g_autoptr (OnwardStatus) status = onward_status_new (&(OnwardStatusFields){
      .state = ONWARD_STATE_RECONNECTING,
      .forced = TRUE,
      .described = TRUE,
      .bytes_done = 10,
      .bytes_total = G_MAXUINT64,
      .full_size = 30,
      .files_done = 4,
      .files_total = 5,
      .progress = 0.25,
      .rate = 6,
      .time_left = -1,
      .retry_at = 7,
      .obstacle = ONWARD_OBSTACLE_BUSY,
      .stopping = TRUE,
  });

  g_assert_cmpint (onward_status_get_state (status), ==, ONWARD_STATE_RECONNECTING);
  g_assert_true (onward_status_is_forced (status));
  g_assert_true (onward_status_is_described (status));
  g_assert_cmpuint (onward_status_get_bytes_done (status), ==, 10);
  g_assert_cmpuint (onward_status_get_bytes_total (status), ==, G_MAXUINT64);
  g_assert_cmpuint (onward_status_get_full_size (status), ==, 30);
  g_assert_cmpuint (onward_status_get_files_done (status), ==, 4);
  g_assert_cmpuint (onward_status_get_files_total (status), ==, 5);
  g_assert_cmpfloat (onward_status_get_progress (status), ==, 0.25);
  g_assert_cmpuint (onward_status_get_rate (status), ==, 6);
  g_assert_cmpint (onward_status_get_time_left (status), ==, -1);
  g_assert_cmpint (onward_status_get_retry_at (status), ==, 7);
  g_assert_cmpint (onward_status_get_obstacle (status), ==, ONWARD_OBSTACLE_BUSY);
  g_assert_true (onward_status_is_stopping (status));
  g_assert_null (onward_status_get_release (status));
  g_assert_null (onward_status_get_releases (status));
  g_assert_null (onward_status_get_error (status));
}

/* A snapshot stays as it was, whatever becomes of that from which it was made. */
static void
test_status_immutable (void)
{
  OnwardRelease *release = make_release ();
  GPtrArray *releases = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_release_unref);
  GError *error = g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_SERVER, "lost");
  g_autoptr (OnwardStatus) status = NULL;

  g_ptr_array_add (releases, onward_release_ref (release));
  status = onward_status_new (
      &(OnwardStatusFields){ .release = release, .releases = releases, .error = error });
  g_ptr_array_add (releases, g_steal_pointer (&release));
  g_ptr_array_unref (releases);
  g_clear_error (&error);

  g_assert_cmpstr (onward_release_get_version (onward_status_get_release (status)), ==, "2.1.0");
  g_assert_cmpuint (onward_status_get_releases (status)->len, ==, 1);
  g_assert_true (g_ptr_array_index (onward_status_get_releases (status), 0) ==
                 onward_status_get_release (status));
  g_assert_error (onward_status_get_error (status), ONWARD_ERROR, ONWARD_ERROR_SERVER);
}

/* The next snapshot begins as a copy of the last and outlives it. */
static void
test_status_next (void)
{
  g_autoptr (OnwardRelease) release = make_release ();
  OnwardStatus *first = onward_status_new (
      &(OnwardStatusFields){ .state = ONWARD_STATE_DOWNLOADING, .release = release });
  OnwardStatusFields fields = *onward_status_get_fields (first);
  g_autoptr (OnwardStatus) second = NULL;

  fields.state = ONWARD_STATE_PAUSED;
  second = onward_status_new (&fields);
  g_assert_cmpint (onward_status_get_state (first), ==, ONWARD_STATE_DOWNLOADING);
  onward_status_unref (first);
  g_assert_cmpint (onward_status_get_state (second), ==, ONWARD_STATE_PAUSED);
  g_assert_true (onward_status_get_release (second) == release);
}

/* Progress is a share of the whole, always. */
static void
test_status_progress (void)
{
  g_autoptr (OnwardStatus) above = onward_status_new (&(OnwardStatusFields){ .progress = 1.5 });
  g_autoptr (OnwardStatus) below = onward_status_new (&(OnwardStatusFields){ .progress = -1.0 });

  g_assert_cmpfloat (onward_status_get_progress (above), ==, 1.0);
  g_assert_cmpfloat (onward_status_get_progress (below), ==, 0.0);
}

/* A snapshot travels in a GValue, as the property of an object does. */
static void
test_status_boxed (void)
{
  OnwardStatus *status = onward_status_new (&(OnwardStatusFields){ .files_done = 3 });
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, ONWARD_TYPE_STATUS);
  g_value_set_boxed (&value, status);
  g_assert_true (g_value_get_boxed (&value) == status);
  onward_status_unref (status);
  g_assert_cmpuint (onward_status_get_files_done (g_value_get_boxed (&value)), ==, 3);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/status/fields", test_status_fields);
  g_test_add_func ("/status/immutable", test_status_immutable);
  g_test_add_func ("/status/next", test_status_next);
  g_test_add_func ("/status/progress", test_status_progress);
  g_test_add_func ("/status/boxed", test_status_boxed);

  return g_test_run ();
}
