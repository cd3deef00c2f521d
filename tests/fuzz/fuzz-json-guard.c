/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "onward-json-guard.h"

/* What the guard lets through, json-glib must take as one object. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) error = NULL;

  if (!onward_json_guard_check ((const char *) data, size, NULL))
    return 0;

  root = onward_json_guard_parse (bytes, size, &error);
  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (root));
  return 0;
}
