/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-journal-private.h"
#include "onward-version.h"

static OnwardJournal *
new_journal (const char *path, gboolean is_own)
{
  OnwardJournal *self = g_new0 (OnwardJournal, 1);

  self->path = g_strdup (path);
  self->contents = onward_journal_read_contents (path, is_own, &self->damaged);
  self->generation = self->contents->generation;
  self->saved = onward_journal_contents_serialize (self->contents);
  return self;
}

/**
 * onward_journal_load:
 * @path: the journal's file, which need not exist
 *
 * Reads the journal. This never fails: a file that cannot be used is set aside as "<path>.bad" and
 * the journal starts empty, since no journal may stop an application from updating. Blocking.
 *
 * Returns: (transfer full): the journal
 */
OnwardJournal *
onward_journal_load (const char *path)
{
  g_return_val_if_fail (path != NULL, NULL);

  return new_journal (path, TRUE);
}

/**
 * onward_journal_peek:
 * @path: the journal's file, which need not exist
 *
 * onward_journal_load() without the install's lock: the file belongs to another process, which may
 * be of a later version and write another format, so it stays where it is. Blocking.
 *
 * Returns: (transfer full): the journal
 */
OnwardJournal *
onward_journal_peek (const char *path)
{
  g_return_val_if_fail (path != NULL, NULL);

  return new_journal (path, FALSE);
}

/**
 * onward_journal_begin_save:
 * @self: the journal
 *
 * The first of three steps for those who do not block: the text is for onward_journal_write(), in
 * any thread, and what became of it for onward_journal_end_save(). Texts are written in the order
 * in which they were taken; an older one need not be written when there is a newer one.
 *
 * Returns: (transfer full) (nullable): what to write; %NULL when nothing changed since the last
 *   time
 */
char *
onward_journal_begin_save (OnwardJournal *self)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  text = onward_journal_contents_serialize (self->contents);
  if (g_strcmp0 (text, self->saved) == 0)
    return NULL;

  self->contents->generation++;
  g_free (self->saved);
  self->saved = onward_journal_contents_serialize (self->contents);
  return g_strdup (self->saved);
}

/**
 * onward_journal_end_save:
 * @self: the journal
 * @is_saved: whether the text that was taken last is in the file
 *
 * Ends what onward_journal_begin_save() began. What could not be saved is saved the next time.
 */
void
onward_journal_end_save (OnwardJournal *self, gboolean is_saved)
{
  g_return_if_fail (self != NULL);

  if (is_saved)
    self->generation = self->contents->generation;
  else
    g_clear_pointer (&self->saved, g_free);
}

/**
 * onward_journal_save:
 * @self: the journal
 * @error: where to put ONWARD_ERROR
 *
 * Writes the journal in one durable step; nothing is written when nothing changed. Blocking.
 *
 * Returns: FALSE on failure, when the file says what it said before
 */
gboolean
onward_journal_save (OnwardJournal *self, GError **error)
{
  g_autofree char *text = NULL;
  gboolean is_saved;

  g_return_val_if_fail (self != NULL, FALSE);

  text = onward_journal_begin_save (self);
  if (text == NULL)
    return TRUE;

  is_saved = onward_journal_write (self->path, text, error);
  onward_journal_end_save (self, is_saved);
  return is_saved;
}

/**
 * onward_journal_free:
 * @self: (transfer full): the journal; what was not saved is lost
 */
void
onward_journal_free (OnwardJournal *self)
{
  g_return_if_fail (self != NULL);

  onward_journal_contents_free (self->contents);
  g_free (self->saved);
  g_free (self->path);
  g_free (self);
}

/**
 * onward_journal_was_damaged:
 * @self: the journal
 *
 * Returns: whether a file was found that could not be used and was set aside
 */
gboolean
onward_journal_was_damaged (OnwardJournal *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->damaged;
}

/**
 * onward_journal_get_state:
 * @self: the journal
 *
 * Returns: the state as it was saved; after a crash see onward_state_recover()
 */
OnwardState
onward_journal_get_state (OnwardJournal *self)
{
  g_return_val_if_fail (self != NULL, ONWARD_STATE_IDLE);
  return self->contents->state;
}

/**
 * onward_journal_set_state:
 * @self: the journal
 * @state: where the update stands
 */
void
onward_journal_set_state (OnwardJournal *self, OnwardState state)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail ((guint) state <= ONWARD_STATE_LAST);

  self->contents->state = state;
}

static void
replace_text (char **text, const char *replacement)
{
  char *copy = g_strdup (replacement);

  g_free (*text);
  *text = copy;
}

/**
 * onward_journal_get_release:
 * @self: the journal
 *
 * Returns: (transfer none) (nullable): the version that the state is about
 */
const char *
onward_journal_get_release (OnwardJournal *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->contents->release;
}

/**
 * onward_journal_set_release:
 * @self: the journal
 * @version: (nullable): the version that the state is about
 */
void
onward_journal_set_release (OnwardJournal *self, const char *version)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (version == NULL || onward_version_is_valid (version));

  replace_text (&self->contents->release, version);
}

static gboolean
find_transfer (OnwardJournal *self, const OnwardDigest *digest, guint *ret_index)
{
  GPtrArray *transfers = self->contents->transfers;

  for (guint i = 0; i < transfers->len; i++)
    {
      const OnwardJournalTransfer *transfer = g_ptr_array_index (transfers, i);

      if (onward_digest_equal (&transfer->digest, digest))
        {
          *ret_index = i;
          return TRUE;
        }
    }

  return FALSE;
}

/**
 * onward_journal_get_transfer:
 * @self: the journal
 * @digest: names a pack
 * @size: its size in bytes
 * @ret_validator: (out) (transfer full) (nullable): what the bytes came with
 * @ret_received: (out) (transfer full): which bytes there should be
 *
 * Gets what was received of a pack: a hint, which the digests of its blocks confirm or not.
 *
 * Returns: FALSE when nothing is known that fits a pack of that size
 */
gboolean
onward_journal_get_transfer (OnwardJournal *self, const OnwardDigest *digest, guint64 size,
                             char **ret_validator, OnwardRanges **ret_received)
{
  const OnwardJournalTransfer *transfer;
  guint count;
  guint index;

  g_return_val_if_fail (self != NULL && digest != NULL, FALSE);
  g_return_val_if_fail (ret_validator != NULL && ret_received != NULL, FALSE);

  if (!find_transfer (self, digest, &index))
    return FALSE;

  transfer = g_ptr_array_index (self->contents->transfers, index);
  count = onward_ranges_get_count (transfer->received);
  if (count > 0 && onward_ranges_get (transfer->received, count - 1)->end > size)
    return FALSE;

  *ret_validator = g_strdup (transfer->validator);
  *ret_received = onward_ranges_copy (transfer->received);
  return TRUE;
}

/**
 * onward_journal_set_transfer:
 * @self: the journal
 * @digest: names a pack
 * @validator: (nullable): what the bytes came with; not kept unless it is printable ASCII
 * @received: which bytes there are
 *
 * Remembers what was received of a pack, as the newest of at most 64.
 */
void
onward_journal_set_transfer (OnwardJournal *self, const OnwardDigest *digest, const char *validator,
                             const OnwardRanges *received)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (digest != NULL);
  g_return_if_fail (received != NULL);

  onward_journal_remove_transfer (self, digest);
  if (!onward_journal_contents_is_validator (validator))
    validator = NULL;
  onward_journal_contents_add_transfer (self->contents, digest, validator,
                                        onward_ranges_copy (received));
}

/**
 * onward_journal_remove_transfer:
 * @self: the journal
 * @digest: names a pack
 */
void
onward_journal_remove_transfer (OnwardJournal *self, const OnwardDigest *digest)
{
  guint index;

  g_return_if_fail (self != NULL);
  g_return_if_fail (digest != NULL);

  if (find_transfer (self, digest, &index))
    g_ptr_array_remove_index (self->contents->transfers, index);
}

/**
 * onward_journal_get_retries:
 * @self: the journal
 *
 * Returns: how many tries in a row have failed
 */
guint
onward_journal_get_retries (OnwardJournal *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->contents->retries;
}

/**
 * onward_journal_set_retries:
 * @self: the journal
 * @retries: how many tries in a row have failed
 */
void
onward_journal_set_retries (OnwardJournal *self, guint retries)
{
  g_return_if_fail (self != NULL);
  self->contents->retries = retries;
}

/**
 * onward_journal_get_validator:
 * @self: the journal
 *
 * Returns: (transfer none) (nullable): the entity tag that the stored timestamp.json came with
 */
const char *
onward_journal_get_validator (OnwardJournal *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->contents->validator;
}

/**
 * onward_journal_set_validator:
 * @self: the journal
 * @validator: (nullable): an entity tag; not kept unless it is printable ASCII
 */
void
onward_journal_set_validator (OnwardJournal *self, const char *validator)
{
  g_return_if_fail (self != NULL);

  replace_text (&self->contents->validator,
                onward_journal_contents_is_validator (validator) ? validator : NULL);
}

static gboolean
find_skipped (OnwardJournal *self, const char *version, guint *ret_index)
{
  return g_ptr_array_find_with_equal_func (self->contents->skipped, version, g_str_equal,
                                           ret_index);
}

/**
 * onward_journal_is_skipped:
 * @self: the journal
 * @version: a version
 *
 * Returns: whether the user wants to hear no more of @version
 */
gboolean
onward_journal_is_skipped (OnwardJournal *self, const char *version)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (version != NULL, FALSE);

  return find_skipped (self, version, NULL);
}

/**
 * onward_journal_skip:
 * @self: the journal
 * @version: a version the user wants to hear no more of; the newest of at most 256
 */
void
onward_journal_skip (OnwardJournal *self, const char *version)
{
  GPtrArray *skipped;

  g_return_if_fail (self != NULL);
  g_return_if_fail (version != NULL && onward_version_is_valid (version));

  if (find_skipped (self, version, NULL))
    return;

  skipped = self->contents->skipped;
  g_ptr_array_insert (skipped, 0, g_strdup (version));
  if (skipped->len > ONWARD_JOURNAL_MAX_RELEASES)
    g_ptr_array_set_size (skipped, ONWARD_JOURNAL_MAX_RELEASES);
}

/**
 * onward_journal_unskip:
 * @self: the journal
 * @version: a version the user wants to hear of again
 */
void
onward_journal_unskip (OnwardJournal *self, const char *version)
{
  guint index;

  g_return_if_fail (self != NULL);
  g_return_if_fail (version != NULL);

  if (find_skipped (self, version, &index))
    g_ptr_array_remove_index (self->contents->skipped, index);
}

/**
 * onward_journal_has_failed:
 * @self: the journal
 * @tree: names a release's tree
 *
 * Returns: whether @tree was installed once and could not start
 */
gboolean
onward_journal_has_failed (OnwardJournal *self, const OnwardDigest *tree)
{
  GArray *failed;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (tree != NULL, FALSE);

  failed = self->contents->failed;
  for (guint i = 0; i < failed->len; i++)
    if (onward_digest_equal (&g_array_index (failed, OnwardDigest, i), tree))
      return TRUE;

  return FALSE;
}

/**
 * onward_journal_add_failed:
 * @self: the journal
 * @tree: names the tree of a release that could not start; the newest of at most 256
 */
void
onward_journal_add_failed (OnwardJournal *self, const OnwardDigest *tree)
{
  GArray *failed;

  g_return_if_fail (self != NULL);
  g_return_if_fail (tree != NULL);

  if (onward_journal_has_failed (self, tree))
    return;

  failed = self->contents->failed;
  g_array_prepend_vals (failed, tree, 1);
  if (failed->len > ONWARD_JOURNAL_MAX_RELEASES)
    g_array_set_size (failed, ONWARD_JOURNAL_MAX_RELEASES);
}

/**
 * onward_journal_get_remind_at:
 * @self: the journal
 *
 * Returns: when the user wants to be reminded, in seconds since 1970; 0 for no such wish
 */
gint64
onward_journal_get_remind_at (OnwardJournal *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->contents->remind_at;
}

/**
 * onward_journal_set_remind_at:
 * @self: the journal
 * @when: seconds since 1970, or 0
 */
void
onward_journal_set_remind_at (OnwardJournal *self, gint64 when)
{
  g_return_if_fail (self != NULL);
  self->contents->remind_at = MAX (when, 0);
}

/**
 * onward_journal_get_last_check:
 * @self: the journal
 *
 * Returns: when the repository last answered, in seconds since 1970; 0 for never
 */
gint64
onward_journal_get_last_check (OnwardJournal *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->contents->last_check;
}

/**
 * onward_journal_set_last_check:
 * @self: the journal
 * @when: seconds since 1970, or 0
 */
void
onward_journal_set_last_check (OnwardJournal *self, gint64 when)
{
  g_return_if_fail (self != NULL);
  self->contents->last_check = MAX (when, 0);
}

/**
 * onward_journal_get_busy_until:
 * @self: the journal
 *
 * Returns: until when the repository asks to be left alone, in seconds since 1970, or 0
 */
gint64
onward_journal_get_busy_until (OnwardJournal *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->contents->busy_until;
}

/**
 * onward_journal_set_busy_until:
 * @self: the journal
 * @when: seconds since 1970, or 0
 */
void
onward_journal_set_busy_until (OnwardJournal *self, gint64 when)
{
  g_return_if_fail (self != NULL);
  self->contents->busy_until = MAX (when, 0);
}

/**
 * onward_journal_get_secret:
 * @self: the journal
 *
 * What decides this install's place in a rollout: random, made once, never sent. When the journal
 * is lost the install is dealt a new place.
 *
 * Returns: (transfer none): the secret
 */
const char *
onward_journal_get_secret (OnwardJournal *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->contents->secret == NULL)
    self->contents->secret = g_uuid_string_random ();
  return self->contents->secret;
}

/**
 * onward_journal_get_generation:
 * @self: the journal
 *
 * Returns: how often the journal's file was saved: another number than remembered tells that
 *   another process has saved it meanwhile
 */
guint64
onward_journal_get_generation (OnwardJournal *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->generation;
}
