/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-flow-private.h"
#include "onward-test-site.h"
#include "onward-test.h"

G_BEGIN_DECLS

/* A site with versions 1.0.0 and 1.1.0, an install of the first, and its flow. */
typedef struct
{
  OnwardTestSite *site; /* (owned) */
  char *install;        /* (owned) */
  OnwardFlow *flow;     /* (owned) */
} FlowFixture;

/* Stops a flow as its client does, and waits until nothing keeps it alive any more. */
static inline void
flow_fixture_close (OnwardFlow **flow)
{
  gpointer weak = *flow;

  if (*flow == NULL)
    return;

  g_object_add_weak_pointer (G_OBJECT (*flow), &weak);
  onward_flow_close (*flow);
  g_clear_object (flow);
  while (weak != NULL)
    g_main_context_iteration (NULL, TRUE);
}

static inline void
flow_fixture_open (FlowFixture *fixture)
{
  g_autoptr (GError) error = NULL;

  flow_fixture_close (&fixture->flow);
  fixture->flow = onward_flow_new (fixture->install, &error);
  g_assert_no_error (error);
}

static inline void
flow_fixture_init (FlowFixture *fixture, guint size)
{
  fixture->site = onward_test_site_new ();
  onward_test_site_make_tree (fixture->site, "1.0.0", size);
  onward_test_site_make_tree (fixture->site, "1.1.0", size);
  onward_test_site_add (fixture->site, "1.0.0");
  fixture->install = onward_test_site_install (fixture->site, "1.0.0");
  onward_test_site_add (fixture->site, "1.1.0");
  fixture->flow = NULL;
  flow_fixture_open (fixture);
}

typedef struct
{
  const char *path;
  void (*test) (FlowFixture *, gconstpointer);
} FlowTest;

/* Runs tests that have one site, made once, in common; each gets it as its data. */
static inline int
flow_fixture_run_on_site (OnwardTestSite *site, const FlowTest *tests, guint n_tests,
                          void (*set_up) (FlowFixture *, gconstpointer),
                          void (*tear_down) (FlowFixture *, gconstpointer))
{
  int result;

  for (guint i = 0; i < n_tests; i++)
    g_test_add (tests[i].path, FlowFixture, site, set_up, tests[i].test, tear_down);
  result = g_test_run ();
  onward_test_site_free (site);
  return result;
}

/* An install whose repository lies beyond the loopback, by its name at least. */
static inline void
flow_fixture_init_beyond (FlowFixture *fixture, guint size)
{
  g_autoptr (GString) text = NULL;
  g_autofree char *config = NULL;

  flow_fixture_init (fixture, size);
  config = onward_test_read (fixture->install, "onward.ini");
  text = g_string_new (config);
  g_string_replace (text, "127.0.0.1", "0.0.0.0", 0);
  g_string_replace (text, "[Application]\n", "[Application]\nAllowHttp=true\n", 0);
  onward_test_write (fixture->install, "onward.ini", text->str);
  flow_fixture_open (fixture);
}

static inline void
flow_fixture_clear (FlowFixture *fixture)
{
  flow_fixture_close (&fixture->flow);
  g_free (fixture->install);
  g_clear_pointer (&fixture->site, onward_test_site_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FlowFixture, flow_fixture_clear)

static inline OnwardState
flow_fixture_state (FlowFixture *fixture)
{
  return onward_status_get_state (onward_flow_get_status (fixture->flow));
}

static inline gboolean
flow_fixture_check (FlowFixture *fixture, OnwardCheckKind kind, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  onward_flow_check_async (fixture->flow, kind, NULL, onward_test_store_result, &result);
  onward_test_await (&result);
  return onward_flow_check_finish (fixture->flow, result, error);
}

static inline gboolean
flow_fixture_describe (FlowFixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  onward_flow_describe_async (fixture->flow, NULL, onward_test_store_result, &result);
  onward_test_await (&result);
  return onward_flow_describe_finish (fixture->flow, result, error);
}

static inline void
flow_fixture_run_until (FlowFixture *fixture, OnwardState state)
{
  while (flow_fixture_state (fixture) != state)
    {
      g_assert_true (flow_fixture_state (fixture) != ONWARD_STATE_FAILED ||
                     state == ONWARD_STATE_FAILED);
      g_main_context_iteration (NULL, TRUE);
    }
}

/* Until another process could go on: the journal is written then. */
static inline void
flow_fixture_let_go (FlowFixture *fixture)
{
  while (fixture->flow->is_locked)
    g_main_context_iteration (NULL, TRUE);
}

static inline gboolean
flow_fixture_is_working (FlowFixture *fixture)
{
  return onward_state_is_working (flow_fixture_state (fixture));
}

static inline void
flow_fixture_settle (FlowFixture *fixture)
{
  while (flow_fixture_is_working (fixture))
    g_main_context_iteration (NULL, TRUE);
}

static inline void
flow_fixture_assert_current (FlowFixture *fixture, const char *version)
{
  g_autofree char *text = onward_test_read (fixture->install, "current/share/version");

  g_assert_cmpstr (text, ==, version);
  g_assert_cmpstr (onward_flow_get_version (fixture->flow), ==, version);
}

/* From whatever state to @version, as a user would. */
static inline void
flow_fixture_finish (FlowFixture *fixture, const char *version)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; !g_str_equal (onward_flow_get_version (fixture->flow), version); i++)
    {
      OnwardState state = flow_fixture_state (fixture);

      g_assert_cmpuint (i, <, 6);
      if (state == ONWARD_STATE_PAUSED)
        (void) onward_flow_resume (fixture->flow, &error);
      else if (state == ONWARD_STATE_AVAILABLE || state == ONWARD_STATE_READY)
        (void) onward_flow_start (fixture->flow, &error);
      else
        g_assert_true (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
      g_assert_no_error (error);
      flow_fixture_settle (fixture);
    }

  flow_fixture_let_go (fixture);
  flow_fixture_assert_current (fixture, version);
}

static inline void
flow_fixture_wait_for_bytes (FlowFixture *fixture, guint64 bytes)
{
  while (onward_status_get_bytes_done (onward_flow_get_status (fixture->flow)) < bytes)
    {
      g_assert_cmpint (flow_fixture_state (fixture), ==, ONWARD_STATE_DOWNLOADING);
      g_main_context_iteration (NULL, TRUE);
    }
}

/* The server counts what it sent when it notices that nobody listens any more. */
static inline void
flow_fixture_wait_for_quiet (FlowFixture *fixture)
{
  guint before;

  do
    {
      gint64 until = g_get_monotonic_time () + 300000;

      before = fixture->site->n_requests;
      while (g_get_monotonic_time () < until)
        g_main_context_iteration (NULL, FALSE);
    }
  while (fixture->site->n_requests != before);
}

static inline OnwardJournal *
flow_fixture_load_journal (FlowFixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->install, "var", "state.ini", NULL);

  return onward_journal_load (path);
}

static inline void
flow_fixture_save_journal (OnwardJournal *journal)
{
  g_autoptr (GError) error = NULL;

  onward_journal_save (journal, &error);
  g_assert_no_error (error);
}

/* A journal that says so, as a process that was killed would have left it. */
static inline void
flow_fixture_record (FlowFixture *fixture, OnwardState state, const char *version)
{
  g_autoptr (OnwardJournal) journal = flow_fixture_load_journal (fixture);

  onward_journal_set_state (journal, state);
  onward_journal_set_release (journal, version);
  flow_fixture_save_journal (journal);
}

G_END_DECLS
