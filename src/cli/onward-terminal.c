/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib-unix.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "onward-terminal.h"

#define BAR_WIDTH       24
#define DEFAULT_COLUMNS 80

/* What can neither move the cursor nor change the order of what stands beside it. Joiners are
 * formats that scripts and emoji need. */
static gboolean
is_harmless (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  if (type == G_UNICODE_FORMAT)
    return c == 0x200c || c == 0x200d;

  return g_unichar_isprint (c) && type != G_UNICODE_LINE_SEPARATOR &&
         type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

static void
append_escaped (GString *escaped, gunichar c)
{
  if (is_harmless (c))
    g_string_append_unichar (escaped, c);
  else
    g_string_append_printf (escaped, c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
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
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *escaped = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    append_escaped (escaped, g_utf8_get_char (p));
  return g_string_free (escaped, FALSE);
}

/**
 * onward_terminal_escape_lines:
 * @text: text of several lines that came from elsewhere
 *
 * Returns: (transfer full): like onward_terminal_escape(), with its lines and tabs kept, also lines
 *   that end as on Windows
 */
char *
onward_terminal_escape_lines (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *escaped = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (*p == '\n' || *p == '\t')
        g_string_append_c (escaped, *p);
      else if (*p != '\r' || p[1] != '\n')
        append_escaped (escaped, g_utf8_get_char (p));
    }
  return g_string_free (escaped, FALSE);
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

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Waits in the main loop: reading at once would be deaf to an interrupt. */
static gboolean
wait_for_line (GCancellable *cancellable)
{
  gboolean readable = FALSE;
  guint source =
      g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, &readable);

  while (!readable && !g_cancellable_is_cancelled (cancellable))
    g_main_context_iteration (NULL, TRUE);
  if (!readable)
    g_source_remove (source);
  return readable;
}

/**
 * onward_terminal_ask:
 * @question: a question with yes as its default
 * @cancellable: what an interrupt cancels
 *
 * Returns: whether the user agreed
 */
gboolean
onward_terminal_ask (const char *question, GCancellable *cancellable)
{
  char answer[16] = "";

  fprintf (stderr, "%s [Y/n] ", question);
  if (!wait_for_line (cancellable) || fgets (answer, sizeof answer, stdin) == NULL)
    {
      fputc ('\n', stderr);
      return FALSE;
    }
  return answer[0] == '\n' || answer[0] == 'y' || answer[0] == 'Y';
}

/* Nobody needs the seconds of an hour. */
static char *
describe_time (int seconds)
{
  if (seconds < 60)
    return g_strdup_printf ("%d s", seconds);
  if (seconds < 3600)
    return g_strdup_printf ("%d min", (seconds + 59) / 60);
  return g_strdup_printf ("%d h %d min", seconds / 3600, seconds % 3600 / 60);
}

static char *
describe_download (OnwardStatus *status)
{
  g_autofree char *done = g_format_size (onward_status_get_bytes_done (status));
  g_autofree char *total = g_format_size (onward_status_get_bytes_total (status));
  g_autofree char *rate = g_format_size (onward_status_get_rate (status));
  int left = onward_status_get_time_left (status);
  g_autofree char *time = NULL;

  if (onward_status_get_bytes_total (status) == 0)
    return g_strdup ("Connecting…");
  if (left < 0)
    return g_strdup_printf ("%s of %s downloaded – %s/s", done, total, rate);

  time = describe_time (left);
  return g_strdup_printf ("%s of %s downloaded – %s/s – About %s left", done, total, rate, time);
}

/* How many there are is known when the first of them comes. */
static char *
describe_staging (OnwardStatus *status)
{
  guint total = onward_status_get_files_total (status);

  return total == 0 ? g_strdup ("Installing")
                    : g_strdup_printf ("Installing – %u of %u files",
                                       onward_status_get_files_done (status), total);
}

static char *
describe_time_of_day (gint64 seconds)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) then = g_date_time_add_seconds (now, (double) seconds);

  return g_date_time_format (then, "%H:%M");
}

static char *
describe_countdown (OnwardStatus *status)
{
  gint64 retry_at = onward_status_get_retry_at (status);
  gint64 wait = (retry_at - onward_clock_get_time () + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
  g_autofree char *time = describe_time_of_day (wait);

  if (retry_at == 0)
    return g_strdup ("Connecting…");
  if (onward_status_get_obstacle (status) == ONWARD_OBSTACLE_BUSY)
    return g_strdup_printf ("The server is busy. Trying again at %s", time);
  return g_strdup_printf ("Connection lost. Trying again in %d s", (int) MAX (wait, 0));
}

/* However long that takes. */
static char *
describe_closing (OnwardStatus *status)
{
  const char *copy = onward_status_get_waiting_for (status);
  g_autofree char *name = copy != NULL ? onward_terminal_escape (copy) : NULL;

  return g_strdup_printf ("Ready to install. Waiting for %s to be closed",
                          name != NULL ? name : "the application, which another user runs,");
}

static char *
describe_wait (OnwardStatus *status)
{
  switch (onward_status_get_obstacle (status))
    {
    case ONWARD_OBSTACLE_OFFLINE:
      return g_strdup ("No internet connection. The download goes on when you are back online");
    case ONWARD_OBSTACLE_METERED:
      return g_strdup ("This network may charge for data. The download waits");
    case ONWARD_OBSTACLE_SIGN_IN:
      return g_strdup ("This network asks you to sign in. The download goes on after that");
    case ONWARD_OBSTACLE_NONE:
      if (onward_status_get_state (status) == ONWARD_STATE_PAUSED)
        return g_strdup ("The update is paused");
      return describe_countdown (status);
    case ONWARD_OBSTACLE_CONNECTION:
    case ONWARD_OBSTACLE_BUSY:
      return describe_countdown (status);
    case ONWARD_OBSTACLE_RUNNING:
      return describe_closing (status);
    }

  g_return_val_if_reached (NULL);
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
    case ONWARD_STATE_OFFLINE:
    case ONWARD_STATE_RECONNECTING:
      return describe_wait (status);
    case ONWARD_STATE_VERIFYING:
      return g_strdup ("Checking the download");
    case ONWARD_STATE_STAGING:
      return describe_staging (status);
    case ONWARD_STATE_READY:
      if (onward_status_get_obstacle (status) == ONWARD_OBSTACLE_RUNNING)
        return describe_closing (status);
      return g_strdup ("Switching to the new version");
    case ONWARD_STATE_APPLYING:
      return g_strdup ("Switching to the new version");
    case ONWARD_STATE_APPLIED:
      return g_strdup ("The update is installed");
    case ONWARD_STATE_FAILED:
      return g_strdup ("The update failed");
    }

  g_return_val_if_reached (NULL);
}

static glong
get_columns (void)
{
  struct winsize size;

  return ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                          : DEFAULT_COLUMNS;
}

/**
 * onward_terminal_draw_progress:
 * @status: a status
 * @columns: how many characters fit on a line
 *
 * Returns: (transfer full): a progress bar and what is going on, cut to the line: a longer one
 *   would be broken and could not be drawn over
 */
char *
onward_terminal_draw_progress (OnwardStatus *status, glong columns)
{
  g_autofree char *text = onward_terminal_describe (status);
  double progress = CLAMP (onward_status_get_progress (status), 0.0, 1.0);
  g_autofree char *filled = g_strnfill ((gsize) (progress * BAR_WIDTH), '#');
  g_autofree char *line = NULL;

  line = g_strdup_printf ("[%-*s] %3d %%  %s", BAR_WIDTH, filled, (int) (progress * 100), text);
  return g_utf8_substring (line, 0, MIN (g_utf8_strlen (line, -1), MAX (columns - 1, 0)));
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
  g_autofree char *line = onward_terminal_draw_progress (status, get_columns ());

  fprintf (stderr, "\r%s\033[K", line);
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
