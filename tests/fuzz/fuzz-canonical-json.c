/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "onward-canonical-json.h"
#include "onward-json-guard.h"

#define MAX_SIZE (1024 * 1024)

static GBytes *
canonicalize (GBytes *text)
{
  g_autoptr (JsonNode) node = onward_json_guard_parse (text, MAX_SIZE, NULL);

  return node != NULL ? onward_canonical_json (node, NULL) : NULL;
}

/* Whatever the guard lets through has a canonical form, which is its own canonical form. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) text = g_bytes_new_static (data, size);
  g_autoptr (GBytes) form = canonicalize (text);
  g_autoptr (GBytes) again = form != NULL ? canonicalize (form) : NULL;

  /* Control characters stand for themselves, which the guard refuses. */
  if (again != NULL)
    g_assert_true (g_bytes_equal (form, again));
  return 0;
}
