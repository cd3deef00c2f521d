/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "onward-terminal.h"

#define BAR_WIDTH 24

static gboolean
is_harmless (gunichar c)
{
  return g_unichar_isprint (c) && g_unichar_type (c) != G_UNICODE_FORMAT;
}

static char *
escape (const char *text, gboolean keep_lines)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *escaped = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (is_harmless (c) || (keep_lines && c == '\n'))
        g_string_append_unichar (escaped, c);
      else
        g_string_append_printf (escaped, "\\u%04x", c);
    }

  return g_string_free (escaped, FALSE);
}

/**
 * onward_terminal_escape:
 * @text: text that came from elsewhere
 *
 * Returns: (transfer full): the text on one line, with everything escaped that a terminal would
 *   act on or that would change the direction of writing
 */
char *
onward_terminal_escape (const char *text)
{
  return escape (text, FALSE);
}

/**
 * onward_terminal_escape_lines:
 * @text: text of several lines that came from elsewhere
 *
 * Returns: (transfer full): like onward_terminal_escape(), with its lines kept
 */
char *
onward_terminal_escape_lines (const char *text)
{
  return escape (text, TRUE);
}

/**
 * onward_terminal_say:
 * @format: a printf() format
 * @...: its arguments, escaped
 *
 * Tells the user something, on standard error: standard output is for scripts.
 */
void
onward_terminal_say (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fprintf (stderr, "%s\n", text);
}

/**
 * onward_terminal_ask:
 * @question: a question with yes as its default
 *
 * Returns: whether the user agreed
 */
gboolean
onward_terminal_ask (const char *question)
{
  char answer[16] = "";

  fprintf (stderr, "%s [Y/n] ", question);
  if (fgets (answer, sizeof answer, stdin) == NULL)
    return FALSE;
  return answer[0] == '\n' || answer[0] == 'y' || answer[0] == 'Y';
}

static char *
describe_download (OnwardStatus *status)
{
  g_autofree char *done = g_format_size (onward_status_get_bytes_done (status));
  g_autofree char *total = g_format_size (onward_status_get_bytes_total (status));
  g_autofree char *rate = g_format_size (onward_status_get_rate (status));
  int left = onward_status_get_time_left (status);

  if (onward_status_get_bytes_total (status) == 0)
    return g_strdup ("Connecting…");
  if (left < 0)
    return g_strdup_printf ("%s of %s downloaded – %s/s", done, total, rate);
  return g_strdup_printf ("%s of %s downloaded – %s/s – About %d s left", done, total, rate, left);
}

static char *
describe_wait (OnwardStatus *status)
{
  gint64 retry_at = onward_status_get_retry_at (status);
  gint64 wait = (retry_at - g_get_monotonic_time () + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;

  if (retry_at == 0)
    return g_strdup ("Connecting…");
  return g_strdup_printf ("Connection lost. Trying again in %d s", (int) MAX (wait, 0));
}

/**
 * onward_terminal_describe:
 * @status: a status
 *
 * Returns: (transfer full): what is going on, in one line
 */
char *
onward_terminal_describe (OnwardStatus *status)
{
  switch (onward_status_get_state (status))
    {
    case ONWARD_STATE_IDLE:
      return g_strdup ("Nothing is going on");
    case ONWARD_STATE_CHECKING:
      return g_strdup ("Checking for updates…");
    case ONWARD_STATE_AVAILABLE:
      return g_strdup ("An update is available");
    case ONWARD_STATE_DOWNLOADING:
      return describe_download (status);
    case ONWARD_STATE_PAUSED:
      return g_strdup ("The update is paused");
    case ONWARD_STATE_OFFLINE:
      return g_strdup ("No internet connection. The download goes on when you are back online");
    case ONWARD_STATE_RECONNECTING:
      return describe_wait (status);
    case ONWARD_STATE_VERIFYING:
      return g_strdup ("Checking the download");
    case ONWARD_STATE_STAGING:
      return g_strdup_printf ("Installing – %u of %u files", onward_status_get_files_done (status),
                              onward_status_get_files_total (status));
    case ONWARD_STATE_READY:
    case ONWARD_STATE_APPLYING:
      return g_strdup ("Switching to the new version");
    case ONWARD_STATE_APPLIED:
      return g_strdup ("The update is installed");
    case ONWARD_STATE_FAILED:
      return g_strdup ("The update failed");
    }

  g_return_val_if_reached (NULL);
}

/**
 * onward_terminal_show_progress:
 * @status: a status
 *
 * Draws a progress bar over the present line of the terminal.
 */
void
onward_terminal_show_progress (OnwardStatus *status)
{
  g_autofree char *text = onward_terminal_describe (status);
  double progress = onward_status_get_progress (status);
  int filled = (int) (progress * BAR_WIDTH);
  char bar[BAR_WIDTH + 1];

  memset (bar, ' ', BAR_WIDTH);
  memset (bar, '#', (gsize) CLAMP (filled, 0, BAR_WIDTH));
  bar[BAR_WIDTH] = '\0';
  fprintf (stderr, "\r[%s] %3d %%  %s\033[K", bar, (int) (progress * 100), text);
  fflush (stderr);
}

/**
 * onward_terminal_end_progress:
 *
 * Leaves the line of the progress bar.
 */
void
onward_terminal_end_progress (void)
{
  fputc ('\n', stderr);
}
