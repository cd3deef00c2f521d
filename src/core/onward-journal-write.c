/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-journal.h"

static OnwardError
code_for_file_error (const GError *error)
{
  static const struct
  {
    GFileError file_error;
    OnwardError code;
  } codes[] = {
    { G_FILE_ERROR_NOSPC, ONWARD_ERROR_NO_SPACE },
    { G_FILE_ERROR_ROFS, ONWARD_ERROR_READ_ONLY_INSTALL },
    { G_FILE_ERROR_ACCES, ONWARD_ERROR_NOT_PERMITTED },
    { G_FILE_ERROR_PERM, ONWARD_ERROR_NOT_PERMITTED },
    { G_FILE_ERROR_NOENT, ONWARD_ERROR_NOT_FOUND },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (error, G_FILE_ERROR, codes[i].file_error))
      return codes[i].code;

  return ONWARD_ERROR_FAILED;
}

/**
 * onward_journal_write:
 * @path: the journal's file
 * @text: what onward_journal_begin_save() returned
 * @error: where to put ONWARD_ERROR
 *
 * Writes a journal in one durable step. Blocking; for any thread.
 *
 * Returns: FALSE on failure, when the file says what it said before
 */
gboolean
onward_journal_write (const char *path, const char *text, GError **error)
{
  g_autoptr (GError) local = NULL;
  GFileSetContentsFlags flags = G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE;

  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (g_file_set_contents_full (path, text, (gssize) strlen (text), flags, 0600, &local))
    return TRUE;

  g_set_error (error, ONWARD_ERROR, code_for_file_error (local), "Saving “%s”: %s", path,
               local->message);
  return FALSE;
}
