/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  ONWARD_MARKDOWN_PARAGRAPH,
  ONWARD_MARKDOWN_HEADING,
  ONWARD_MARKDOWN_CODE,
  ONWARD_MARKDOWN_RULE,
} OnwardMarkdownKind;

/**
 * OnwardMarkdownBlock:
 * @kind: what it is
 * @indent: how many lists and quotes it stands in
 * @quoted: whether it stands in a quote
 * @marker: (nullable): what stands before it, "•" or "2."
 * @markup: its text, in Pango markup
 *
 * One block of a text, in reading order.
 */
typedef struct
{
  OnwardMarkdownKind kind;
  guint indent;
  gboolean quoted;
  char *marker;
  char *markup;
} OnwardMarkdownBlock;

/* (transfer full) (element-type OnwardMarkdownBlock) */
GPtrArray *onward_markdown_parse     (const char *text);
/* A link that may be opened: https: and mailto: only. */
gboolean   onward_markdown_is_link   (const char *url);
/* The text of the first paragraph, without markup; NULL when there is none. (transfer full) */
char      *onward_markdown_dup_first_line (const char *text);

G_END_DECLS
