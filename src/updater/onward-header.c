/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-header.h"

#define ICON_SIZE       64
#define LARGE_ICON_SIZE 96
#define FALLBACK_ICON   "io.github.onward.Updater"

struct _OnwardHeader
{
  GtkBox parent_instance;

  GtkImage *icon;
  GtkImage *emblem;
  GtkLabel *title;
  GtkLabel *body;
  int icon_size;
  char *icon_name; /* (owned) (nullable): what the icon was set from */
};

G_DEFINE_FINAL_TYPE (OnwardHeader, onward_header, GTK_TYPE_BOX)

static void
onward_header_finalize (GObject *object)
{
  OnwardHeader *self = ONWARD_HEADER (object);

  g_free (self->icon_name);
  G_OBJECT_CLASS (onward_header_parent_class)->finalize (object);
}

static void
onward_header_class_init (OnwardHeaderClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = onward_header_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/onward/Updater/ui/header.ui");
  gtk_widget_class_bind_template_child (widget_class, OnwardHeader, icon);
  gtk_widget_class_bind_template_child (widget_class, OnwardHeader, emblem);
  gtk_widget_class_bind_template_child (widget_class, OnwardHeader, title);
  gtk_widget_class_bind_template_child (widget_class, OnwardHeader, body);
}

static void
onward_header_init (OnwardHeader *self)
{
  self->icon_size = ICON_SIZE;
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* A file of the application's own, drawn sharply on high-density screens; FALSE when it is none. */
static gboolean
set_icon_from_file (OnwardHeader *self, const char *path)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  g_autoptr (GdkPixbuf) pixbuf = NULL;
  cairo_surface_t *surface;

  pixbuf = gdk_pixbuf_new_from_file_at_size (path, self->icon_size * scale, self->icon_size * scale,
                                             NULL);
  if (pixbuf == NULL)
    return FALSE;
  surface = gdk_cairo_surface_create_from_pixbuf (pixbuf, scale, NULL);
  gtk_image_set_from_surface (self->icon, surface);
  cairo_surface_destroy (surface);
  return TRUE;
}

static void
set_icon (OnwardHeader *self, const char *icon)
{
  const char *names[] = { icon, FALLBACK_ICON, NULL };
  g_autoptr (GIcon) themed = NULL;

  if (icon != NULL && g_strcmp0 (icon, self->icon_name) == 0)
    return;
  g_free (self->icon_name);
  self->icon_name = g_strdup (icon);
  if (icon != NULL && g_path_is_absolute (icon) && set_icon_from_file (self, icon))
    return;
  if (icon == NULL || g_path_is_absolute (icon))
    names[0] = FALLBACK_ICON;
  themed = g_themed_icon_new_from_names ((char **) names, -1);
  gtk_image_set_from_gicon (self->icon, themed, GTK_ICON_SIZE_DIALOG);
  gtk_image_set_pixel_size (self->icon, self->icon_size);
}

static void
set_emblem (OnwardHeader *self, OnwardScreen screen)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self->emblem));
  gboolean ok = screen == ONWARD_SCREEN_INSTALLED || screen == ONWARD_SCREEN_UP_TO_DATE ||
                screen == ONWARD_SCREEN_READY;
  gboolean warning = screen == ONWARD_SCREEN_FORCED || screen == ONWARD_SCREEN_FAILED ||
                     screen == ONWARD_SCREEN_LOW_BATTERY;

  gtk_style_context_remove_class (style, ok ? "warning" : "ok");
  gtk_style_context_add_class (style, ok ? "ok" : "warning");
  gtk_image_set_from_icon_name (
      self->emblem, ok ? "object-select-symbolic" : "dialog-warning-symbolic", GTK_ICON_SIZE_MENU);
  gtk_widget_set_visible (GTK_WIDGET (self->emblem), ok || warning);
}

/**
 * onward_header_set_centered:
 * @self: a header that has not been rendered yet
 * @centered: whether it stands in the middle of its page
 *
 * Chooses between an icon beside the text and a larger one above it.
 */
void
onward_header_set_centered (OnwardHeader *self, gboolean centered)
{
  GtkJustification justify = centered ? GTK_JUSTIFY_CENTER : GTK_JUSTIFY_LEFT;
  float xalign = centered ? 0.5f : 0.0f;

  g_return_if_fail (ONWARD_IS_HEADER (self));

  self->icon_size = centered ? LARGE_ICON_SIZE : ICON_SIZE;
  gtk_widget_set_size_request (GTK_WIDGET (self->icon), self->icon_size, self->icon_size);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self),
                                  centered ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  gtk_widget_set_vexpand (GTK_WIDGET (self), centered);
  gtk_widget_set_valign (GTK_WIDGET (self), centered ? GTK_ALIGN_CENTER : GTK_ALIGN_FILL);
  gtk_label_set_justify (self->title, justify);
  gtk_label_set_justify (self->body, justify);
  gtk_label_set_xalign (self->title, xalign);
  gtk_label_set_xalign (self->body, xalign);
}

/**
 * onward_header_render:
 * @self: a header
 * @wording: the wording of the screen
 * @subject: whose update it is
 *
 * Shows the icon, the title and the body of @wording.
 */
void
onward_header_render (OnwardHeader *self, const OnwardWording *wording,
                      const OnwardSubject *subject)
{
  g_return_if_fail (ONWARD_IS_HEADER (self));

  set_icon (self, subject->icon);
  set_emblem (self, wording->screen);
  gtk_label_set_label (self->title, wording->title);
  gtk_label_set_label (self->body, wording->body != NULL ? wording->body : "");
  gtk_widget_set_visible (GTK_WIDGET (self->body), wording->body != NULL);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->body), wording->hint);
}
