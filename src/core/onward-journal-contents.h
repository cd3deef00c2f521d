/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-journal.h"

G_BEGIN_DECLS

#define ONWARD_JOURNAL_MAX_SIZE (1024u * 1024)
#define ONWARD_JOURNAL_MAX_TRANSFERS 64u
#define ONWARD_JOURNAL_MAX_RELEASES 256u

/* What was received of one pack. */
typedef struct
{
  OnwardDigest digest;
  char *validator;        /* (owned) (nullable) */
  OnwardRanges *received; /* (owned) */
} OnwardJournalTransfer;

/* What a journal says, and its form as text. Lists are newest first and within their limits. */
typedef struct
{
  guint64 generation;
  OnwardState state;
  char *release;   /* (owned) (nullable) */
  char *validator; /* (owned) (nullable) */
  char *secret;    /* (owned) (nullable): plain ASCII */
  char *channel;   /* (owned) (nullable): a plain name */
  guint retries;
  gint64 remind_at;
  gint64 last_check;
  gint64 busy_until;
  char *session; /* (owned) (nullable): of the updater that wrote it */
  OnwardJournalProgress progress;
  GPtrArray *transfers; /* (owned) (element-type OnwardJournalTransfer) */
  GPtrArray *skipped;   /* (owned) (element-type utf8) */
  GArray *failed;       /* (owned) (element-type OnwardDigest) */
} OnwardJournalContents;

OnwardJournalContents *onward_journal_contents_new          (void);
void                   onward_journal_contents_free         (OnwardJournalContents *self);
OnwardJournalContents *onward_journal_contents_parse        (const char *text, gsize size);
char                  *onward_journal_contents_serialize    (const OnwardJournalContents *self);
char                  *onward_journal_contents_seal         (const char *text);
gboolean               onward_journal_contents_is_validator (const char *validator);
void                   onward_journal_contents_add_transfer (OnwardJournalContents *self,
                                                             const OnwardDigest *digest,
                                                             const char *validator,
                                                             OnwardRanges *received);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardJournalContents, onward_journal_contents_free)

G_END_DECLS
