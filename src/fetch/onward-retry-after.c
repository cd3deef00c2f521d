/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <string.h>

#include "onward-retry-after.h"

#define SHORTEST 60
#define LONGEST  (24 * 60 * 60)

static int
parse_month (const char *name)
{
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

  for (int month = 0; month < 12; month++)
    if (strncmp (months + 3 * month, name, 3) == 0)
      return month + 1;
  return 0;
}

/* The one form of date that servers send: "Sun, 06 Nov 1994 08:49:37 GMT". */
static gboolean
parse_date (const char *value, gint64 *ret_time)
{
  g_autoptr (GDateTime) date = NULL;
  char month[4] = "";
  int day = 0, year = 0, hour = 0, minute = 0, second = 0, used = 0;

  if (strlen (value) != 29 ||
      sscanf (value + 5, "%2d %3s %4d %2d:%2d:%2d GMT%n", &day, month, &year, &hour, &minute,
              &second, &used) != 6 ||
      used != 24)
    return FALSE;

  date = g_date_time_new_utc (year, parse_month (month), day, hour, minute, second);
  if (date == NULL)
    return FALSE;
  *ret_time = g_date_time_to_unix (date);
  return TRUE;
}

/**
 * onward_retry_after_parse:
 * @value: (nullable): the value of a Retry-After header
 * @now: the present time, in seconds since 1970
 *
 * How long a server asks to be left alone: seconds or a date, held within one minute and one day,
 * so that neither a hostile server nor a wrong clock can stop updates.
 *
 * Returns: seconds, or 0 when the server does not say
 */
guint
onward_retry_after_parse (const char *value, gint64 now)
{
  guint64 seconds = 0;
  gint64 date = 0;

  if (value == NULL || *value == '\0')
    return 0;
  if (strspn (value, "0123456789") == strlen (value))
    {
      /* What overflows is a long time as well. */
      if (!g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT64, &seconds, NULL))
        seconds = LONGEST;
      return (guint) CLAMP (seconds, SHORTEST, LONGEST);
    }
  if (parse_date (value, &date))
    return (guint) CLAMP (date - now, SHORTEST, LONGEST);
  return 0;
}
