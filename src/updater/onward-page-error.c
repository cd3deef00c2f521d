/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-page-error.h"

#include <glib/gi18n-lib.h>

#include "onward-header.h"
#include "onward-refusal-texts.h"

struct _OnwardPageError
{
  GtkBox parent_instance;

  OnwardHeader *header;
  GtkExpander *expander;
  GtkLabel *message;
  GtkLabel *log;
  GtkButton *copy;
};

G_DEFINE_FINAL_TYPE (OnwardPageError, onward_page_error, GTK_TYPE_BOX)

static void
on_copy_clicked (GtkButton *button, OnwardPageError *self)
{
  GtkClipboard *clipboard =
      gtk_clipboard_get_default (gtk_widget_get_display (GTK_WIDGET (button)));
  g_autofree char *text = g_strdup_printf ("%s\n%s\n", gtk_label_get_text (self->message),
                                           gtk_label_get_text (self->log));

  gtk_clipboard_set_text (clipboard, text, -1);
}

static void
onward_page_error_class_init (OnwardPageErrorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (ONWARD_TYPE_HEADER);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/onward/Updater/ui/page-error.ui");
  gtk_widget_class_bind_template_child (widget_class, OnwardPageError, header);
  gtk_widget_class_bind_template_child (widget_class, OnwardPageError, expander);
  gtk_widget_class_bind_template_child (widget_class, OnwardPageError, message);
  gtk_widget_class_bind_template_child (widget_class, OnwardPageError, log);
  gtk_widget_class_bind_template_child (widget_class, OnwardPageError, copy);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked);
}

static void
onward_page_error_init (OnwardPageError *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  onward_header_set_centered (self->header, TRUE);
}

/**
 * onward_page_error_render:
 * @self: a page
 * @wording: the wording of the screen
 * @subject: whose update failed
 *
 * Shows what failed.
 */
void
onward_page_error_render (OnwardPageError *self, const OnwardWording *wording,
                          const OnwardSubject *subject)
{
  const GError *error = wording->error;
  g_autofree char *details = NULL;
  g_autofree char *log = NULL;

  g_return_if_fail (ONWARD_IS_PAGE_ERROR (self));

  onward_header_render (self->header, wording, subject);
  gtk_widget_set_visible (GTK_WIDGET (self->expander), error != NULL);
  details = error != NULL ? onward_refusal_texts_dup_details (error) : g_strdup ("");
  gtk_label_set_label (self->message, details);
  if (subject->log_path != NULL)
    log = g_strdup_printf (_ ("Log: %s"), subject->log_path);
  gtk_label_set_label (self->log, log != NULL ? log : "");
}
