/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-date.h"

#include <string.h>

#include "onward-error.h"

/* Reads exactly @digits digits and, unless '\0', the character @after behind them. */
static gboolean
read_number (const char **cursor, int digits, char after, int *ret_number)
{
  int number = 0;

  for (int i = 0; i < digits; i++, (*cursor)++)
    {
      if (!g_ascii_isdigit (**cursor))
        return FALSE;
      number = number * 10 + (**cursor - '0');
    }

  if (after != '\0' && *(*cursor)++ != after)
    return FALSE;
  *ret_number = number;
  return TRUE;
}

/* Reads “.125”, if it is there; fractions of a second do not count. */
static gboolean
skip_fraction (const char **cursor)
{
  gsize digits;

  if (**cursor != '.')
    return TRUE;

  (*cursor)++;
  digits = strspn (*cursor, "0123456789");
  *cursor += digits;
  return digits >= 1 && digits <= 9;
}

/* Reads “Z”, “+05:30” or “-08:00”. */
static gboolean
read_offset (const char **cursor, int *ret_minutes)
{
  char sign = *(*cursor)++;
  int hours, minutes;

  if (sign == 'Z')
    {
      *ret_minutes = 0;
      return TRUE;
    }
  if ((sign != '+' && sign != '-') || !read_number (cursor, 2, ':', &hours) ||
      !read_number (cursor, 2, '\0', &minutes) || hours > 23 || minutes > 59)
    return FALSE;

  *ret_minutes = (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
  return TRUE;
}

static gboolean
read_time (const char **cursor, int *ret_seconds)
{
  int hour, minute, second, offset;

  if (!read_number (cursor, 2, ':', &hour) || !read_number (cursor, 2, ':', &minute) ||
      !read_number (cursor, 2, '\0', &second) || !skip_fraction (cursor) ||
      !read_offset (cursor, &offset))
    return FALSE;
  if (hour > 23 || minute > 59 || second > 59)
    return FALSE;

  *ret_seconds = hour * 3600 + (minute - offset) * 60 + second;
  return TRUE;
}

static gboolean
read_date (const char *text, gint64 *ret_seconds)
{
  g_autoptr (GDateTime) day_start = NULL;
  const char *cursor = text;
  int year, month, day, seconds = 0;

  if (!read_number (&cursor, 4, '-', &year) || !read_number (&cursor, 2, '-', &month) ||
      !read_number (&cursor, 2, '\0', &day))
    return FALSE;
  if (*cursor == 'T')
    {
      cursor++;
      if (!read_time (&cursor, &seconds))
        return FALSE;
    }
  if (*cursor != '\0' || year < 1970)
    return FALSE;

  day_start = g_date_time_new_utc (year, month, day, 0, 0, 0.0);
  if (day_start == NULL)
    return FALSE;

  *ret_seconds = g_date_time_to_unix (day_start) + seconds;
  return TRUE;
}

/**
 * onward_date_parse:
 * @text: a date such as "2026-10-02", or a moment by RFC 3339 such as "2026-10-02T09:15:00Z"
 * @ret_seconds: (out) (optional): seconds since 1970; a date means its first second, in UTC
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Reads a date of the years 1970 to 9999. Other spellings that ISO 8601 knows are refused, so
 * that everything that reads a release reads the same date.
 *
 * Returns: whether @text is such a date; if not, @ret_seconds is untouched
 */
gboolean
onward_date_parse (const char *text, gint64 *ret_seconds, GError **error)
{
  gint64 seconds;

  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!read_date (text, &seconds))
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "A date must look like 2026-10-02 or 2026-10-02T09:15:00Z");
      return FALSE;
    }

  if (ret_seconds != NULL)
    *ret_seconds = seconds;
  return TRUE;
}

/**
 * onward_date_format:
 * @seconds: seconds since 1970
 *
 * Returns: (transfer full): the day, in UTC, such as "2026-10-02"; "?" when it is beyond all
 *   calendars
 */
char *
onward_date_format (gint64 seconds)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (seconds);

  return date != NULL ? g_date_time_format (date, "%Y-%m-%d") : g_strdup ("?");
}
