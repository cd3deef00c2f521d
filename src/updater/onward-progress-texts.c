/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-progress-texts.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "onward-error.h"

#define MINUTE 60
#define HOUR   3600

/* "820.0" is no more than "820". */
static void
drop_empty_fraction (char *value)
{
  gsize length = strlen (value);

  if (length > 2 && value[length - 1] == '0' && !g_ascii_isdigit (value[length - 2]))
    value[length - 2] = '\0';
}

static char *
dup_value (guint64 bytes)
{
  char *value = g_format_size_full (bytes, G_FORMAT_SIZE_ONLY_VALUE);

  drop_empty_fraction (value);
  return value;
}

/**
 * onward_progress_texts_dup_size:
 * @bytes: a number of bytes
 *
 * Returns: (transfer full): "12.4 MB", "820 kB".
 */
char *
onward_progress_texts_dup_size (guint64 bytes)
{
  g_autofree char *value = dup_value (bytes);
  g_autofree char *unit = g_format_size_full (bytes, G_FORMAT_SIZE_ONLY_UNIT);

  /* A space that does not break keeps the number with its unit. */
  return g_strdup_printf ("%s\u00a0%s", value, unit);
}

/**
 * onward_progress_texts_count_for:
 * @bytes: a number of bytes
 *
 * Finds out which plural goes with a size: “1 MB is”, “1.5 MB are”, “2 MB are”.
 *
 * Returns: a number for ngettext()
 */
gulong
onward_progress_texts_count_for (guint64 bytes)
{
  g_autofree char *value = dup_value (bytes);
  gulong count = 0;

  /* A fraction counts as many as its digits say; only a whole 1 is one. */
  for (const char *p = value; *p != '\0'; p++)
    if (g_ascii_isdigit (*p))
      count = count * 10 + (gulong) g_ascii_digit_value (*p);
  return count;
}

/**
 * onward_progress_texts_dup_amount:
 * @done: bytes that are there
 * @total: bytes in all
 *
 * Returns: (transfer full): "5.1 of 12.4 MB"; both units when they differ.
 */
char *
onward_progress_texts_dup_amount (guint64 done, guint64 total)
{
  g_autofree char *whole = onward_progress_texts_dup_size (total);
  g_autofree char *whole_unit = g_format_size_full (total, G_FORMAT_SIZE_ONLY_UNIT);
  g_autofree char *unit = g_format_size_full (done, G_FORMAT_SIZE_ONLY_UNIT);
  g_autofree char *part = NULL;

  if (g_str_equal (unit, whole_unit))
    part = dup_value (done);
  else
    part = onward_progress_texts_dup_size (done);
  /* Translators: for example "5.1 of 12.4 MB". */
  return g_strdup_printf (_ ("%s of %s"), part, whole);
}

static gint
round_up (gint value, gint step)
{
  return (value + step - 1) / step * step;
}

static char *
dup_minutes_left (gint seconds)
{
  gint minutes = seconds / MINUTE;
  gint rest = seconds % MINUTE;

  if (rest == 0)
    return g_strdup_printf (
        ngettext ("About %d minute left", "About %d minutes left", (gulong) minutes), minutes);
  return g_strdup_printf (ngettext ("About %d minute and %d seconds left",
                                    "About %d minutes and %d seconds left", (gulong) minutes),
                          minutes, rest);
}

/**
 * onward_progress_texts_dup_time_left:
 * @seconds: seconds left, or negative while nobody knows
 *
 * Returns: (transfer full): "About 10 seconds left", in steps of 5 seconds below a minute, of 30
 * seconds below five minutes and of a minute below an hour.
 */
char *
onward_progress_texts_dup_time_left (gint seconds)
{
  gint hours;

  if (seconds < 0)
    return g_strdup (_ ("Estimating time left"));
  seconds = MIN (seconds, 100 * HOUR);
  seconds = round_up (MAX (seconds, 1), seconds < MINUTE ? 5 : seconds < 5 * MINUTE ? 30 : MINUTE);
  if (seconds < MINUTE)
    return g_strdup_printf (
        ngettext ("About %d second left", "About %d seconds left", (gulong) seconds), seconds);
  if (seconds < HOUR)
    return dup_minutes_left (seconds);
  hours = (seconds + HOUR / 2) / HOUR;
  return g_strdup_printf (ngettext ("About %d hour left", "About %d hours left", (gulong) hours),
                          hours);
}

/* Who waits for hours wants to know when to come back. */
static char *
dup_busy_until (gint seconds)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) then = g_date_time_add_seconds (now, seconds);
  /* Translators: a time of day for g_date_time_format(), for example "14:05". */
  g_autofree char *time = g_date_time_format (then, _ ("%H:%M"));

  if (g_date_time_get_day_of_month (now) != g_date_time_get_day_of_month (then))
    return g_strdup_printf (_ ("The server is busy. Trying again tomorrow at %s"), time);
  return g_strdup_printf (_ ("The server is busy. Trying again at %s"), time);
}

static char *
dup_busy_countdown (gint seconds)
{
  gint minutes = round_up (seconds, MINUTE) / MINUTE;

  if (seconds > HOUR)
    return dup_busy_until (seconds);
  return g_strdup_printf (ngettext ("The server is busy. Trying again in %d minute",
                                    "The server is busy. Trying again in %d minutes",
                                    (gulong) minutes),
                          minutes);
}

/**
 * onward_progress_texts_dup_obstacle:
 * @obstacle: what an update waits for
 *
 * Returns: (transfer full) (nullable): why it waits, when that has no end that is known
 */
char *
onward_progress_texts_dup_obstacle (OnwardObstacle obstacle)
{
  switch (obstacle)
    {
    case ONWARD_OBSTACLE_OFFLINE:
      return g_strdup (_ ("No internet connection. The download goes on when you are back online"));
    case ONWARD_OBSTACLE_METERED:
      return g_strdup (_ ("This network may charge for data. The download waits."));
    case ONWARD_OBSTACLE_SIGN_IN:
      return g_strdup (_ ("This network asks you to sign in. Open any web page to do so, and the "
                          "download goes on."));
    case ONWARD_OBSTACLE_NONE:
    case ONWARD_OBSTACLE_CONNECTION:
    case ONWARD_OBSTACLE_BUSY:
    case ONWARD_OBSTACLE_RUNNING:
      return NULL;
    }
  g_return_val_if_reached (NULL);
}

/**
 * onward_progress_texts_dup_countdown:
 * @status: a status that waits
 * @now: the present time of onward_clock_get_time(), in µs
 *
 * Returns: (transfer full): why it waits, and when it is tried again.
 */
char *
onward_progress_texts_dup_countdown (OnwardStatus *status, gint64 now)
{
  OnwardObstacle obstacle = onward_status_get_obstacle (status);
  gint64 retry_at = onward_status_get_retry_at (status);
  g_autofree char *reason = onward_progress_texts_dup_obstacle (obstacle);
  gint seconds;

  if (reason != NULL)
    return g_steal_pointer (&reason);
  if (retry_at <= now)
    return g_strdup (_ ("Connecting…"));
  seconds = (gint) ((retry_at - now + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
  if (obstacle == ONWARD_OBSTACLE_BUSY)
    return dup_busy_countdown (seconds);
  return g_strdup_printf (ngettext ("Connection lost. Trying again in %d second",
                                    "Connection lost. Trying again in %d seconds",
                                    (gulong) seconds),
                          seconds);
}

static char *
dup_downloading (OnwardStatus *status, const char *amount)
{
  g_autofree char *rate = NULL;

  if (onward_status_get_bytes_total (status) == 0)
    return g_strdup (_ ("Preparing the download"));
  if (onward_status_get_rate (status) == 0)
    return g_strdup_printf (_ ("%s downloaded"), amount);
  rate = onward_progress_texts_dup_size (onward_status_get_rate (status));
  /* Translators: for example "5.1 of 12.4 MB downloaded – 820 kB/s". */
  return g_strdup_printf (_ ("%s downloaded – %s/s"), amount, rate);
}

static char *
dup_installing (OnwardStatus *status)
{
  guint total = onward_status_get_files_total (status);

  if (total == 0)
    return g_strdup (_ ("Installing"));
  return g_strdup_printf (
      ngettext ("Installing – %u of %u file", "Installing – %u of %u files", total),
      onward_status_get_files_done (status), total);
}

/**
 * onward_progress_texts_dup_status:
 * @status: a status between downloading and applying
 *
 * Returns: (transfer full): what is being done, in one line.
 */
char *
onward_progress_texts_dup_status (OnwardStatus *status)
{
  g_autofree char *amount = onward_progress_texts_dup_amount (
      onward_status_get_bytes_done (status), onward_status_get_bytes_total (status));
  OnwardState state = onward_status_get_state (status);

  if (state == ONWARD_STATE_DOWNLOADING && onward_status_is_stopping (status))
    return g_strdup (_ ("Stopping…"));
  if (state == ONWARD_STATE_DOWNLOADING)
    return dup_downloading (status, amount);
  if (state == ONWARD_STATE_VERIFYING)
    return g_strdup (_ ("Checking the download"));
  if (state == ONWARD_STATE_STAGING || state == ONWARD_STATE_APPLYING)
    return dup_installing (status);
  if (onward_status_get_bytes_total (status) == 0)
    return g_strdup ("");
  if (state == ONWARD_STATE_PAUSED && onward_status_get_obstacle (status) == ONWARD_OBSTACLE_NONE)
    return g_strdup_printf (_ ("%s downloaded"), amount);
  if (onward_status_get_bytes_done (status) == 0)
    return g_strdup ("");
  return g_strdup_printf (
      ngettext ("%s is kept", "%s are kept",
                onward_progress_texts_count_for (onward_status_get_bytes_done (status))),
      amount);
}

/**
 * onward_progress_texts_dup_detail:
 * @status: a status between downloading and applying
 * @name: the application's name
 *
 * Returns: (transfer full): a second, quieter line; empty when there is nothing to add.
 */
char *
onward_progress_texts_dup_detail (OnwardStatus *status, const char *name)
{
  OnwardState state = onward_status_get_state (status);

  if (onward_status_is_elsewhere (status))
    return g_strdup_printf (_ ("%s is being updated in another window (or by another user)."),
                            name);
  if (state == ONWARD_STATE_DOWNLOADING && onward_status_get_bytes_total (status) != 0 &&
      !onward_status_is_stopping (status))
    return onward_progress_texts_dup_time_left (onward_status_get_time_left (status));
  if (state == ONWARD_STATE_VERIFYING || state == ONWARD_STATE_STAGING ||
      state == ONWARD_STATE_APPLYING)
    return g_strdup_printf (_ ("You can keep working in %s."), name);
  return g_strdup ("");
}

/**
 * onward_progress_texts_join:
 * @first: a sentence, or ""
 * @second: a sentence, or ""
 *
 * Returns: (transfer full): both, as the language puts sentences one after the other.
 */
char *
onward_progress_texts_join (const char *first, const char *second)
{
  if (*first == '\0' || *second == '\0')
    return g_strconcat (first, second, NULL);
  /* Translators: two whole sentences; leave the space out where the language has none. */
  return g_strdup_printf (C_ ("two sentences", "%s %s"), first, second);
}
