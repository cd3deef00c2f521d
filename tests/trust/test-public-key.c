/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-public-key.h"

#include <string.h>

#include "onward-error.h"
#include "onward-hex.h"
#include "onward-json-guard.h"

#define KEY       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define UPPER_KEY "D75A980182B10AB7D54BFED3C964073A0EE172F3DAA62325AF021A68F707511A"
#define ED25519(public) \
  "{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":{\"public\":\"" public "\"}}"

static OnwardPublicKey *
parse (const char *json, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (GError) guard_error = NULL;
  g_autoptr (JsonNode) node = onward_json_guard_parse (bytes, 1 << 16, &guard_error);

  g_assert_no_error (guard_error);
  return onward_public_key_parse (json_node_get_object (node), error);
}

/* clang-format off */
static const struct
{
  const char *json;
  gboolean parses;
  gboolean usable;
} keys[] = {
  { ED25519 (KEY), TRUE, TRUE },
  { ED25519 (UPPER_KEY), TRUE, TRUE },
  { "{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\","
    "\"keyval\":{\"public\":\"" KEY "\",\"x\":1},\"y\":2}", TRUE, TRUE },
  { ED25519 (""), TRUE, FALSE },
  { ED25519 (KEY "00"), TRUE, FALSE },
  { ED25519 ("zz5a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), TRUE, FALSE },
  { ED25519 ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70751"), TRUE, FALSE },
  { "{\"keytype\":\"new\",\"scheme\":\"new\",\"keyval\":{}}", TRUE, FALSE },
  { "{\"keytype\":\"ed25519\",\"scheme\":\"rsa\","
    "\"keyval\":{\"public\":\"" KEY "\"}}", TRUE, FALSE },
  { "{\"keytype\":\"rsa\",\"scheme\":\"ed25519\","
    "\"keyval\":{\"public\":\"" KEY "\"}}", TRUE, FALSE },
  { "{}", FALSE, FALSE },
  { "{\"keytype\":1,\"scheme\":\"ed25519\",\"keyval\":{\"public\":\"" KEY "\"}}", FALSE, FALSE },
  { "{\"keytype\":\"ed25519\",\"keyval\":{\"public\":\"" KEY "\"}}", FALSE, FALSE },
  { "{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\"}", FALSE, FALSE },
  { "{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":{}}", FALSE, FALSE },
  { "{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":\"" KEY "\"}", FALSE, FALSE },
};
/* clang-format on */

/* Keys of unknown schemes are kept but of no use; keys without their members are refused. */
static void
test_parse (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OnwardPublicKey) key = parse (keys[i].json, &error);

      g_test_message ("%s", keys[i].json);
      g_assert_cmpint (key != NULL, ==, keys[i].parses);
      if (key != NULL)
        g_assert_cmpint (onward_public_key_is_usable (key), ==, keys[i].usable);
      else
        g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

/* One key is the same key however it is written; unusable keys equal nothing. */
static void
test_equal (void)
{
  g_autoptr (OnwardPublicKey) lower = parse (ED25519 (KEY), NULL);
  g_autoptr (OnwardPublicKey) upper = parse (ED25519 (UPPER_KEY), NULL);
  g_autoptr (OnwardPublicKey) unusable = parse (ED25519 (""), NULL);

  g_assert_true (onward_public_key_equal (lower, upper));
  g_assert_false (onward_public_key_equal (lower, unusable));
  g_assert_false (onward_public_key_equal (unusable, unusable));
}

/* Signatures of any length but the right one, and of unusable keys, are refused. */
static void
test_verify_hostile (void)
{
  g_autoptr (OnwardPublicKey) key = parse (ED25519 (KEY), NULL);
  g_autoptr (OnwardPublicKey) unusable = parse (ED25519 (""), NULL);
  g_autoptr (GBytes) message = g_bytes_new_static ("x", 1);
  guint8 zeros[128] = { 0 };

  for (gsize size = 0; size <= sizeof zeros; size++)
    {
      g_autoptr (GBytes) signature = g_bytes_new (zeros, size);

      g_assert_false (onward_public_key_verify (key, message, signature));
      g_assert_false (onward_public_key_verify (unusable, message, signature));
    }
}

/* Hexadecimal is read in both cases, whole bytes only. */
static void
test_hex (void)
{
  static const char *const bad[] = { "0", "000", "0g", "g0", " 0", "0x", "é" };
  g_autoptr (GBytes) bytes = onward_hex_decode ("00fFa5");
  g_autoptr (GBytes) empty = onward_hex_decode ("");
  g_autofree char *text = onward_hex_encode (bytes);

  g_assert_cmpstr (text, ==, "00ffa5");
  g_assert_cmpuint (g_bytes_get_size (empty), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (onward_hex_decode (bad[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/public-key/parse", test_parse);
  g_test_add_func ("/public-key/equal", test_equal);
  g_test_add_func ("/public-key/verify-hostile", test_verify_hostile);
  g_test_add_func ("/hex/decode", test_hex);

  return g_test_run ();
}
