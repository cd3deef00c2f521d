/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-journal-private.h"

/* Keeps what cannot be used for whoever wants to look at it. */
static gboolean
set_aside (const char *path)
{
  g_autofree char *bad = g_strconcat (path, ".bad", NULL);

  return rename (path, bad) == 0;
}

/**
 * onward_journal_read_contents:
 * @path: a journal's file
 * @is_own: whether nobody else writes it now
 * @ret_damaged: (out): whether it was set aside
 *
 * Reads a journal; one that cannot be used is set aside by who owns it.
 *
 * Returns: (transfer full): what it says
 */
OnwardJournalContents *
onward_journal_read_contents (const char *path, gboolean is_own, gboolean *ret_damaged)
{
  OnwardJournalContents *contents = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = onward_file_read (AT_FDCWD, path, ONWARD_JOURNAL_MAX_SIZE, &error);
  gsize size = 0;

  if (bytes != NULL)
    {
      gconstpointer text = g_bytes_get_data (bytes, &size);

      contents = onward_journal_contents_parse (text, size);
    }
  if (contents != NULL)
    return contents;

  /* What cannot be read now can perhaps be read the next time. */
  *ret_damaged = is_own &&
                 (bytes != NULL || g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED)) &&
                 set_aside (path);
  return onward_journal_contents_new ();
}
