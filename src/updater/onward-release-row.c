/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-release-row.h"

#include <glib/gi18n-lib.h>

#include "onward-markdown-view.h"
#include "onward-wording.h"

#define INDENT 18

struct _OnwardReleaseRow
{
  GtkExpander parent_instance;

  OnwardRelease *release; /* (owned) */
};

G_DEFINE_FINAL_TYPE (OnwardReleaseRow, onward_release_row, GTK_TYPE_EXPANDER)

static void
onward_release_row_finalize (GObject *object)
{
  OnwardReleaseRow *self = ONWARD_RELEASE_ROW (object);

  g_clear_pointer (&self->release, onward_release_unref);
  G_OBJECT_CLASS (onward_release_row_parent_class)->finalize (object);
}

static GtkWidget *
new_placeholder (void)
{
  GtkWidget *label = gtk_label_new (_ ("No release notes"));

  gtk_label_set_xalign (GTK_LABEL (label), 0.0);
  gtk_style_context_add_class (gtk_widget_get_style_context (label), "dim-label");
  gtk_widget_show (label);
  return label;
}

/* Notes become widgets when they are first looked at, so that a long history opens at once. */
static void
on_expanded (OnwardReleaseRow *self)
{
  const char *notes;
  GtkWidget *content;

  if (!gtk_expander_get_expanded (GTK_EXPANDER (self)) ||
      gtk_bin_get_child (GTK_BIN (self)) != NULL)
    return;
  notes = onward_release_get_notes (self->release, g_get_language_names ());
  content = notes != NULL && *notes != '\0' ? onward_markdown_view_new (notes) : new_placeholder ();
  gtk_widget_set_margin_start (content, INDENT);
  gtk_widget_set_margin_top (content, 6);
  gtk_container_add (GTK_CONTAINER (self), content);
}

static void
onward_release_row_class_init (OnwardReleaseRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = onward_release_row_finalize;
}

static void
onward_release_row_init (OnwardReleaseRow *self)
{
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self)), "onward-release");
  g_signal_connect (self, "notify::expanded", G_CALLBACK (on_expanded), NULL);
}

static GtkWidget *
new_tag (const char *text, const char *style_class)
{
  GtkWidget *tag = gtk_label_new (text);
  GtkStyleContext *style = gtk_widget_get_style_context (tag);

  gtk_widget_set_valign (tag, GTK_ALIGN_CENTER);
  gtk_style_context_add_class (style, "onward-tag");
  gtk_style_context_add_class (style, style_class);
  return tag;
}

static GtkWidget *
new_label (OnwardRelease *release, const char *version, const char *date, gboolean newest)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *name = gtk_label_new (version);
  GtkWidget *day = gtk_label_new (date);

  gtk_style_context_add_class (gtk_widget_get_style_context (name), "onward-release-version");
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_style_context_add_class (gtk_widget_get_style_context (day), "dim-label");
  gtk_container_add (GTK_CONTAINER (box), name);
  if (onward_release_get_severity (release) == ONWARD_SEVERITY_SECURITY)
    gtk_container_add (GTK_CONTAINER (box), new_tag (_ ("Security fix"), "security"));
  else if (newest)
    gtk_container_add (GTK_CONTAINER (box), new_tag (_ ("New"), "new"));
  gtk_box_pack_end (GTK_BOX (box), day, FALSE, FALSE, 0);
  gtk_widget_set_hexpand (box, TRUE);
  gtk_widget_set_margin_start (box, 3);
  gtk_widget_show_all (box);
  return box;
}

/**
 * onward_release_row_new:
 * @release: a release
 * @newest: whether it is the newest of the list
 *
 * The newest release and those that fix a security problem are unfolded from the start.
 *
 * Returns: (transfer floating): a row for @release.
 */
GtkWidget *
onward_release_row_new (OnwardRelease *release, gboolean newest)
{
  OnwardReleaseRow *self = g_object_new (ONWARD_TYPE_RELEASE_ROW, "visible", TRUE, NULL);
  g_autofree char *version =
      g_strdup_printf (_ ("Version %s"), onward_release_get_version (release));
  g_autofree char *date = onward_wording_dup_date (onward_release_get_date (release));
  g_autofree char *name = NULL;
  gboolean open = newest || onward_release_get_severity (release) != ONWARD_SEVERITY_NORMAL;

  self->release = onward_release_ref (release);
  /* Translators: a version and its date: "Version 2.4, 2 October 2026". */
  name = *date != '\0' ? g_strdup_printf (_ ("%s, %s"), version, date) : g_strdup (version);
  gtk_expander_set_label_widget (GTK_EXPANDER (self), new_label (release, version, date, newest));
  gtk_expander_set_label_fill (GTK_EXPANDER (self), TRUE);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), name);
  gtk_expander_set_expanded (GTK_EXPANDER (self), open);
  return GTK_WIDGET (self);
}
