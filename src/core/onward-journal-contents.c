/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-journal-contents.h"
#include "onward-names.h"
#include "onward-obstacle-private.h"
#include "onward-state-private.h"
#include "onward-version.h"

#define GROUP         "Onward"
#define HEADER        "[" GROUP "]\n"
#define CHECKSUM      "Checksum="
#define HEX_SIZE      (2 * ONWARD_DIGEST_SIZE)
#define FORMAT        "1"
#define TRANSFER      "Transfer "
#define MAX_VALIDATOR 1024
/* Keeps the text well below ONWARD_JOURNAL_MAX_SIZE, and each list of ranges within its limit. */
#define MAX_RECEIVED (512 * 1024)

static void
free_transfer (gpointer data)
{
  OnwardJournalTransfer *transfer = data;

  g_free (transfer->validator);
  onward_ranges_free (transfer->received);
  g_free (transfer);
}

/**
 * onward_journal_contents_new:
 *
 * Returns: (transfer full): what a journal says of an install that nothing is known of
 */
OnwardJournalContents *
onward_journal_contents_new (void)
{
  OnwardJournalContents *self = g_new0 (OnwardJournalContents, 1);

  self->state = ONWARD_STATE_IDLE;
  self->progress.time_left = -1;
  self->transfers = g_ptr_array_new_with_free_func (free_transfer);
  self->skipped = g_ptr_array_new_with_free_func (g_free);
  self->failed = g_array_new (FALSE, FALSE, sizeof (OnwardDigest));
  return self;
}

/**
 * onward_journal_contents_free:
 * @self: (transfer full): the contents
 */
void
onward_journal_contents_free (OnwardJournalContents *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->release);
  g_free (self->validator);
  g_free (self->secret);
  g_free (self->channel);
  g_free (self->session);
  g_ptr_array_unref (self->transfers);
  g_ptr_array_unref (self->skipped);
  g_array_unref (self->failed);
  g_free (self);
}

/**
 * onward_journal_contents_is_validator:
 * @validator: (nullable): an entity tag or a date, as a server sent it
 *
 * Returns: whether @validator is printable ASCII of reasonable length, and so worth keeping
 */
gboolean
onward_journal_contents_is_validator (const char *validator)
{
  if (validator == NULL || *validator == '\0' || strlen (validator) > MAX_VALIDATOR)
    return FALSE;

  for (; *validator != '\0'; validator++)
    if (!g_ascii_isprint (*validator))
      return FALSE;

  return TRUE;
}

/**
 * onward_journal_contents_add_transfer:
 * @self: the contents
 * @digest: names the pack
 * @validator: (nullable): what the bytes came with
 * @received: (transfer full): which bytes there are
 *
 * Adds a transfer as the newest; when there are too many the oldest is forgotten.
 */
void
onward_journal_contents_add_transfer (OnwardJournalContents *self, const OnwardDigest *digest,
                                      const char *validator, OnwardRanges *received)
{
  OnwardJournalTransfer *transfer = g_new0 (OnwardJournalTransfer, 1);

  transfer->digest = *digest;
  transfer->validator = g_strdup (validator);
  transfer->received = received;
  g_ptr_array_insert (self->transfers, 0, transfer);
  if (self->transfers->len > ONWARD_JOURNAL_MAX_TRANSFERS)
    g_ptr_array_set_size (self->transfers, ONWARD_JOURNAL_MAX_TRANSFERS);
}

static char *
checksum_of (const char *rest)
{
  g_autofree char *text = g_strconcat (HEADER, rest, NULL);
  OnwardDigest digest;

  onward_digest_of_data (text, strlen (text), &digest);
  return onward_digest_to_string (&digest);
}

/**
 * onward_journal_contents_seal:
 * @text: a journal without its checksum, which begins with the group "Onward"
 *
 * Returns: (transfer full): @text with the checksum, the SHA-256 of @text, as its second line
 */
char *
onward_journal_contents_seal (const char *text)
{
  g_autofree char *checksum = NULL;

  g_return_val_if_fail (g_str_has_prefix (text, HEADER), NULL);

  text += strlen (HEADER);
  checksum = checksum_of (text);
  return g_strconcat (HEADER CHECKSUM, checksum, "\n", text, NULL);
}

/* Takes the checksum out of the raw text, since the parser of key files would take zeros, doubled
 * groups and more for a journal. Returns NULL unless it is right. */
static char *
unseal (const char *text)
{
  g_autofree char *checksum = NULL;
  const char *rest;

  if (!g_str_has_prefix (text, HEADER CHECKSUM))
    return NULL;

  text += strlen (HEADER CHECKSUM);
  rest = strchr (text, '\n');
  if (rest == NULL || rest - text != HEX_SIZE)
    return NULL;

  rest++;
  checksum = checksum_of (rest);
  return strncmp (text, checksum, HEX_SIZE) == 0 ? g_strconcat (HEADER, rest, NULL) : NULL;
}

static void
write_unsigned (GKeyFile *file, const char *key, guint64 number)
{
  if (number != 0)
    g_key_file_set_uint64 (file, GROUP, key, number);
}

static void
write_failed (GKeyFile *file, const GArray *failed)
{
  g_autoptr (GPtrArray) digests = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < failed->len; i++)
    g_ptr_array_add (digests, onward_digest_to_string (&g_array_index (failed, OnwardDigest, i)));
  if (failed->len > 0)
    g_key_file_set_string_list (file, GROUP, "Failed", (const char *const *) digests->pdata,
                                digests->len);
}

/* Nothing is said of a time that is not known. */
static void
write_progress (GKeyFile *file, const OnwardJournalProgress *progress)
{
  write_unsigned (file, "BytesDone", progress->bytes_done);
  write_unsigned (file, "BytesTotal", progress->bytes_total);
  write_unsigned (file, "FilesDone", progress->files_done);
  write_unsigned (file, "FilesTotal", progress->files_total);
  write_unsigned (file, "Rate", progress->rate);
  write_unsigned (file, "RetryAt", (guint64) progress->retry_at);
  if (progress->time_left >= 0)
    g_key_file_set_integer (file, GROUP, "TimeLeft", progress->time_left);
  if (progress->obstacle != ONWARD_OBSTACLE_NONE)
    g_key_file_set_string (file, GROUP, "Obstacle", onward_obstacle_get_nick (progress->obstacle));
}

/* Leaves out what is beyond the limit: it is fetched again. */
static void
write_transfers (GKeyFile *file, GPtrArray *transfers)
{
  gsize size = 0;

  for (guint i = 0; i < transfers->len; i++)
    {
      const OnwardJournalTransfer *transfer = g_ptr_array_index (transfers, i);
      g_autofree char *received = onward_ranges_to_string (transfer->received);
      g_autofree char *name = onward_digest_to_string (&transfer->digest);
      g_autofree char *group = g_strconcat (TRANSFER, name, NULL);

      size += strlen (received);
      if (size > MAX_RECEIVED)
        return;
      g_key_file_set_string (file, group, "Received", received);
      if (transfer->validator != NULL)
        g_key_file_set_string (file, group, "Validator", transfer->validator);
    }
}

/**
 * onward_journal_contents_serialize:
 * @self: the contents
 *
 * Returns: (transfer full): the text of a journal, its checksum included
 */
char *
onward_journal_contents_serialize (const OnwardJournalContents *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  g_key_file_set_value (file, GROUP, "Format", FORMAT);
  g_key_file_set_uint64 (file, GROUP, "Generation", self->generation);
  g_key_file_set_string (file, GROUP, "State", onward_state_get_nick (self->state));
  if (self->release != NULL)
    g_key_file_set_string (file, GROUP, "Release", self->release);
  if (self->validator != NULL)
    g_key_file_set_string (file, GROUP, "Validator", self->validator);
  if (self->secret != NULL)
    g_key_file_set_string (file, GROUP, "Secret", self->secret);
  if (self->channel != NULL)
    g_key_file_set_string (file, GROUP, "Channel", self->channel);
  write_unsigned (file, "Retries", self->retries);
  write_unsigned (file, "RemindAt", (guint64) self->remind_at);
  write_unsigned (file, "LastCheck", (guint64) self->last_check);
  write_unsigned (file, "BusyUntil", (guint64) self->busy_until);
  if (self->session != NULL)
    g_key_file_set_string (file, GROUP, "Session", self->session);
  write_progress (file, &self->progress);
  if (self->skipped->len > 0)
    g_key_file_set_string_list (file, GROUP, "Skipped", (const char *const *) self->skipped->pdata,
                                self->skipped->len);
  write_failed (file, self->failed);
  write_transfers (file, self->transfers);

  text = g_key_file_to_data (file, NULL, NULL);
  return onward_journal_contents_seal (text);
}

/* Numbers are read from their raw text: the parser of key files takes "-1" for a huge one. */
static gboolean
read_unsigned (GKeyFile *file, const char *key, guint64 maximum, guint64 *ret_number)
{
  g_autofree char *value = g_key_file_get_value (file, GROUP, key, NULL);

  if (value != NULL)
    return g_ascii_string_to_unsigned (value, 10, 0, maximum, ret_number, NULL);

  *ret_number = 0;
  return TRUE;
}

static gboolean
read_numbers (OnwardJournalContents *self, GKeyFile *file)
{
  guint64 retries, remind_at, last_check, busy_until;

  if (!read_unsigned (file, "Generation", G_MAXUINT64 - 1, &self->generation) ||
      !read_unsigned (file, "Retries", G_MAXUINT, &retries) ||
      !read_unsigned (file, "RemindAt", G_MAXINT64, &remind_at) ||
      !read_unsigned (file, "LastCheck", G_MAXINT64, &last_check) ||
      !read_unsigned (file, "BusyUntil", G_MAXINT64, &busy_until))
    return FALSE;

  self->retries = (guint) retries;
  self->remind_at = (gint64) remind_at;
  self->last_check = (gint64) last_check;
  self->busy_until = (gint64) busy_until;
  return TRUE;
}

static gboolean
read_progress (OnwardJournalProgress *progress, GKeyFile *file)
{
  g_autofree char *obstacle = g_key_file_get_value (file, GROUP, "Obstacle", NULL);
  gboolean is_timed = g_key_file_has_key (file, GROUP, "TimeLeft", NULL);
  guint64 files_done, files_total, time_left, retry_at;

  if (!read_unsigned (file, "BytesDone", G_MAXINT64, &progress->bytes_done) ||
      !read_unsigned (file, "BytesTotal", G_MAXINT64, &progress->bytes_total) ||
      !read_unsigned (file, "FilesDone", G_MAXUINT, &files_done) ||
      !read_unsigned (file, "FilesTotal", G_MAXUINT, &files_total) ||
      !read_unsigned (file, "Rate", G_MAXINT64, &progress->rate) ||
      !read_unsigned (file, "RetryAt", G_MAXINT64, &retry_at) ||
      !read_unsigned (file, "TimeLeft", G_MAXINT, &time_left))
    return FALSE;

  progress->files_done = (guint) files_done;
  progress->files_total = (guint) files_total;
  progress->time_left = is_timed ? (gint) time_left : -1;
  progress->retry_at = (gint64) retry_at;
  return obstacle == NULL || onward_obstacle_from_nick (obstacle, &progress->obstacle);
}

static gboolean
read_state (OnwardJournalContents *self, GKeyFile *file)
{
  g_autofree char *format = g_key_file_get_value (file, GROUP, "Format", NULL);
  g_autofree char *state = g_key_file_get_value (file, GROUP, "State", NULL);

  self->release = g_key_file_get_string (file, GROUP, "Release", NULL);
  self->validator = g_key_file_get_string (file, GROUP, "Validator", NULL);
  self->secret = g_key_file_get_string (file, GROUP, "Secret", NULL);
  self->channel = g_key_file_get_string (file, GROUP, "Channel", NULL);
  self->session = g_key_file_get_string (file, GROUP, "Session", NULL);

  return g_strcmp0 (format, FORMAT) == 0 && state != NULL &&
         onward_state_from_nick (state, &self->state) &&
         (self->release == NULL || onward_version_is_valid (self->release)) &&
         (self->validator == NULL || onward_journal_contents_is_validator (self->validator)) &&
         (self->secret == NULL || onward_journal_contents_is_validator (self->secret)) &&
         (self->channel == NULL || onward_names_is_name (self->channel)) &&
         (self->session == NULL || onward_journal_contents_is_validator (self->session));
}

static gboolean
read_skipped (OnwardJournalContents *self, GKeyFile *file)
{
  gsize count = 0;
  g_auto (GStrv) list = g_key_file_get_string_list (file, GROUP, "Skipped", &count, NULL);

  if (count > ONWARD_JOURNAL_MAX_RELEASES)
    return FALSE;

  for (gsize i = 0; i < count; i++)
    {
      if (!onward_version_is_valid (list[i]))
        return FALSE;
      g_ptr_array_add (self->skipped, g_strdup (list[i]));
    }

  return TRUE;
}

static gboolean
read_failed (OnwardJournalContents *self, GKeyFile *file)
{
  gsize count = 0;
  g_auto (GStrv) list = g_key_file_get_string_list (file, GROUP, "Failed", &count, NULL);

  if (count > ONWARD_JOURNAL_MAX_RELEASES)
    return FALSE;

  for (gsize i = 0; i < count; i++)
    {
      OnwardDigest digest;

      if (!onward_digest_parse (list[i], &digest, NULL))
        return FALSE;
      g_array_append_val (self->failed, digest);
    }

  return TRUE;
}

static gboolean
read_transfer (OnwardJournalContents *self, GKeyFile *file, const char *group)
{
  g_autofree char *validator = g_key_file_get_string (file, group, "Validator", NULL);
  g_autofree char *received = g_key_file_get_string (file, group, "Received", NULL);
  OnwardRanges *ranges;
  OnwardDigest digest;

  if (!onward_digest_parse (group + strlen (TRANSFER), &digest, NULL) || received == NULL ||
      (validator != NULL && !onward_journal_contents_is_validator (validator)))
    return FALSE;

  ranges = onward_ranges_parse (received, G_MAXUINT64);
  if (ranges == NULL)
    return FALSE;

  onward_journal_contents_add_transfer (self, &digest, validator, ranges);
  return TRUE;
}

/* The newest stands first, so it is read last. */
static gboolean
read_transfers (OnwardJournalContents *self, GKeyFile *file)
{
  gsize count = 0;
  g_auto (GStrv) groups = g_key_file_get_groups (file, &count);

  if (count > ONWARD_JOURNAL_MAX_TRANSFERS + 1)
    return FALSE;

  while (count-- > 0)
    if (g_str_has_prefix (groups[count], TRANSFER) && !read_transfer (self, file, groups[count]))
      return FALSE;

  return TRUE;
}

/**
 * onward_journal_contents_parse:
 * @text: any bytes
 * @size: how many
 *
 * Returns: (transfer full) (nullable): what the journal says; %NULL when the bytes are no journal,
 *   one of another format, or damaged in the slightest
 */
OnwardJournalContents *
onward_journal_contents_parse (const char *text, gsize size)
{
  g_autoptr (OnwardJournalContents) self = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *copy = NULL;
  g_autofree char *unsealed = NULL;

  g_return_val_if_fail (text != NULL || size == 0, NULL);

  if (size == 0 || size > ONWARD_JOURNAL_MAX_SIZE || !g_utf8_validate_len (text, size, NULL))
    return NULL;

  copy = g_strndup (text, size);
  unsealed = unseal (copy);
  if (unsealed == NULL ||
      !g_key_file_load_from_data (file, unsealed, strlen (unsealed), G_KEY_FILE_NONE, NULL))
    return NULL;

  self = onward_journal_contents_new ();
  if (!read_state (self, file) || !read_numbers (self, file) ||
      !read_progress (&self->progress, file) || !read_skipped (self, file) ||
      !read_failed (self, file) || !read_transfers (self, file))
    return NULL;

  return g_steal_pointer (&self);
}
