/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* All that an application does for its updates: it says that it works, looks once a day for a new
 * version, shows a bar when there is one, and opens the updater when it is asked to. */

#include "inkwell-updates.h"

#include <onward.h>

/* A version that lives this long with its window on the screen works. It is also early enough to
 * look for the next one: by then the user has what they came for. */
#define SETTLED_SECONDS 3
#define DAY_SECONDS     (24 * 60 * 60)

typedef struct
{
  GtkInfoBar *bar;
  GtkLabel *message;
  GtkWidget *later;
  GtkTextView *page;
  OnwardClient *client;      /* (owned) */
  GCancellable *cancellable; /* (owned): cancelled when the window closes */
  guint timer;
} Updates;

static void
updates_free (gpointer data)
{
  Updates *self = data;

  g_object_unref (self->client);
  g_object_unref (self->cancellable);
  g_free (self);
}

static void
show_bar (Updates *self, GtkMessageType type, const char *message)
{
  gtk_label_set_text (self->message, message);
  gtk_info_bar_set_message_type (self->bar, type);
  gtk_info_bar_set_revealed (self->bar, TRUE);
}

/* The updater is a program of its own, so that it can replace this one. It shows what is new, and
 * restarts the application through its action "app.quit". */
static void
open_updater (Updates *self)
{
  g_autoptr (GError) error = NULL;

  if (!onward_client_open_updater (self->client, &error))
    show_bar (self, GTK_MESSAGE_ERROR, error->message);
}

/* The publisher has signed that this version must not go on. What was written can still be read and
 * copied; the updater says why, and offers the way out. */
static void
stop_writing (Updates *self)
{
  if (!gtk_text_view_get_editable (self->page))
    return;

  gtk_text_view_set_editable (self->page, FALSE);
  gtk_widget_hide (self->later);
  show_bar (self, GTK_MESSAGE_WARNING, "This version can only read. Update it to go on writing.");
  open_updater (self);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GObject) window = user_data;
  Updates *self = g_object_get_data (window, "updates");
  OnwardStatus *status = onward_client_get_status (self->client);
  g_autoptr (GError) error = NULL;
  gboolean found = onward_client_check_finish (self->client, result, &error);
  g_autofree char *message = NULL;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  /* Nobody asked for this check, so nobody is bothered with its failure: tomorrow is another. */
  if (error != NULL)
    g_debug ("%s", error->message);

  /* Whatever became of the check: being offline is no way around what is known already. */
  if (onward_status_is_forced (status))
    {
      stop_writing (self);
    }
  else if (found && !onward_client_install_unasked (self->client))
    {
      message = g_strdup_printf ("A new version is available: Inkwell %s",
                                 onward_release_get_version (onward_status_get_release (status)));
      show_bar (self, GTK_MESSAGE_INFO, message);
    }
}

/* FALSE leaves out what the user has skipped or put off. */
static gboolean
check (gpointer window)
{
  Updates *self = g_object_get_data (window, "updates");

  onward_client_check_async (self->client, FALSE, self->cancellable, on_checked,
                             g_object_ref (window));
  return G_SOURCE_CONTINUE;
}

/* A new version is on trial until it says that it works. One that crashes at its start never gets
 * here, and after three of those the launcher goes back to the version before. */
static gboolean
on_settled (gpointer window)
{
  Updates *self = g_object_get_data (window, "updates");
  g_autoptr (GError) error = NULL;

  if (!onward_client_mark_good (self->client, &error))
    g_warning ("%s", error->message);

  self->timer = g_timeout_add_seconds (DAY_SECONDS, check, window);
  (void) check (window);
  return G_SOURCE_REMOVE;
}

static void
on_mapped (GtkWidget *window, Updates *self)
{
  if (self->timer == 0)
    self->timer = g_timeout_add_seconds (SETTLED_SECONDS, on_settled, window);
}

static void
on_destroyed (GtkWidget *window, Updates *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->timer, g_source_remove);
}

/* Later means tomorrow, not at the next start: Onward remembers it. */
static void
on_response (GtkInfoBar *bar, int response, Updates *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    open_updater (self);
  else
    (void) onward_client_remind_later (self->client, DAY_SECONDS, NULL);
  gtk_info_bar_set_revealed (bar, !gtk_text_view_get_editable (self->page));
}

static void
on_check (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  open_updater (user_data);
}

/* Looks after the updates of the application that has the window in @builder. Started in another
 * way than by its launcher (from a build folder, by a distribution's package) it has nothing to
 * update: it then has no such menu item, and works as ever. */
void
inkwell_updates_watch (GtkBuilder *builder)
{
  const GActionEntry actions[] = { { "check-for-updates", on_check } };
  GObject *window = gtk_builder_get_object (builder, "window");
  g_autoptr (GError) error = NULL;
  OnwardClient *client = onward_client_new_for_application (&error);
  Updates *self;

  if (client == NULL)
    {
      g_debug ("No updates: %s", error->message);
      return;
    }

  self = g_new0 (Updates, 1);
  self->client = client;
  self->cancellable = g_cancellable_new ();
  self->bar = GTK_INFO_BAR (gtk_builder_get_object (builder, "bar"));
  self->message = GTK_LABEL (gtk_builder_get_object (builder, "message"));
  self->later = GTK_WIDGET (gtk_builder_get_object (builder, "later"));
  self->page = GTK_TEXT_VIEW (gtk_builder_get_object (builder, "page"));
  g_object_set_data_full (window, "updates", self, updates_free);
  g_signal_connect (window, "map", G_CALLBACK (on_mapped), self);
  g_signal_connect (window, "destroy", G_CALLBACK (on_destroyed), self);
  g_signal_connect (self->bar, "response", G_CALLBACK (on_response), self);
  g_action_map_add_action_entries (G_ACTION_MAP (window), actions, G_N_ELEMENTS (actions), self);
}
