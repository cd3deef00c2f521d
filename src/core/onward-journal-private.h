/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-journal-contents.h"

G_BEGIN_DECLS

struct _OnwardJournal
{
  char *path;                      /* (owned) */
  OnwardJournalContents *contents; /* (owned) */
  char *saved;                     /* (owned) (nullable): what the file says, or is about to */
  guint64 generation;              /* of the file */
  gboolean damaged;
};

OnwardJournalContents *onward_journal_read_contents (const char *path, gboolean is_own,
                                                     gboolean *ret_damaged);

G_END_DECLS
