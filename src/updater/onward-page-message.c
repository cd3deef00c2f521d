/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-page-message.h"

#include <glib/gi18n-lib.h>

#include "onward-header.h"
#include "onward-notes.h"

struct _OnwardPageMessage
{
  GtkBox parent_instance;

  OnwardHeader *header;
  GtkExpander *expander;
  OnwardNotes *notes;
};

G_DEFINE_FINAL_TYPE (OnwardPageMessage, onward_page_message, GTK_TYPE_BOX)

static void
onward_page_message_class_init (OnwardPageMessageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (ONWARD_TYPE_HEADER);
  g_type_ensure (ONWARD_TYPE_NOTES);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/onward/Updater/ui/page-message.ui");
  gtk_widget_class_bind_template_child (widget_class, OnwardPageMessage, header);
  gtk_widget_class_bind_template_child (widget_class, OnwardPageMessage, expander);
  gtk_widget_class_bind_template_child (widget_class, OnwardPageMessage, notes);
}

static void
onward_page_message_init (OnwardPageMessage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  onward_header_set_centered (self->header, TRUE);
}

/* Who has just been told that nothing is newer may want to read again what is new. */
static void
render_notes (OnwardPageMessage *self, OnwardScreen screen, OnwardRelease *current)
{
  gboolean any = screen == ONWARD_SCREEN_UP_TO_DATE && current != NULL &&
                 onward_release_get_notes (current, g_get_language_names ()) != NULL;
  g_autoptr (GPtrArray) releases = NULL;
  g_autofree char *label = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->expander), any);
  if (!any)
    return;
  label = g_strdup_printf (_ ("What's new in %s"), onward_release_get_version (current));
  gtk_expander_set_label (self->expander, label);
  releases = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_release_unref);
  g_ptr_array_add (releases, onward_release_ref (current));
  onward_notes_set_releases (self->notes, releases);
}

/**
 * onward_page_message_render:
 * @self: a page
 * @wording: the wording of the screen
 * @subject: whose update it is
 *
 * Shows @wording.
 */
void
onward_page_message_render (OnwardPageMessage *self, const OnwardWording *wording,
                            const OnwardSubject *subject)
{
  g_return_if_fail (ONWARD_IS_PAGE_MESSAGE (self));

  onward_header_render (self->header, wording, subject);
  render_notes (self, wording->screen, subject->current);
}
