/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ONWARD_TYPE_MARKDOWN_VIEW (onward_markdown_view_get_type ())

/* CommonMark as labels: links can be reached with Tab and are told to screen readers. */
G_DECLARE_FINAL_TYPE (OnwardMarkdownView, onward_markdown_view, ONWARD, MARKDOWN_VIEW, GtkBox)

GtkWidget *onward_markdown_view_new (const char *text);

G_END_DECLS
