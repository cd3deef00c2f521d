/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <string.h>

#include "onward-file.h"
#include "onward-log.h"

#define MAX_SIZE    (1024 * 1024)
#define MAX_MESSAGE 4096

/* What could move the cursor, change the order of what stands beside it, or break the line. */
static gboolean
is_harmless (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  /* Joiners are formats that scripts and emoji need. */
  if (type == G_UNICODE_FORMAT)
    return c == 0x200c || c == 0x200d;

  return type != G_UNICODE_CONTROL && type != G_UNICODE_LINE_SEPARATOR &&
         type != G_UNICODE_PARAGRAPH_SEPARATOR && type != G_UNICODE_UNASSIGNED;
}

/* Puts the printable form of the first character of @text into @ret_piece.
 * Returns how many bytes of @text it stands for. */
static gsize
escape_one (const char *text, char ret_piece[16])
{
  gunichar c = g_utf8_get_char_validated (text, -1);
  gsize size;

  if (c == (gunichar) -1 || c == (gunichar) -2)
    {
      g_snprintf (ret_piece, 16, "\\x%02x", (guint8) *text);
      return 1;
    }

  size = (gsize) (g_utf8_next_char (text) - text);
  if (is_harmless (c))
    {
      memcpy (ret_piece, text, size);
      ret_piece[size] = '\0';
    }
  else
    g_snprintf (ret_piece, 16, c < 0x80 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
  return size;
}

/**
 * onward_log_escape:
 * @text: any bytes, often from a server
 * @max_chars: the most characters the result may have
 *
 * Makes a text fit for a terminal and a log: what is left can neither move the cursor, nor change
 * the reading order, nor start a new line. A text that is too long ends in "…".
 *
 * Returns: (transfer full): one line of valid UTF-8
 */
char *
onward_log_escape (const char *text, gsize max_chars)
{
  GString *escaped;
  gsize chars = 0;
  gsize keep = 0;

  g_return_val_if_fail (text != NULL, NULL);

  escaped = g_string_new (NULL);
  while (*text != '\0')
    {
      char piece[16];

      text += escape_one (text, piece);
      chars += (gsize) g_utf8_strlen (piece, -1);
      if (chars > max_chars)
        {
          g_string_truncate (escaped, keep);
          g_string_append (escaped, max_chars > 0 ? "…" : "");
          break;
        }

      g_string_append (escaped, piece);
      if (chars < max_chars)
        keep = escaped->len;
    }

  return g_string_free (escaped, FALSE);
}

static int
open_log (const char *path)
{
  return TEMP_FAILURE_RETRY (
      open (path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
}

/* Opens the log, which begins anew when it has grown too large. */
static int
open_turned_over (const char *path)
{
  g_autofree char *older = NULL;
  int fd = open_log (path);
  struct stat info;

  if (fd < 0 || fstat (fd, &info) < 0 || info.st_size < MAX_SIZE)
    return fd;

  older = g_strconcat (path, ".1", NULL);
  if (rename (path, older) < 0)
    return fd;

  onward_fd_close (fd);
  return open_log (path);
}

/**
 * onward_log_write:
 * @path: the log
 * @format: a printf() format
 * @...: its arguments
 *
 * Appends one line, in one write so that several processes can share the log. Failure is ignored:
 * a log never stops an update.
 */
void
onward_log_write (const char *path, const char *format, ...)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
  g_autofree char *message = NULL;
  g_autofree char *escaped = NULL;
  g_autofree char *line = NULL;
  g_auto (OnwardFd) fd = -1;
  va_list args;

  g_return_if_fail (path != NULL);
  g_return_if_fail (format != NULL);

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  escaped = onward_log_escape (message, MAX_MESSAGE);
  line = g_strdup_printf ("%s %s\n", stamp, escaped);

  fd = open_turned_over (path);
  if (fd >= 0)
    (void) onward_file_write_all (fd, line, strlen (line), NULL);
}
