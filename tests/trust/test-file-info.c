/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-file-info.h"

#include <string.h>

#include "onward-error.h"
#include "onward-json-guard.h"
#include "onward-trust-path.h"

#define SHA256 "\"sha256\":\"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\""
#define SHA512                                                                    \
  "\"sha512\":\"9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca7" \
  "2323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043\""
#define WRONG "\"sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\""

static JsonObject *
parse (const char *json)
{
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (JsonNode) node = onward_json_guard_parse (bytes, 1 << 16, NULL);

  g_assert_nonnull (node);
  return json_node_dup_object (node);
}

/* clang-format off */
static const struct
{
  const char *json;
  const char *body;
  gboolean fits;
} cases[] = {
  { "{\"version\":1}", "hello", TRUE },
  { "{\"version\":1}", "", TRUE },
  { "{\"version\":1,\"length\":5}", "hello", TRUE },
  { "{\"version\":1,\"length\":5}", "HELLO", TRUE },
  { "{\"version\":1,\"length\":5}", "hell", FALSE },
  { "{\"version\":1,\"length\":5}", "hello!", FALSE },
  { "{\"version\":1,\"length\":0}", "", TRUE },
  { "{\"version\":1,\"length\":0}", "x", FALSE },
  { "{\"version\":1,\"length\":9007199254740991}", "hello", FALSE },
  { "{\"version\":1,\"hashes\":{" SHA256 "}}", "hello", TRUE },
  { "{\"version\":1,\"hashes\":{" SHA256 "}}", "Hello", FALSE },
  { "{\"version\":1,\"hashes\":{" SHA512 "}}", "hello", TRUE },
  { "{\"version\":1,\"hashes\":{" SHA512 "}}", "Hello", FALSE },
  { "{\"version\":1,\"hashes\":{" SHA256 "," SHA512 "}}", "hello", TRUE },
  { "{\"version\":1,\"hashes\":{" WRONG "," SHA512 "}}", "hello", FALSE },
  { "{\"version\":1,\"hashes\":{" SHA256 ",\"new\":\"x\"}}", "hello", TRUE },
  { "{\"version\":1,\"length\":6,\"hashes\":{" SHA256 "}}", "hello", FALSE },
};
/* clang-format on */

/* Length and every known hash must fit, each when it is given. */
static void
test_verify (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonObject) object = parse (cases[i].json);
      g_autoptr (GError) error = NULL;
      g_autoptr (OnwardFileInfo) info = onward_file_info_parse_document (object, &error);
      g_autoptr (GBytes) body = g_bytes_new (cases[i].body, strlen (cases[i].body));
      int code = strstr (cases[i].json, "length") != NULL ? ONWARD_ERROR_WRONG_LENGTH
                                                          : ONWARD_ERROR_WRONG_HASH;

      g_test_message ("%s %s", cases[i].json, cases[i].body);
      g_assert_no_error (error);
      g_assert_cmpint (onward_file_info_verify (info, body, &error), ==, cases[i].fits);
      if (!cases[i].fits)
        g_assert_error (error, ONWARD_ERROR, code);
    }
}

/* A target without its length, or without a hash, is not described at all. */
static void
test_targets_need_both (void)
{
  static const char *const incomplete[] = {
    "{}",
    "{\"length\":5}",
    "{\"hashes\":{" SHA256 "}}",
    "{\"length\":5,\"hashes\":{}}",
    "{\"length\":5,\"hashes\":{\"md5\":\"00\"}}",
    "{\"length\":-1,\"hashes\":{" SHA256 "}}",
    "{\"length\":5,\"hashes\":{\"sha256\":5}}",
    "{\"length\":5,\"hashes\":{\"sha256\":\"\"}}",
  };
  g_autoptr (JsonObject) whole = parse ("{\"length\":5,\"hashes\":{" SHA256 "}}");
  g_autoptr (OnwardFileInfo) info = onward_file_info_parse_target (whole, NULL);

  g_assert_cmpint (onward_file_info_get_length (info), ==, 5);
  for (gsize i = 0; i < G_N_ELEMENTS (incomplete); i++)
    {
      g_autoptr (JsonObject) object = parse (incomplete[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (onward_file_info_parse_target (object, &error));
      g_assert_nonnull (error);
    }
}

/* A file is named by its sha256, or by its sha512 when that is all there is. */
static void
test_names (void)
{
  g_autoptr (JsonObject) both = parse ("{\"length\":5,\"hashes\":{" SHA512 "," SHA256 "}}");
  g_autoptr (JsonObject) one = parse ("{\"length\":5,\"hashes\":{" SHA512 "}}");
  g_autoptr (OnwardFileInfo) both_info = onward_file_info_parse_target (both, NULL);
  g_autoptr (OnwardFileInfo) one_info = onward_file_info_parse_target (one, NULL);
  g_autofree char *sha256 = onward_file_info_dup_hash (both_info);
  g_autofree char *sha512 = onward_file_info_dup_hash (one_info);

  g_assert_true (g_str_has_prefix (sha256, "2cf24dba"));
  g_assert_true (g_str_has_prefix (sha512, "9b71d224"));
}

/* What is asked for is bounded by the signed length, and by the cap of its kind when that is less
 * or there is none. */
static void
test_request_caps (void)
{
  static const struct
  {
    const char *json;
    gsize size;
  } requests[] = {
    { "{\"version\":1}", 2000000 },
    { "{\"version\":1,\"length\":0}", 0 },
    { "{\"version\":1,\"length\":1999999}", 1999999 },
    { "{\"version\":1,\"length\":2000001}", 2000000 },
    { "{\"version\":1,\"length\":9007199254740991}", 2000000 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr (JsonObject) object = parse (requests[i].json);
      g_autoptr (OnwardFileInfo) info = onward_file_info_parse_document (object, NULL);

      g_assert_cmpuint (onward_trust_path_get_max_size (ONWARD_ROLE_SNAPSHOT, info), ==,
                        requests[i].size);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/file-info/verify", test_verify);
  g_test_add_func ("/file-info/targets-need-both", test_targets_need_both);
  g_test_add_func ("/file-info/names", test_names);
  g_test_add_func ("/file-info/request-caps", test_request_caps);

  return g_test_run ();
}
