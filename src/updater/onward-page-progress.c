/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-page-progress.h"

#include "onward-clock.h"
#include "onward-header.h"
#include "onward-notes.h"
#include "onward-progress-texts.h"

/* Two new labels a second are enough to read, and no more than a screen reader can bear. */
#define LABEL_INTERVAL_MS 500

struct _OnwardPageProgress
{
  GtkBox parent_instance;

  OnwardHeader *header;
  GtkProgressBar *bar;
  GtkLabel *countdown;
  GtkLabel *status_label;
  GtkLabel *detail;
  GtkExpander *expander;
  OnwardNotes *notes;

  OnwardStatus *status; /* (owned) (nullable): the latest one */
  char *name;           /* (owned) (nullable) */
  OnwardScreen screen;
  double shown;    /* the bar's fraction, which only grows during one update */
  guint timeout;   /* until the labels may change again, or 0 */
  gboolean behind; /* whether the labels show an older status */
};

G_DEFINE_FINAL_TYPE (OnwardPageProgress, onward_page_progress, GTK_TYPE_BOX)

static void
onward_page_progress_dispose (GObject *object)
{
  OnwardPageProgress *self = ONWARD_PAGE_PROGRESS (object);

  g_clear_handle_id (&self->timeout, g_source_remove);
  g_clear_pointer (&self->status, onward_status_unref);
  g_clear_pointer (&self->name, g_free);
  G_OBJECT_CLASS (onward_page_progress_parent_class)->dispose (object);
}

static void
onward_page_progress_class_init (OnwardPageProgressClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (ONWARD_TYPE_HEADER);
  g_type_ensure (ONWARD_TYPE_NOTES);
  G_OBJECT_CLASS (klass)->dispose = onward_page_progress_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/onward/Updater/ui/page-progress.ui");
  gtk_widget_class_bind_template_child (widget_class, OnwardPageProgress, header);
  gtk_widget_class_bind_template_child (widget_class, OnwardPageProgress, bar);
  gtk_widget_class_bind_template_child (widget_class, OnwardPageProgress, countdown);
  gtk_widget_class_bind_template_child_full (widget_class, "status", FALSE,
                                             G_STRUCT_OFFSET (OnwardPageProgress, status_label));
  gtk_widget_class_bind_template_child (widget_class, OnwardPageProgress, detail);
  gtk_widget_class_bind_template_child (widget_class, OnwardPageProgress, expander);
  gtk_widget_class_bind_template_child (widget_class, OnwardPageProgress, notes);
}

static void
onward_page_progress_init (OnwardPageProgress *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* An unchanged label is left alone, so that nothing is announced or redrawn for it. */
static void
set_label (GtkLabel *label, const char *text)
{
  gtk_widget_set_visible (GTK_WIDGET (label), *text != '\0');
  if (!g_str_equal (gtk_label_get_label (label), text))
    gtk_label_set_label (label, text);
}

static void
render_labels (OnwardPageProgress *self)
{
  g_autofree char *countdown = g_strdup ("");
  g_autofree char *status = onward_progress_texts_dup_status (self->status);
  g_autofree char *detail = onward_progress_texts_dup_detail (self->status, self->name);

  if (self->screen == ONWARD_SCREEN_RECONNECTING || self->screen == ONWARD_SCREEN_WAITING)
    {
      g_free (countdown);
      countdown = onward_progress_texts_dup_countdown (self->status, onward_clock_get_time ());
    }
  set_label (self->countdown, countdown);
  set_label (self->status_label, status);
  set_label (self->detail, detail);
  self->behind = FALSE;
}

/* While a countdown shows, the labels change by themselves. */
static gboolean
on_labels_due (gpointer user_data)
{
  OnwardPageProgress *self = user_data;
  gboolean counting = self->screen == ONWARD_SCREEN_RECONNECTING;

  if (self->behind || counting)
    {
      render_labels (self);
      return G_SOURCE_CONTINUE;
    }
  self->timeout = 0;
  return G_SOURCE_REMOVE;
}

static void
stop_labels (OnwardPageProgress *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  self->behind = FALSE;
}

static void
schedule_labels (OnwardPageProgress *self, gboolean at_once)
{
  if (at_once)
    stop_labels (self);
  if (self->timeout != 0)
    {
      self->behind = TRUE;
      return;
    }
  render_labels (self);
  self->timeout = g_timeout_add (LABEL_INTERVAL_MS, on_labels_due, self);
}

static void
render_bar (OnwardPageProgress *self)
{
  double progress = CLAMP (onward_status_get_progress (self->status), 0.0, 1.0);

  self->shown = MAX (self->shown, progress);
  gtk_progress_bar_set_fraction (self->bar, self->shown);
}

static void
render_notes (OnwardPageProgress *self)
{
  GPtrArray *releases = onward_status_get_releases (self->status);
  gboolean any = onward_status_is_described (self->status) && releases != NULL && releases->len > 0;

  gtk_widget_set_visible (GTK_WIDGET (self->expander), any);
  if (any)
    onward_notes_set_releases (self->notes, releases);
}

/**
 * onward_page_progress_render:
 * @self: a page
 * @status: any status
 * @wording: its wording
 * @subject: whose update it is
 *
 * Shows @status when it is one of an update under way; any other one ends the update, and the bar
 * begins anew with the next.
 */
void
onward_page_progress_render (OnwardPageProgress *self, OnwardStatus *status,
                             const OnwardWording *wording, const OnwardSubject *subject)
{
  gboolean changed;

  g_return_if_fail (ONWARD_IS_PAGE_PROGRESS (self));

  changed = self->status == NULL || wording->screen != self->screen ||
            onward_status_get_state (status) != onward_status_get_state (self->status);
  g_clear_pointer (&self->status, onward_status_unref);
  self->status = onward_status_ref (status);
  g_free (self->name);
  self->name = g_strdup (subject->name);
  self->screen = wording->screen;
  if (!g_str_equal (onward_screen_get_page (wording->screen), "progress"))
    {
      /* Being ready is a rest on the way: the bar goes on from there. */
      if (wording->screen != ONWARD_SCREEN_READY)
        self->shown = 0.0;
      stop_labels (self);
      return;
    }
  onward_header_render (self->header, wording, subject);
  render_bar (self);
  render_notes (self);
  schedule_labels (self, changed);
}
