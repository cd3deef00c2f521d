/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-markdown.h"

#include <string.h>

#include <cmark.h>

/* Notes come from far away: what is read, how deep it nests and how much is drawn are bounded. */
#define MAX_BYTES  65536
#define MAX_DEPTH  12
#define MAX_BLOCKS 300
#define MAX_INDENT 4

typedef struct
{
  GPtrArray *blocks; /* (owned) */
  guint indent;
  guint quotes;
  int numbers[MAX_INDENT + 1]; /* of the next item of each open list, 0 in one of bullets */
  char *marker;                /* (owned) (nullable): waits for the first block of its item */
} Walk;

static void
block_free (gpointer data)
{
  OnwardMarkdownBlock *block = data;

  g_free (block->marker);
  g_free (block->markup);
  g_free (block);
}

/**
 * onward_markdown_is_link:
 * @url: (nullable): an address
 *
 * Returns: whether @url may be offered as a link: https: and mailto: only, so that no note can
 * start a program or send anyone over an open line.
 */
gboolean
onward_markdown_is_link (const char *url)
{
  return url != NULL && (g_ascii_strncasecmp (url, "https://", 8) == 0 ||
                         g_ascii_strncasecmp (url, "mailto:", 7) == 0);
}

/* Pango refuses some control characters, and none of them can be seen. */
static void
append_escaped (GString *out, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  g_autofree char *escaped = NULL;

  for (char *at = valid; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at) && *at != '\n' && *at != '\t')
      *at = ' ';
  escaped = g_markup_escape_text (valid, -1);
  g_string_append (out, escaped);
}

static void
append_tag (GString *out, gboolean entering, const char *tag)
{
  g_string_append_printf (out, entering ? "<%s>" : "</%s>", tag);
}

static void
append_link (GString *out, gboolean entering, const char *url)
{
  if (!onward_markdown_is_link (url))
    return;
  if (!entering)
    {
      g_string_append (out, "</a>");
      return;
    }
  g_string_append (out, "<a href=\"");
  append_escaped (out, url);
  g_string_append (out, "\">");
}

/* Tags beyond the limit are left out at both ends; their text stays. */
static void
append_span (GString *out, cmark_node *node, gboolean entering, guint depth)
{
  cmark_node_type type = cmark_node_get_type (node);

  if (depth > MAX_DEPTH)
    return;
  if (type == CMARK_NODE_EMPH)
    append_tag (out, entering, "i");
  else if (type == CMARK_NODE_STRONG)
    append_tag (out, entering, "b");
  else if (type == CMARK_NODE_LINK)
    append_link (out, entering, cmark_node_get_url (node));
}

/* Embedded HTML has no case here: it is dropped. An image leaves the words that describe it. */
static void
append_leaf (GString *out, cmark_node *node)
{
  cmark_node_type type = cmark_node_get_type (node);

  if (type == CMARK_NODE_TEXT)
    append_escaped (out, cmark_node_get_literal (node));
  else if (type == CMARK_NODE_SOFTBREAK)
    g_string_append_c (out, ' ');
  else if (type == CMARK_NODE_LINEBREAK)
    g_string_append_c (out, '\n');
  else if (type == CMARK_NODE_CODE)
    {
      append_tag (out, TRUE, "tt");
      append_escaped (out, cmark_node_get_literal (node));
      append_tag (out, FALSE, "tt");
    }
}

static void
append_inlines (GString *out, cmark_node *parent)
{
  cmark_iter *iter = cmark_iter_new (parent);
  cmark_event_type event;
  guint depth = 0;

  while ((event = cmark_iter_next (iter)) != CMARK_EVENT_DONE)
    {
      cmark_node *node = cmark_iter_get_node (iter);

      if (cmark_node_first_child (node) == NULL)
        append_leaf (out, node);
      else if (event == CMARK_EVENT_ENTER)
        append_span (out, node, TRUE, depth++);
      else
        append_span (out, node, FALSE, --depth);
    }
  cmark_iter_free (iter);
}

static void
add_block (Walk *walk, OnwardMarkdownKind kind, GString *markup)
{
  OnwardMarkdownBlock *block = g_new0 (OnwardMarkdownBlock, 1);

  block->kind = kind;
  block->indent = MIN (walk->indent, MAX_INDENT);
  block->quoted = walk->quotes > 0;
  block->marker = g_steal_pointer (&walk->marker);
  block->markup = g_strdup (markup != NULL ? markup->str : "");
  g_ptr_array_add (walk->blocks, block);
}

static void
add_code (Walk *walk, cmark_node *node)
{
  g_autoptr (GString) markup = g_string_new (NULL);
  g_autofree char *code = g_strdup (cmark_node_get_literal (node));

  if (code == NULL)
    return;
  append_escaped (markup, g_strchomp (code));
  add_block (walk, ONWARD_MARKDOWN_CODE, markup);
}

static void
add_text (Walk *walk, cmark_node *node, OnwardMarkdownKind kind)
{
  g_autoptr (GString) markup = g_string_new (NULL);

  append_inlines (markup, node);
  if (markup->len > 0)
    add_block (walk, kind, markup);
}

static int *
get_number (Walk *walk)
{
  return &walk->numbers[MIN (walk->indent, MAX_INDENT)];
}

static void
enter_list (Walk *walk, cmark_node *list)
{
  walk->indent++;
  *get_number (walk) = cmark_node_get_list_type (list) == CMARK_ORDERED_LIST
                           ? MAX (cmark_node_get_list_start (list), 1)
                           : 0;
}

static void
enter_item (Walk *walk)
{
  int *number = get_number (walk);

  g_free (walk->marker);
  walk->marker = *number > 0 ? g_strdup_printf ("%d.", (*number)++) : g_strdup ("•");
}

static void
enter_block (Walk *walk, cmark_node *node)
{
  cmark_node_type type = cmark_node_get_type (node);

  if (type == CMARK_NODE_PARAGRAPH)
    add_text (walk, node, ONWARD_MARKDOWN_PARAGRAPH);
  else if (type == CMARK_NODE_HEADING)
    add_text (walk, node, ONWARD_MARKDOWN_HEADING);
  else if (type == CMARK_NODE_CODE_BLOCK)
    add_code (walk, node);
  else if (type == CMARK_NODE_THEMATIC_BREAK)
    add_block (walk, ONWARD_MARKDOWN_RULE, NULL);
  else if (type == CMARK_NODE_LIST)
    enter_list (walk, node);
  else if (type == CMARK_NODE_ITEM)
    enter_item (walk);
  else if (type == CMARK_NODE_BLOCK_QUOTE)
    {
      walk->quotes++;
      walk->indent++;
    }
}

static void
leave_block (Walk *walk, cmark_node *node)
{
  cmark_node_type type = cmark_node_get_type (node);

  if (type == CMARK_NODE_LIST || type == CMARK_NODE_BLOCK_QUOTE)
    walk->indent--;
  if (type == CMARK_NODE_BLOCK_QUOTE)
    walk->quotes--;
  if (type == CMARK_NODE_ITEM)
    g_clear_pointer (&walk->marker, g_free);
}

static void
walk_document (Walk *walk, cmark_node *document)
{
  cmark_iter *iter = cmark_iter_new (document);
  cmark_event_type event;

  while ((event = cmark_iter_next (iter)) != CMARK_EVENT_DONE && walk->blocks->len < MAX_BLOCKS)
    {
      cmark_node *node = cmark_iter_get_node (iter);

      if (event == CMARK_EVENT_ENTER)
        enter_block (walk, node);
      else
        leave_block (walk, node);
    }
  cmark_iter_free (iter);
}

static void
add_ellipsis (GPtrArray *blocks)
{
  OnwardMarkdownBlock *block = g_new0 (OnwardMarkdownBlock, 1);

  block->markup = g_strdup ("…");
  g_ptr_array_add (blocks, block);
}

/**
 * onward_markdown_parse:
 * @text: (nullable): CommonMark, at will hostile
 *
 * Turns release notes into blocks of Pango markup. HTML is dropped, an image becomes the words
 * that describe it, nesting beyond a dozen levels is cut off, and of a text that is too long the
 * beginning is kept, with "…" behind it. Every markup is valid for pango_parse_markup().
 *
 * Returns: (transfer full) (element-type OnwardMarkdownBlock): the blocks in reading order.
 */
GPtrArray *
onward_markdown_parse (const char *text)
{
  Walk walk = { .blocks = g_ptr_array_new_with_free_func (block_free) };
  gsize size = text != NULL ? strnlen (text, MAX_BYTES + 1) : 0;
  cmark_node *document;

  if (size == 0)
    return walk.blocks;
  document = cmark_parse_document (text, MIN (size, MAX_BYTES), CMARK_OPT_VALIDATE_UTF8);
  walk_document (&walk, document);
  cmark_node_free (document);
  g_free (walk.marker);
  if (size > MAX_BYTES || walk.blocks->len >= MAX_BLOCKS)
    add_ellipsis (walk.blocks);
  return walk.blocks;
}

static void
append_plain (GString *out, cmark_node *node)
{
  cmark_node_type type = cmark_node_get_type (node);

  if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
    g_string_append (out, cmark_node_get_literal (node));
  else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
    g_string_append_c (out, ' ');
}

/* Adds the first paragraph's text and stops at its end. */
static void
append_first_paragraph (GString *out, cmark_node *document)
{
  cmark_iter *iter = cmark_iter_new (document);
  cmark_event_type event;
  gboolean inside = FALSE, done = FALSE;

  while (!done && (event = cmark_iter_next (iter)) != CMARK_EVENT_DONE)
    {
      cmark_node *node = cmark_iter_get_node (iter);

      if (cmark_node_get_type (node) == CMARK_NODE_PARAGRAPH)
        {
          done = event == CMARK_EVENT_EXIT;
          inside = !done;
        }
      else if (inside && event == CMARK_EVENT_ENTER)
        append_plain (out, node);
    }
  cmark_iter_free (iter);
}

/**
 * onward_markdown_dup_first_line:
 * @text: (nullable): CommonMark
 *
 * Returns: (transfer full) (nullable): the first paragraph without any markup, for a notification;
 * %NULL when there is none.
 */
char *
onward_markdown_dup_first_line (const char *text)
{
  gsize size = text != NULL ? strnlen (text, MAX_BYTES) : 0;
  g_autoptr (GString) line = g_string_new (NULL);
  cmark_node *document;

  if (size == 0)
    return NULL;
  document = cmark_parse_document (text, size, CMARK_OPT_VALIDATE_UTF8);
  append_first_paragraph (line, document);
  cmark_node_free (document);
  return line->len > 0 ? g_string_free (g_steal_pointer (&line), FALSE) : NULL;
}
