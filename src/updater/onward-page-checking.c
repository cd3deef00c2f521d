/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-page-checking.h"

struct _OnwardPageChecking
{
  GtkBox parent_instance;

  GtkSpinner *spinner;
  GtkLabel *title;
};

G_DEFINE_FINAL_TYPE (OnwardPageChecking, onward_page_checking, GTK_TYPE_BOX)

static void
onward_page_checking_class_init (OnwardPageCheckingClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/onward/Updater/ui/page-checking.ui");
  gtk_widget_class_bind_template_child (widget_class, OnwardPageChecking, spinner);
  gtk_widget_class_bind_template_child (widget_class, OnwardPageChecking, title);
}

static void
onward_page_checking_init (OnwardPageChecking *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * onward_page_checking_render:
 * @self: a page
 * @wording: the wording of the screen
 *
 * Shows @wording; the spinner turns only while this is the screen.
 */
void
onward_page_checking_render (OnwardPageChecking *self, const OnwardWording *wording)
{
  g_return_if_fail (ONWARD_IS_PAGE_CHECKING (self));

  g_object_set (self->spinner, "active", wording->screen == ONWARD_SCREEN_CHECKING, NULL);
  if (wording->screen == ONWARD_SCREEN_CHECKING)
    gtk_label_set_label (self->title, wording->title);
}
