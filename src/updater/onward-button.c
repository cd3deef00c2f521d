/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-button.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "onward-error-texts.h"

/* clang-format off */
static const char *intent_nicks[] = {
  [ONWARD_INTENT_NONE]             = "none",
  [ONWARD_INTENT_CHECK]            = "check",
  [ONWARD_INTENT_TRY_AGAIN]        = "try-again",
  [ONWARD_INTENT_SHOW_SKIPPED]     = "show-skipped",
  [ONWARD_INTENT_START]            = "start",
  [ONWARD_INTENT_DOWNLOAD_ALL]     = "download-all",
  [ONWARD_INTENT_DOWNLOAD_ANYWAY]  = "download-anyway",
  [ONWARD_INTENT_CONTINUE_ANYWAY]  = "continue-anyway",
  [ONWARD_INTENT_INSTALL_ANYWAY]   = "install-anyway",
  [ONWARD_INTENT_SKIP]             = "skip",
  [ONWARD_INTENT_REMIND]           = "remind",
  [ONWARD_INTENT_PAUSE]            = "pause",
  [ONWARD_INTENT_RESUME]           = "resume",
  [ONWARD_INTENT_RETRY_NOW]        = "retry-now",
  [ONWARD_INTENT_CANCEL]           = "cancel",
  [ONWARD_INTENT_BACKGROUND]       = "background",
  [ONWARD_INTENT_RESTART]          = "restart",
  [ONWARD_INTENT_PREFERENCES]      = "preferences",
  [ONWARD_INTENT_CLOSE]            = "close",
  [ONWARD_INTENT_QUIT_APPLICATION] = "quit-application",
  [ONWARD_INTENT_QUIT]             = "quit",
};
G_STATIC_ASSERT (G_N_ELEMENTS (intent_nicks) == ONWARD_INTENT_LAST + 1);

/* The screens' buttons, in reading order: what stands apart at the start, the default last. */
static const OnwardButton set_checking[] = {
  { ONWARD_INTENT_CLOSE, N_("_Cancel"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_available[] = {
  { ONWARD_INTENT_SKIP, N_("_Skip This Version"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_REMIND, N_("Remind Me _Later"), ONWARD_BUTTON_MENU },
  { ONWARD_INTENT_START, N_("_Install Update"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_available_security[] = {
  { ONWARD_INTENT_REMIND, N_("Remind Me _Later"), ONWARD_BUTTON_MENU },
  { ONWARD_INTENT_START, N_("_Install Update"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_available_metered[] = {
  { ONWARD_INTENT_SKIP, N_("_Skip This Version"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_DOWNLOAD_ANYWAY, N_("Download _Anyway"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_REMIND, N_("Remind Me _Later"), ONWARD_BUTTON_MENU | ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_available_security_metered[] = {
  { ONWARD_INTENT_DOWNLOAD_ANYWAY, N_("Download _Anyway"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_REMIND, N_("Remind Me _Later"), ONWARD_BUTTON_MENU | ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_forced[] = {
  { ONWARD_INTENT_QUIT_APPLICATION, N_("_Quit %s"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_START, N_("_Update Now"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_low_battery[] = {
  { ONWARD_INTENT_INSTALL_ANYWAY, N_("Install _Anyway"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_CLOSE, N_("_Later"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
/* No default, as neither way is harmless. */
static const OnwardButton set_low_battery_forced[] = {
  { ONWARD_INTENT_QUIT_APPLICATION, N_("_Quit %s"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_INSTALL_ANYWAY, N_("Install _Anyway"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_downloading[] = {
  { ONWARD_INTENT_CANCEL, N_("_Cancel"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_PAUSE, N_("_Pause"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_BACKGROUND, N_("_Run in Background"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_downloading_forced[] = {
  { ONWARD_INTENT_CANCEL, N_("_Cancel"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_PAUSE, N_("_Pause"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_QUIT_APPLICATION, N_("_Quit %s"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_reconnecting[] = {
  { ONWARD_INTENT_CANCEL, N_("_Cancel"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_PAUSE, N_("_Pause"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_BACKGROUND, N_("_Run in Background"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_RETRY_NOW, N_("_Try Now"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_reconnecting_forced[] = {
  { ONWARD_INTENT_CANCEL, N_("_Cancel"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_PAUSE, N_("_Pause"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_QUIT_APPLICATION, N_("_Quit %s"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_RETRY_NOW, N_("_Try Now"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_paused[] = {
  { ONWARD_INTENT_CANCEL, N_("_Cancel"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_CLOSE, N_("C_lose"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_RESUME, N_("_Resume"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_paused_forced[] = {
  { ONWARD_INTENT_CANCEL, N_("_Cancel"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_QUIT_APPLICATION, N_("_Quit %s"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_RESUME, N_("_Resume"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
/* No default: an Enter that was meant for something else must not cost anything. */
static const OnwardButton set_waiting[] = {
  { ONWARD_INTENT_CANCEL, N_("_Cancel"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_BACKGROUND, N_("_Run in Background"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_CONTINUE_ANYWAY, N_("Continue _Anyway"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_waiting_forced[] = {
  { ONWARD_INTENT_CANCEL, N_("_Cancel"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_QUIT_APPLICATION, N_("_Quit %s"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_CONTINUE_ANYWAY, N_("Continue _Anyway"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_installing[] = {
  { ONWARD_INTENT_CANCEL, N_("_Cancel"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_BACKGROUND, N_("_Run in Background"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_ready[] = {
  { ONWARD_INTENT_CLOSE, N_("_Later"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_START, N_("_Install Update"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_ready_forced[] = {
  { ONWARD_INTENT_QUIT_APPLICATION, N_("_Quit %s"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_START, N_("_Install Update"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_installed[] = {
  { ONWARD_INTENT_CLOSE, N_("_Later"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_RESTART, N_("_Restart Now"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
/* Whoever sends the window away still gets the update when the application has closed. */
static const OnwardButton set_closing[] = {
  { ONWARD_INTENT_BACKGROUND, N_("_Later"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_RESTART, N_("_Restart Now"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_closing_again[] = {
  { ONWARD_INTENT_BACKGROUND, N_("_Later"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_RESTART, N_("_Try Again"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_not_closed[] = {
  { ONWARD_INTENT_CLOSE, N_("_Later"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_RESTART, N_("_Try Again"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_up_to_date[] = {
  { ONWARD_INTENT_CHECK, N_("Check _Again"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_CLOSE, N_("_Close"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_skipped[] = {
  { ONWARD_INTENT_CHECK, N_("Check _Again"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_SHOW_SKIPPED, N_("_Show It"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_CLOSE, N_("_Close"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_retry[] = {
  { ONWARD_INTENT_CLOSE, N_("_Close"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_TRY_AGAIN, N_("_Try Again"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_retry_forced[] = {
  { ONWARD_INTENT_QUIT_APPLICATION, N_("_Quit %s"), ONWARD_BUTTON_LEADING },
  { ONWARD_INTENT_TRY_AGAIN, N_("_Try Again"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_stop_forced[] = {
  { ONWARD_INTENT_QUIT_APPLICATION, N_("_Quit %s"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_wary[] = {
  { ONWARD_INTENT_TRY_AGAIN, N_("_Try Again"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_CLOSE, N_("_Close"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_stop[] = {
  { ONWARD_INTENT_CLOSE, N_("_Close"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
static const OnwardButton set_damaged[] = {
  { ONWARD_INTENT_CLOSE, N_("_Close"), ONWARD_BUTTON_PLAIN },
  { ONWARD_INTENT_DOWNLOAD_ALL, N_("_Download All"), ONWARD_BUTTON_DEFAULT },
  { ONWARD_INTENT_NONE },
};
/* clang-format on */

/**
 * onward_intent_get_nick:
 * @intent: an intent
 *
 * Returns: a stable name for actions, logs and tests.
 */
const char *
onward_intent_get_nick (OnwardIntent intent)
{
  g_return_val_if_fail (intent <= ONWARD_INTENT_LAST, NULL);

  return intent_nicks[intent];
}

/* What is untrusted is never tried again by default, and what cannot change is not tried at all. */
static const OnwardButton *
set_for_error (const GError *error)
{
  switch (onward_error_texts_get_code (error))
    {
    case ONWARD_ERROR_EXPIRED:
    case ONWARD_ERROR_ROOT_EXPIRED:
    case ONWARD_ERROR_ROLLED_BACK:
    case ONWARD_ERROR_OTHER_REPOSITORY:
    case ONWARD_ERROR_WRONG_HASH:
    case ONWARD_ERROR_WRONG_TYPE:
    case ONWARD_ERROR_WRONG_VERSION:
    case ONWARD_ERROR_WRONG_LENGTH:
    case ONWARD_ERROR_TOO_LARGE:
    case ONWARD_ERROR_UNKNOWN_AUTHORITY:
    case ONWARD_ERROR_WRONG_HOST:
    case ONWARD_ERROR_BAD_CERTIFICATE:
      return set_wary;
    case ONWARD_ERROR_CORRUPT:
      return set_damaged;
    case ONWARD_ERROR_BUSY:
    case ONWARD_ERROR_NOT_PERMITTED:
    case ONWARD_ERROR_READ_ONLY_INSTALL:
    case ONWARD_ERROR_UNSUPPORTED_FORMAT:
    case ONWARD_ERROR_UNTRUSTED:
    case ONWARD_ERROR_DID_NOT_START:
      return set_stop;
    case ONWARD_ERROR_FAILED:
    case ONWARD_ERROR_OFFLINE:
    case ONWARD_ERROR_SERVER:
    case ONWARD_ERROR_METERED:
    case ONWARD_ERROR_SIGN_IN:
    case ONWARD_ERROR_SERVER_BUSY:
    case ONWARD_ERROR_UPLOAD_UNDER_WAY:
    case ONWARD_ERROR_WRONG_CLOCK:
    case ONWARD_ERROR_CERTIFICATE_EXPIRED:
    case ONWARD_ERROR_CERTIFICATE_NOT_YET_VALID:
    case ONWARD_ERROR_NO_SPACE:
    case ONWARD_ERROR_NOT_FOUND:
    case ONWARD_ERROR_MALFORMED:
    case ONWARD_ERROR_WRONG_STATE:
    case ONWARD_ERROR_INTERRUPTED:
      return set_retry;
    }
  g_return_val_if_reached (set_stop);
}

static const OnwardButton *
set_for_forced_error (const GError *error)
{
  if (set_for_error (error) == set_stop)
    return set_stop_forced;
  return set_retry_forced;
}

static gboolean
has_security_fix (OnwardStatus *status)
{
  GPtrArray *releases = onward_status_get_releases (status);

  for (guint i = 0; releases != NULL && i < releases->len; i++)
    if (onward_release_get_severity (g_ptr_array_index (releases, i)) != ONWARD_SEVERITY_NORMAL)
      return TRUE;
  return FALSE;
}

static const OnwardButton *
set_for_available (OnwardStatus *status)
{
  if (onward_status_get_obstacle (status) == ONWARD_OBSTACLE_METERED)
    return has_security_fix (status) ? set_available_security_metered : set_available_metered;
  return has_security_fix (status) ? set_available_security : set_available;
}

/**
 * onward_button_set_for_screen:
 * @screen: a screen
 * @status: the status on it
 * @error: (nullable): what it says that failed
 *
 * Returns: the buttons of @screen, in reading order. Pure.
 */
const OnwardButton *
onward_button_set_for_screen (OnwardScreen screen, OnwardStatus *status, const GError *error)
{
  gboolean forced = onward_status_is_forced (status);

  switch (screen)
    {
    case ONWARD_SCREEN_CHECKING:
      return set_checking;
    case ONWARD_SCREEN_AVAILABLE:
      return set_for_available (status);
    case ONWARD_SCREEN_FORCED:
      return set_forced;
    case ONWARD_SCREEN_LOW_BATTERY:
      return forced ? set_low_battery_forced : set_low_battery;
    case ONWARD_SCREEN_DOWNLOADING:
      return forced ? set_downloading_forced : set_downloading;
    case ONWARD_SCREEN_RECONNECTING:
      return forced ? set_reconnecting_forced : set_reconnecting;
    case ONWARD_SCREEN_PAUSED:
      return forced ? set_paused_forced : set_paused;
    case ONWARD_SCREEN_WAITING:
      return forced ? set_waiting_forced : set_waiting;
    case ONWARD_SCREEN_INSTALLING:
      return set_installing;
    case ONWARD_SCREEN_READY:
      if (onward_status_get_obstacle (status) == ONWARD_OBSTACLE_RUNNING)
        return error != NULL ? set_closing_again : set_closing;
      return forced ? set_ready_forced : set_ready;
    case ONWARD_SCREEN_INSTALLED:
      return error != NULL ? set_not_closed : set_installed;
    case ONWARD_SCREEN_UP_TO_DATE:
      return onward_status_get_release (status) != NULL ? set_skipped : set_up_to_date;
    case ONWARD_SCREEN_FAILED:
      return forced ? set_for_forced_error (error) : set_for_error (error);
    }
  g_return_val_if_reached (set_stop);
}

/**
 * onward_button_set_get_escape:
 * @set: buttons, ended by ONWARD_INTENT_NONE
 *
 * Returns: what Esc, Ctrl+W and the window's × mean: the harmless way out, never a cancellation.
 * Pure.
 */
OnwardIntent
onward_button_set_get_escape (const OnwardButton *set)
{
  if (onward_button_set_has (set, ONWARD_INTENT_QUIT_APPLICATION))
    return ONWARD_INTENT_QUIT_APPLICATION;
  if (onward_button_set_has (set, ONWARD_INTENT_BACKGROUND))
    return ONWARD_INTENT_BACKGROUND;
  if (onward_button_set_has (set, ONWARD_INTENT_REMIND))
    return ONWARD_INTENT_REMIND;
  return ONWARD_INTENT_CLOSE;
}

/**
 * onward_button_set_has:
 * @set: buttons, ended by ONWARD_INTENT_NONE
 * @intent: an intent
 *
 * Returns: whether one of @set asks for @intent.
 */
gboolean
onward_button_set_has (const OnwardButton *set, OnwardIntent intent)
{
  for (; set->intent != ONWARD_INTENT_NONE; set++)
    if (set->intent == intent)
      return TRUE;
  return FALSE;
}

/**
 * onward_button_dup_label:
 * @self: a button
 * @name: the application's name
 *
 * Returns: (transfer full): the translated label; a “_” stands before its mnemonic only.
 */
char *
onward_button_dup_label (const OnwardButton *self, const char *name)
{
  const char *label = _ (self->label);
  const char *hole = strstr (label, "%s");
  g_autoptr (GString) text = g_string_new (name);

  if (hole == NULL)
    return g_strdup (label);
  g_string_replace (text, "_", "__", 0);
  g_string_prepend_len (text, label, hole - label);
  g_string_append (text, hole + 2);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What changes nothing of the update. */
static gboolean
is_of_the_window (OnwardIntent intent)
{
  return intent == ONWARD_INTENT_BACKGROUND || intent == ONWARD_INTENT_CLOSE ||
         intent == ONWARD_INTENT_QUIT || intent == ONWARD_INTENT_QUIT_APPLICATION;
}

/**
 * onward_button_is_sensitive:
 * @self: a button
 * @status: the status on the screen
 * @now: the present time of onward_clock_get_time(), in µs
 *
 * Returns: whether @self can be pressed now: not while what it asks for is under way already, not
 * after the point of no return, and not while another updater is at work. Pure.
 */
gboolean
onward_button_is_sensitive (const OnwardButton *self, OnwardStatus *status, gint64 now)
{
  OnwardState state = onward_status_get_state (status);

  if (onward_status_is_elsewhere (status))
    return is_of_the_window (self->intent);
  if (self->intent == ONWARD_INTENT_CANCEL || self->intent == ONWARD_INTENT_PAUSE)
    return state != ONWARD_STATE_APPLYING && !onward_status_is_stopping (status);
  if (self->intent == ONWARD_INTENT_RETRY_NOW)
    return state == ONWARD_STATE_OFFLINE || onward_status_get_retry_at (status) > now;
  return TRUE;
}
