/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-notes.h"

#include <glib/gi18n-lib.h>

#include "onward-release-row.h"

/* A longer history waits behind a button. */
#define FIRST_ROWS 5

struct _OnwardNotes
{
  GtkBox parent_instance;

  GtkBox *list;
  GPtrArray *releases; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (OnwardNotes, onward_notes, GTK_TYPE_BOX)

static void
onward_notes_finalize (GObject *object)
{
  OnwardNotes *self = ONWARD_NOTES (object);

  g_clear_pointer (&self->releases, g_ptr_array_unref);
  G_OBJECT_CLASS (onward_notes_parent_class)->finalize (object);
}

static void
onward_notes_class_init (OnwardNotesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = onward_notes_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/onward/Updater/ui/notes.ui");
  gtk_widget_class_bind_template_child (widget_class, OnwardNotes, list);
}

static void
onward_notes_init (OnwardNotes *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static gboolean
is_same_release (OnwardRelease *a, OnwardRelease *b)
{
  const char *const *languages = g_get_language_names ();

  return a == b ||
         (g_strcmp0 (onward_release_get_version (a), onward_release_get_version (b)) == 0 &&
          g_strcmp0 (onward_release_get_notes (a, languages),
                     onward_release_get_notes (b, languages)) == 0);
}

/* A status comes several times a second, and what the user unfolded has to stay so. */
static gboolean
are_same (GPtrArray *a, GPtrArray *b)
{
  if (a == NULL || b == NULL || a->len != b->len)
    return a == b;
  for (guint i = 0; i < a->len; i++)
    if (!is_same_release (g_ptr_array_index (a, i), g_ptr_array_index (b, i)))
      return FALSE;
  return TRUE;
}

static void
destroy_child (GtkWidget *child, gpointer unused)
{
  gtk_widget_destroy (child);
}

static void
add_rows (OnwardNotes *self, guint from, guint to)
{
  for (guint i = from; i < to; i++)
    {
      OnwardRelease *release = g_ptr_array_index (self->releases, i);

      gtk_container_add (GTK_CONTAINER (self->list), onward_release_row_new (release, i == 0));
    }
}

static void
on_show_all_clicked (GtkButton *button, OnwardNotes *self)
{
  gtk_widget_destroy (GTK_WIDGET (button));
  add_rows (self, FIRST_ROWS, self->releases->len);
}

static void
add_show_all (OnwardNotes *self)
{
  g_autofree char *label = g_strdup_printf (
      ngettext ("Show All %u Version", "Show All %u Versions", self->releases->len),
      self->releases->len);
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_set_margin_start (button, 12);
  gtk_widget_set_margin_end (button, 12);
  gtk_widget_set_margin_top (button, 6);
  gtk_widget_set_margin_bottom (button, 12);
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_widget_show (button);
  g_signal_connect (button, "clicked", G_CALLBACK (on_show_all_clicked), self);
  gtk_container_add (GTK_CONTAINER (self->list), button);
}

/**
 * onward_notes_set_releases:
 * @self: notes
 * @releases: (nullable) (element-type OnwardRelease): releases, newest first
 *
 * Shows @releases; what is unfolded stays so when they are the ones that are shown already.
 */
void
onward_notes_set_releases (OnwardNotes *self, GPtrArray *releases)
{
  g_return_if_fail (ONWARD_IS_NOTES (self));

  if (are_same (self->releases, releases))
    return;
  gtk_container_foreach (GTK_CONTAINER (self->list), destroy_child, NULL);
  g_clear_pointer (&self->releases, g_ptr_array_unref);
  if (releases == NULL)
    return;
  self->releases = g_ptr_array_ref (releases);
  add_rows (self, 0, MIN (releases->len, FIRST_ROWS));
  if (releases->len > FIRST_ROWS)
    add_show_all (self);
}
