/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-markdown-view.h"

#include "onward-markdown.h"

#define INDENT  18
#define SPACING 6

struct _OnwardMarkdownView
{
  GtkBox parent_instance;
};

G_DEFINE_FINAL_TYPE (OnwardMarkdownView, onward_markdown_view, GTK_TYPE_BOX)

static void
onward_markdown_view_class_init (OnwardMarkdownViewClass *klass)
{
}

static void
onward_markdown_view_init (OnwardMarkdownView *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), SPACING);
}

static GtkWidget *
new_text (const OnwardMarkdownBlock *block)
{
  GtkWidget *label = gtk_label_new (NULL);
  GtkStyleContext *style = gtk_widget_get_style_context (label);

  gtk_label_set_markup (GTK_LABEL (label), block->markup);
  gtk_label_set_xalign (GTK_LABEL (label), 0.0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_width_chars (GTK_LABEL (label), 12);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 72);
  gtk_widget_set_hexpand (label, TRUE);
  if (block->kind == ONWARD_MARKDOWN_HEADING)
    gtk_style_context_add_class (style, "onward-notes-heading");
  if (block->kind == ONWARD_MARKDOWN_CODE)
    gtk_style_context_add_class (style, "onward-code");
  return label;
}

/* The marker is for the eye: an item is read without a "bullet" before it. */
static GtkWidget *
new_marker (const char *marker)
{
  GtkWidget *label = gtk_label_new (marker);

  gtk_widget_set_valign (label, GTK_ALIGN_START);
  gtk_label_set_xalign (GTK_LABEL (label), 1.0);
  gtk_widget_set_size_request (label, INDENT - SPACING, -1);
  atk_object_set_role (gtk_widget_get_accessible (label), ATK_ROLE_REDUNDANT_OBJECT);
  return label;
}

static GtkWidget *
new_block (const OnwardMarkdownBlock *block)
{
  GtkWidget *row, *content;
  guint steps = block->indent;

  if (block->kind == ONWARD_MARKDOWN_RULE)
    return gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
  row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, SPACING);
  content = new_text (block);
  if (block->marker != NULL && steps > 0)
    {
      gtk_container_add (GTK_CONTAINER (row), new_marker (block->marker));
      steps--;
    }
  gtk_container_add (GTK_CONTAINER (row), content);
  gtk_widget_set_margin_start (row, (int) steps * INDENT);
  if (block->quoted)
    gtk_style_context_add_class (gtk_widget_get_style_context (row), "onward-quote");
  return row;
}

/**
 * onward_markdown_view_new:
 * @text: (nullable): CommonMark, at will hostile
 *
 * Returns: (transfer floating): a widget that shows @text, and nothing when it holds nothing.
 */
GtkWidget *
onward_markdown_view_new (const char *text)
{
  g_autoptr (GPtrArray) blocks = onward_markdown_parse (text);
  GtkWidget *self = g_object_new (ONWARD_TYPE_MARKDOWN_VIEW, NULL);

  for (guint i = 0; i < blocks->len; i++)
    gtk_container_add (GTK_CONTAINER (self), new_block (g_ptr_array_index (blocks, i)));
  gtk_widget_show_all (self);
  return self;
}
