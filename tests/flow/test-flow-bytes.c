/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <unistd.h>

#include "flow-fixture.h"

#define SIZE   (4 * 1024 * 1024)
#define ENOUGH (1024 * 1024)
#define STORMS 25

/* What people were told last. */
typedef struct
{
  FlowFixture fixture;
  guint64 done;
  guint64 total;
  guint updates;
} Watcher;

static void
watcher_clear (Watcher *self)
{
  if (self->fixture.flow != NULL)
    g_signal_handlers_disconnect_by_data (self->fixture.flow, self);
  flow_fixture_clear (&self->fixture);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Watcher, watcher_clear)

static void
on_status (OnwardFlow *flow, GParamSpec *pspec, Watcher *self)
{
  OnwardStatus *status = onward_flow_get_status (flow);
  OnwardState state = onward_status_get_state (status);

  if (state != ONWARD_STATE_DOWNLOADING && state != ONWARD_STATE_PAUSED &&
      state != ONWARD_STATE_RECONNECTING && state != ONWARD_STATE_OFFLINE)
    return;
  if (onward_status_get_bytes_total (status) == self->total)
    g_assert_cmpuint (onward_status_get_bytes_done (status), >=, self->done);
  g_assert_cmpuint (onward_status_get_bytes_done (status), <=,
                    onward_status_get_bytes_total (status));
  self->done = onward_status_get_bytes_done (status);
  self->total = onward_status_get_bytes_total (status);
  self->updates++;
}

static void
begin (Watcher *self)
{
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&self->fixture, SIZE);
  g_signal_connect (self->fixture.flow, "notify::status", G_CALLBACK (on_status), self);
  onward_server_set_rate (self->fixture.site->server, 8000000);
  g_assert_true (flow_fixture_check (&self->fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (self->fixture.flow, &error));
  flow_fixture_wait_for_bytes (&self->fixture, ENOUGH);
}

static void
pause_now (Watcher *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_flow_pause (self->fixture.flow, &error));
  flow_fixture_settle (&self->fixture);
  g_assert_cmpint (flow_fixture_state (&self->fixture), ==, ONWARD_STATE_PAUSED);
}

static void
finish (Watcher *self)
{
  onward_server_set_rate (self->fixture.site->server, 0);
  flow_fixture_finish (&self->fixture, "1.1.0");
  g_assert_cmpuint (self->done, ==, self->total);
  g_assert_cmpuint (self->updates, >, 10);
}

/* Something happens to the file that bytes are received into. */
static void
damage_part (Watcher *self, const char *how)
{
  g_autofree char *parts = g_build_filename (self->fixture.install, "var/parts", NULL);
  g_autoptr (GDir) dir = g_dir_open (parts, 0, NULL);
  const char *name;
  guint count = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (parts, name, NULL);

      if (!g_str_has_suffix (name, ".full"))
        continue;
      count++;
      if (g_str_equal (how, "gone"))
        g_assert_cmpint (g_unlink (path), ==, 0);
      else if (g_str_equal (how, "empty"))
        g_assert_cmpint (truncate (path, 0), ==, 0);
      else if (g_str_equal (how, "other"))
        g_assert_true (g_file_set_contents (path, "something else", -1, NULL));
    }
  g_assert_cmpuint (count, ==, 1);
}

/* Bytes never go backwards, though what was received has gone while nobody looked; and in the end
 * all of them are really there. */
static void
test_bytes_never_go_backwards (gconstpointer how)
{
  g_auto (Watcher) watcher = { 0 };
  g_autoptr (GError) error = NULL;
  guint64 before = 0;

  begin (&watcher);
  pause_now (&watcher);
  before = watcher.done;
  g_assert_cmpuint (before, >=, ENOUGH);
  damage_part (&watcher, how);
  g_assert_true (onward_flow_resume (watcher.fixture.flow, &error));
  while (watcher.fixture.site->n_requests == 0 || watcher.done <= before)
    g_main_context_iteration (NULL, TRUE);
  pause_now (&watcher);
  finish (&watcher);
}

/* Nor in a storm of pauses and resumes, answered before the step before has ended. */
static void
test_bytes_in_a_storm (void)
{
  g_auto (Watcher) watcher = { 0 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  begin (&watcher);
  for (guint i = 0; i < STORMS; i++)
    {
      (void) onward_flow_pause (watcher.fixture.flow, NULL);
      for (gint turns = g_rand_int_range (rand, 0, 30); turns > 0; turns--)
        g_main_context_iteration (NULL, FALSE);
      (void) onward_flow_resume (watcher.fixture.flow, NULL);
      for (gint turns = g_rand_int_range (rand, 0, 60); turns > 0; turns--)
        g_main_context_iteration (NULL, FALSE);
      if (i == STORMS / 2)
        {
          (void) onward_flow_pause (watcher.fixture.flow, NULL);
          flow_fixture_settle (&watcher.fixture);
          if (flow_fixture_state (&watcher.fixture) == ONWARD_STATE_PAUSED)
            damage_part (&watcher, "gone");
        }
    }
  flow_fixture_settle (&watcher.fixture);
  finish (&watcher);
}

int
main (int argc, char **argv)
{
  static const char *const damages[] = { "none", "gone", "empty", "other" };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "5", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autofree char *path = g_strdup_printf ("/flow/bytes-never-go-backwards/%s", damages[i]);

      g_test_add_data_func (path, damages[i], test_bytes_never_go_backwards);
    }
  g_test_add_func ("/flow/bytes-never-go-backwards/in-a-storm", test_bytes_in_a_storm);
  return g_test_run ();
}
