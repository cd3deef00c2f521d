/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-root.h"
#include "onward-targets-private.h"
#include "onward-test-repository.h"

#define OWN "https://example.org/app"

/* What an install with @mirrors in its signed targets asks, one address a line. */
static char *
list_addresses (const char *mirrors)
{
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (JsonObject) content = onward_test_repository_make (repository, ONWARD_ROLE_TARGETS);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (OnwardRoot) root = NULL;
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (json_parser_load_from_data (parser, mirrors, -1, &error));
  json_object_set_member (content, "x-mirrors", json_parser_steal_root (parser));
  body = onward_test_repository_sign (repository, ONWARD_ROLE_TARGETS, content);
  root = onward_root_new (onward_test_repository_get (repository, ONWARD_ROLE_ROOT), NULL, &error);
  g_assert_no_error (error);
  targets = onward_targets_new (body, onward_root_get_role (root, ONWARD_ROLE_TARGETS), TRUE,
                                G_MAXINT64, &error);
  g_assert_no_error (error);

  g_ptr_array_add (addresses, g_strdup (OWN));
  onward_targets_add_mirrors (targets, addresses);
  g_ptr_array_add (addresses, NULL);
  return g_strjoinv ("\n", (char **) addresses->pdata);
}

static void
assert_addresses (const char *mirrors, const char *expected)
{
  g_autofree char *addresses = list_addresses (mirrors);
  g_autofree char *all = g_strconcat (OWN, expected, NULL);

  g_assert_cmpstr (addresses, ==, all);
}

/* Mirrors come in the publisher's order, after what is there, and each once. */
static void
test_mirrors_are_listed (void)
{
  assert_addresses ("[]", "");
  assert_addresses ("[\"https://a.example\", \"https://b.example/x/\"]",
                    "\nhttps://a.example\nhttps://b.example/x");
  assert_addresses ("[\"https://b.example\", \"" OWN "/\", \"https://a.example\", "
                    "\"https://b.example/\"]",
                    "\nhttps://b.example\nhttps://a.example");
}

/* What is no list of addresses, today, is passed over; the rest of the document still counts. */
static void
test_mirrors_of_unknown_shapes (void)
{
  static const char *const odd[] = {
    "null",
    "true",
    "7",
    "\"https://a.example\"",
    "{\"url\": \"https://a.example\"}",
    "[null, 7, [], {}, false, \"\", \"/\", \"///\"]",
    "[\"https://a.example/?a=b\", \"https://a.example/#c\", \"https://a.example/a b\"]",
    "[\"https://a.example/\\r\\nHost: b\", \"https://\\u00fc.example\", \"\\u0000\"]",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (odd); i++)
    assert_addresses (odd[i], "");
  assert_addresses ("[{\"url\": \"https://b.example\"}, \"https://a.example\"]",
                    "\nhttps://a.example");
}

/* Nobody is sent to hundreds of servers, nor to an address of a megabyte. */
static void
test_mirrors_are_bounded (void)
{
  g_autofree char *path = g_strnfill (3000, 'x');
  g_autofree char *list = NULL;
  g_autofree char *addresses = NULL;
  g_auto (GStrv) lines = NULL;
  GString *text = g_string_new ("[");

  for (guint i = 0; i < 100; i++)
    g_string_append_printf (text, "\"https://a.example/%s\", \"https://%u.example\", ", path, i);
  g_string_append (text, "0]");
  list = g_string_free (text, FALSE);
  addresses = list_addresses (list);
  lines = g_strsplit (addresses, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 1 + 16);
  g_assert_cmpstr (lines[16], ==, "https://15.example");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/targets-mirrors/are-listed", test_mirrors_are_listed);
  g_test_add_func ("/targets-mirrors/of-unknown-shapes", test_mirrors_of_unknown_shapes);
  g_test_add_func ("/targets-mirrors/are-bounded", test_mirrors_are_bounded);
  return g_test_run ();
}
