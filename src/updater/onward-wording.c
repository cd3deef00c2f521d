/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-wording.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "onward-error.h"
#include "onward-error-texts.h"
#include "onward-progress-texts.h"

static const char *
get_version (OnwardStatus *status)
{
  OnwardRelease *release = onward_status_get_release (status);

  return release != NULL ? onward_release_get_version (release) : "";
}

/**
 * onward_wording_dup_date:
 * @date: (nullable): a release's date: "2026-10-02", or with a time behind it
 *
 * Returns: (transfer full): the day for reading, "2 October 2026"; "" when @date is not one.
 */
char *
onward_wording_dup_date (const char *date)
{
  g_autoptr (GDateTime) day = NULL;
  g_autofree char *noon = NULL;

  if (date == NULL || strlen (date) < 10 || !g_str_is_ascii (date))
    return g_strdup ("");
  noon = g_strdup_printf ("%.10sT12:00:00Z", date);
  day = g_date_time_new_from_iso8601 (noon, NULL);
  if (day == NULL)
    return g_strdup ("");
  /* Translators: a day for g_date_time_format(), for example "2 October 2026". */
  return g_date_time_format (day, _ ("%-d %B %Y"));
}

static char *
dup_size (OnwardStatus *status)
{
  g_autofree char *total = onward_progress_texts_dup_size (onward_status_get_bytes_total (status));
  g_autofree char *done = onward_progress_texts_dup_size (onward_status_get_bytes_done (status));
  g_autofree char *whole = NULL;
  g_autofree char *part = NULL;

  if (!onward_status_is_described (status) || onward_status_get_bytes_total (status) == 0)
    return g_strdup ("");
  /* Before the pack is looked into, only its own size is known. */
  whole =
      g_strdup_printf (onward_status_get_full_size (status) != 0 ? _ ("Download size: %s.")
                                                                 : _ ("Download size: at most %s."),
                       total);
  if (onward_status_get_bytes_done (status) == 0)
    return g_steal_pointer (&whole);
  part = g_strdup_printf (
      ngettext ("%s is already downloaded.", "%s are already downloaded.",
                onward_progress_texts_count_for (onward_status_get_bytes_done (status))),
      done);
  return onward_progress_texts_join (whole, part);
}

static gboolean
has_security_fix (OnwardStatus *status)
{
  GPtrArray *releases = onward_status_get_releases (status);

  for (guint i = 0; releases != NULL && i < releases->len; i++)
    if (onward_release_get_severity (g_ptr_array_index (releases, i)) == ONWARD_SEVERITY_SECURITY)
      return TRUE;
  return FALSE;
}

/* What somebody has asked for is not taken away without a word. */
static char *
dup_lost (OnwardStatus *status)
{
  const char *const *lost = onward_status_get_lost_components (status);
  g_autofree char *names = NULL;

  if (lost == NULL)
    return NULL;
  names = g_strjoinv (", ", (char **) lost);
  return g_strdup_printf (ngettext ("The new version no longer has this component: %s.",
                                    "The new version no longer has these components: %s.",
                                    g_strv_length ((char **) lost)),
                          names);
}

static char *
dup_body_available (OnwardStatus *status, const OnwardSubject *subject)
{
  g_autofree char *version = g_strdup_printf (_ ("You have version %s."), subject->version);
  g_autofree char *size = dup_size (status);
  g_autofree char *first = onward_progress_texts_join (version, size);
  g_autofree char *lost = dup_lost (status);
  const char *lines[4] = { first };
  guint n = 1;

  if (has_security_fix (status))
    lines[n++] = _ ("This update fixes security problems.");
  if (lost != NULL)
    lines[n] = lost;
  return g_strjoinv ("\n", (char **) lines);
}

static char *
dup_reason (OnwardStatus *status, const OnwardSubject *subject)
{
  OnwardRelease *release = onward_status_get_release (status);
  const char *reason = NULL;

  if (release != NULL)
    reason = onward_release_get_reason (release, g_get_language_names ());
  if (reason != NULL && *reason != '\0')
    return g_strdup (reason);
  return g_strdup_printf (_ ("Version %s can no longer be used."), subject->version);
}

static char *
dup_body_forced (OnwardStatus *status, const OnwardSubject *subject)
{
  g_autofree char *reason = dup_reason (status, subject);
  g_autofree char *size = dup_size (status);
  g_autofree char *first = onward_progress_texts_join (reason, size);
  g_autofree char *body =
      onward_progress_texts_join (first, _ ("Your documents stay as they are."));
  g_autofree char *lost = dup_lost (status);

  return lost != NULL ? g_strconcat (body, "\n", lost, NULL) : g_steal_pointer (&body);
}

/* What forces was read and verified earlier, and a silent server does not undo it. */
static gboolean
is_forced_unheard (const GError *error, OnwardStatus *status)
{
  return onward_status_is_forced (status) && onward_status_get_bytes_total (status) == 0 &&
         (g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_OFFLINE) ||
          g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_SERVER) ||
          g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_SIGN_IN) ||
          g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_SERVER_BUSY) ||
          g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_UPLOAD_UNDER_WAY));
}

static char *
dup_body_failed (const GError *error, OnwardStatus *status, const OnwardSubject *subject)
{
  g_autofree char *why = onward_error_texts_dup_body (error, status, subject);
  g_autofree char *forced = NULL;

  if (!is_forced_unheard (error, status))
    return g_steal_pointer (&why);
  forced = dup_body_forced (status, subject);
  return g_strdup_printf ("%s\n%s", forced, why);
}

/* A skipped release stays known while nothing else is offered. */
static char *
dup_body_up_to_date (OnwardStatus *status, const OnwardSubject *subject)
{
  if (onward_status_get_release (status) != NULL)
    return g_strdup_printf (_ ("Version %s is available but skipped."), get_version (status));
  return g_strdup_printf (_ ("Version %s is the newest version.\nLast checked: just now"),
                          subject->version);
}

/* What is installed, or waits to be, is used when the application was started anew. */
static char *
dup_body_restart (const OnwardWording *self, OnwardStatus *status, const OnwardSubject *subject)
{
  const char *copy = onward_status_get_waiting_for (status);
  g_autofree char *body = g_strdup_printf (
      self->error != NULL ? _ ("%s did not close. Save your work there, then try again.")
                          : _ ("Restart %s to use it."),
      subject->name);
  g_autofree char *open = NULL;

  if (self->error == NULL && self->screen == ONWARD_SCREEN_INSTALLED && subject->n_open > 1)
    return g_strdup_printf (ngettext ("%s is open in %u window. All of them are restarted.",
                                      "%s is open in %u windows. All of them are restarted.",
                                      subject->n_open),
                            subject->name, subject->n_open);
  if (copy == NULL)
    return g_steal_pointer (&body);
  /* Translators: a program and, in parentheses, the number of its process. */
  open = g_strdup_printf (_ ("Still open: %s"), copy);
  return g_strconcat (body, "\n", open, NULL);
}

static char *
dup_body (const OnwardWording *self, OnwardStatus *status, const OnwardSubject *subject)
{
  switch (self->screen)
    {
    case ONWARD_SCREEN_AVAILABLE:
      return dup_body_available (status, subject);
    case ONWARD_SCREEN_FORCED:
      return dup_body_forced (status, subject);
    case ONWARD_SCREEN_LOW_BATTERY:
      return g_strdup (_ ("Connect power, or install later."));
    case ONWARD_SCREEN_READY:
      if (onward_status_get_obstacle (status) != ONWARD_OBSTACLE_RUNNING)
        return g_strdup (_ ("The download is complete and was checked."));
      return dup_body_restart (self, status, subject);
    case ONWARD_SCREEN_INSTALLED:
      return dup_body_restart (self, status, subject);
    case ONWARD_SCREEN_UP_TO_DATE:
      return dup_body_up_to_date (status, subject);
    case ONWARD_SCREEN_FAILED:
      return dup_body_failed (self->error, status, subject);
    case ONWARD_SCREEN_CHECKING:
    case ONWARD_SCREEN_DOWNLOADING:
    case ONWARD_SCREEN_RECONNECTING:
    case ONWARD_SCREEN_PAUSED:
    case ONWARD_SCREEN_WAITING:
    case ONWARD_SCREEN_INSTALLING:
      return NULL;
    }
  g_return_val_if_reached (NULL);
}

static char *
dup_title (const OnwardWording *self, OnwardStatus *status, const OnwardSubject *subject)
{
  const char *name = subject->name;
  const char *version = get_version (status);

  switch (self->screen)
    {
    case ONWARD_SCREEN_CHECKING:
      return g_strdup (_ ("Checking for updates…"));
    case ONWARD_SCREEN_AVAILABLE:
      return g_strdup_printf (_ ("%s %s is available"), name, version);
    case ONWARD_SCREEN_FORCED:
      return g_strdup_printf (_ ("%s must be updated"), name);
    case ONWARD_SCREEN_LOW_BATTERY:
      return g_strdup_printf (_ ("Battery Is Low (%u %%)"), subject->battery);
    case ONWARD_SCREEN_DOWNLOADING:
    case ONWARD_SCREEN_RECONNECTING:
    case ONWARD_SCREEN_WAITING:
    case ONWARD_SCREEN_INSTALLING:
      return g_strdup_printf (_ ("Updating %s to %s"), name, version);
    case ONWARD_SCREEN_PAUSED:
      return g_strdup_printf (_ ("Update to %s %s is paused"), name, version);
    case ONWARD_SCREEN_READY:
      return g_strdup_printf (_ ("%s %s is ready to install"), name, version);
    case ONWARD_SCREEN_INSTALLED:
      return g_strdup_printf (_ ("%s %s is installed"), name,
                              *version != '\0' ? version : subject->version);
    case ONWARD_SCREEN_UP_TO_DATE:
      return g_strdup_printf (_ ("%s is up to date"), name);
    case ONWARD_SCREEN_FAILED:
      return is_forced_unheard (self->error, status)
                 ? g_strdup_printf (_ ("%s must be updated"), name)
                 : onward_error_texts_dup_title (self->error, status, subject);
    }
  g_return_val_if_reached (NULL);
}

static char *
dup_announcement (const OnwardWording *self, OnwardStatus *status, const OnwardSubject *subject,
                  gint64 now)
{
  switch (self->screen)
    {
    case ONWARD_SCREEN_DOWNLOADING:
      return g_strdup_printf (_ ("Downloading %s %s"), subject->name, get_version (status));
    case ONWARD_SCREEN_RECONNECTING:
    case ONWARD_SCREEN_WAITING:
      return onward_progress_texts_dup_countdown (status, now);
    case ONWARD_SCREEN_PAUSED:
      return g_strdup (_ ("Paused"));
    case ONWARD_SCREEN_INSTALLING:
      return g_strdup (_ ("Installing"));
    case ONWARD_SCREEN_AVAILABLE:
    case ONWARD_SCREEN_FORCED:
    case ONWARD_SCREEN_LOW_BATTERY:
    case ONWARD_SCREEN_FAILED:
      return g_strdup_printf ("%s. %s", self->title, self->body);
    case ONWARD_SCREEN_CHECKING:
    case ONWARD_SCREEN_READY:
    case ONWARD_SCREEN_INSTALLED:
    case ONWARD_SCREEN_UP_TO_DATE:
      return g_strdup (self->title);
    }
  g_return_val_if_reached (NULL);
}

/* The whole size tells why the download is that small. */
static char *
dup_hint (OnwardScreen screen, OnwardStatus *status)
{
  guint64 full = onward_status_get_full_size (status);
  g_autofree char *size = onward_progress_texts_dup_size (full);

  if (screen != ONWARD_SCREEN_AVAILABLE && screen != ONWARD_SCREEN_FORCED)
    return NULL;
  if (full <= onward_status_get_bytes_total (status) || !onward_status_is_described (status))
    return NULL;
  return g_strdup_printf (_ ("Only changed parts are downloaded. The whole app is %s."), size);
}

/* The application that was to be restarted waits for its user: that is told on the same screen. */
static gboolean
is_refusal_to_close (const GError *refusal, OnwardStatus *status)
{
  return (onward_status_get_state (status) == ONWARD_STATE_APPLIED ||
          onward_status_get_obstacle (status) == ONWARD_OBSTACLE_RUNNING) &&
         g_error_matches (refusal, ONWARD_ERROR, ONWARD_ERROR_BUSY);
}

/* What waits for power has not begun, or is paused. */
static OnwardScreen
choose_screen (OnwardStatus *status, const OnwardSubject *subject, const GError *refusal)
{
  OnwardState state = onward_status_get_state (status);

  if (refusal != NULL && !is_refusal_to_close (refusal, status))
    return ONWARD_SCREEN_FAILED;
  if (subject->battery != 0 && (state == ONWARD_STATE_AVAILABLE || state == ONWARD_STATE_PAUSED))
    return ONWARD_SCREEN_LOW_BATTERY;
  return onward_screen_for_status (status);
}

/**
 * onward_wording_new:
 * @status: a status
 * @subject: whose update it is
 * @refusal: (nullable): why what was asked last could not even be begun
 * @now: the present time of onward_clock_get_time(), in µs
 *
 * Finds the words and buttons of the screen that shows @status. Pure; the only place that, with
 * the files of errors, buttons and progress, holds translated sentences.
 *
 * Returns: (transfer full): the wording.
 */
OnwardWording *
onward_wording_new (OnwardStatus *status, const OnwardSubject *subject, const GError *refusal,
                    gint64 now)
{
  OnwardWording *self = g_new0 (OnwardWording, 1);

  const GError *error = refusal != NULL ? refusal : onward_status_get_error (status);

  self->screen = choose_screen (status, subject, refusal);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  self->title = dup_title (self, status, subject);
  self->body = dup_body (self, status, subject);
  self->hint = dup_hint (self->screen, status);
  self->notes_title = g_strdup_printf (_ ("What's new since version %s"), subject->version);
  self->announcement = dup_announcement (self, status, subject, now);
  self->buttons = onward_button_set_for_screen (self->screen, status, error);
  self->escape = onward_button_set_get_escape (self->buttons);
  return self;
}

/**
 * onward_wording_free:
 * @self: (nullable) (transfer full): wording
 *
 * Frees @self.
 */
void
onward_wording_free (OnwardWording *self)
{
  if (self == NULL)
    return;
  g_clear_error (&self->error);
  g_free (self->title);
  g_free (self->body);
  g_free (self->hint);
  g_free (self->notes_title);
  g_free (self->announcement);
  g_free (self);
}
