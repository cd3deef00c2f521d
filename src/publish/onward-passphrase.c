/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-log.h"
#include "onward-passphrase.h"

#define MAX_SIZE       1024
#define LINE_SIZE      (MAX_SIZE + 1)
#define MAX_NAME_CHARS 200
#define INTERRUPT      '\003' /* what Ctrl+C types */

struct _OnwardPassphrase
{
  char *file;      /* (owned) (nullable) */
  int fd;          /* (unowned): -1 for none */
  char *text;      /* (owned) (nullable): what was read or typed last */
  gboolean is_set; /* there is nobody to ask */
};

/* All of one size, so that all of it can be wiped, whatever is in it. */
static char *
new_line (void)
{
  return g_malloc0 (LINE_SIZE);
}

static void
wipe (char *line)
{
  if (line != NULL)
    explicit_bzero (line, LINE_SIZE);
  g_free (line);
}

/**
 * onward_passphrase_new:
 * @file: (nullable): a file whose first line is the passphrase
 * @fd: a descriptor that it can be read from, or -1
 *
 * What unlocks the keys: it is read, or asked for on the terminal, when the first key needs it.
 *
 * Returns: (transfer full): a passphrase
 */
OnwardPassphrase *
onward_passphrase_new (const char *file, int fd)
{
  OnwardPassphrase *self = g_new0 (OnwardPassphrase, 1);

  self->file = g_strdup (file);
  self->fd = fd;
  return self;
}

/**
 * onward_passphrase_new_known:
 * @text: (nullable): the passphrase, of up to 1024 bytes; NULL for keys that need none
 *
 * Returns: (transfer full): a passphrase that nobody is asked for
 */
OnwardPassphrase *
onward_passphrase_new_known (const char *text)
{
  OnwardPassphrase *self = onward_passphrase_new (NULL, -1);

  if (text != NULL)
    {
      self->text = new_line ();
      g_strlcpy (self->text, text, LINE_SIZE);
    }
  self->is_set = TRUE;
  return self;
}

static void
forget (OnwardPassphrase *self)
{
  g_clear_pointer (&self->text, wipe);
}

/**
 * onward_passphrase_free:
 * @self: (transfer full) (nullable): a passphrase
 *
 * Frees it, and leaves no copy in memory.
 */
void
onward_passphrase_free (OnwardPassphrase *self)
{
  if (self == NULL)
    return;

  forget (self);
  g_free (self->file);
  g_free (self);
}

/**
 * onward_passphrase_get_known:
 * @self: a passphrase
 *
 * Returns: (nullable): what was read or typed last
 */
const char *
onward_passphrase_get_known (OnwardPassphrase *self)
{
  return self->text;
}

/**
 * onward_passphrase_can_ask_again:
 * @self: a passphrase
 *
 * Returns: whether onward_passphrase_get() asks somebody, who may know another one
 */
gboolean
onward_passphrase_can_ask_again (OnwardPassphrase *self)
{
  return !self->is_set && self->file == NULL && self->fd < 0;
}

/* To the end of the line or to an interrupt, which is a part of what is read. Byte by byte, since
 * what follows is for others, and into memory that never moves: no copy is left behind. */
static char *
read_line (int fd)
{
  char *line = new_line ();
  gsize length = 0;
  gssize n = 0;
  char c = 0;

  while (length < MAX_SIZE && c != INTERRUPT && (n = TEMP_FAILURE_RETRY (read (fd, &c, 1))) == 1 &&
         c != '\n')
    line[length++] = c;
  if (length > 0 && line[length - 1] == '\r')
    line[--length] = '\0';
  explicit_bzero (&c, sizeof c);
  if (n != 1 && length == 0)
    g_clear_pointer (&line, wipe);
  return line;
}

/* Asks without showing what is typed. Ctrl+C ends the line instead of the program, which would
 * leave a terminal behind that shows nothing. */
static char *
prompt (const char *question)
{
  struct termios shown;
  struct termios hidden;
  gboolean is_terminal = tcgetattr (STDIN_FILENO, &shown) == 0;
  char *answer;

  fputs (question, stderr);
  if (is_terminal)
    {
      hidden = shown;
      hidden.c_lflag &= ~(tcflag_t) (ECHO | ISIG);
      hidden.c_cc[VEOL] = INTERRUPT;
      (void) tcsetattr (STDIN_FILENO, TCSAFLUSH, &hidden);
    }
  answer = read_line (STDIN_FILENO);
  if (is_terminal)
    (void) tcsetattr (STDIN_FILENO, TCSAFLUSH, &shown);
  fputc ('\n', stderr);
  return answer;
}

static gboolean
is_interrupt (const char *line)
{
  return line != NULL && strchr (line, INTERRUPT) != NULL;
}

static gboolean
check_terminal (const char *what, gboolean confirm, GError **error)
{
  if (isatty (STDIN_FILENO) == 1)
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
               "Reading the passphrase or PIN of %s: there is no terminal to ask on; use "
               "--passphrase-file or --passphrase-fd%s",
               what, confirm ? ", or --no-passphrase to leave it unencrypted" : "");
  return FALSE;
}

static gboolean
check_answers (const char *first, const char *second, gboolean confirm, GError **error)
{
  if (is_interrupt (first) || is_interrupt (second))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                         "Reading the passphrase: it was interrupted");
  else if (first == NULL || *first == '\0' || (confirm && g_strcmp0 (first, second) != 0))
    g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
                         "Reading the passphrase: it is empty or was not typed twice alike");
  else
    return TRUE;
  return FALSE;
}

static char *
ask (const char *what, gboolean confirm, GError **error)
{
  g_autofree char *shown = onward_log_escape (what, MAX_NAME_CHARS);
  g_autofree char *question = g_strdup_printf ("Passphrase of %s: ", shown);
  char *first;
  char *second = NULL;

  if (!check_terminal (what, confirm, error))
    return NULL;

  first = prompt (question);
  if (confirm && !is_interrupt (first))
    second = prompt ("Once more: ");
  if (!check_answers (first, second, confirm, error))
    g_clear_pointer (&first, wipe);
  wipe (second);
  return first;
}

static char *
read_source (OnwardPassphrase *self, GError **error)
{
  const char *name = self->file == NULL ? "--passphrase-fd" : self->file;
  g_auto (OnwardFd) opened =
      self->file == NULL ? -1
                         : TEMP_FAILURE_RETRY (open (self->file, O_RDONLY | O_CLOEXEC | O_NOCTTY));
  int fd = self->file == NULL ? self->fd : opened;
  char *line;

  if (fd < 0 || fcntl (fd, F_GETFD) < 0)
    {
      onward_file_set_error (error, errno, "Reading the passphrase from", name);
      return NULL;
    }

  line = read_line (fd);
  if (line != NULL && *line != '\0')
    return line;
  wipe (line);
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
               "Reading “%s”: its first line is to be the passphrase, but is empty", name);
  return NULL;
}

/**
 * onward_passphrase_get:
 * @self: a passphrase
 * @what: what it unlocks, for people
 * @confirm: whether it is a new one, which is asked for twice
 * @error: return location: NOT_PERMITTED when there is none
 *
 * Reads the passphrase, or asks for it anew.
 *
 * Returns: (transfer none): the passphrase; it stays the known one
 */
const char *
onward_passphrase_get (OnwardPassphrase *self, const char *what, gboolean confirm, GError **error)
{
  char *text;

  if (self->is_set || (self->text != NULL && !onward_passphrase_can_ask_again (self)))
    {
      if (self->text == NULL)
        g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
                     "Unlocking %s: a passphrase is needed", what);
      return self->text;
    }

  text = onward_passphrase_can_ask_again (self) ? ask (what, confirm, error)
                                                : read_source (self, error);
  if (text == NULL)
    return NULL;
  forget (self);
  self->text = text;
  return text;
}
