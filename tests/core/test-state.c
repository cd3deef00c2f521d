/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-state-private.h"

#define N_STATES (ONWARD_STATE_LAST + 1)
#define N_EVENTS (ONWARD_EVENT_LAST + 1)

/* The life of an update as the design page draws it, in words. */
static const char *const expected_edges[] = {
  "idle check checking",           "checking found available",
  "checking up-to-date idle",      "checking cancel idle",
  "checking fail failed",          "available start downloading",
  "available check checking",      "available dismiss idle",
  "downloading fetched verifying", "downloading pause paused",
  "downloading net-lost offline",  "downloading stalled reconnecting",
  "downloading cancel available",  "downloading fail failed",
  "paused resume downloading",     "paused cancel available",
  "offline net-back reconnecting", "offline pause paused",
  "offline cancel available",      "reconnecting flowing downloading",
  "reconnecting net-lost offline", "reconnecting pause paused",
  "reconnecting cancel available", "reconnecting fail failed",
  "verifying verified staging",    "verifying cancel available",
  "verifying fail failed",         "staging staged ready",
  "staging cancel available",      "staging fail failed",
  "ready apply applying",          "ready superseded available",
  "applying switched applied",     "applying staged ready",
  "applying fail failed",          "applied confirmed idle",
  "applied reverted failed",       "failed check checking",
  "failed dismiss idle",
};

/* Exactly the 39 edges of the design exist; every other event is refused and changes nothing. */
static void
test_state_edges (void)
{
  g_autoptr (GHashTable) expected = g_hash_table_new (g_str_hash, g_str_equal);
  guint found = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (expected_edges); i++)
    g_hash_table_add (expected, (gpointer) expected_edges[i]);
  g_assert_cmpuint (g_hash_table_size (expected), ==, 39);

  for (int from = 0; from < N_STATES; from++)
    for (int event = 0; event < N_EVENTS; event++)
      {
        OnwardState to = (OnwardState) 77;
        g_autofree char *edge = NULL;

        if (!onward_state_next (from, event, &to))
          {
            g_assert_cmpint (to, ==, 77);
            continue;
          }

        edge = g_strdup_printf ("%s %s %s", onward_state_get_nick (from),
                                onward_event_get_nick (event), onward_state_get_nick (to));
        g_assert_true (g_hash_table_contains (expected, edge));
        found++;
      }

  g_assert_cmpuint (found, ==, 39);
}

static void
visit (OnwardState state, gboolean visited[N_STATES])
{
  OnwardState to;

  if (visited[state])
    return;

  visited[state] = TRUE;
  for (int event = 0; event < N_EVENTS; event++)
    if (onward_state_next (state, event, &to))
      visit (to, visited);
}

/* Every state can be reached from every other: there is no dead end and no orphan. */
static void
test_state_reachable (void)
{
  for (int from = 0; from < N_STATES; from++)
    {
      gboolean visited[N_STATES] = { FALSE };

      visit (from, visited);
      for (int to = 0; to < N_STATES; to++)
        g_assert_true (visited[to]);
    }
}

/* Every event does something somewhere. */
static void
test_state_events_used (void)
{
  for (int event = 0; event < N_EVENTS; event++)
    {
      gboolean used = FALSE;
      OnwardState to;

      for (int from = 0; from < N_STATES; from++)
        used = used || onward_state_next (from, event, &to);
      g_assert_true (used);
    }
}

/* A crash leaves a state in which nothing is under way, and a second crash changes nothing more. */
static void
test_state_recover (void)
{
  for (int state = 0; state < N_STATES; state++)
    {
      OnwardState recovered = onward_state_recover (state);

      g_assert_false (onward_state_is_working (recovered));
      g_assert_cmpint (recovered, !=, ONWARD_STATE_FAILED);
      g_assert_cmpint (onward_state_recover (recovered), ==, recovered);
      if (!onward_state_is_working (state) && state != ONWARD_STATE_FAILED)
        g_assert_cmpint (recovered, ==, state);
    }

  g_assert_cmpint (onward_state_recover (ONWARD_STATE_DOWNLOADING), ==, ONWARD_STATE_PAUSED);
  g_assert_cmpint (onward_state_recover (ONWARD_STATE_STAGING), ==, ONWARD_STATE_PAUSED);
  g_assert_cmpint (onward_state_recover (ONWARD_STATE_CHECKING), ==, ONWARD_STATE_IDLE);
  g_assert_cmpint (onward_state_recover (ONWARD_STATE_APPLYING), ==, ONWARD_STATE_READY);
  g_assert_cmpint (onward_state_recover (ONWARD_STATE_FAILED), ==, ONWARD_STATE_IDLE);
}

/* What a state says about cancelling and what its edges allow is the same. */
static void
test_state_cancellable (void)
{
  for (int state = 0; state < N_STATES; state++)
    {
      OnwardState to;

      g_assert_cmpint (onward_state_is_cancellable (state), ==,
                       onward_state_next (state, ONWARD_EVENT_CANCEL, &to));
    }
}

/* A background check never loses a staged update, and the switch cannot be half done. */
static void
test_state_deliberate_gaps (void)
{
  OnwardState to;

  g_assert_false (onward_state_next (ONWARD_STATE_READY, ONWARD_EVENT_CHECK, &to));
  g_assert_false (onward_state_next (ONWARD_STATE_APPLYING, ONWARD_EVENT_CANCEL, &to));
}

/* Names lead back to their states; anything else names none. */
static void
test_state_nicks (void)
{
  static const char *const foreign[] = { "", "Idle", "idle ", "downloadin", "13", "ready\n" };
  OnwardState state;

  for (int i = 0; i < N_STATES; i++)
    {
      g_assert_true (onward_state_from_nick (onward_state_get_nick (i), &state));
      g_assert_cmpint (state, ==, i);
    }

  state = ONWARD_STATE_READY;
  for (gsize i = 0; i < G_N_ELEMENTS (foreign); i++)
    g_assert_false (onward_state_from_nick (foreign[i], &state));
  g_assert_cmpint (state, ==, ONWARD_STATE_READY);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/state/edges", test_state_edges);
  g_test_add_func ("/state/reachable", test_state_reachable);
  g_test_add_func ("/state/events-used", test_state_events_used);
  g_test_add_func ("/state/recover", test_state_recover);
  g_test_add_func ("/state/cancellable", test_state_cancellable);
  g_test_add_func ("/state/deliberate-gaps", test_state_deliberate_gaps);
  g_test_add_func ("/state/nicks", test_state_nicks);

  return g_test_run ();
}
