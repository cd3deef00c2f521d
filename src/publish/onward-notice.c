/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-log.h"
#include "onward-notice.h"

#define MAX_CHARS 2000

/* Standard error is for people, whatever standard output is used for. */
static void
say (const char *kind, const char *message)
{
  g_autofree char *escaped = onward_log_escape (message, MAX_CHARS);

  fprintf (stderr, "onward-publish: %s%s\n", kind, escaped);
}

/**
 * onward_notice_warn:
 * @format: a printf() format
 * @...: its arguments
 *
 * Tells the publisher of something that does not stop the work.
 */
void
onward_notice_warn (const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  say ("warning: ", message);
}

/**
 * onward_notice_error:
 * @error: why the work stopped
 *
 * Tells the publisher of it.
 */
void
onward_notice_error (const GError *error)
{
  say ("", error->message);
}
