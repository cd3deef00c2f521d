/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <json-glib/json-glib.h>

#include "onward-root.h"
#include "onward-selector.h"
#include "onward-targets-private.h"
#include "onward-test-repository.h"

#define FACTS                                                                             \
  "{\"version\":\"%s\",\"sequence\":%d,\"channel\":\"%s\",\"platform\":\"linux-x86_64\"," \
  "\"date\":\"2026-01-02\"%s}"

typedef struct
{
  const char *version;
  int sequence;
  const char *channel;
  const char *more;
} Row;

static const OnwardSelector selector = {
  .version = "1.0.0",
  .platform = "linux-x86_64",
  .channel = "stable",
  .now = 1767400000,
};

/* Releases in the order of the rows, which is that of onward_selector_list_releases(). */
static GPtrArray *
make_releases (const Row *rows, guint n_rows)
{
  GPtrArray *releases = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_release_unref);

  for (guint i = 0; i < n_rows; i++)
    {
      g_autofree char *text =
          g_strdup_printf (FACTS, rows[i].version, rows[i].sequence, rows[i].channel, rows[i].more);
      g_autoptr (JsonNode) node = json_from_string (text, NULL);
      g_autoptr (GError) error = NULL;

      g_ptr_array_add (releases,
                       onward_release_new_from_json (json_node_get_object (node), &error));
      g_assert_no_error (error);
    }

  return releases;
}

static char *
list_newer (const OnwardSelector *self, const Row *rows, guint n_rows)
{
  g_autoptr (GPtrArray) releases = make_releases (rows, n_rows);
  g_autoptr (GPtrArray) newer = onward_selector_list_newer (self, releases);
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < newer->len; i++)
    g_string_append_printf (list, "%s%s", i == 0 ? "" : " ",
                            onward_release_get_version (g_ptr_array_index (newer, i)));
  return g_string_free (list, FALSE);
}

#define assert_newer(self, rows, expected)                                     \
  G_STMT_START                                                                 \
  {                                                                            \
    g_autofree char *_list = list_newer ((self), (rows), G_N_ELEMENTS (rows)); \
    g_assert_cmpstr (_list, ==, (expected));                                   \
  }                                                                            \
  G_STMT_END

/* The sequence decides what is newer, not what the version looks like. */
static void
test_selector_follows_the_sequence (void)
{
  static const Row rows[] = {
    { "0.9.0", 5, "stable", "" },
    { "1.2.0", 4, "stable", "" },
    { "1.0.0", 3, "stable", "" },
    { "1.9.0", 2, "stable", "" },
  };

  assert_newer (&selector, rows, "0.9.0 1.2.0");
}

/* An installed version that is no longer listed is compared by its version. */
static void
test_selector_knows_unlisted_installs (void)
{
  static const Row rows[] = { { "1.2.0", 9, "stable", "" }, { "0.8.0", 8, "stable", "" } };

  assert_newer (&selector, rows, "1.2.0");
}

/* A version that a thief of keys published, however high, gives way to what is listed. */
static void
test_selector_leaves_disowned_versions (void)
{
  static const Row rows[] = { { "1.2.0", 9, "stable", "" }, { "0.8.0", 8, "stable", "" } };
  OnwardSelector disowned = selector;

  disowned.version = "99.0.0";
  assert_newer (&disowned, rows, "");
  disowned.disowned = TRUE;
  assert_newer (&disowned, rows, "1.2.0 0.8.0");

  disowned.version = "1.2.0";
  assert_newer (&disowned, rows, "");
}

/* Verified targets that say, unless @issued is 0, when they were signed. */
static OnwardTargets *
make_targets (gint64 issued)
{
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (JsonObject) content = onward_test_repository_make (repository, ONWARD_ROLE_TARGETS);
  g_autoptr (OnwardRoot) root =
      onward_root_new (onward_test_repository_get (repository, ONWARD_ROLE_ROOT), NULL, NULL);
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (issued);
  g_autofree char *text = g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");
  g_autoptr (GBytes) document = NULL;
  OnwardTargets *targets;

  if (issued > 0)
    json_object_set_string_member (content, "x-issued", text);
  document = onward_test_repository_sign (repository, ONWARD_ROLE_TARGETS, content);
  targets = onward_targets_new (document, onward_root_get_role (root, ONWARD_ROLE_TARGETS), TRUE, 0,
                                NULL);
  g_assert_nonnull (targets);
  return targets;
}

/* Only targets that were signed after a version came can have taken it back. */
static void
test_selector_knows_older_targets (void)
{
  /* clang-format off */
  static const struct { gint64 since, issued; gboolean behind; } rows[] = {
    { 0,          0,          FALSE }, /* it is not known when the version came */
    { 0,          5000,       FALSE },
    { 5000,       0,          TRUE },  /* the targets do not say when they were signed */
    { 5000,       4999,       TRUE },
    { 5000,       5000,       FALSE },
    { 5000,       5001,       FALSE },
    { 1767400000, 1767399999, TRUE },
    { 1767400001, 1767399999, FALSE }, /* the clock was wrong when the version came */
  };
  /* clang-format on */

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (OnwardTargets) targets = make_targets (rows[i].issued);
      OnwardSelector self = selector;

      self.since = rows[i].since;
      g_assert_cmpint (onward_selector_is_behind (&self, targets), ==, rows[i].behind);
    }
}

/* What was withdrawn, or needs what this Onward cannot do, is never offered. */
static void
test_selector_leaves_out_what_does_not_fit (void)
{
  static const Row rows[] = {
    { "1.3.0", 4, "stable", ",\"withdrawn\":true" },
    { "1.2.0", 3, "stable", ",\"requires\":[\"time-travel\"]" },
    { "1.1.0", 2, "stable", ",\"requires\":[\"zstd\"]" },
    { "1.0.0", 1, "stable", "" },
  };

  assert_newer (&selector, rows, "1.1.0");
}

/* Who has a withdrawn release with nothing newer is offered the best one below it. */
static void
test_selector_leads_back_from_withdrawn (void)
{
  static const Row rows[] = {
    { "1.0.0", 3, "stable", ",\"withdrawn\":true" },
    { "0.9.0", 2, "stable", "" },
    { "0.8.0", 1, "stable", "" },
  };

  assert_newer (&selector, rows, "0.9.0");
}

/* A rollout reaches everyone in its time, some at once, and who asks by hand first. */
static void
test_selector_rolls_out (void)
{
  static const Row rows[] = {
    { "2.0.0", 2, "stable", ",\"rollout\":{\"start\":\"2026-01-03\",\"days\":10}" },
    { "1.0.0", 1, "stable", "" },
  };
  OnwardSelector automatic = selector;
  guint early = 0;

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *secret = g_strdup_printf ("install %u", i);
      g_autofree char *list = NULL;

      automatic.secret = secret;
      automatic.now = 1767398400 + 5 * 86400;
      list = list_newer (&automatic, rows, G_N_ELEMENTS (rows));
      early += *list != '\0';
      automatic.now = 1767398400 + 10 * 86400;
      assert_newer (&automatic, rows, "2.0.0");
    }

  g_assert_cmpuint (early, >, 60);
  g_assert_cmpuint (early, <, 140);
  assert_newer (&selector, rows, "2.0.0");
}

/* The hundredth of the installs that is asked for has its turn when as much of the time is over. */
static void
test_selector_takes_a_bucket (void)
{
  static const Row rows[] = {
    { "2.0.0", 2, "stable", ",\"rollout\":{\"start\":\"2026-01-03\",\"days\":10}" },
    { "1.5.0", 1, "stable", "" },
  };
  g_autoptr (GPtrArray) releases = make_releases (rows, G_N_ELEMENTS (rows));
  OnwardRelease *release = g_ptr_array_index (releases, 0);
  OnwardSelector self = selector;

  self.secret = "another place";
  self.bucket = 30;
  g_assert_cmpint (onward_selector_get_turn (&self, release), ==, 1767398400 + 3 * 86400);
  self.now = 1767398400 + 3 * 86400 - 1;
  assert_newer (&self, rows, "1.5.0");
  self.now++;
  assert_newer (&self, rows, "2.0.0 1.5.0");
  g_assert_cmpint (onward_selector_get_turn (&self, g_ptr_array_index (releases, 1)), ==, 0);
}

/* A minimum above the installed version forces; one below does not. */
static void
test_selector_forces (void)
{
  static const Row rows[] = {
    { "2.0.0", 2, "stable", ",\"minimum\":{\"version\":\"1.5.0\",\"reason\":{\"en\":\"Why\"}}" },
  };
  g_autoptr (GPtrArray) releases = make_releases (rows, G_N_ELEMENTS (rows));

  g_assert_true (onward_selector_forces (releases, "1.4.9"));
  g_assert_false (onward_selector_forces (releases, "1.5.0"));
}

/* The floor is the highest version below which none may go on; withdrawn releases set none. */
static void
test_selector_floor (void)
{
  static const Row rows[] = {
    { "4.0.0", 6, "stable", ",\"minimum\":{\"version\":\"3.5.0\"},\"withdrawn\":true" },
    { "3.0.0", 5, "stable", ",\"severity\":\"security\"" },
    { "2.0.0", 4, "stable", ",\"minimum\":{\"version\":\"1.10.0\"}" },
    { "1.9.0", 3, "stable", ",\"severity\":\"forced\"" },
    { "1.2.0", 2, "stable", ",\"minimum\":{\"version\":\"1.2.0\"}" },
    { "1.0.0", 1, "stable", "" },
  };
  static const char *const floors[] = { "1.10.0", "1.10.0", "1.10.0", "1.9.0", "1.2.0", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GPtrArray) releases = make_releases (rows + i, G_N_ELEMENTS (rows) - i);
      g_autofree char *floor = onward_selector_dup_floor (releases);

      g_assert_cmpstr (floor, ==, floors[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/selector/follows-the-sequence", test_selector_follows_the_sequence);
  g_test_add_func ("/selector/knows-unlisted-installs", test_selector_knows_unlisted_installs);
  g_test_add_func ("/selector/leaves-disowned-versions", test_selector_leaves_disowned_versions);
  g_test_add_func ("/selector/knows-older-targets", test_selector_knows_older_targets);
  g_test_add_func ("/selector/leaves-out-what-does-not-fit",
                   test_selector_leaves_out_what_does_not_fit);
  g_test_add_func ("/selector/leads-back-from-withdrawn", test_selector_leads_back_from_withdrawn);
  g_test_add_func ("/selector/rolls-out", test_selector_rolls_out);
  g_test_add_func ("/selector/takes-a-bucket", test_selector_takes_a_bucket);
  g_test_add_func ("/selector/forces", test_selector_forces);
  g_test_add_func ("/selector/floor", test_selector_floor);
  return g_test_run ();
}
