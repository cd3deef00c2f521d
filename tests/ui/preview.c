/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdio.h>

#include "onward-preferences-dialog.h"
#include "onward-window.h"
#include "screens.h"

/* The updater's window without an update: it shows the statuses that lines on standard input name,
 * and prints what its user wants. usage: preview LOCALE-FOLDER
 *
 *   show NAME     shows a screen, then prints "shown NAME"
 *   size W H      resizes the window
 *   shot FILE     saves a picture of the window as PNG, then prints "saved FILE"
 *   dark yes|no   chooses the dark variant of the theme
 *   unfold all    opens every expander
 *   preferences CHANNEL [VERSION]…   opens the preferences; “size” and “shot” are for them then
 *   quit
 */
typedef struct
{
  OnwardWindow *window;
  GtkWindow *front;     /* the window or a dialog before it */
  GSettings *settings;  /* (owned) */
  OnwardStatus *status; /* (owned) (nullable) */
  GMainLoop *loop;
} Preview;

static void
say (const char *what, const char *name)
{
  g_print ("%s %s\n", what, name);
  (void) fflush (stdout);
}

static void
on_intent (OnwardWindow *window, guint intent, guint seconds, Preview *self)
{
  g_autofree char *text =
      g_strdup_printf ("%s %u", onward_intent_get_nick ((OnwardIntent) intent), seconds);

  say ("intent", text);
}

static void
settle (void)
{
  gint64 end = g_get_monotonic_time () + 300 * 1000;

  while (g_get_monotonic_time () < end)
    {
      while (g_main_context_iteration (NULL, FALSE))
        continue;
      g_usleep (5000);
    }
}

static void
save (Preview *self, const char *path)
{
  GdkWindow *window = gtk_widget_get_window (GTK_WIDGET (self->front));
  g_autoptr (GdkPixbuf) picture = NULL;
  g_autoptr (GError) error = NULL;

  settle ();
  picture = gdk_pixbuf_get_from_window (window, 0, 0, gdk_window_get_width (window),
                                        gdk_window_get_height (window));
  (void) gdk_pixbuf_save (picture, path, "png", &error, NULL);
  g_assert_no_error (error);
  say ("saved", path);
}

static void
show (Preview *self, const char *name)
{
  g_clear_pointer (&self->status, onward_status_unref);
  self->status = screens_new_status (name);
  if (self->status == NULL)
    {
      say ("unknown", name);
      return;
    }
  onward_window_set_battery (self->window, g_str_has_prefix (name, "low-battery") ? 14 : 0);
  onward_window_render (self->window, self->status);
  gtk_window_present (GTK_WINDOW (self->window));
  say ("shown", name);
}

static void
unfold (GtkWidget *widget, gpointer unused)
{
  if (GTK_IS_EXPANDER (widget))
    gtk_expander_set_expanded (GTK_EXPANDER (widget), TRUE);
  if (GTK_IS_CONTAINER (widget))
    gtk_container_foreach (GTK_CONTAINER (widget), unfold, NULL);
}

static void
resize (Preview *self, const char *size)
{
  int width = 0, height = 0;

  if (sscanf (size, "%d %d", &width, &height) == 2)
    gtk_window_resize (self->front, width, height);
  settle ();
  say ("resized", size);
}

static void
on_channel (OnwardPreferencesDialog *dialog, const char *channel, Preview *self)
{
  say ("channel", channel);
}

static void
on_reset (OnwardPreferencesDialog *dialog, Preview *self)
{
  say ("reset", "skipped");
}

static void
on_setting (GSettings *settings, const char *key, Preview *self)
{
  g_autoptr (GVariant) value = g_settings_get_value (settings, key);
  g_autofree char *text = g_variant_print (value, FALSE);
  g_autofree char *change = g_strconcat (key, " ", text, NULL);

  say ("setting", change);
}

static void
on_closed (GtkWidget *dialog, Preview *self)
{
  self->front = GTK_WINDOW (self->window);
  say ("closed", "preferences");
}

static void
open_preferences (Preview *self, const char *argument)
{
  const char *channels[] = { "stable", "beta", "nightly", NULL };
  g_auto (GStrv) words = g_strsplit (argument, " ", -1);
  OnwardPreferencesDialog *dialog =
      onward_preferences_dialog_new (GTK_WINDOW (self->window), self->settings);

  onward_preferences_dialog_set_channels (dialog, channels, words[0]);
  onward_preferences_dialog_set_skipped (dialog, words + 1);
  g_signal_connect (dialog, "channel-chosen", G_CALLBACK (on_channel), self);
  g_signal_connect (dialog, "reset", G_CALLBACK (on_reset), self);
  g_signal_connect (dialog, "destroy", G_CALLBACK (on_closed), self);
  self->front = GTK_WINDOW (dialog);
  gtk_window_present (self->front);
  say ("shown", "preferences");
}

static void
obey (Preview *self, const char *line)
{
  const char *argument = strchr (line, ' ');

  argument = argument != NULL ? argument + 1 : "";
  if (g_str_has_prefix (line, "show "))
    show (self, argument);
  else if (g_str_has_prefix (line, "preferences "))
    open_preferences (self, argument);
  else if (g_str_has_prefix (line, "size "))
    resize (self, argument);
  else if (g_str_has_prefix (line, "shot "))
    save (self, argument);
  else if (g_str_has_prefix (line, "unfold "))
    unfold (GTK_WIDGET (self->window), NULL);
  else if (g_str_has_prefix (line, "dark "))
    g_object_set (gtk_settings_get_default (), "gtk-application-prefer-dark-theme",
                  g_str_equal (argument, "yes"), NULL);
  else if (g_str_has_prefix (line, "quit"))
    g_main_loop_quit (self->loop);
}

static gboolean
on_input (GIOChannel *channel, GIOCondition condition, gpointer user_data)
{
  Preview *self = user_data;
  g_autofree char *line = NULL;

  if (g_io_channel_read_line (channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL)
    {
      g_main_loop_quit (self->loop);
      return G_SOURCE_REMOVE;
    }
  obey (self, g_strchomp (line));
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GtkApplication) application = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GIOChannel) input = g_io_channel_unix_new (0);
  Preview self = { .loop = loop };

  if (argc > 1)
    (void) bindtextdomain ("onward", argv[1]);
  (void) bind_textdomain_codeset ("onward", "UTF-8");
  (void) textdomain ("onward");
  g_set_prgname ("io.github.onward.Updater");
  gtk_init (&argc, &argv);
  application = gtk_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  self.window = onward_window_new (application);
  self.front = GTK_WINDOW (self.window);
  self.settings = g_settings_new_with_path ("io.github.onward.Updater", "/org/example/Inkwell/");
  g_signal_connect (self.settings, "changed", G_CALLBACK (on_setting), &self);
  onward_window_set_subject (self.window, screens_new_subject ());
  g_signal_connect (self.window, "intent", G_CALLBACK (on_intent), &self);
  g_io_add_watch (input, G_IO_IN | G_IO_HUP, on_input, &self);
  g_main_loop_run (loop);
  gtk_widget_destroy (GTK_WIDGET (self.window));
  g_clear_pointer (&self.status, onward_status_unref);
  g_clear_object (&self.settings);
  return 0;
}
