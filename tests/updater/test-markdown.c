/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-markdown.h"

#include <pango/pango.h>
#include <string.h>

/* Pango knows all tags but those of links, which are GtkLabel's. */
static gboolean
is_valid (const char *markup)
{
  g_autoptr (GRegex) links = g_regex_new ("<a href=\"[^\"<>]*\">|</a>", 0, 0, NULL);
  g_autofree char *bare = g_regex_replace_literal (links, markup, -1, 0, "", 0, NULL);

  return pango_parse_markup (bare, -1, 0, NULL, NULL, NULL, NULL);
}

/* The blocks of a text, one a line: kind, indent, marker and markup. */
static char *
describe (const char *text)
{
  static const char kinds[] = { 'p', 'h', 'c', 'r' };
  g_autoptr (GPtrArray) blocks = onward_markdown_parse (text);
  GString *lines = g_string_new (NULL);

  for (guint i = 0; i < blocks->len; i++)
    {
      const OnwardMarkdownBlock *block = g_ptr_array_index (blocks, i);

      g_assert_true (is_valid (block->markup));
      g_string_append_printf (lines, "%s%c%u%s%s %s", i > 0 ? "\n" : "", kinds[block->kind],
                              block->indent, block->quoted ? "q" : "",
                              block->marker != NULL ? block->marker : "", block->markup);
    }
  return g_string_free (lines, FALSE);
}

static const struct
{
  const char *text;
  const char *blocks;
} cases[] = {
  { "", "" },
  { "One *two* **three**", "p0 One <i>two</i> <b>three</b>" },
  { "# Head\n\nText\nmore\\\nlast", "h0 Head\np0 Text more\nlast" },
  { "* one\n* two", "p1• one\np1• two" },
  { "3. one\n4. two", "p13. one\np14. two" },
  { "* one\n  1. deep\n  2. er\n* two", "p1• one\np21. deep\np22. er\np1• two" },
  { "* one\n\n  more of it", "p1• one\np1 more of it" },
  { "> said", "p1q said" },
  { "    a < b", "c0 a &lt; b" },
  { "---", "r0 " },
  { "`a & b`", "p0 <tt>a &amp; b</tt>" },
  { "[x](https://example.org/?a=1&b=2)", "p0 <a href=\"https://example.org/?a=1&amp;b=2\">x</a>" },
  { "[x](mailto:a@example.org)", "p0 <a href=\"mailto:a@example.org\">x</a>" },
};

/* Each construct of CommonMark becomes the block it should. */
static void
test_markdown_blocks (void)
{
  g_autoptr (GPtrArray) none = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *blocks = describe (cases[i].text);

      g_assert_cmpstr (blocks, ==, cases[i].blocks);
    }
  none = onward_markdown_parse (NULL);
  g_assert_cmpuint (none->len, ==, 0);
}

static const struct
{
  const char *text;
  const char *blocks;
} dropped[] = {
  { "<script>alert(1)</script>", "" },
  { "a <b onclick=x>bold</b> c", "p0 a bold c" },
  { "<img src=x>\n\ntext", "p0 text" },
  { "![words](https://example.org/x.png)", "p0 words" },
  { "[x](javascript:alert(1))", "p0 x" },
  { "[x](file:///etc/passwd)", "p0 x" },
  { "[x](http://example.org)", "p0 x" },
  { "[x](https:evil)", "p0 x" },
  { "[**x**](data:text/html,1)", "p0 <b>x</b>" },
  { "&lt;b&gt; <span foreground=\"red\">", "p0 &lt;b&gt; " },
  { "\x01\x02 bell \x07", "p0    bell  " },
  { "broken \xff\xfe bytes", "p0 broken �� bytes" },
};

/* HTML, images and links to anything but the web's safe part are dropped; their words stay. */
static void
test_markdown_hostile (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (dropped); i++)
    {
      g_autofree char *blocks = describe (dropped[i].text);

      g_assert_cmpstr (blocks, ==, dropped[i].blocks);
    }
}

static char *
repeat (const char *text, guint times)
{
  GString *all = g_string_new (NULL);

  for (guint i = 0; i < times; i++)
    g_string_append (all, text);
  return g_string_free (all, FALSE);
}

/* Depth and length have ends: what is drawn stays small and valid. */
static void
test_markdown_bounds (void)
{
  static const char *const units[] = { "> ", "* ", "[", "*a **b ", "- x\n", "x\n\n", "`", "<a>" };

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      g_autofree char *text = repeat (units[i], 40000);
      g_autoptr (GPtrArray) blocks = onward_markdown_parse (text);

      g_assert_cmpuint (blocks->len, <=, 301);
      for (guint j = 0; j < blocks->len; j++)
        {
          const OnwardMarkdownBlock *block = g_ptr_array_index (blocks, j);

          g_assert_cmpuint (block->indent, <=, 4);
          g_assert_true (is_valid (block->markup));
        }
    }
}

/* What was cut off says so. */
static void
test_markdown_cut (void)
{
  g_autofree char *text = repeat ("a paragraph\n\n", 1000);
  g_autoptr (GPtrArray) blocks = onward_markdown_parse (text);
  const OnwardMarkdownBlock *last = g_ptr_array_index (blocks, blocks->len - 1);

  g_assert_cmpuint (blocks->len, ==, 301);
  g_assert_cmpstr (last->markup, ==, "…");
}

/* A notification tells the first line, without its markup. */
static void
test_markdown_first_line (void)
{
  static const char *const lines[][2] = {
    { "# Title\n\n* Search **finds** `x` [here](https://e.org)\n* b", "Search finds x here" },
    { "Plain\ntext", "Plain text" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *line = onward_markdown_dup_first_line (lines[i][0]);

      g_assert_cmpstr (line, ==, lines[i][1]);
    }
  g_assert_null (onward_markdown_dup_first_line ("---"));
  g_assert_null (onward_markdown_dup_first_line (""));
  g_assert_null (onward_markdown_dup_first_line (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/markdown/blocks", test_markdown_blocks);
  g_test_add_func ("/markdown/hostile", test_markdown_hostile);
  g_test_add_func ("/markdown/bounds", test_markdown_bounds);
  g_test_add_func ("/markdown/cut", test_markdown_cut);
  g_test_add_func ("/markdown/first-line", test_markdown_first_line);
  return g_test_run ();
}
