/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-presenter.h"

#include "onward-client-subject.h"
#include "onward-inhibition.h"
#include "onward-intents.h"
#include "onward-notice.h"
#include "onward-power.h"
#include "onward-preferences.h"
#include "onward-restart.h"
#include "onward-window.h"

/* A check that ends sooner needs no window that says it goes on. */
#define PATIENCE_MS 1000

struct _OnwardPresenter
{
  GObject parent_instance;

  GtkApplication *application; /* (unowned): it owns this */
  OnwardClient *client;        /* (owned) */
  OnwardSubject *subject;      /* (owned) */
  OnwardPower *power;          /* (owned) */
  OnwardWindow *window;        /* (nullable): GTK owns it */
  GCancellable *cancellable;   /* (owned) */
  gboolean aside;              /* whether the user has sent the window away */
  gboolean background;         /* whether to stay unseen until there is something to decide */
  OnwardIntent after_check;    /* what to do when a check has found something */
  OnwardState state;           /* of the status that was rendered last */
  gboolean elsewhere;          /* whether that told of another updater */
  gboolean asking;             /* whether a check is under way */
  guint patience;              /* until the window shows although the check goes on, or 0 */
  guint inhibition;            /* of logging out, or 0 */
};

G_DEFINE_FINAL_TYPE (OnwardPresenter, onward_presenter, G_TYPE_OBJECT)

static void
onward_presenter_dispose (GObject *object)
{
  OnwardPresenter *self = ONWARD_PRESENTER (object);

  g_clear_handle_id (&self->patience, g_source_remove);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  if (self->window != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->window, self);
      gtk_widget_destroy (GTK_WIDGET (self->window));
      self->window = NULL;
    }
  g_clear_object (&self->client);
  if (self->power != NULL)
    g_signal_handlers_disconnect_by_data (self->power, self);
  g_clear_object (&self->power);
  g_clear_pointer (&self->subject, onward_subject_free);
  G_OBJECT_CLASS (onward_presenter_parent_class)->dispose (object);
}

static void
onward_presenter_class_init (OnwardPresenterClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = onward_presenter_dispose;
}

static void
onward_presenter_init (OnwardPresenter *self)
{
  self->cancellable = g_cancellable_new ();
}

static void
quit (OnwardPresenter *self)
{
  g_clear_handle_id (&self->patience, g_source_remove);
  g_application_quit (G_APPLICATION (self->application));
}

static gboolean
is_shown (OnwardPresenter *self)
{
  return gtk_widget_get_visible (GTK_WIDGET (self->window));
}

static void
present (OnwardPresenter *self)
{
  g_clear_handle_id (&self->patience, g_source_remove);
  onward_notice_withdraw (G_APPLICATION (self->application));
  self->aside = FALSE;
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
send_notice (OnwardPresenter *self, const char *id)
{
  g_autoptr (GNotification) notice =
      onward_notice_new (id, onward_client_get_status (self->client), self->subject);

  g_application_send_notification (G_APPLICATION (self->application), id, notice);
}

static void
show_refusal (OnwardPresenter *self, const GError *error)
{
  /* What another updater is doing is on the screen. */
  gboolean is_known = onward_status_is_elsewhere (onward_client_get_status (self->client)) &&
                      g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_BUSY);

  if (is_known || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
      g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_STATE))
    return;
  onward_window_render_refusal (self->window, onward_client_get_status (self->client), error);
  present (self);
}

static void
on_described (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OnwardPresenter) self = user_data;
  g_autoptr (GError) error = NULL;

  if (onward_client_describe_finish (ONWARD_CLIENT (source), result, &error))
    return;
  if (self->window != NULL && self->state == ONWARD_STATE_AVAILABLE)
    show_refusal (self, error);
}

/* Without a window, the end of the way is told by a notice. */
static void
tell_in_background (OnwardPresenter *self)
{
  if (self->state == ONWARD_STATE_APPLIED)
    send_notice (self, ONWARD_NOTICE_READY);
  else if (self->state == ONWARD_STATE_FAILED)
    send_notice (self, ONWARD_NOTICE_FAILED);
  else
    return;
  g_application_withdraw_notification (G_APPLICATION (self->application), ONWARD_NOTICE_BACKGROUND);
}

/* A download that an earlier run has paused is known by its version and bytes only. */
static gboolean
is_to_be_described (OnwardStatus *status)
{
  OnwardState state = onward_status_get_state (status);

  return (state == ONWARD_STATE_AVAILABLE || state == ONWARD_STATE_PAUSED) &&
         !onward_status_is_described (status) && !onward_status_is_elsewhere (status);
}

/* Whoever restarts is told how much of it there is to restart. */
static void
on_running (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OnwardPresenter) self = user_data;
  g_auto (GStrv) copies = onward_client_list_running_finish (ONWARD_CLIENT (source), result, NULL);

  if (self->window == NULL || self->state != ONWARD_STATE_APPLIED || copies == NULL)
    return;
  onward_window_set_open (self->window, g_strv_length (copies));
  onward_window_render (self->window, onward_client_get_status (self->client));
}

static void
render_power (OnwardPresenter *self)
{
  gboolean holding = onward_power_is_holding (self->power);

  onward_window_set_battery (self->window, holding ? onward_power_get_charge (self->power) : 0);
  onward_window_render (self->window, onward_client_get_status (self->client));
}

/* What stands ready is only switched to, and that takes a moment. */
static void
send_intent (OnwardPresenter *self, OnwardIntent intent, guint seconds)
{
  g_autoptr (GError) error = NULL;

  if (self->state != ONWARD_STATE_READY && onward_power_hold (self->power, intent))
    render_power (self);
  else if (!onward_intents_send (self->client, intent, seconds, &error) && error != NULL)
    show_refusal (self, error);
}

/* Goes on with what had to wait. */
static void
end_wait (OnwardPresenter *self)
{
  OnwardIntent held = onward_power_take_held (self->power);

  if (held == ONWARD_INTENT_NONE)
    return;
  render_power (self);
  send_intent (self, held, 0);
}

/* A download waits as well, also one that the network had held up: after it comes what must not be
 * cut off. It goes on when it has really stopped. */
static void
follow_power (OnwardPresenter *self)
{
  gboolean low = onward_power_get_charge (self->power) != 0;

  if (low && self->state == ONWARD_STATE_DOWNLOADING && onward_client_pause (self->client, NULL))
    (void) onward_power_hold (self->power, ONWARD_INTENT_RESUME);
  if (low)
    render_power (self);
  else if (self->state != ONWARD_STATE_DOWNLOADING)
    end_wait (self);
}

static void
enter_state (OnwardPresenter *self, OnwardStatus *status)
{
  self->inhibition = onward_inhibition_update (
      self->application, GTK_WINDOW (self->window), self->inhibition,
      onward_screen_for_status (status) == ONWARD_SCREEN_INSTALLING, self->subject->name);
  if (self->state == ONWARD_STATE_APPLIED)
    onward_client_list_running_async (self->client, on_running, g_object_ref (self));
  if (is_to_be_described (status))
    onward_client_describe_async (self->client, self->cancellable, on_described,
                                  g_object_ref (self));
  if (self->aside)
    tell_in_background (self);
  follow_power (self);
}

static void
tell_of_background_check (OnwardPresenter *self, gboolean found)
{
  self->background = FALSE;
  if (!found)
    {
      quit (self);
      return;
    }
  if (onward_preferences_download (self->client) &&
      !onward_status_is_forced (onward_client_get_status (self->client)))
    {
      self->aside = TRUE;
      send_intent (self, ONWARD_INTENT_START, 0);
      return;
    }
  /* Nobody asked for this window just now: it must not take the keys of someone who types. */
  gtk_window_set_focus_on_map (GTK_WINDOW (self->window), FALSE);
  present (self);
  send_notice (self, ONWARD_NOTICE_AVAILABLE);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OnwardPresenter) self = user_data;
  g_autoptr (GError) error = NULL;
  /* What cannot be installed is not offered: the user is told who can. */
  gboolean found = onward_client_check_finish (ONWARD_CLIENT (source), result, &error) &&
                   onward_client_may_update (ONWARD_CLIENT (source), &error);
  OnwardIntent next = self->after_check;

  self->asking = FALSE;
  self->after_check = ONWARD_INTENT_NONE;
  if (self->window == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (self->background)
    {
      tell_of_background_check (self, found);
      return;
    }
  present (self);
  if (error != NULL && self->state != ONWARD_STATE_FAILED)
    show_refusal (self, error);
  else if (found && next != ONWARD_INTENT_NONE)
    send_intent (self, next, 0);
}

static gboolean
on_patience_ended (gpointer user_data)
{
  OnwardPresenter *self = user_data;

  self->patience = 0;
  present (self);
  return G_SOURCE_REMOVE;
}

/* What the user asks for counts all there is; what runs by itself leaves out what was put off. */
static void
check (OnwardPresenter *self, OnwardIntent next)
{
  self->asking = TRUE;
  self->after_check = next;
  if (!self->background && !is_shown (self) && self->patience == 0)
    self->patience = g_timeout_add (PATIENCE_MS, on_patience_ended, self);
  onward_client_check_async (self->client, !self->background, self->cancellable, on_checked,
                             g_object_ref (self));
}

/* When another updater has ended, nothing is known of what there is now. */
static void
on_status (OnwardPresenter *self)
{
  OnwardStatus *status = onward_client_get_status (self->client);
  gboolean ended = self->elsewhere && !onward_status_is_elsewhere (status);
  gboolean entered = ended || onward_status_get_state (status) != self->state;

  self->state = onward_status_get_state (status);
  self->elsewhere = onward_status_is_elsewhere (status);
  onward_window_render (self->window, status);
  if (entered)
    enter_state (self, status);
  if (ended && self->state == ONWARD_STATE_IDLE && !self->asking)
    check (self, ONWARD_INTENT_NONE);
}

static void
on_restarted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OnwardPresenter) self = user_data;
  g_autoptr (GError) error = NULL;

  if (onward_restart_run_finish (result, &error))
    {
      quit (self);
      return;
    }
  gtk_widget_set_sensitive (GTK_WIDGET (self->window), TRUE);
  show_refusal (self, error);
}

static void
restart (OnwardPresenter *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->window), FALSE);
  onward_restart_run_async (self->client,
                            g_application_get_dbus_connection (G_APPLICATION (self->application)),
                            self->cancellable, on_restarted, g_object_ref (self));
}

static void
go_to_background (OnwardPresenter *self)
{
  self->aside = TRUE;
  gtk_widget_hide (GTK_WIDGET (self->window));
  send_notice (self, ONWARD_NOTICE_BACKGROUND);
}

static void
quit_all (OnwardPresenter *self)
{
  GDBusConnection *bus = g_application_get_dbus_connection (G_APPLICATION (self->application));

  onward_restart_ask_to_quit (bus, onward_client_get_application_id (self->client));
  if (bus != NULL)
    g_dbus_connection_flush_sync (bus, NULL, NULL);
  quit (self);
}

/* An update that was under way goes on by itself after the check that it needs. */
static void
try_again (OnwardPresenter *self)
{
  OnwardStatus *status = onward_client_get_status (self->client);
  gboolean was_under_way =
      self->state == ONWARD_STATE_FAILED && onward_status_get_bytes_total (status) != 0;

  check (self, was_under_way ? ONWARD_INTENT_START : ONWARD_INTENT_NONE);
}

/* Whoever presses a button below the banner knows what the network may cost. */
static void
start (OnwardPresenter *self)
{
  if (onward_status_get_obstacle (onward_client_get_status (self->client)) ==
      ONWARD_OBSTACLE_METERED)
    onward_client_set_use_metered (self->client, TRUE);
  send_intent (self, ONWARD_INTENT_START, 0);
}

static void
put_off (OnwardPresenter *self, OnwardIntent intent, guint seconds)
{
  send_intent (self, intent, seconds);
  if (onward_status_get_state (onward_client_get_status (self->client)) != ONWARD_STATE_AVAILABLE)
    quit (self);
}

/* Another channel may have something newer, or not have what is offered. */
static void
on_channel_chosen (OnwardPresenter *self)
{
  if (!self->asking && !self->elsewhere &&
      (self->state == ONWARD_STATE_IDLE || self->state == ONWARD_STATE_AVAILABLE))
    check (self, ONWARD_INTENT_NONE);
}

static void
open_preferences (OnwardPresenter *self)
{
  OnwardPreferencesDialog *dialog =
      onward_preferences_open (self->client, GTK_WINDOW (self->window));

  g_signal_connect_object (dialog, "channel-chosen", G_CALLBACK (on_channel_chosen), self,
                           G_CONNECT_SWAPPED);
}

static void
on_intent (OnwardWindow *window, guint intent, guint seconds, OnwardPresenter *self)
{
  switch ((OnwardIntent) intent)
    {
    case ONWARD_INTENT_CHECK:
    case ONWARD_INTENT_SHOW_SKIPPED:
      check (self, ONWARD_INTENT_NONE);
      return;
    case ONWARD_INTENT_TRY_AGAIN:
      try_again (self);
      return;
    case ONWARD_INTENT_DOWNLOAD_ALL:
      onward_client_set_use_deltas (self->client, FALSE);
      check (self, ONWARD_INTENT_START);
      return;
    case ONWARD_INTENT_SKIP:
    case ONWARD_INTENT_REMIND:
      put_off (self, (OnwardIntent) intent, seconds);
      return;
    case ONWARD_INTENT_START:
    case ONWARD_INTENT_DOWNLOAD_ANYWAY:
      start (self);
      return;
    case ONWARD_INTENT_CONTINUE_ANYWAY:
      onward_client_set_use_metered (self->client, TRUE);
      return;
    case ONWARD_INTENT_PAUSE:
    case ONWARD_INTENT_RESUME:
    case ONWARD_INTENT_RETRY_NOW:
    case ONWARD_INTENT_CANCEL:
      send_intent (self, (OnwardIntent) intent, seconds);
      return;
    case ONWARD_INTENT_BACKGROUND:
      go_to_background (self);
      return;
    case ONWARD_INTENT_RESTART:
      restart (self);
      return;
    case ONWARD_INTENT_INSTALL_ANYWAY:
      onward_power_ignore (self->power);
      end_wait (self);
      return;
    case ONWARD_INTENT_PREFERENCES:
      open_preferences (self);
      return;
    case ONWARD_INTENT_QUIT_APPLICATION:
      quit_all (self);
      return;
    case ONWARD_INTENT_NONE:
    case ONWARD_INTENT_CLOSE:
    case ONWARD_INTENT_QUIT:
      /* An error is told once. */
      if (self->state == ONWARD_STATE_FAILED)
        (void) onward_client_dismiss (self->client, NULL);
      quit (self);
      return;
    }
}

/**
 * onward_presenter_new:
 * @application: the application it belongs to, which is to outlive it
 * @client: the update to present
 *
 * Returns: (transfer full): a presenter whose window is not shown yet.
 */
OnwardPresenter *
onward_presenter_new (GtkApplication *application, OnwardClient *client)
{
  OnwardPresenter *self = NULL;

  g_return_val_if_fail (GTK_IS_APPLICATION (application), NULL);
  g_return_val_if_fail (ONWARD_IS_CLIENT (client), NULL);

  self = g_object_new (ONWARD_TYPE_PRESENTER, NULL);
  self->application = application;
  self->client = g_object_ref (client);
  onward_preferences_bind (onward_client_get_settings (client), client);
  self->subject = onward_client_subject_new (client);
  self->power = onward_power_new ();
  g_signal_connect_swapped (self->power, "notify::charge", G_CALLBACK (follow_power), self);
  self->window = onward_window_new (application);
  onward_window_set_subject (self->window, onward_client_subject_new (client));
  g_signal_connect (self->window, "intent", G_CALLBACK (on_intent), self);
  g_signal_connect_swapped (client, "notify::status", G_CALLBACK (on_status), self);
  on_status (self);
  return self;
}

/* What was cut off, and not paused, goes on by itself: the download, or the switch to what it had
 * led to. */
static gboolean
was_cut_off (OnwardPresenter *self)
{
  return self->state == ONWARD_STATE_READY || onward_client_was_interrupted (self->client);
}

static void
go_on (OnwardPresenter *self)
{
  send_intent (self, self->state == ONWARD_STATE_READY ? ONWARD_INTENT_START : ONWARD_INTENT_RESUME,
               0);
}

static void
begin_unseen (OnwardPresenter *self)
{
  self->background = FALSE;
  if (was_cut_off (self))
    {
      self->aside = TRUE;
      go_on (self);
    }
  else if (self->state == ONWARD_STATE_PAUSED || self->state == ONWARD_STATE_APPLIED)
    quit (self);
  else
    present (self);
}

/* A check can only begin where nothing is under way. */
static gboolean
is_under_way (OnwardPresenter *self)
{
  return self->state == ONWARD_STATE_PAUSED || self->state == ONWARD_STATE_READY ||
         self->state == ONWARD_STATE_APPLIED || self->state == ONWARD_STATE_FAILED;
}

/**
 * onward_presenter_begin:
 * @self: a presenter
 * @background: whether to stay unseen until there is something to decide
 *
 * Takes up an update where an earlier run left it, watches one that another updater works on, or
 * asks whether there is one. What the user has paused, and what waits for a restart only, is no
 * reason to appear unasked.
 */
void
onward_presenter_begin (OnwardPresenter *self, gboolean background)
{
  g_return_if_fail (ONWARD_IS_PRESENTER (self));

  self->background = background;
  if (self->elsewhere && !background)
    present (self);
  else if (!is_under_way (self))
    check (self, ONWARD_INTENT_NONE);
  else if (background)
    begin_unseen (self);
  else
    {
      if (was_cut_off (self))
        go_on (self);
      present (self);
    }
}

/**
 * onward_presenter_present:
 * @self: a presenter
 *
 * Brings the window to the front; it says all that a notice may have said.
 */
void
onward_presenter_present (OnwardPresenter *self)
{
  g_return_if_fail (ONWARD_IS_PRESENTER (self));

  present (self);
}

/**
 * onward_presenter_take_intent:
 * @self: a presenter
 * @intent: what is asked for
 * @seconds: when to remind, from now
 *
 * Does what a button of the window, or of a notice, asks for.
 */
void
onward_presenter_take_intent (OnwardPresenter *self, OnwardIntent intent, guint seconds)
{
  g_return_if_fail (ONWARD_IS_PRESENTER (self));

  /* A notice says nothing of what the network may cost. */
  if (intent == ONWARD_INTENT_START)
    send_intent (self, intent, seconds);
  else
    on_intent (self->window, intent, seconds, self);
}
