/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"
#include "onward-markdown.h"

#include <pango/pango.h>

/* Pango knows all tags but those of links, which are GtkLabel's. */
static gboolean
is_valid (const char *markup)
{
  g_autoptr (GRegex) links = g_regex_new ("<a href=\"[^\"<>]*\">|</a>", 0, 0, NULL);
  g_autofree char *bare = g_regex_replace_literal (links, markup, -1, 0, "", 0, NULL);

  return pango_parse_markup (bare, -1, 0, NULL, NULL, NULL, NULL);
}

/* Release notes: whatever they hold, the markup made of them is valid and bounded. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GPtrArray) blocks = onward_markdown_parse (text);
  g_autofree char *line = onward_markdown_dup_first_line (text);

  g_assert (blocks->len <= 301);
  for (guint i = 0; i < blocks->len; i++)
    {
      const OnwardMarkdownBlock *block = g_ptr_array_index (blocks, i);

      g_assert (is_valid (block->markup));
    }
  return 0;
}
