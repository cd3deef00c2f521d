/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-window.h"

#include <glib/gi18n-lib.h>

#include "onward-action-bar.h"
#include "onward-clock.h"
#include "onward-page-available.h"
#include "onward-page-checking.h"
#include "onward-page-error.h"
#include "onward-page-message.h"
#include "onward-page-progress.h"
#include "onward-wording.h"

/* A window that jumps in front of someone who types must not take their Enter for a yes. */
#define ENTER_ARMED_AFTER_US (G_USEC_PER_SEC / 2)

struct _OnwardWindow
{
  GtkApplicationWindow parent_instance;

  GtkStack *stack;
  OnwardPageChecking *page_checking;
  OnwardPageAvailable *page_available;
  OnwardPageProgress *page_progress;
  OnwardPageMessage *page_message;
  OnwardPageError *page_error;
  OnwardActionBar *action_bar;
  GtkButton *menu_button;

  OnwardSubject *subject; /* (owned) */
  OnwardWording *wording; /* (owned) (nullable): of what is shown */
  gint64 armed_at;        /* from when on Enter counts, in µs */
};

G_DEFINE_FINAL_TYPE (OnwardWindow, onward_window, GTK_TYPE_APPLICATION_WINDOW)

enum
{
  SIGNAL_INTENT,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
onward_window_finalize (GObject *object)
{
  OnwardWindow *self = ONWARD_WINDOW (object);

  g_clear_pointer (&self->subject, onward_subject_free);
  g_clear_pointer (&self->wording, onward_wording_free);
  G_OBJECT_CLASS (onward_window_parent_class)->finalize (object);
}

static void
send_intent (OnwardWindow *self, OnwardIntent intent, guint seconds)
{
  g_signal_emit (self, signals[SIGNAL_INTENT], 0, (guint) intent, seconds);
}

static void
on_intent (OnwardActionBar *bar, guint intent, guint seconds, OnwardWindow *self)
{
  send_intent (self, (OnwardIntent) intent, seconds);
}

static void
send_escape (OnwardWindow *self)
{
  if (self->wording != NULL)
    send_intent (self, self->wording->escape, 24 * 60 * 60);
  else
    send_intent (self, ONWARD_INTENT_CLOSE, 0);
}

static void
send_refresh (OnwardWindow *self)
{
  const OnwardIntent intents[] = { ONWARD_INTENT_CHECK, ONWARD_INTENT_TRY_AGAIN };

  for (guint i = 0; self->wording != NULL && i < G_N_ELEMENTS (intents); i++)
    if (onward_button_set_has (self->wording->buttons, intents[i]))
      {
        send_intent (self, intents[i], 0);
        return;
      }
}

static gboolean
onward_window_delete_event (GtkWidget *widget, GdkEventAny *event)
{
  send_escape (ONWARD_WINDOW (widget));
  return GDK_EVENT_STOP;
}

static gboolean
onward_window_focus_in_event (GtkWidget *widget, GdkEventFocus *event)
{
  ONWARD_WINDOW (widget)->armed_at = g_get_monotonic_time () + ENTER_ARMED_AFTER_US;
  return GTK_WIDGET_CLASS (onward_window_parent_class)->focus_in_event (widget, event);
}

static gboolean
handle_key (OnwardWindow *self, guint key, gboolean control)
{
  if (key == GDK_KEY_Escape || (control && key == GDK_KEY_w))
    send_escape (self);
  else if (control && key == GDK_KEY_q)
    send_intent (self, ONWARD_INTENT_QUIT, 0);
  else if (key == GDK_KEY_F5)
    send_refresh (self);
  else if (key == GDK_KEY_F10)
    gtk_button_clicked (self->menu_button);
  else if (control && key == GDK_KEY_comma)
    send_intent (self, ONWARD_INTENT_PREFERENCES, 0);
  else if (key == GDK_KEY_Return || key == GDK_KEY_KP_Enter || key == GDK_KEY_ISO_Enter)
    return g_get_monotonic_time () < self->armed_at;
  else
    return FALSE;
  return TRUE;
}

static gboolean
onward_window_key_press_event (GtkWidget *widget, GdkEventKey *event)
{
  guint modifiers = event->state & gtk_accelerator_get_default_mod_mask ();
  gboolean control = modifiers == GDK_CONTROL_MASK;

  if ((modifiers == 0 || control) &&
      handle_key (ONWARD_WINDOW (widget), gdk_keyval_to_lower (event->keyval), control))
    return GDK_EVENT_STOP;
  return GTK_WIDGET_CLASS (onward_window_parent_class)->key_press_event (widget, event);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, OnwardWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, OnwardWindow, page_checking);
  gtk_widget_class_bind_template_child (widget_class, OnwardWindow, page_available);
  gtk_widget_class_bind_template_child (widget_class, OnwardWindow, page_progress);
  gtk_widget_class_bind_template_child (widget_class, OnwardWindow, page_message);
  gtk_widget_class_bind_template_child (widget_class, OnwardWindow, page_error);
  gtk_widget_class_bind_template_child (widget_class, OnwardWindow, action_bar);
  gtk_widget_class_bind_template_child (widget_class, OnwardWindow, menu_button);
  gtk_widget_class_bind_template_callback (widget_class, on_intent);
}

static void
onward_window_class_init (OnwardWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (ONWARD_TYPE_ACTION_BAR);
  g_type_ensure (ONWARD_TYPE_PAGE_AVAILABLE);
  g_type_ensure (ONWARD_TYPE_PAGE_CHECKING);
  g_type_ensure (ONWARD_TYPE_PAGE_ERROR);
  g_type_ensure (ONWARD_TYPE_PAGE_MESSAGE);
  g_type_ensure (ONWARD_TYPE_PAGE_PROGRESS);
  G_OBJECT_CLASS (klass)->finalize = onward_window_finalize;
  widget_class->delete_event = onward_window_delete_event;
  widget_class->focus_in_event = onward_window_focus_in_event;
  widget_class->key_press_event = onward_window_key_press_event;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/onward/Updater/ui/window.ui");
  bind_children (widget_class);

  signals[SIGNAL_INTENT] = g_signal_new ("intent", ONWARD_TYPE_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
}

static void
on_preferences (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  send_intent (window, ONWARD_INTENT_PREFERENCES, 0);
}

static void
onward_window_init (OnwardWindow *self)
{
  const GActionEntry actions[] = { { "preferences", on_preferences } };

  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  self->subject = onward_subject_new (NULL, NULL, NULL, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
load_style (GdkScreen *screen)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (provider, "/io/github/onward/Updater/style.css");
  gtk_style_context_add_provider_for_screen (screen, GTK_STYLE_PROVIDER (provider),
                                             GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_screen (screen),
                                    "/io/github/onward/Updater/icons");
}

/**
 * onward_window_new:
 * @application: the application it belongs to
 *
 * Returns: (transfer none): a window that shows nothing yet. GTK owns it.
 */
OnwardWindow *
onward_window_new (GtkApplication *application)
{
  OnwardWindow *self = NULL;

  g_return_val_if_fail (GTK_IS_APPLICATION (application), NULL);

  load_style (gdk_screen_get_default ());
  self = g_object_new (ONWARD_TYPE_WINDOW, "application", application, NULL);
  return self;
}

/**
 * onward_window_set_open:
 * @self: a window
 * @n_open: how many copies of the application run
 *
 * Takes effect with the next status.
 */
void
onward_window_set_open (OnwardWindow *self, guint n_open)
{
  g_return_if_fail (ONWARD_IS_WINDOW (self));

  self->subject->n_open = n_open;
}

/**
 * onward_window_set_battery:
 * @self: a window
 * @charge: what is left of a battery that the update has to wait for, in percent; 0 for none
 *
 * Takes effect with the next status.
 */
void
onward_window_set_battery (OnwardWindow *self, guint charge)
{
  g_return_if_fail (ONWARD_IS_WINDOW (self));

  self->subject->battery = charge;
}

/**
 * onward_window_set_subject:
 * @self: a window
 * @subject: (transfer full): whose update it is
 *
 * Says whose update the window shows. It takes effect with the next status.
 */
void
onward_window_set_subject (OnwardWindow *self, OnwardSubject *subject)
{
  g_autofree char *title = NULL;

  g_return_if_fail (ONWARD_IS_WINDOW (self));
  g_return_if_fail (subject != NULL);

  onward_subject_free (self->subject);
  self->subject = subject;
  /* Translators: the window's title with an application's name. */
  title = g_strdup_printf (_ ("Software Update – %s"), subject->name);
  gtk_window_set_title (GTK_WINDOW (self), title);
}

/* ATK has this signal since 2.46 only, so it is looked up where the window runs. */
static void
announce (OnwardWindow *self, const char *text)
{
  AtkObject *accessible = gtk_widget_get_accessible (GTK_WIDGET (self));

  if (g_signal_lookup ("announcement", ATK_TYPE_OBJECT) != 0)
    g_signal_emit_by_name (accessible, "announcement", text);
}

static void
render_pages (OnwardWindow *self, OnwardStatus *status)
{
  const char *page = onward_screen_get_page (self->wording->screen);

  onward_page_checking_render (self->page_checking, self->wording);
  onward_page_progress_render (self->page_progress, status, self->wording, self->subject);
  if (g_str_equal (page, "available"))
    onward_page_available_render (self->page_available, status, self->wording, self->subject);
  if (g_str_equal (page, "message"))
    onward_page_message_render (self->page_message, self->wording, self->subject);
  if (g_str_equal (page, "error"))
    onward_page_error_render (self->page_error, self->wording, self->subject);
  gtk_stack_set_visible_child_name (self->stack, page);
}

/* When the network changes while someone decides, they are told, but the default button stays what
 * it was: it may be pressed at this very moment. */
static void
keep_buttons (OnwardWindow *self, const OnwardWording *before)
{
  if (before == NULL || before->screen != ONWARD_SCREEN_AVAILABLE ||
      self->wording->screen != ONWARD_SCREEN_AVAILABLE)
    return;
  self->wording->buttons = before->buttons;
  self->wording->escape = before->escape;
}

static void
render (OnwardWindow *self, OnwardStatus *status, const GError *refusal)
{
  g_autoptr (OnwardWording) before = g_steal_pointer (&self->wording);

  self->wording = onward_wording_new (status, self->subject, refusal, onward_clock_get_time ());
  keep_buttons (self, before);
  render_pages (self, status);
  onward_action_bar_render (self->action_bar, status, self->wording, self->subject);
  if (before != NULL && before->screen == self->wording->screen)
    return;
  self->armed_at = g_get_monotonic_time () + ENTER_ARMED_AFTER_US;
  announce (self, self->wording->announcement);
}

/**
 * onward_window_render:
 * @self: a window
 * @status: what to show
 *
 * Shows @status: the screen, its words and its buttons. A new screen is announced to screen
 * readers, and Enter counts only half a second after it appeared.
 */
void
onward_window_render (OnwardWindow *self, OnwardStatus *status)
{
  g_return_if_fail (ONWARD_IS_WINDOW (self));
  g_return_if_fail (status != NULL);

  render (self, status, NULL);
}

/**
 * onward_window_render_refusal:
 * @self: a window
 * @status: the status, which the refusal left as it was
 * @refusal: why what was asked last could not be begun
 *
 * Shows @refusal until the next status is shown.
 */
void
onward_window_render_refusal (OnwardWindow *self, OnwardStatus *status, const GError *refusal)
{
  g_return_if_fail (ONWARD_IS_WINDOW (self));
  g_return_if_fail (status != NULL);
  g_return_if_fail (refusal != NULL);

  render (self, status, refusal);
}
