/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-digest.h"
#include "onward-obstacle.h"
#include "onward-ranges.h"
#include "onward-state.h"

G_BEGIN_DECLS

/**
 * OnwardJournal:
 *
 * What is remembered between runs, in a GKeyFile with format, generation and checksum. A hint
 * only: the disk is the truth. Loading never fails: a file that cannot be used is set aside as
 * "state.ini.bad" by who holds the install's lock, and the journal starts empty.
 */
typedef struct _OnwardJournal OnwardJournal;

/**
 * OnwardJournalProgress:
 * @bytes_done: bytes of the update that are there
 * @bytes_total: bytes it takes
 * @files_done: files already staged
 * @files_total: files to stage
 * @rate: bytes a second
 * @time_left: seconds, or -1 while unknown
 * @retry_at: when the next try begins, in wall-clock seconds since 1970; 0 while one is under way
 * @obstacle: what stands in the way
 *
 * How far an update has come, for other processes and for the next run.
 */
typedef struct
{
  guint64 bytes_done;
  guint64 bytes_total;
  guint files_done;
  guint files_total;
  guint64 rate;
  gint time_left;
  gint64 retry_at;
  OnwardObstacle obstacle;
} OnwardJournalProgress;

OnwardJournal *onward_journal_load  (const char *path);
/* Without the install's lock: changes nothing. */
OnwardJournal *onward_journal_peek  (const char *path);
/* Atomic and durable; nothing is written when nothing changed since the last save. */
gboolean       onward_journal_save  (OnwardJournal *self, GError **error);
/* The same in three steps, the second of which may be made in another thread. */
char          *onward_journal_begin_save (OnwardJournal *self);
gboolean       onward_journal_write      (const char *path, const char *text, GError **error);
void           onward_journal_end_save   (OnwardJournal *self, gboolean is_saved);
void           onward_journal_free  (OnwardJournal *self);
/* TRUE when a file was found and set aside as unusable. */
gboolean       onward_journal_was_damaged (OnwardJournal *self);

OnwardState    onward_journal_get_state   (OnwardJournal *self);
void           onward_journal_set_state   (OnwardJournal *self, OnwardState state);
const char    *onward_journal_get_release (OnwardJournal *self); /* version; nullable */
void           onward_journal_set_release (OnwardJournal *self, const char *version);

/* Which updater wrote it, as its lock names it, and how far that was. */
const char    *onward_journal_progress_get_session (OnwardJournal *self); /* nullable */
void           onward_journal_progress_set_session (OnwardJournal *self, const char *session);
void           onward_journal_progress_get         (OnwardJournal *self,
                                                    OnwardJournalProgress *ret_progress);
void           onward_journal_progress_set         (OnwardJournal *self,
                                                    const OnwardJournalProgress *progress);

/* What was received of a pack; @digest names it. NULL when nothing is known. */
gboolean       onward_journal_get_transfer    (OnwardJournal *self, const OnwardDigest *digest,
                                               guint64 size, char **ret_validator,
                                               OnwardRanges **ret_received);
void           onward_journal_set_transfer    (OnwardJournal *self, const OnwardDigest *digest,
                                               const char *validator, const OnwardRanges *received);
void           onward_journal_remove_transfer (OnwardJournal *self, const OnwardDigest *digest);
guint          onward_journal_get_retries     (OnwardJournal *self);
void           onward_journal_set_retries     (OnwardJournal *self, guint retries);

/* The entity tag that the stored timestamp.json came with. */
const char    *onward_journal_get_validator   (OnwardJournal *self); /* nullable */
void           onward_journal_set_validator   (OnwardJournal *self, const char *validator);

gboolean       onward_journal_is_skipped (OnwardJournal *self, const char *version);
void           onward_journal_skip       (OnwardJournal *self, const char *version);
void           onward_journal_unskip     (OnwardJournal *self, const char *version);
/* The one that was skipped last is 0; NULL behind the last. */
const char    *onward_journal_choices_get_skipped (OnwardJournal *self, guint index);
/* The one that the user has chosen; NULL leaves it to onward.ini. */
const char    *onward_journal_choices_get_channel (OnwardJournal *self);
void           onward_journal_choices_set_channel (OnwardJournal *self, const char *channel);
gboolean       onward_journal_has_failed (OnwardJournal *self, const OnwardDigest *tree);
void           onward_journal_add_failed (OnwardJournal *self, const OnwardDigest *tree);

/* Wall-clock seconds since 1970; 0 for never. */
gint64         onward_journal_get_remind_at  (OnwardJournal *self);
void           onward_journal_set_remind_at  (OnwardJournal *self, gint64 when);
gint64         onward_journal_get_last_check (OnwardJournal *self);
void           onward_journal_set_last_check (OnwardJournal *self, gint64 when);
gint64         onward_journal_get_busy_until (OnwardJournal *self);
void           onward_journal_set_busy_until (OnwardJournal *self, gint64 when);

/* What decides this install's place in a rollout: random, made once, never sent. */
const char    *onward_journal_get_secret     (OnwardJournal *self);
/* Grows with every save; tells whether another process has saved meanwhile. */
guint64        onward_journal_get_generation (OnwardJournal *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardJournal, onward_journal_free)

G_END_DECLS
