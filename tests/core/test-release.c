/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-release-private.h"

#define CORE                                                                                   \
  "\"version\":\"2.1.0\",\"sequence\":7,\"channel\":\"stable\",\"platform\":\"linux-x86_64\"," \
  "\"date\":\"2026-10-02\""

static const char full[] =
    "{" CORE ",\"severity\":\"security\",\"minimum\":{\"version\":\"1.5.0\",\"grace-days\":14,"
    "\"reason\":{\"en\":\"Old versions cannot connect.\",\"zh_CN\":\"旧版本无法连接。\"}},"
    "\"rollout\":{\"start\":\"2026-10-02T09:00:00Z\",\"days\":7},"
    "\"components\":[\"docs\",\"lang-de\"],\"withdrawn\":true,\"requires\":[\"zstd\",\"delta-1\"]}";

static OnwardRelease *
read_release (const char *json, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (json, NULL);

  g_assert_nonnull (node);
  return onward_release_new_from_json (json_node_get_object (node), error);
}

/* Every fact is read. */
static void
test_release_full (void)
{
  static const char *const chinese[] = { "zh_CN.UTF-8", "zh_CN", "zh", "C", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardRelease) release = read_release (full, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (onward_release_get_version (release), ==, "2.1.0");
  g_assert_cmpuint (onward_release_get_sequence (release), ==, 7);
  g_assert_cmpstr (onward_release_get_channel (release), ==, "stable");
  g_assert_cmpstr (onward_release_get_platform (release), ==, "linux-x86_64");
  g_assert_cmpstr (onward_release_get_date (release), ==, "2026-10-02");
  g_assert_cmpint (onward_release_get_severity (release), ==, ONWARD_SEVERITY_SECURITY);
  g_assert_cmpstr (onward_release_get_minimum (release), ==, "1.5.0");
  g_assert_cmpuint (onward_release_get_grace_days (release), ==, 14);
  g_assert_cmpstr (onward_release_get_reason (release, chinese), ==, "旧版本无法连接。");
  g_assert_cmpstr (onward_release_get_reason (release, NULL), ==, "Old versions cannot connect.");
  g_assert_cmpint (onward_release_get_rollout_start (release), ==, 1790931600);
  g_assert_cmpuint (onward_release_get_rollout_days (release), ==, 7);
  g_assert_cmpstr (onward_release_get_components (release)[1], ==, "lang-de");
  g_assert_true (onward_release_is_withdrawn (release));
  g_assert_true (onward_release_is_supported (release));
  g_assert_null (onward_release_get_notes (release, chinese));
}

/* What may be left out has a harmless default, and unknown members do not matter. */
static void
test_release_least (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardRelease) release =
      read_release ("{" CORE ",\"future\":{\"severity\":[1]},\"x\":null}", &error);

  g_assert_no_error (error);
  g_assert_cmpint (onward_release_get_severity (release), ==, ONWARD_SEVERITY_NORMAL);
  g_assert_null (onward_release_get_minimum (release));
  g_assert_null (onward_release_get_reason (release, NULL));
  g_assert_cmpuint (onward_release_get_grace_days (release), ==, 0);
  g_assert_cmpint (onward_release_get_rollout_start (release), ==, 0);
  g_assert_cmpuint (onward_release_get_rollout_days (release), ==, 0);
  g_assert_null (onward_release_get_components (release)[0]);
  g_assert_false (onward_release_is_withdrawn (release));
  g_assert_true (onward_release_is_supported (release));
}

/* Facts that break the rules are refused one by one: each row spoils or replaces one member. */
static void
test_release_refused (void)
{
  /* clang-format off */
  const char *bad[][2] = {
    { "version", "null" }, { "version", "2" }, { "version", "\"2.1\"" },
    { "version", "\"../2.1.0\"" },
    { "sequence", "0" }, { "sequence", "-1" }, { "sequence", "\"7\"" }, { "sequence", "true" },
    { "channel", "\"\"" }, { "channel", "\"a/b\"" }, { "channel", "\"..\"" },
    { "channel", "\"-x\"" },
    { "channel", "\"a b\"" }, { "channel", "5" }, { "channel", "\"caf\u00e9\"" },
    { "channel", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"" },
    { "platform", "\"linux/x\"" }, { "platform", "null" }, { "date", "\"today\"" },
    { "date", "20261002" }, { "date", "\"2026-02-30\"" },
    { "severity", "\"urgent\"" }, { "severity", "1" }, { "severity", "\"\"" },
    { "severity", "null" },
    { "minimum", "\"1.0.0\"" }, { "minimum", "{}" }, { "minimum", "{\"version\":\"1\"}" },
    { "minimum", "{\"version\":\"2.1.1\"}" },
    { "minimum", "{\"version\":\"1.0.0\",\"grace-days\":-1}" },
    { "minimum", "{\"version\":\"1.0.0\",\"grace-days\":3651}" },
    { "minimum", "{\"version\":\"1.0.0\",\"grace-days\":\"7\"}" },
    { "minimum", "{\"version\":\"1.0.0\",\"reason\":\"why\"}" },
    { "minimum", "{\"version\":\"1.0.0\",\"reason\":{\"en\":1}}" },
    { "rollout", "7" }, { "rollout", "{}" }, { "rollout", "{\"start\":0,\"days\":7}" },
    { "rollout", "{\"start\":\"2026-10-02\",\"days\":-7}" }, { "rollout", "{\"days\":7}" },
    { "components", "\"docs\"" }, { "components", "[1]" }, { "components", "[\"a/b\"]" },
    { "components", "[null]" }, { "components", "[[]]" }, { "components", "[\"\"]" },
    { "withdrawn", "0" }, { "withdrawn", "\"true\"" }, { "withdrawn", "null" },
    { "requires", "{}" }, { "requires", "[\"a b\"]" }, { "requires", "true" },
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (full, NULL);
      g_autoptr (GError) error = NULL;

      json_object_set_member (json_node_get_object (node), bad[i][0],
                              json_from_string (bad[i][1], NULL));
      g_assert_null (onward_release_new_from_json (json_node_get_object (node), &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_true (g_str_has_prefix (error->message, "Reading a release: "));
    }
}

/* None of the five facts that every release has can be left out. */
static void
test_release_missing (void)
{
  const char *members[] = { "version", "sequence", "channel", "platform", "date" };

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (full, NULL);
      g_autoptr (GError) error = NULL;

      json_object_remove_member (json_node_get_object (node), members[i]);
      g_assert_null (onward_release_new_from_json (json_node_get_object (node), &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_nonnull (strstr (error->message, members[i]));
    }
}

/* Lists have an end. */
static void
test_release_long_lists (void)
{
  g_autoptr (JsonNode) node = json_from_string (full, NULL);
  JsonObject *object = json_node_get_object (node);
  JsonArray *names = json_object_get_array_member (object, "components");
  g_autoptr (OnwardRelease) release = NULL;
  g_autoptr (GError) error = NULL;

  while (json_array_get_length (names) < 256)
    json_array_add_string_element (names, "x");
  release = onward_release_new_from_json (object, &error);
  g_assert_no_error (error);

  json_array_add_string_element (names, "x");
  g_assert_null (onward_release_new_from_json (object, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
}

/* A release written and read again has the same facts; any change makes them differ. */
static void
test_release_same_facts (void)
{
  g_autoptr (OnwardRelease) release = read_release (full, NULL);
  g_autoptr (OnwardRelease) least = read_release ("{" CORE "}", NULL);
  g_autoptr (JsonObject) object = onward_release_to_json (release);
  g_autoptr (OnwardRelease) again = onward_release_new_from_json (object, NULL);
  g_autoptr (OnwardRelease) other = NULL;

  g_assert_true (onward_release_same_facts (release, again));
  g_assert_false (onward_release_same_facts (release, least));

  json_object_set_int_member (object, "sequence", 8);
  other = onward_release_new_from_json (object, NULL);
  g_assert_false (onward_release_same_facts (release, other));
}

/* Notes are added to a copy, and everything else stays. */
static void
test_release_notes (void)
{
  static const char *const german[] = { "de", NULL };
  g_autoptr (OnwardRelease) release = read_release (full, NULL);
  g_autoptr (JsonNode) notes = json_from_string ("{\"en\":\"# New\",\"de\":\"# Neu\"}", NULL);
  g_autoptr (JsonNode) wrong = json_from_string ("{\"en\":[]}", NULL);
  g_autoptr (OnwardRelease) described = NULL;
  g_autoptr (JsonObject) written = NULL;
  g_autoptr (GError) error = NULL;

  described = onward_release_with_notes (release, json_node_get_object (notes), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (onward_release_get_notes (described, german), ==, "# Neu");
  g_assert_null (onward_release_get_notes (release, german));
  g_assert_true (onward_release_same_facts (release, described));

  written = onward_release_notes_to_json (described);
  g_assert_cmpstr (json_object_get_string_member (written, "en"), ==, "# New");
  g_assert_null (onward_release_notes_to_json (release));

  g_assert_null (onward_release_with_notes (release, json_node_get_object (wrong), &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
}

static void
assert_forces (const char *members, const char *installed, gboolean expected)
{
  g_autofree char *json = g_strdup_printf ("{" CORE "%s}", members);
  g_autoptr (OnwardRelease) release = read_release (json, NULL);

  g_assert_cmpint (onward_release_forces (release, installed), ==, expected);
}

/* A forced release forces everyone, a minimum those below it, anything else nobody. */
static void
test_release_forces (void)
{
  const char *minimum = ",\"minimum\":{\"version\":\"2.0.0\"}";

  assert_forces ("", "0.0.1", FALSE);
  assert_forces (",\"severity\":\"security\"", "0.0.1", FALSE);
  assert_forces (",\"severity\":\"forced\"", "2.0.0", TRUE);
  assert_forces (minimum, "1.9.9", TRUE);
  assert_forces (minimum, "2.0.0-rc.1", TRUE);
  assert_forces (minimum, "2.0.0", FALSE);
  assert_forces (minimum, "2.0.0+build", FALSE);
  assert_forces (minimum, "no version", TRUE);
}

/* A release that requires what this Onward cannot do is told apart. */
static void
test_release_supported (void)
{
  g_autoptr (OnwardRelease) known =
      read_release ("{" CORE ",\"requires\":[\"lzma2\",\"zstd\",\"delta-1\"]}", NULL);
  g_autoptr (OnwardRelease) unknown =
      read_release ("{" CORE ",\"requires\":[\"zstd\",\"delta-9\"]}", NULL);

  g_assert_true (onward_release_is_supported (known));
  g_assert_false (onward_release_is_supported (unknown));
}

/* A release is a boxed value: copies are the same release. */
static void
test_release_boxed (void)
{
  g_autoptr (OnwardRelease) release = read_release (full, NULL);
  g_autoptr (OnwardRelease) copy = g_boxed_copy (ONWARD_TYPE_RELEASE, release);

  g_assert_true (copy == release);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/release/full", test_release_full);
  g_test_add_func ("/release/least", test_release_least);
  g_test_add_func ("/release/refused", test_release_refused);
  g_test_add_func ("/release/missing", test_release_missing);
  g_test_add_func ("/release/long-lists", test_release_long_lists);
  g_test_add_func ("/release/same-facts", test_release_same_facts);
  g_test_add_func ("/release/notes", test_release_notes);
  g_test_add_func ("/release/forces", test_release_forces);
  g_test_add_func ("/release/supported", test_release_supported);
  g_test_add_func ("/release/boxed", test_release_boxed);

  return g_test_run ();
}
