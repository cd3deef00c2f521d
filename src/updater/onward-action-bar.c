/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-action-bar.h"

#include <glib/gi18n-lib.h>

#include "onward-clock.h"

/* In a window narrower than 450 pixels three buttons in a row do not fit. */
#define NARROW  374
#define SPACING 6

#define RETRY_INTERVAL_MS 500

#define HOUR 3600u
#define DAY  (24u * HOUR)

struct _OnwardActionBar
{
  GtkBox parent_instance;

  const OnwardButton *set; /* what the widgets were made from */
  char *name;              /* (owned) (nullable): the application's name in them */
  gboolean stacked;        /* whether the last allocation was too narrow for a row */
  guint relayout;          /* the pending new request of another height, or 0 */
  OnwardStatus *status;    /* (owned) (nullable): the latest one */
  guint retry;             /* until the next try begins, and cannot be begun any more; or 0 */
};

G_DEFINE_FINAL_TYPE (OnwardActionBar, onward_action_bar, GTK_TYPE_BOX)

enum
{
  SIGNAL_INTENT,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
onward_action_bar_finalize (GObject *object)
{
  OnwardActionBar *self = ONWARD_ACTION_BAR (object);

  g_clear_handle_id (&self->relayout, g_source_remove);
  g_clear_handle_id (&self->retry, g_source_remove);
  g_clear_pointer (&self->status, onward_status_unref);
  g_free (self->name);
  G_OBJECT_CLASS (onward_action_bar_parent_class)->finalize (object);
}

/* The width of the buttons in a row, and of the widest of them. */
static void
measure_width (OnwardActionBar *self, int *ret_row, int *ret_widest)
{
  g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (self));
  int row = 0, widest = 0;

  for (GList *at = children; at != NULL; at = at->next)
    {
      int natural = 0;

      gtk_widget_get_preferred_width (at->data, NULL, &natural);
      row += natural + (at == children ? 0 : SPACING);
      widest = MAX (widest, natural);
    }
  *ret_row = row;
  *ret_widest = widest;
}

static void
onward_action_bar_get_preferred_width (GtkWidget *widget, int *minimum, int *natural)
{
  measure_width (ONWARD_ACTION_BAR (widget), natural, minimum);
}

/* The height goes with the width that the bar has, not with every width it could have: else the
 * window could never be lower than a stack of buttons. */
static void
onward_action_bar_get_preferred_height (GtkWidget *widget, int *minimum, int *natural)
{
  g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (widget));
  gboolean stacked = ONWARD_ACTION_BAR (widget)->stacked;
  int height = 0;

  for (GList *at = children; at != NULL; at = at->next)
    {
      int child = 0;

      gtk_widget_get_preferred_height (at->data, NULL, &child);
      height = stacked ? height + child + (at == children ? 0 : SPACING) : MAX (height, child);
    }
  *minimum = *natural = height;
}

static GtkSizeRequestMode
onward_action_bar_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_CONSTANT_SIZE;
}

static void
onward_action_bar_get_preferred_height_for_width (GtkWidget *widget, int width, int *minimum,
                                                  int *natural)
{
  onward_action_bar_get_preferred_height (widget, minimum, natural);
}

static gboolean
is_leading (GtkWidget *child)
{
  return g_object_get_data (G_OBJECT (child), "leading") != NULL;
}

/* The default button, last in a row, comes first in a stack. */
static void
allocate_stack (GList *children, const GtkAllocation *area)
{
  int y = area->y;

  for (GList *at = g_list_last (children); at != NULL; at = at->prev)
    {
      GtkAllocation place = { area->x, y, area->width, 0 };

      gtk_widget_get_preferred_height (at->data, NULL, &place.height);
      gtk_widget_size_allocate (at->data, &place);
      y += place.height + SPACING;
    }
}

static void
allocate_row (GList *children, const GtkAllocation *area, gboolean mirrored)
{
  int start = area->x, end = area->x + area->width;

  for (GList *at = children; at != NULL && is_leading (at->data); at = at->next)
    {
      GtkAllocation place = { start, area->y, 0, area->height };

      gtk_widget_get_preferred_width (at->data, NULL, &place.width);
      start += place.width + SPACING;
      if (mirrored)
        place.x = 2 * area->x + area->width - place.x - place.width;
      gtk_widget_size_allocate (at->data, &place);
    }
  for (GList *at = g_list_last (children); at != NULL && !is_leading (at->data); at = at->prev)
    {
      GtkAllocation place = { end, area->y, 0, area->height };

      gtk_widget_get_preferred_width (at->data, NULL, &place.width);
      place.x -= place.width;
      end = place.x - SPACING;
      if (mirrored)
        place.x = 2 * area->x + area->width - place.x - place.width;
      gtk_widget_size_allocate (at->data, &place);
    }
}

static gboolean
on_relayout (gpointer user_data)
{
  OnwardActionBar *self = user_data;

  self->relayout = 0;
  gtk_widget_queue_resize (GTK_WIDGET (self));
  return G_SOURCE_REMOVE;
}

static void
choose_layout (OnwardActionBar *self, int width)
{
  gboolean stacked;
  int row, widest;

  measure_width (self, &row, &widest);
  stacked = width < NARROW || row > width;
  if (stacked != self->stacked && self->relayout == 0)
    self->relayout = g_idle_add (on_relayout, self);
  self->stacked = stacked;
}

static void
onward_action_bar_size_allocate (GtkWidget *widget, GtkAllocation *allocation)
{
  g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (widget));

  gtk_widget_set_allocation (widget, allocation);
  gtk_widget_set_clip (widget, allocation);
  choose_layout (ONWARD_ACTION_BAR (widget), allocation->width);
  if (ONWARD_ACTION_BAR (widget)->stacked)
    allocate_stack (children, allocation);
  else
    allocate_row (children, allocation, gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL);
}

/* A box draws itself as large as its own layout made it, so only its children are drawn. */
static gboolean
onward_action_bar_draw (GtkWidget *widget, cairo_t *cr)
{
  GtkWidgetClass *container_class = g_type_class_peek (GTK_TYPE_CONTAINER);

  return container_class->draw (widget, cr);
}

static void
onward_action_bar_class_init (OnwardActionBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = onward_action_bar_finalize;
  widget_class->get_request_mode = onward_action_bar_get_request_mode;
  widget_class->get_preferred_width = onward_action_bar_get_preferred_width;
  widget_class->get_preferred_height = onward_action_bar_get_preferred_height;
  widget_class->get_preferred_height_for_width = onward_action_bar_get_preferred_height_for_width;
  widget_class->size_allocate = onward_action_bar_size_allocate;
  widget_class->draw = onward_action_bar_draw;

  signals[SIGNAL_INTENT] =
      g_signal_new ("intent", ONWARD_TYPE_ACTION_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
}

static void
onward_action_bar_init (OnwardActionBar *self)
{
}

static void
on_clicked (GtkWidget *widget, OnwardActionBar *self)
{
  const OnwardButton *button = g_object_get_data (G_OBJECT (widget), "button");

  g_signal_emit (self, signals[SIGNAL_INTENT], 0, (guint) button->intent, DAY);
}

static void
on_item_activated (GtkWidget *item, OnwardActionBar *self)
{
  guint seconds = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (item), "seconds"));

  g_signal_emit (self, signals[SIGNAL_INTENT], 0, (guint) ONWARD_INTENT_REMIND, seconds);
}

static void
add_item (OnwardActionBar *self, GtkWidget *menu, const char *label, guint seconds)
{
  GtkWidget *item = gtk_menu_item_new_with_mnemonic (label);

  g_object_set_data (G_OBJECT (item), "seconds", GUINT_TO_POINTER (seconds));
  g_signal_connect (item, "activate", G_CALLBACK (on_item_activated), self);
  gtk_widget_show (item);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
}

static GtkWidget *
new_menu_button (OnwardActionBar *self)
{
  GtkWidget *button = gtk_menu_button_new ();
  GtkWidget *menu = gtk_menu_new ();

  add_item (self, menu, _ ("In 1 _Hour"), HOUR);
  add_item (self, menu, _ ("_Tomorrow"), DAY);
  add_item (self, menu, _ ("Next _Week"), 7 * DAY);
  gtk_menu_button_set_popup (GTK_MENU_BUTTON (button), menu);
  gtk_menu_button_set_direction (GTK_MENU_BUTTON (button), GTK_ARROW_UP);
  gtk_widget_set_tooltip_text (button, _ ("Choose when to be reminded"));
  atk_object_set_name (gtk_widget_get_accessible (button), _ ("Choose when to be reminded"));
  return button;
}

static GtkWidget *
new_button (OnwardActionBar *self, const OnwardButton *button, const char *name)
{
  g_autofree char *label = onward_button_dup_label (button, name);
  GtkWidget *widget = gtk_button_new_with_mnemonic (label);

  g_object_set_data (G_OBJECT (widget), "button", (gpointer) button);
  gtk_widget_set_can_default (widget, TRUE);
  g_signal_connect (widget, "clicked", G_CALLBACK (on_clicked), self);
  return widget;
}

static void
add_button (OnwardActionBar *self, const OnwardButton *button, const char *name)
{
  GtkWidget *widget = new_button (self, button, name);
  GtkWidget *child = widget;

  if (button->flags & ONWARD_BUTTON_MENU)
    {
      child = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
      gtk_style_context_add_class (gtk_widget_get_style_context (child), "linked");
      gtk_box_pack_start (GTK_BOX (child), widget, TRUE, TRUE, 0);
      gtk_container_add (GTK_CONTAINER (child), new_menu_button (self));
    }
  if (button->flags & ONWARD_BUTTON_LEADING)
    g_object_set_data (G_OBJECT (child), "leading", GINT_TO_POINTER (1));
  gtk_container_add (GTK_CONTAINER (self), child);
  gtk_widget_show_all (child);
  if (button->flags & ONWARD_BUTTON_DEFAULT)
    {
      gtk_style_context_add_class (gtk_widget_get_style_context (widget), "suggested-action");
      gtk_widget_grab_default (widget);
      gtk_widget_grab_focus (widget);
    }
}

static void
destroy_child (GtkWidget *child, gpointer unused)
{
  gtk_widget_destroy (child);
}

static void
rebuild (OnwardActionBar *self, const OnwardButton *set, const char *name)
{
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (self));

  gtk_container_foreach (GTK_CONTAINER (self), destroy_child, NULL);
  self->set = set;
  g_free (self->name);
  self->name = g_strdup (name);
  if (GTK_IS_WINDOW (window))
    {
      gtk_window_set_default (GTK_WINDOW (window), NULL);
      gtk_window_set_focus (GTK_WINDOW (window), NULL);
    }
  for (; set->intent != ONWARD_INTENT_NONE; set++)
    add_button (self, set, name);
}

static void
render_button (GtkWidget *widget, gpointer status)
{
  const OnwardButton *button = g_object_get_data (G_OBJECT (widget), "button");
  gboolean sensitive;

  if (button == NULL)
    return;
  sensitive = onward_button_is_sensitive (button, status, onward_clock_get_time ());
  gtk_widget_set_sensitive (widget, sensitive);
  if (button->intent == ONWARD_INTENT_CANCEL)
    gtk_widget_set_tooltip_text (widget, sensitive ? NULL : _ ("Almost done"));
}

/* “Try Now” is of use until the try begins. Timers stand still while the computer sleeps, so that
 * one for the whole wait would be late. */
static gboolean
on_retry_due (gpointer user_data)
{
  OnwardActionBar *self = user_data;

  gtk_container_foreach (GTK_CONTAINER (self), render_button, self->status);
  if (onward_status_get_retry_at (self->status) > onward_clock_get_time ())
    return G_SOURCE_CONTINUE;
  self->retry = 0;
  return G_SOURCE_REMOVE;
}

static void
schedule_retry (OnwardActionBar *self)
{
  g_clear_handle_id (&self->retry, g_source_remove);
  if (onward_status_get_retry_at (self->status) > onward_clock_get_time ())
    self->retry = g_timeout_add (RETRY_INTERVAL_MS, on_retry_due, self);
}

/**
 * onward_action_bar_render:
 * @self: a bar
 * @status: a status
 * @wording: its wording
 * @subject: whose update it is
 *
 * Shows the buttons of @wording. Those that are there already stay the same widgets and keep the
 * focus; new ones come with the focus on the default button, or nowhere when there is none.
 */
void
onward_action_bar_render (OnwardActionBar *self, OnwardStatus *status, const OnwardWording *wording,
                          const OnwardSubject *subject)
{
  g_return_if_fail (ONWARD_IS_ACTION_BAR (self));

  if (self->set != wording->buttons || g_strcmp0 (self->name, subject->name) != 0)
    rebuild (self, wording->buttons, subject->name);
  gtk_container_foreach (GTK_CONTAINER (self), render_button, status);
  g_clear_pointer (&self->status, onward_status_unref);
  self->status = onward_status_ref (status);
  schedule_retry (self);
}
