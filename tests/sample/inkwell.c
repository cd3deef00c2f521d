/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Inkwell, a page to write on: an ordinary GTK application that keeps itself up to date. What it
 * does for that is in inkwell-updates.c. */

#include "inkwell-updates.h"

#define ID "io.github.onward.Inkwell"

/* Everything is found from the program itself, never by a path known at build time: two versions
 * stand side by side, each in a folder of its own. */
static char *
dup_share_path (const char *name)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *bin = g_path_get_dirname (program != NULL ? program : "");

  return g_build_filename (bin, "..", "share", name, NULL);
}

static char *
dup_text (const char *name, const char *fallback)
{
  g_autofree char *path = dup_share_path (name);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? g_strchomp (text) : g_strdup (fallback);
}

static void
load_look (void)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();
  g_autofree char *icons = dup_share_path ("icons");
  g_autofree char *style = dup_share_path ("inkwell/style.css");

  gtk_icon_theme_append_search_path (gtk_icon_theme_get_default (), icons);
  gtk_window_set_default_icon_name (ID);
  if (gtk_css_provider_load_from_path (provider, style, NULL))
    gtk_style_context_add_provider_for_screen (gdk_screen_get_default (),
                                               GTK_STYLE_PROVIDER (provider),
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

/* The first line is the page's title, all else is counted below. */
static void
on_page_changed (GtkTextBuffer *text, GtkLabel *words)
{
  GtkTextIter start, second, end;
  g_autofree char *count = NULL;
  guint n = 0;

  gtk_text_buffer_get_bounds (text, &start, &end);
  gtk_text_buffer_get_iter_at_line (text, &second, 1);
  gtk_text_buffer_remove_tag_by_name (text, "title", &start, &end);
  gtk_text_buffer_apply_tag_by_name (text, "title", &start, &second);

  while (gtk_text_iter_forward_word_end (&second))
    n++;
  count = g_strdup_printf (n == 1 ? "%u word" : "%u words", n);
  gtk_label_set_text (words, count);
}

static GtkWindow *
new_window (GtkApplication *application)
{
  g_autoptr (GtkBuilder) builder =
      gtk_builder_new_from_resource ("/io/github/onward/Inkwell/inkwell.ui");
  GtkTextBuffer *text = GTK_TEXT_BUFFER (gtk_builder_get_object (builder, "text"));
  g_autofree char *version = dup_text ("inkwell/version", "in development");
  g_autofree char *shown = g_strdup_printf ("Version %s", version);
  g_autofree char *welcome = dup_text ("inkwell/welcome.txt", "Untitled\n");

  gtk_text_buffer_create_tag (text, "title", "scale", 1.7, "weight", PANGO_WEIGHT_BOLD,
                              "pixels-below-lines", 12, NULL);
  g_signal_connect (text, "changed", G_CALLBACK (on_page_changed),
                    gtk_builder_get_object (builder, "words"));
  gtk_text_buffer_set_text (text, welcome, -1);
  gtk_label_set_text (GTK_LABEL (gtk_builder_get_object (builder, "version")), shown);
  inkwell_updates_watch (builder);
  return GTK_WINDOW (gtk_builder_get_object (builder, "window"));
}

static void
on_activate (GtkApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (application);

  if (window == NULL)
    {
      window = new_window (application);
      gtk_application_add_window (application, window);
    }
  gtk_window_present (window);
}

/* The updater activates this to restart into the new version. An application with documents asks
 * here whether to save them; it may refuse, and the updater then says so. */
static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  g_application_quit (application);
}

static void
on_startup (GtkApplication *application)
{
  const char *keys[] = { "<Primary>q", NULL };
  const GActionEntry actions[] = { { "quit", on_quit } };

  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  gtk_application_set_accels_for_action (application, "app.quit", keys);
  load_look ();
}

int
main (int argc, char **argv)
{
  /* The id that onward-publish was given, too: the updater finds us by it on the bus. */
  g_autoptr (GtkApplication) application = gtk_application_new (ID, G_APPLICATION_DEFAULT_FLAGS);

  g_signal_connect (application, "startup", G_CALLBACK (on_startup), NULL);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), NULL);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
