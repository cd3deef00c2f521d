/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-page-available.h"

#include "onward-header.h"
#include "onward-notes.h"

struct _OnwardPageAvailable
{
  GtkBox parent_instance;

  GtkWidget *banner;
  OnwardHeader *header;
  GtkLabel *notes_title;
  OnwardNotes *notes;
  GtkWidget *waiting;
};

G_DEFINE_FINAL_TYPE (OnwardPageAvailable, onward_page_available, GTK_TYPE_BOX)

static void
onward_page_available_class_init (OnwardPageAvailableClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (ONWARD_TYPE_HEADER);
  g_type_ensure (ONWARD_TYPE_NOTES);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/onward/Updater/ui/page-available.ui");
  gtk_widget_class_bind_template_child (widget_class, OnwardPageAvailable, banner);
  gtk_widget_class_bind_template_child (widget_class, OnwardPageAvailable, header);
  gtk_widget_class_bind_template_child (widget_class, OnwardPageAvailable, notes_title);
  gtk_widget_class_bind_template_child (widget_class, OnwardPageAvailable, notes);
  gtk_widget_class_bind_template_child (widget_class, OnwardPageAvailable, waiting);
}

static void
onward_page_available_init (OnwardPageAvailable *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * onward_page_available_render:
 * @self: a page
 * @status: a status in available
 * @wording: its wording
 * @subject: whose update it is
 *
 * Shows @status; the notes as soon as they are there.
 */
void
onward_page_available_render (OnwardPageAvailable *self, OnwardStatus *status,
                              const OnwardWording *wording, const OnwardSubject *subject)
{
  gboolean described;

  g_return_if_fail (ONWARD_IS_PAGE_AVAILABLE (self));

  described = onward_status_is_described (status);
  gtk_widget_set_visible (self->banner,
                          onward_status_get_obstacle (status) == ONWARD_OBSTACLE_METERED);
  onward_header_render (self->header, wording, subject);
  gtk_label_set_label (self->notes_title, wording->notes_title);
  gtk_widget_set_visible (GTK_WIDGET (self->notes), described);
  gtk_widget_set_visible (self->waiting, !described);
  if (described)
    onward_notes_set_releases (self->notes, onward_status_get_releases (status));
}
