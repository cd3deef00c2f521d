/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-expiry.h"

#include <string.h>

#include "onward-error.h"
#include "publish-fixture.h"

#define DAY (G_GINT64_CONSTANT (24) * 60 * 60)

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* Says of the repository that targets have a key of their own. Nobody checks signatures here. */
static void
split (OnwardTestSite *site)
{
  g_autofree char *text = onward_test_read (site->dir, "repo/metadata/1.root.json");
  g_autoptr (JsonNode) document = json_from_string (text, NULL);
  JsonObject *content = json_object_get_object_member (json_node_get_object (document), "signed");
  JsonObject *roles = json_object_get_object_member (content, "roles");
  JsonObject *targets = json_object_get_object_member (roles, "targets");
  JsonArray *ids = json_array_new ();
  g_autofree char *changed = NULL;

  json_array_add_string_element (ids, "another");
  json_object_set_array_member (targets, "keyids", ids);
  changed = json_to_string (document, FALSE);
  onward_test_write (site->dir, "repo/metadata/1.root.json", changed);
}

/* Makes timestamp.json expire that long from now. */
static void
put_timestamp (OnwardTestSite *site, gint64 seconds)
{
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_utc (get_now () + seconds);
  g_autofree char *expires = g_date_time_format (then, "%Y-%m-%dT%H:%M:%SZ");
  g_autofree char *text =
      g_strdup_printf ("{\"signed\":{\"_type\":\"timestamp\",\"expires\":\"%s\"}}", expires);

  onward_test_write (site->dir, "repo/metadata/timestamp.json", text);
}

/* How long what is signed holds follows from the way keys are kept, and what is said is obeyed. */
static void
test_expiry_days (void)
{
  /* clang-format off */
  static const struct { const char *role; int solo, split, notice, split_notice; } rows[] = {
    { "root",      1095, 1095, 180, 180 },
    { "targets",   365,  365,  90,  90 },
    { "snapshot",  365,  365,  90,  90 },
    { "timestamp", 180,  14,   45,  3 },
  };
  /* clang-format on */
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpint (onward_expiry_get_days (repository, rows[i].role), ==, rows[i].solo);
      g_assert_cmpint (onward_expiry_get_notice (repository, rows[i].role), ==, rows[i].notice);
    }
  split (site);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpint (onward_expiry_get_days (repository, rows[i].role), ==, rows[i].split);
      g_assert_cmpint (onward_expiry_get_notice (repository, rows[i].role), ==,
                       rows[i].split_notice);
    }
}

/* publish.ini has the last word, unless it makes no sense. */
static void
test_expiry_settings (void)
{
  /* clang-format off */
  static const struct { const char *setting; int days, notice; } rows[] = {
    { "1",    1,    0 },
    { "30",   30,   7 },
    { "3650", 3650, 90 },
    { "3651", 180,  45 },
    { "0",    180,  45 },
    { "-7",   180,  45 },
    { "soon", 180,  45 },
    { "",     180,  45 },
  };
  /* clang-format on */
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      onward_repository_set_setting (repository, "TimestampDays", rows[i].setting);
      g_assert_cmpint (onward_expiry_get_days (repository, "timestamp"), ==, rows[i].days);
      g_assert_cmpint (onward_expiry_get_notice (repository, "timestamp"), ==, rows[i].notice);
      g_assert_cmpint (onward_expiry_get_days (repository, "targets"), ==, 365);
    }
}

/* What is written as the end of a document's life is read as the same moment. */
static void
test_expiry_format_and_read (void)
{
  static const int days[] = { 0, 1, 365, 3650 };

  for (guint i = 0; i < G_N_ELEMENTS (days); i++)
    {
      g_autoptr (JsonObject) content = json_object_new ();
      gint64 before = get_now ();
      g_autofree char *text = onward_expiry_format (days[i]);
      g_autoptr (GError) error = NULL;
      gint64 seconds = 0;

      g_assert_cmpuint (strlen (text), ==, strlen ("2026-10-02T09:15:00Z"));
      json_object_set_string_member (content, "expires", text);
      g_assert_true (onward_expiry_read (content, &seconds, &error));
      g_assert_no_error (error);
      g_assert_cmpint (seconds, >=, before + days[i] * DAY);
      g_assert_cmpint (seconds, <=, get_now () + days[i] * DAY);
    }
}

/* A document that does not say when it expires is an error, and nothing is made up for it. */
static void
test_expiry_read_hostile (void)
{
  static const char *const rows[] = { "{}",
                                      "{\"expires\":null}",
                                      "{\"expires\":20300101}",
                                      "{\"expires\":[\"2030-01-01T00:00:00Z\"]}",
                                      "{\"expires\":\"\"}",
                                      "{\"expires\":\"never\"}",
                                      "{\"expires\":\"2030-13-01T00:00:00Z\"}",
                                      "{\"expires\":\"2030-01-01T00:00:00Z \"}" };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (rows[i], NULL);
      g_autoptr (GError) error = NULL;
      gint64 seconds = 7;

      g_assert_false (onward_expiry_read (json_node_get_object (node), &seconds, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_cmpint (seconds, ==, 7);
    }
}

/* Soon is within the notice; what has expired, however long ago, is signed anew all the more. */
static void
test_expiry_is_soon (void)
{
  /* clang-format off */
  static const struct { gint64 seconds; gboolean soon; } rows[] = {
    { 46 * DAY,      FALSE },
    { 45 * DAY + 60, FALSE },
    { 45 * DAY - 60, TRUE },
    { 1,             TRUE },
    { -1,            TRUE },
    { -4000 * DAY,   TRUE },
    { 9000 * DAY,    FALSE },
  };
  /* clang-format on */
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean soon = !rows[i].soon;

      put_timestamp (site, rows[i].seconds);
      g_assert_true (onward_expiry_is_soon (repository, "timestamp", &soon, &error));
      g_assert_no_error (error);
      g_assert_cmpint (soon, ==, rows[i].soon);
    }
}

/* Of a role whose document is damaged nothing is said. */
static void
test_expiry_is_soon_of_damage (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autoptr (GError) error = NULL;
  gboolean soon = TRUE;

  onward_test_write (site->dir, "repo/metadata/timestamp.json", "{\"signed\":{}}");
  g_assert_false (onward_expiry_is_soon (repository, "timestamp", &soon, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_true (soon);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/expiry/days", test_expiry_days);
  g_test_add_func ("/expiry/settings", test_expiry_settings);
  g_test_add_func ("/expiry/format-and-read", test_expiry_format_and_read);
  g_test_add_func ("/expiry/read-hostile", test_expiry_read_hostile);
  g_test_add_func ("/expiry/is-soon", test_expiry_is_soon);
  g_test_add_func ("/expiry/is-soon-of-damage", test_expiry_is_soon_of_damage);
  return g_test_run ();
}
