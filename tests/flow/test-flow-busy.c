/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "flow-fixture.h"
#include "onward-clock.h"
#include "onward-error.h"
#include "onward-fault-server.h"
#include "onward-flow-private.h"

#define DAY (24 * 60 * 60)

/* An install whose repository is now a server that plays a script. */
typedef struct
{
  FlowFixture fixture;
  OnwardFaultServer *server; /* (owned) */
  char *config;              /* (owned): that of the real repository */
  char *busy_config;         /* (owned): that of the server */
} Busy;

static void
busy_init (Busy *self, const char *line)
{
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  g_autofree char *address = NULL;
  g_autoptr (GString) text = NULL;

  flow_fixture_init (&self->fixture, 1000);
  self->server = onward_fault_server_new (nothing);
  onward_fault_server_script (self->server, line, NULL);
  address = g_path_get_dirname (onward_fault_server_get_uri (self->server));
  self->config = onward_test_read (self->fixture.install, "onward.ini");
  text = g_string_new (self->config);
  g_assert_cmpuint (g_string_replace (text, self->fixture.site->url, address, 0), ==, 1);
  self->busy_config = g_strdup (text->str);
  onward_test_write (self->fixture.install, "onward.ini", self->busy_config);
  flow_fixture_open (&self->fixture);
}

static void
busy_clear (Busy *self)
{
  flow_fixture_clear (&self->fixture);
  onward_fault_server_free (self->server);
  g_free (self->config);
  g_free (self->busy_config);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Busy, busy_clear)

static void
assert_fails (Busy *self, OnwardCheckKind kind, OnwardError code, guint requests)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (flow_fixture_check (&self->fixture, kind, &error));
  g_assert_error (error, ONWARD_ERROR, (int) code);
  g_assert_cmpint (flow_fixture_state (&self->fixture), ==, ONWARD_STATE_FAILED);
  g_assert_cmpuint (onward_fault_server_count_requests (self->server), ==, requests);
}

/* What people see: busy until about @seconds from now. */
static void
assert_busy_for (Busy *self, gint64 seconds)
{
  OnwardStatus *status = onward_flow_get_status (self->fixture.flow);
  gint64 wait = onward_status_get_retry_at (status) - onward_clock_get_time ();

  g_assert_cmpint (onward_status_get_obstacle (status), ==, ONWARD_OBSTACLE_BUSY);
  g_assert_cmpint (wait, <=, seconds * G_USEC_PER_SEC);
  g_assert_cmpint (wait, >, 0);
}

static void
record_busy (Busy *self, gint64 seconds)
{
  g_autoptr (OnwardJournal) journal = flow_fixture_load_journal (&self->fixture);

  onward_journal_set_busy_until (journal, g_get_real_time () / G_USEC_PER_SEC + seconds);
  flow_fixture_save_journal (journal);
}

/* A check that is told to come later says until when; by itself none asks before, in this run or
 * the next, but the user may. */
static void
test_busy_server (void)
{
  g_auto (Busy) busy = { 0 };

  busy_init (&busy, "status 503; retry-after 1000");
  assert_fails (&busy, ONWARD_CHECK_AUTOMATIC, ONWARD_ERROR_SERVER_BUSY, 1);
  assert_busy_for (&busy, 1000);
  assert_fails (&busy, ONWARD_CHECK_AUTOMATIC, ONWARD_ERROR_SERVER_BUSY, 1);
  assert_busy_for (&busy, 1000);

  flow_fixture_open (&busy.fixture);
  assert_fails (&busy, ONWARD_CHECK_AUTOMATIC, ONWARD_ERROR_SERVER_BUSY, 1);
  assert_busy_for (&busy, 1000);
  assert_fails (&busy, ONWARD_CHECK_MANUAL, ONWARD_ERROR_SERVER_BUSY, 2);
  assert_busy_for (&busy, 1000);
}

/* Nobody can ask for less than a minute or more than a day. */
static void
test_busy_bounds (void)
{
  static const struct
  {
    const char *line;
    gint64 seconds;
  } rows[] = {
    { "status 429; retry-after 1", 60 },
    { "status 429; retry-after 99999999999999999999", DAY },
    { "status 503; retry-after Sun, 06 Nov 2094 08:49:37 GMT", DAY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (Busy) busy = { 0 };
      g_autoptr (OnwardJournal) journal = NULL;
      gint64 wait;

      busy_init (&busy, rows[i].line);
      assert_fails (&busy, ONWARD_CHECK_MANUAL, ONWARD_ERROR_SERVER_BUSY, 1);
      assert_busy_for (&busy, rows[i].seconds);
      journal = flow_fixture_load_journal (&busy.fixture);
      wait = onward_journal_get_busy_until (journal) - g_get_real_time () / G_USEC_PER_SEC;
      g_assert_cmpint (wait, <=, rows[i].seconds);
      g_assert_cmpint (wait, >, rows[i].seconds / 2);
    }
}

/* What does not say for how long holds nothing back. */
static void
test_busy_without_a_word (void)
{
  g_auto (Busy) busy = { 0 };

  busy_init (&busy, "status 503");
  assert_fails (&busy, ONWARD_CHECK_AUTOMATIC, ONWARD_ERROR_SERVER, 1);
  g_assert_cmpint (onward_status_get_retry_at (onward_flow_get_status (busy.fixture.flow)), ==, 0);
  assert_fails (&busy, ONWARD_CHECK_AUTOMATIC, ONWARD_ERROR_SERVER, 2);
}

/* A time that is over, or further away than any server may ask for, holds nothing back either. */
static void
test_busy_clock (void)
{
  static const gint64 times[] = { -10, DAY + 100 };

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_auto (Busy) busy = { 0 };

      busy_init (&busy, "status 500");
      record_busy (&busy, times[i]);
      flow_fixture_open (&busy.fixture);
      assert_fails (&busy, ONWARD_CHECK_AUTOMATIC, ONWARD_ERROR_SERVER, 1);
    }
}

/* A server that answers again is asked again, and what was available stays so meanwhile. */
static void
test_busy_no_more (void)
{
  g_auto (Busy) busy = { 0 };
  g_autoptr (GError) error = NULL;
  guint requests;

  busy_init (&busy, "status 503; retry-after 1000");
  assert_fails (&busy, ONWARD_CHECK_AUTOMATIC, ONWARD_ERROR_SERVER_BUSY, 1);
  onward_test_write (busy.fixture.install, "onward.ini", busy.config);
  flow_fixture_open (&busy.fixture);
  g_assert_true (flow_fixture_check (&busy.fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (onward_journal_get_busy_until (busy.fixture.flow->journal), ==, 0);

  requests = busy.fixture.site->n_requests;
  onward_journal_set_busy_until (busy.fixture.flow->journal,
                                 g_get_real_time () / G_USEC_PER_SEC + 100);
  g_assert_true (flow_fixture_check (&busy.fixture, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_cmpint (flow_fixture_state (&busy.fixture), ==, ONWARD_STATE_AVAILABLE);
  g_assert_cmpuint (busy.fixture.site->n_requests, ==, requests);
}

/* An update was found by a check that is two hours old; since then the server has become busy. */
static void
start_late (Busy *self, const char *line)
{
  g_autoptr (OnwardJournal) journal = NULL;
  g_autoptr (GError) error = NULL;

  busy_init (self, line);
  onward_test_write (self->fixture.install, "onward.ini", self->config);
  flow_fixture_open (&self->fixture);
  g_assert_true (flow_fixture_check (&self->fixture, ONWARD_CHECK_MANUAL, &error));
  flow_fixture_close (&self->fixture.flow);
  journal = flow_fixture_load_journal (&self->fixture);
  onward_journal_set_last_check (journal, g_get_real_time () / G_USEC_PER_SEC - 2 * 60 * 60);
  flow_fixture_save_journal (journal);
  onward_test_write (self->fixture.install, "onward.ini", self->busy_config);
  flow_fixture_open (&self->fixture);
}

/* An update that has to ask the repository again leaves it alone when it is told to, says until
 * when, and does not ask its packs instead; who does not want to wait need not. */
static void
test_busy_update_waits (void)
{
  g_auto (Busy) busy = { 0 };
  g_autoptr (GError) error = NULL;

  start_late (&busy, "status 503; retry-after 1000");
  g_assert_true (onward_flow_start (busy.fixture.flow, &error));
  flow_fixture_run_until (&busy.fixture, ONWARD_STATE_RECONNECTING);
  assert_busy_for (&busy, 1000);
  flow_fixture_wait_for_quiet (&busy.fixture);
  g_assert_cmpuint (onward_fault_server_count_requests (busy.server), ==, 1);
  g_assert_cmpint (flow_fixture_state (&busy.fixture), ==, ONWARD_STATE_RECONNECTING);

  g_assert_true (onward_flow_retry_now (busy.fixture.flow, &error));
  g_assert_cmpint (onward_status_get_retry_at (onward_flow_get_status (busy.fixture.flow)), ==, 0);
  while (onward_status_get_retry_at (onward_flow_get_status (busy.fixture.flow)) == 0)
    g_main_context_iteration (NULL, TRUE);
  assert_busy_for (&busy, 1000);
  g_assert_cmpuint (onward_fault_server_count_requests (busy.server), ==, 2);

  g_assert_true (onward_flow_pause (busy.fixture.flow, &error));
  flow_fixture_run_until (&busy.fixture, ONWARD_STATE_PAUSED);
  g_assert_true (onward_flow_resume (busy.fixture.flow, &error));
  flow_fixture_run_until (&busy.fixture, ONWARD_STATE_RECONNECTING);
  assert_busy_for (&busy, 1000);
  g_assert_cmpuint (onward_fault_server_count_requests (busy.server), ==, 2);

  /* Nor does the end of the process wait. */
  flow_fixture_close (&busy.fixture.flow);
}

/* A script that bounds its tries is told, instead of being kept waiting. */
static void
test_busy_update_of_a_script (void)
{
  g_auto (Busy) busy = { 0 };
  g_autoptr (GError) error = NULL;

  start_late (&busy, "status 503; retry-after 1000");
  onward_flow_set_retries (busy.fixture.flow, 3);
  g_assert_true (onward_flow_start (busy.fixture.flow, &error));
  flow_fixture_run_until (&busy.fixture, ONWARD_STATE_FAILED);
  g_assert_error (onward_status_get_error (onward_flow_get_status (busy.fixture.flow)),
                  ONWARD_ERROR, ONWARD_ERROR_SERVER_BUSY);
  g_assert_cmpuint (onward_fault_server_count_requests (busy.server), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/busy/server", test_busy_server);
  g_test_add_func ("/busy/bounds", test_busy_bounds);
  g_test_add_func ("/busy/without-a-word", test_busy_without_a_word);
  g_test_add_func ("/busy/clock", test_busy_clock);
  g_test_add_func ("/busy/no-more", test_busy_no_more);
  g_test_add_func ("/busy/update-waits", test_busy_update_waits);
  g_test_add_func ("/busy/update-of-a-script", test_busy_update_of_a_script);
  return g_test_run ();
}
