/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-fault-matrix.h"
#include "onward-test.h"

#define CUT "cut 50%"

typedef struct
{
  OnwardFaultScenario *scenario; /* (owned) (nullable): made for the first test that needs it */
  GPtrArray *cases;              /* (owned) (element-type Case) */
} Fixture;

typedef struct
{
  Fixture *fixture;
  const OnwardFaultBehaviour *behaviour;
  OnwardFaultThing thing;
} Case;

static gboolean
is_retried (OnwardFaultThing thing)
{
  return thing == ONWARD_FAULT_DOCUMENT || thing == ONWARD_FAULT_PACK;
}

static char *
dup_line (OnwardFaultScenario *scenario, const OnwardFaultBehaviour *behaviour)
{
  GString *line = g_string_new (behaviour->line);

  g_string_replace (line, "{secure}", onward_fault_server_get_uri (scenario->secure), 0);
  return g_string_free (line, FALSE);
}

static void
begin (OnwardFaultScenario *scenario, const OnwardFaultBehaviour *behaviour, OnwardFaultThing thing)
{
  g_autofree char *line = dup_line (scenario, behaviour);
  const char *lines[4] = { NULL };
  guint count = 0;

  if (behaviour->moment == ONWARD_FAULT_REST && is_retried (thing))
    lines[count++] = CUT;
  lines[count++] = line;
  if (behaviour->moment != ONWARD_FAULT_ALWAYS)
    lines[count++] = "ok";
  onward_fault_scenario_begin (scenario, thing, lines);
}

/* A document counts only after all of its checks, and none after one that was refused. */
static void
assert_trust_is_untouched (OnwardFaultScenario *scenario, OnwardFaultThing thing)
{
  static const OnwardRoleKind kinds[] = { ONWARD_ROLE_ROOT, ONWARD_ROLE_TIMESTAMP,
                                          ONWARD_ROLE_TARGETS };

  for (guint kind = is_retried (thing) ? 0 : kinds[thing]; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      g_autofree char *stored = onward_fault_scenario_dup_stored (scenario, kind);

      g_assert_cmpstr (stored, ==,
                       g_hash_table_lookup (scenario->stored, onward_role_kind_get_file (kind)));
    }
}

static void
assert_trust_is_new (OnwardFaultScenario *scenario, gboolean has_new_root)
{
  const char *trust = onward_paths_get_trust (scenario->paths);

  for (guint kind = has_new_root ? 0 : 1; kind < ONWARD_TEST_N_ROLES; kind++)
    g_assert_cmpint (onward_test_repository_stored_version (trust, kind), ==,
                     scenario->repository->versions[kind]);
}

static void
assert_right (const Case *test, gboolean has_new_root)
{
  OnwardFaultScenario *scenario = test->fixture->scenario;
  guint64 size = onward_fault_scenario_get_pack_size (scenario);

  if (!is_retried (test->thing))
    assert_trust_is_new (scenario, has_new_root);
  if (test->thing == ONWARD_FAULT_PACK)
    g_assert_cmpuint (scenario->on_wire, <=, size + (size * test->behaviour->again + 99) / 100);
}

/* A refusal leaves nothing behind that a server in order could not mend at once. */
static void
assert_goes_on (const Case *test)
{
  const char *const lines[] = { "ok", NULL };
  g_autoptr (GError) error = NULL;

  onward_fault_server_script_lines (test->fixture->scenario->server, lines);
  (void) onward_fault_scenario_fetch (test->fixture->scenario, test->thing, &error);
  g_assert_no_error (error);
  assert_right (test, TRUE);
}

static void
judge (const Case *test, const GError *error)
{
  const OnwardFaultVerdict *verdict = &test->behaviour->verdicts[test->thing];
  OnwardFaultScenario *scenario = test->fixture->scenario;
  guint requests = onward_fault_server_count_requests (scenario->server);

  if (error != NULL)
    g_test_message ("%s", error->message);
  if (verdict->code >= 0)
    g_assert_error (error, ONWARD_ERROR, verdict->code);
  else
    g_assert_no_error (error);
  if (verdict->requests != 0)
    g_assert_cmpuint (requests, ==, verdict->requests);

  if (error == NULL)
    assert_right (test, verdict->code == ONWARD_FAULT_RIGHT);
  else
    {
      assert_trust_is_untouched (scenario, test->thing);
      if (verdict->code == ONWARD_ERROR_SIGN_IN && test->thing == ONWARD_FAULT_PACK)
        g_assert_cmpuint (scenario->kept, ==, 0);
      assert_goes_on (test);
    }
}

/* Whatever the server does, the right thing arrives or the right error does. */
static void
test_faults_case (gconstpointer data)
{
  const Case *test = data;
  g_autoptr (GError) error = NULL;

  if (test->fixture->scenario == NULL)
    test->fixture->scenario = onward_fault_scenario_new ();
  g_setenv ("ONWARD_TEST_DEADLINE_MS", test->behaviour->waits ? "15" : "1000", TRUE);
  begin (test->fixture->scenario, test->behaviour, test->thing);
  (void) onward_fault_scenario_fetch (test->fixture->scenario, test->thing, &error);
  judge (test, error);
}

/* What has the wrong hash or length is asked for once more, past every cache; only what is wrong
 * again is called what it is. */
static void
test_faults_past_caches (gconstpointer data)
{
  static const struct
  {
    const char *lines[3];
    int code;
  } cases[] = {
    { { "flip 300", "ok" }, ONWARD_FAULT_RIGHT },
    { { "flip 300", "flip 300" }, ONWARD_ERROR_WRONG_HASH },
  };
  Fixture *fixture = (Fixture *) data;

  if (fixture->scenario == NULL)
    fixture->scenario = onward_fault_scenario_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *first = NULL;
      g_autofree char *second = NULL;

      onward_fault_scenario_begin (fixture->scenario, ONWARD_FAULT_TARGETS, cases[i].lines);
      (void) onward_fault_scenario_fetch (fixture->scenario, ONWARD_FAULT_TARGETS, &error);
      first = onward_fault_server_dup_header (fixture->scenario->server, 0, "Cache-Control");
      second = onward_fault_server_dup_header (fixture->scenario->server, 1, "Cache-Control");
      g_assert_cmpuint (onward_fault_server_count_requests (fixture->scenario->server), ==, 2);
      g_assert_null (first);
      g_assert_cmpstr (second, ==, "no-cache");
      if (cases[i].code == ONWARD_FAULT_RIGHT)
        g_assert_no_error (error);
      else
        g_assert_error (error, ONWARD_ERROR, cases[i].code);
    }
}

/* All behaviours are there, and only bytes that are not the signed ones raise an alarm. */
static void
test_faults_table (void)
{
  gboolean has_number[ONWARD_FAULT_N_NUMBERS + 1] = { FALSE };
  const OnwardFaultBehaviour *behaviour;

  for (guint i = 0; (behaviour = onward_fault_matrix_get (i)) != NULL; i++)
    {
      g_assert_cmpuint (behaviour->number, <=, ONWARD_FAULT_N_NUMBERS);
      has_number[behaviour->number] = TRUE;
      for (guint thing = 0; thing < ONWARD_FAULT_N_THINGS; thing++)
        {
          int code = behaviour->verdicts[thing].code;

          g_assert_true (code != ONWARD_ERROR_UNTRUSTED && code != ONWARD_ERROR_ROLLED_BACK &&
                         code != ONWARD_ERROR_EXPIRED && code != ONWARD_ERROR_FAILED);
        }
    }
  for (guint number = 1; number <= ONWARD_FAULT_N_NUMBERS; number++)
    g_assert_true (has_number[number]);
}

static void
add_cases (Fixture *fixture, OnwardFaultThing thing)
{
  const OnwardFaultBehaviour *behaviour;

  for (guint i = 0; (behaviour = onward_fault_matrix_get (i)) != NULL; i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/faults/%s/%02u-%s", onward_fault_scenario_get_name (thing),
                           behaviour->number, behaviour->name);
      Case *test = g_new (Case, 1);

      *test = (Case){ fixture, behaviour, thing };
      g_ptr_array_add (fixture->cases, test);
      g_test_add_data_func (path, test, test_faults_case);
    }
}

int
main (int argc, char **argv)
{
  Fixture fixture = { NULL, g_ptr_array_new_with_free_func (g_free) };
  int status;

  g_setenv ("ONWARD_TEST_BACKOFF_MS", "1", TRUE);
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/faults/table", test_faults_table);
  g_test_add_data_func ("/faults/targets/past-caches", &fixture, test_faults_past_caches);
  for (guint thing = 0; thing < ONWARD_FAULT_N_THINGS; thing++)
    add_cases (&fixture, thing);
  status = g_test_run ();
  g_clear_pointer (&fixture.scenario, onward_fault_scenario_free);
  g_ptr_array_unref (fixture.cases);
  return status;
}
