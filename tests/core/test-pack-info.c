/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-pack-info.h"

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define BLOCK "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static const char full[] = "{\"kind\":\"full\",\"sha256\":\"" HEX_A "\",\"size\":5000,\"head\":100,"
                           "\"block\":1048576,\"blocks\":\"" BLOCK "\"}";

static JsonNode *
replace (const char *name, const char *value)
{
  g_autoptr (JsonNode) node = json_from_string (full, NULL);

  if (value == NULL)
    json_object_remove_member (json_node_get_object (node), name);
  else
    json_object_set_member (json_node_get_object (node), name, json_from_string (value, NULL));
  return g_steal_pointer (&node);
}

/* A full pack is read and written alike. */
static void
test_pack_info_full (void)
{
  g_autoptr (JsonNode) node = json_from_string (full, NULL);
  g_autoptr (JsonNode) written = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardPackInfo) pack =
      onward_pack_info_new_from_json (json_node_get_object (node), &error);
  g_autofree char *name = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (onward_pack_info_get_kind (pack), ==, ONWARD_PACK_FULL);
  g_assert_null (onward_pack_info_get_from (pack));
  g_assert_cmpuint (onward_pack_info_get_size (pack), ==, 5000);
  g_assert_cmpuint (onward_pack_info_get_head_size (pack), ==, 100);
  g_assert_cmpuint (onward_pack_info_get_block_size (pack), ==, ONWARD_PACK_BLOCK_SIZE);
  g_assert_cmpuint (g_bytes_get_size (onward_pack_info_get_blocks (pack)), ==, 32);
  g_assert_cmphex (onward_pack_info_get_digest (pack)->bytes[31], ==, 0xaa);
  name = onward_pack_info_dup_file_name (pack);
  g_assert_cmpstr (name, ==, HEX_A ".full");

  json_node_take_object (written, onward_pack_info_to_json (pack));
  g_assert_true (json_node_equal (node, written));
}

/* A delta made by the publisher comes back the same. */
static void
test_pack_info_delta (void)
{
  const OnwardDigest from = { { 1, 2, 3 } };
  const OnwardDigest digest = { { 4, 5, 6 } };
  g_autofree guint8 *data = g_malloc0 (3 * ONWARD_DIGEST_SIZE);
  g_autoptr (GBytes) blocks = g_bytes_new (data, 3 * ONWARD_DIGEST_SIZE);
  g_autoptr (OnwardPackInfo) pack =
      onward_pack_info_new (ONWARD_PACK_DELTA, &from, &digest, 2 * ONWARD_PACK_BLOCK_SIZE + 1, 99,
                            ONWARD_PACK_BLOCK_SIZE, blocks);
  g_autoptr (JsonObject) object = onward_pack_info_to_json (pack);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardPackInfo) again = onward_pack_info_new_from_json (object, &error);
  g_autofree char *name = NULL;

  g_assert_no_error (error);
  g_assert_true (onward_digest_equal (onward_pack_info_get_from (again), &from));
  g_assert_true (onward_digest_equal (onward_pack_info_get_digest (again), &digest));
  g_assert_true (g_bytes_equal (onward_pack_info_get_blocks (again), blocks));
  name = onward_pack_info_dup_file_name (again);
  g_assert_true (g_str_has_prefix (name, "040506"));
  g_assert_true (g_str_has_suffix (name, ".delta"));
}

/* What breaks the rules is refused; a NULL row takes the member away. */
static void
test_pack_info_refused (void)
{
  /* clang-format off */
  const char *bad[][2] = {
    { "kind", NULL }, { "kind", "\"FULL\"" }, { "kind", "0" }, { "kind", "\"delta\"" },
    { "sha256", NULL }, { "sha256", "\"aa\"" }, { "sha256", "\"" HEX_A "a\"" }, { "sha256", "7" },
    { "sha256", "\"../../../../../../../../../../../../../../../../etc/passwd/000000\"" },
    { "size", NULL }, { "size", "0" }, { "size", "-1" }, { "size", "\"5000\"" },
    { "size", "77309411329" }, { "size", "1048577" }, { "size", "9007199254740991" },
    { "head", NULL }, { "head", "0" }, { "head", "5001" }, { "head", "-5" }, { "head", "true" },
    { "block", NULL }, { "block", "0" }, { "block", "1" }, { "block", "65535" },
    { "block", "1000000" },
    { "block", "33554432" }, { "block", "-1048576" },
    { "blocks", NULL }, { "blocks", "\"\"" }, { "blocks", "[]" },
    { "blocks", "\"" BLOCK BLOCK "\"" },
    { "blocks", "\"AAAA AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"" },
    { "blocks", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\"" },
    { "blocks", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"" },
    { "blocks", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\\n\"" },
    { "blocks", "\"____AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"" },
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (JsonNode) node = replace (bad[i][0], bad[i][1]);
      g_autoptr (GError) error = NULL;

      g_assert_null (onward_pack_info_new_from_json (json_node_get_object (node), &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

/* A delta needs a tree to start from. */
static void
test_pack_info_from (void)
{
  g_autoptr (JsonNode) node = replace ("kind", "\"delta\"");
  JsonObject *object = json_node_get_object (node);
  g_autoptr (OnwardPackInfo) pack = NULL;
  g_autoptr (GError) error = NULL;

  json_object_set_string_member (object, "from", "latest");
  g_assert_null (onward_pack_info_new_from_json (object, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_clear_error (&error);

  json_object_set_string_member (object, "from", HEX_B);
  pack = onward_pack_info_new_from_json (object, &error);
  g_assert_no_error (error);
  g_assert_cmphex (onward_pack_info_get_from (pack)->bytes[0], ==, 0xbb);
}

/* What a pack requires is kept, absent when it is nothing, and refused when it is no plain name. */
static void
test_pack_info_requirements (void)
{
  const char *const names[] = { "zlib-6", "something-of-later", NULL };
  const char *const bad[] = { "\"zlib\"", "[6]", "[\"\"]", "[\"a b\"]", "{}", "[[]]" };
  g_autoptr (JsonNode) node = replace ("requires", "[]");
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardPackInfo) pack =
      onward_pack_info_new_from_json (json_node_get_object (node), &error);
  g_autoptr (OnwardPackInfo) requiring = onward_pack_info_new_requiring (pack, names);
  g_autoptr (JsonObject) without = onward_pack_info_to_json (pack);
  g_autoptr (JsonObject) with = onward_pack_info_to_json (requiring);
  g_autoptr (OnwardPackInfo) again = onward_pack_info_new_from_json (with, &error);

  g_assert_no_error (error);
  g_assert_false (json_object_has_member (without, "requires"));
  g_assert_true (g_strv_equal (onward_pack_info_get_requirements (again), names));
  g_assert_cmpuint (onward_pack_info_get_size (again), ==, onward_pack_info_get_size (pack));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (JsonNode) bad_node = replace ("requires", bad[i]);
      g_autoptr (GError) refusal = NULL;

      g_assert_null (onward_pack_info_new_from_json (json_node_get_object (bad_node), &refusal));
      g_assert_error (refusal, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/pack-info/full", test_pack_info_full);
  g_test_add_func ("/pack-info/delta", test_pack_info_delta);
  g_test_add_func ("/pack-info/refused", test_pack_info_refused);
  g_test_add_func ("/pack-info/from", test_pack_info_from);
  g_test_add_func ("/pack-info/requirements", test_pack_info_requirements);

  return g_test_run ();
}
