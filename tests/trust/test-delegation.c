/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-delegation.h"

#include <string.h>

#include "onward-error.h"
#include "onward-json-guard.h"

#define ROLE(name, more) \
  "{\"name\":\"" name "\",\"keyids\":[\"k\"],\"threshold\":1,\"terminating\":false" more "}"
#define DELEGATIONS(roles) "{\"keys\":{},\"roles\":[" roles "]}"

static GPtrArray *
parse (const char *json, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (GError) guard_error = NULL;
  g_autoptr (JsonNode) node = onward_json_guard_parse (bytes, 1 << 16, &guard_error);

  g_assert_no_error (guard_error);
  return onward_delegation_parse_all (json_node_get_object (node), error);
}

/* clang-format off */
static const struct
{
  const char *json;
  int n; /* -1: refused */
} cases[] = {
  { DELEGATIONS (""), 0 },
  { DELEGATIONS (ROLE ("A", "")), 1 },
  { DELEGATIONS (ROLE ("A", "") "," ROLE ("B", "")), 2 },
  { DELEGATIONS (ROLE ("A", ",\"paths\":[]")), 1 },
  { DELEGATIONS (ROLE ("A", ",\"x-more\":{\"a\":1}")), 1 },
  { DELEGATIONS (ROLE ("ROOT", "")), 1 },
  { DELEGATIONS (ROLE ("../A", "")), 1 },
  { DELEGATIONS (ROLE ("A", "") "," ROLE ("A", "")), -1 },
  { DELEGATIONS (ROLE ("", "")), -1 },
  { DELEGATIONS (ROLE ("root", "")), -1 },
  { DELEGATIONS (ROLE ("timestamp", "")), -1 },
  { DELEGATIONS (ROLE ("snapshot", "")), -1 },
  { DELEGATIONS (ROLE ("targets", "")), -1 },
  { DELEGATIONS (ROLE ("A", ",\"paths\":[],\"path_hash_prefixes\":[]")), -1 },
  { DELEGATIONS (ROLE ("A", ",\"paths\":\"*\"")), -1 },
  { DELEGATIONS (ROLE ("A", ",\"paths\":[1]")), -1 },
  { DELEGATIONS (ROLE ("A", ",\"paths\":[null]")), -1 },
  { DELEGATIONS (ROLE ("A", ",\"paths\":[[\"*\"]]")), -1 },
  { DELEGATIONS (ROLE ("A", ",\"path_hash_prefixes\":{}")), -1 },
  { DELEGATIONS ("\"A\""), -1 },
  { DELEGATIONS ("{\"keyids\":[],\"threshold\":1,\"terminating\":false}"), -1 },
  { DELEGATIONS ("{\"name\":1,\"keyids\":[],\"threshold\":1,\"terminating\":false}"), -1 },
  { DELEGATIONS ("{\"name\":\"A\",\"threshold\":1,\"terminating\":false}"), -1 },
  { DELEGATIONS ("{\"name\":\"A\",\"keyids\":[],\"terminating\":false}"), -1 },
  { DELEGATIONS ("{\"name\":\"A\",\"keyids\":[],\"threshold\":0,\"terminating\":false}"), -1 },
  { DELEGATIONS ("{\"name\":\"A\",\"keyids\":[],\"threshold\":1}"), -1 },
  { DELEGATIONS ("{\"name\":\"A\",\"keyids\":[],\"threshold\":1,\"terminating\":0}"), -1 },
  { "{\"roles\":[]}", -1 },
  { "{\"keys\":{}}", -1 },
  { "{\"keys\":[],\"roles\":[]}", -1 },
  { "{\"keys\":{\"k\":1},\"roles\":[]}", -1 },
  { "{\"keys\":{},\"roles\":{}}", -1 },
};
/* clang-format on */

/* 4.5, DELEGATIONS: names differ and are none of the four; paths or prefixes, not both. */
static void
test_parse (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) all = parse (cases[i].json, &error);

      g_test_message ("%s", cases[i].json);
      if (cases[i].n < 0)
        g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      else
        g_assert_cmpint ((int) all->len, ==, cases[i].n);
      g_assert_cmpint (all == NULL, ==, cases[i].n < 0);
    }
}

/* SHA-256 of "name" begins with 82a3537f. */
static void
test_covers (void)
{
  static const struct
  {
    const char *more;
    gboolean covers;
  } rules[] = {
    { "", FALSE },
    { ",\"paths\":[]", FALSE },
    { ",\"paths\":[\"other\",\"n*\"]", TRUE },
    { ",\"paths\":[\"*/name\"]", FALSE },
    { ",\"path_hash_prefixes\":[]", FALSE },
    { ",\"path_hash_prefixes\":[\"\"]", TRUE },
    { ",\"path_hash_prefixes\":[\"00\",\"82a3\"]", TRUE },
    { ",\"path_hash_prefixes\":[\"82A3\"]", FALSE },
    { ",\"path_hash_prefixes\":[\"2a3\"]", FALSE },
    { ",\"path_hash_prefixes\":[\"n*\"]", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autofree char *role = g_strdup_printf ("{\"name\":\"A\",\"keyids\":[],\"threshold\":1,"
                                               "\"terminating\":true%s}",
                                               rules[i].more);
      g_autofree char *json = g_strdup_printf ("{\"keys\":{},\"roles\":[%s]}", role);
      g_autoptr (GPtrArray) all = parse (json, NULL);
      OnwardDelegation *delegation = g_ptr_array_index (all, 0);

      g_test_message ("%s", json);
      g_assert_cmpint (onward_delegation_covers (delegation, "name"), ==, rules[i].covers);
      g_assert_true (onward_delegation_is_terminating (delegation));
      g_assert_cmpstr (onward_delegation_get_name (delegation), ==, "A");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/delegation/4.5", test_parse);
  g_test_add_func ("/delegation/covers", test_covers);

  return g_test_run ();
}
