/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "flow-fixture.h"
#include "onward-error.h"
#include "onward-state-private.h"
#include "onward-switch.h"

#define SIZE    2500000
#define ROUNDS  8
#define ACTIONS 60

typedef struct
{
  FlowFixture *fixture;
  GRand *rand;
  OnwardState shown;
  guint64 done;
  guint64 total;
  guint depth;
  guint pending; /* operations whose end is still to be heard of */
} Storm;

typedef gboolean (*Intent) (OnwardFlow *flow, GError **error);

static gboolean
remind (OnwardFlow *flow, GError **error)
{
  return onward_flow_remind_later (flow, 0, error);
}

static gboolean
choose (OnwardFlow *flow, GError **error)
{
  return onward_flow_choose (flow, "1.1.0", error);
}

/* What leads on is sent more often than what ends it all. */
/* clang-format off */
static const struct
{
  Intent intent;
  int weight;
} intents[] = {
  { onward_flow_start,     30 },
  { onward_flow_resume,    30 },
  { onward_flow_pause,     20 },
  { onward_flow_cancel,    12 },
  { onward_flow_retry_now,  5 },
  { choose,                 3 },
  { onward_flow_dismiss,    2 },
  { onward_flow_skip,       1 },
  { remind,                 1 },
  { onward_flow_mark_good,  1 },
};
/* clang-format on */

static Intent
pick (GRand *rand)
{
  int weight = g_rand_int_range (rand, 0, 105);
  guint i = 0;

  while (weight >= intents[i].weight)
    weight -= intents[i++].weight;
  return intents[i].intent;
}

static gboolean
send (Storm *storm)
{
  Intent intent = pick (storm->rand);
  g_autoptr (GError) error = NULL;
  gboolean taken = intent (storm->fixture->flow, &error);

  g_assert_true (taken == (error == NULL));
  if (error != NULL && !g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND) &&
      !g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_BUSY))
    g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_STATE);
  return taken;
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Storm *storm = user_data;

  (void) onward_flow_check_finish (ONWARD_FLOW (source), result, NULL);
  storm->pending--;
}

static void
on_described (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Storm *storm = user_data;

  (void) onward_flow_describe_finish (ONWARD_FLOW (source), result, NULL);
  storm->pending--;
}

static gboolean
prune (OnwardInstall *install, gpointer data, GCancellable *cancellable, GError **error)
{
  return onward_switch_prune (install, cancellable, error);
}

static void
on_pruned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Storm *storm = user_data;
  g_autoptr (GError) error = NULL;

  if (!onward_flow_chore_finish (ONWARD_FLOW (source), result, NULL, &error))
    g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);
  storm->pending--;
}

static void
begin (Storm *storm)
{
  OnwardFlow *flow = storm->fixture->flow;

  storm->pending++;
  switch (g_rand_int_range (storm->rand, 0, 5))
    {
    case 0:
    case 1:
      onward_flow_check_async (flow, ONWARD_CHECK_MANUAL, NULL, on_checked, storm);
      return;
    case 2:
    case 3:
      onward_flow_describe_async (flow, NULL, on_described, storm);
      return;
    default:
      onward_flow_chore_async (flow, prune, NULL, NULL, NULL, on_pruned, storm);
      return;
    }
}

/* What a status must never say, whatever has happened. */
static void
assert_truth (OnwardStatus *status)
{
  OnwardState state = onward_status_get_state (status);
  gboolean has_error = onward_status_get_error (status) != NULL;
  gboolean has_release = onward_status_get_release (status) != NULL;

  g_assert_cmpuint (onward_status_get_bytes_done (status), <=,
                    onward_status_get_bytes_total (status));
  g_assert_true (!onward_status_is_stopping (status) || onward_state_is_working (state));
  g_assert_true (has_error == (state == ONWARD_STATE_FAILED) || state == ONWARD_STATE_RECONNECTING);
  g_assert_true (onward_status_get_retry_at (status) == 0 || state == ONWARD_STATE_RECONNECTING);
  g_assert_true (has_release || state == ONWARD_STATE_IDLE || state == ONWARD_STATE_CHECKING ||
                 state == ONWARD_STATE_FAILED);
}

static gboolean
is_legal (OnwardState from, OnwardState to)
{
  OnwardState next = from;

  for (guint event = 0; event <= ONWARD_EVENT_LAST; event++)
    {
      if (onward_state_next (from, (OnwardEvent) event, &next) && next == to)
        return TRUE;
    }

  return from == to;
}

static gboolean
is_downloading (OnwardState state)
{
  return state == ONWARD_STATE_DOWNLOADING || state == ONWARD_STATE_RECONNECTING ||
         state == ONWARD_STATE_OFFLINE || state == ONWARD_STATE_PAUSED;
}

/* Watches every status, and answers some of them before they have gone round. */
static void
on_status (OnwardFlow *flow, GParamSpec *pspec, Storm *storm)
{
  OnwardStatus *status = onward_flow_get_status (flow);
  OnwardState state = onward_status_get_state (status);
  guint64 done = onward_status_get_bytes_done (status);

  assert_truth (status);
  if (storm->depth == 0)
    g_assert_true (is_legal (storm->shown, state));
  if (is_downloading (storm->shown) && is_downloading (state) &&
      storm->total == onward_status_get_bytes_total (status))
    g_assert_cmpuint (done, >=, storm->done);

  storm->shown = state;
  storm->done = done;
  storm->total = onward_status_get_bytes_total (status);
  if (storm->rand != NULL && storm->depth < 2 && g_rand_int_range (storm->rand, 0, 25) == 0)
    {
      storm->depth++;
      if (g_rand_int_range (storm->rand, 0, 3) != 0)
        (void) send (storm);
      else
        begin (storm);
      storm->depth--;
      storm->shown = onward_status_get_state (onward_flow_get_status (flow));
    }
}

static void
watch (Storm *storm)
{
  OnwardFlow *flow = storm->fixture->flow;

  storm->shown = onward_status_get_state (onward_flow_get_status (flow));
  storm->done = storm->total = 0;
  g_signal_connect (flow, "notify::status", G_CALLBACK (on_status), storm);
}

/* The process ends at any moment, and another one begins. */
static void
restart (Storm *storm)
{
  OnwardFlow *flow = g_steal_pointer (&storm->fixture->flow);

  g_signal_handlers_disconnect_by_data (flow, storm);
  flow_fixture_close (&flow);
  flow_fixture_open (storm->fixture);
  watch (storm);
}

static void
turn_server (Storm *storm)
{
  OnwardTestSite *site = storm->fixture->site;

  if (site->server != NULL)
    onward_test_site_stop (site);
  else
    onward_test_site_start (site);
  if (site->server != NULL)
    onward_server_set_rate (site->server, g_rand_boolean (storm->rand) ? 20000000 : 5000000);
}

static void
run_for (guint milliseconds)
{
  gint64 until = g_get_monotonic_time () + milliseconds * 1000;

  do
    {
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (200);
    }
  while (g_get_monotonic_time () < until);
}

static void
send_one (Storm *storm)
{
  for (guint i = 0; i < 8; i++)
    {
      if (send (storm))
        return;
    }
}

static void
act (Storm *storm)
{
  guint what = (guint) g_rand_int_range (storm->rand, 0, 100);

  if (what < 75)
    send_one (storm);
  else if (what < 92)
    begin (storm);
  else if (what < 96)
    restart (storm);
  else
    turn_server (storm);

  if (g_rand_int_range (storm->rand, 0, 4) != 0)
    run_for ((guint) g_rand_int_range (storm->rand, 0, 40));
}

static gboolean
is_old (FlowFixture *fixture)
{
  return g_str_equal (onward_flow_get_version (fixture->flow), "1.0.0");
}

static gboolean
is_resting (FlowFixture *fixture)
{
  return !onward_state_is_working (flow_fixture_state (fixture));
}

static void
settle (Storm *storm)
{
  gint64 until = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  while (storm->pending > 0 || !is_resting (storm->fixture))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      (void) onward_flow_retry_now (storm->fixture->flow, NULL);
      run_for (5);
    }
}

/* From whatever state to the new version, as a user would. */
static void
finish (Storm *storm)
{
  FlowFixture *fixture = storm->fixture;
  g_autoptr (GError) error = NULL;

  while (is_old (fixture))
    {
      OnwardState state = flow_fixture_state (fixture);

      if (state == ONWARD_STATE_PAUSED)
        (void) onward_flow_resume (fixture->flow, &error);
      else if (state == ONWARD_STATE_AVAILABLE || state == ONWARD_STATE_READY)
        (void) onward_flow_start (fixture->flow, &error);
      else
        g_assert_true (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
      g_assert_no_error (error);
      settle (storm);
    }
}

static void
play (FlowFixture *fixture, guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  Storm storm = { .fixture = fixture, .rand = rand };
  g_autoptr (OnwardFlow) other = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_test_message ("seed %u", seed);
  watch (&storm);
  onward_server_set_rate (fixture->site->server, 5000000);
  for (guint i = 0; i < ACTIONS && is_old (fixture); i++)
    act (&storm);

  if (fixture->site->server == NULL)
    onward_test_site_start (fixture->site);
  onward_server_set_rate (fixture->site->server, 0);
  storm.rand = NULL;
  settle (&storm);
  finish (&storm);
  text = onward_test_read (fixture->install, "current/share/version");
  g_assert_cmpstr (text, ==, "1.1.0");

  /* Nothing holds the lock any more. */
  other = onward_flow_new (fixture->install, &error);
  g_assert_no_error (error);
  flow_fixture_close (&fixture->flow);
  fixture->flow = g_steal_pointer (&other);
  g_assert_false (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_no_error (error);
}

/* Whatever is asked for, in whatever order and at whatever moment: the status tells the truth, only
 * edges of the table are taken, and in the end the update gets there. */
static void
test_flow_weathers_a_storm (void)
{
  g_auto (FlowFixture) fixture = { 0 };

  flow_fixture_init (&fixture, SIZE);
  for (guint32 seed = 1; seed <= ROUNDS; seed++)
    {
      play (&fixture, seed);
      flow_fixture_close (&fixture.flow);
      g_free (fixture.install);
      fixture.install = onward_test_site_install (fixture.site, "1.0.0");
      flow_fixture_open (&fixture);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "5", TRUE);
  g_test_add_func ("/flow/weathers-a-storm", test_flow_weathers_a_storm);
  return g_test_run ();
}
