/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-key.h"

#include <string.h>
#include <sys/stat.h>

#include "onward-canonical-json.h"
#include "onward-error.h"
#include "onward-hex.h"
#include "onward-json-guard.h"
#include "onward-public-key.h"
#include "onward-signer.h"
#include "onward-test.h"

/* RFC 8032, section 7.1, test 1: the key as PKCS#8, what it signs, and the signature. */
#define RFC8032_PEM                                                    \
  "-----BEGIN PRIVATE KEY-----\n"                                      \
  "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n" \
  "-----END PRIVATE KEY-----\n"
#define RFC8032_PUBLIC "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define RFC8032_SIGNATURE                                                                          \
  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b4" \
  "6bd25bf5f0595bbe24655141438e7a100b"

static OnwardKey *
generate (void)
{
  g_autoptr (GError) error = NULL;
  OnwardKey *key = onward_key_generate (&error);

  g_assert_no_error (error);
  return key;
}

static gboolean
verifies (OnwardKey *key, GBytes *message, GBytes *signature)
{
  g_autoptr (JsonObject) object = onward_key_get_public (key);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardPublicKey) public_key = onward_public_key_parse (object, &error);

  g_assert_no_error (error);
  g_assert_true (onward_public_key_is_usable (public_key));
  return onward_public_key_verify (public_key, message, signature);
}

/* A signature made by one key is accepted by its public half and by no other. */
static void
test_sign (void)
{
  g_autoptr (OnwardKey) key = generate ();
  g_autoptr (OnwardKey) other = generate ();
  g_autoptr (GBytes) message = g_bytes_new_static ("hello", 5);
  g_autoptr (GBytes) longer = g_bytes_new_static ("hello!", 6);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) signature = onward_key_sign (key, message, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (signature), ==, 64);
  g_assert_true (verifies (key, message, signature));
  g_assert_false (verifies (key, longer, signature));
  g_assert_false (verifies (other, message, signature));
  g_assert_cmpstr (onward_key_get_id (key), !=, onward_key_get_id (other));
}

/* The key and signature of RFC 8032 come out as the standard prints them. */
static void
test_rfc8032 (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "key.pem", NULL);
  g_autoptr (GBytes) message = g_bytes_new_static ("", 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardKey) key = NULL;
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GBytes) signature = NULL;
  g_autofree char *hex = NULL;

  onward_test_write (dir, "key.pem", RFC8032_PEM);
  key = onward_key_load (path, NULL, &error);
  g_assert_no_error (error);

  object = onward_key_get_public (key);
  g_assert_cmpstr (
      json_object_get_string_member (json_object_get_object_member (object, "keyval"), "public"),
      ==, RFC8032_PUBLIC);
  signature = onward_key_sign (key, message, &error);
  g_assert_no_error (error);
  hex = onward_hex_encode (signature);
  g_assert_cmpstr (hex, ==, RFC8032_SIGNATURE);
  g_assert_true (verifies (key, message, signature));
}

/* The key id is the SHA-256 of the key's canonical form. */
static void
test_key_id (void)
{
  g_autoptr (OnwardKey) key = generate ();
  g_autoptr (JsonObject) object = onward_key_get_public (key);
  const char *hex =
      json_object_get_string_member (json_object_get_object_member (object, "keyval"), "public");
  g_autofree char *canonical = g_strdup_printf (
      "{\"keytype\":\"ed25519\",\"keyval\":{\"public\":\"%s\"},\"scheme\":\"ed25519\"}", hex);
  g_autofree char *id = g_compute_checksum_for_string (G_CHECKSUM_SHA256, canonical, -1);

  g_assert_cmpstr (onward_key_get_id (key), ==, id);
}

/* A saved key is readable only by its owner and loads as the same key. */
static void
test_save_plain (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "key.pem", NULL);
  g_autoptr (OnwardKey) key = generate ();
  g_autoptr (OnwardKey) loaded = NULL;
  g_autoptr (GError) error = NULL;
  struct stat info;

  g_assert_true (onward_key_save (key, path, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, 0600);

  loaded = onward_key_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (onward_key_get_id (loaded), ==, onward_key_get_id (key));
}

/* An encrypted key opens with its passphrase only, and says so otherwise. */
static void
test_save_encrypted (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "key.pem", NULL);
  g_autofree char *text = NULL;
  g_autoptr (OnwardKey) key = generate ();
  g_autoptr (OnwardKey) loaded = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_key_save (key, path, "corréct horse", &error));
  g_assert_no_error (error);
  text = onward_test_read (dir, "key.pem");
  g_assert_true (g_str_has_prefix (text, "-----BEGIN ENCRYPTED PRIVATE KEY-----"));

  g_assert_null (onward_key_load (path, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED);
  g_clear_error (&error);
  g_assert_null (onward_key_load (path, "wrong", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED);
  g_clear_error (&error);
  g_assert_null (onward_key_load (path, "", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED);
  g_clear_error (&error);

  loaded = onward_key_load (path, "corréct horse", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (onward_key_get_id (loaded), ==, onward_key_get_id (key));
}

/* A key never replaces a file: what was there is still there. */
static void
test_save_refuses_to_replace (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "key.pem", NULL);
  g_autofree char *text = NULL;
  g_autoptr (OnwardKey) key = generate ();
  g_autoptr (GError) error = NULL;

  onward_test_write (dir, "key.pem", "precious");
  g_assert_false (onward_key_save (key, path, NULL, &error));
  g_assert_nonnull (error);
  text = onward_test_read (dir, "key.pem");
  g_assert_cmpstr (text, ==, "precious");
}

/* Files that hold no usable key are refused with a reason. */
static void
test_load_hostile (void)
{
  static const char *const contents[] = {
    "",
    "hello",
    "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
  };
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "key.pem", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autoptr (GError) error = NULL;

      onward_test_write (dir, "key.pem", contents[i]);
      g_assert_null (onward_key_load (path, "x", &error));
      g_assert_nonnull (error);
    }
}

/* A signed document holds the content and a good signature of every key. */
static void
test_signer (void)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_key_free);
  g_autoptr (JsonObject) content = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) document = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GBytes) canonical = NULL;
  JsonArray *signatures;

  g_ptr_array_add (keys, generate ());
  g_ptr_array_add (keys, generate ());
  json_object_set_string_member (content, "z", "“é” \"\\\n\001");
  json_object_set_int_member (content, "a", 1);
  document = onward_signer_sign (content, keys, &error);
  g_assert_no_error (error);

  node = onward_json_guard_parse (document, 1 << 20, &error);
  g_assert_no_error (error);
  canonical = onward_canonical_json (json_object_get_member (json_node_get_object (node), "signed"),
                                     &error);
  g_assert_no_error (error);
  signatures = json_object_get_array_member (json_node_get_object (node), "signatures");
  g_assert_cmpuint (json_array_get_length (signatures), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      JsonObject *entry = json_array_get_object_element (signatures, i);
      OnwardKey *key = g_ptr_array_index (keys, i);
      g_autoptr (GBytes) sig = onward_hex_decode (json_object_get_string_member (entry, "sig"));

      g_assert_cmpstr (json_object_get_string_member (entry, "keyid"), ==, onward_key_get_id (key));
      g_assert_true (verifies (key, canonical, sig));
    }
}

/* What no client would read is refused before it is published. */
static void
test_signer_refuses_unreadable (void)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  g_autoptr (JsonObject) large = json_object_new ();
  g_autoptr (JsonObject) fraction = json_object_new ();
  g_autoptr (GError) error = NULL;

  json_object_set_int_member (large, "a", G_MAXINT64);
  g_assert_null (onward_signer_sign (large, keys, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_clear_error (&error);

  json_object_set_double_member (fraction, "a", 0.5);
  g_assert_null (onward_signer_sign (fraction, keys, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/key/sign", test_sign);
  g_test_add_func ("/key/rfc8032", test_rfc8032);
  g_test_add_func ("/key/id", test_key_id);
  g_test_add_func ("/key/save-plain", test_save_plain);
  g_test_add_func ("/key/save-encrypted", test_save_encrypted);
  g_test_add_func ("/key/save-refuses-to-replace", test_save_refuses_to_replace);
  g_test_add_func ("/key/load-hostile", test_load_hostile);
  g_test_add_func ("/signer/sign", test_signer);
  g_test_add_func ("/signer/refuses-unreadable", test_signer_refuses_unreadable);

  return g_test_run ();
}
