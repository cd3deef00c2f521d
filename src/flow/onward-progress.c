/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-progress.h"

/* One bar for the whole way; the download takes most of it. */
#define DOWNLOAD_SHARE 0.85
#define VERIFIED_SHARE 0.87

/* Seconds: no server may ask for more. */
#define LONGEST_WAIT (24 * 60 * 60)

static double
fraction (guint64 done, guint64 total)
{
  return total == 0 ? 0.0 : MIN (1.0, (double) done / (double) total);
}

/**
 * onward_progress_get:
 * @fields: the contents of a status
 *
 * Returns: how far the update is, 0.0 to 1.0 over download, verification and staging
 */
double
onward_progress_get (const OnwardStatusFields *fields)
{
  switch (fields->state)
    {
    case ONWARD_STATE_DOWNLOADING:
    case ONWARD_STATE_PAUSED:
    case ONWARD_STATE_OFFLINE:
    case ONWARD_STATE_RECONNECTING:
      return DOWNLOAD_SHARE * fraction (fields->bytes_done, fields->bytes_total);
    case ONWARD_STATE_VERIFYING:
      return DOWNLOAD_SHARE;
    case ONWARD_STATE_STAGING:
      return VERIFIED_SHARE +
             (1.0 - VERIFIED_SHARE) * fraction (fields->files_done, fields->files_total);
    case ONWARD_STATE_READY:
    case ONWARD_STATE_APPLYING:
    case ONWARD_STATE_APPLIED:
      return 1.0;
    case ONWARD_STATE_IDLE:
    case ONWARD_STATE_CHECKING:
    case ONWARD_STATE_AVAILABLE:
    case ONWARD_STATE_FAILED:
      return 0.0;
    }

  g_return_val_if_reached (0.0);
}

/* One that another process works on, or has left, may have begun anew since. */
static gboolean
is_same_update (const OnwardStatusFields *before, const OnwardStatusFields *fields)
{
  if (before->elsewhere != fields->elsewhere)
    return FALSE;

  return before->release == NULL || fields->release == NULL ||
         g_str_equal (onward_release_get_version (before->release),
                      onward_release_get_version (fields->release));
}

/**
 * onward_progress_go_on:
 * @before: the contents of the status before
 * @fields: the contents of the next one
 * @is_updating: whether an update is on its way, through whatever states
 *
 * Returns: how far the update is, as people are told. What they were told is not taken back, though
 *   files that turn out to be damaged may lead from the middle of staging back to downloading: then
 *   the bar stands until it is true again. Of another update that says nothing
 */
double
onward_progress_go_on (const OnwardStatusFields *before, const OnwardStatusFields *fields,
                       gboolean is_updating)
{
  double progress = onward_progress_get (fields);

  if (!is_same_update (before, fields))
    return progress;
  return is_updating || progress > 0.0 ? MAX (progress, before->progress) : 0.0;
}

/**
 * onward_progress_count:
 * @fields: what people were told last
 * @done: how many bytes are there now
 * @total: how many are wanted
 *
 * Takes over how much has come. What people were told of is not taken back, though a damaged block
 * may be fetched again or a file may have gone: then the number stands until it is true again.
 */
void
onward_progress_count (OnwardStatusFields *fields, guint64 done, guint64 total)
{
  if (fields->bytes_total == total)
    done = MAX (done, fields->bytes_done);
  fields->bytes_done = MIN (done, total);
  fields->bytes_total = total;
}

/**
 * onward_progress_replan:
 * @fields: what people were told last
 * @done: how many bytes of a new plan are there
 * @total: how many it wants
 *
 * Goes on with another plan, as from a delta that is of no use to the full pack. What came for the
 * plan before came all the same: the update costs it on top.
 *
 * Returns: how many bytes that are, to be added from now on to both numbers of the plan
 */
guint64
onward_progress_replan (OnwardStatusFields *fields, guint64 done, guint64 total)
{
  guint64 spent = fields->bytes_done > done ? fields->bytes_done - done : 0;

  fields->bytes_done = done + spent;
  fields->bytes_total = total + spent;
  return spent;
}

/**
 * onward_progress_plan:
 * @fields: what people were told last, also by an earlier run
 * @spent: how many bytes came for plans that were given up
 * @done: how many bytes of the plan are there
 * @total: how many it wants
 *
 * Begins with a plan, or goes on with the one that people were told of.
 *
 * Returns: how many bytes to add from now on to both numbers of the plan
 */
guint64
onward_progress_plan (OnwardStatusFields *fields, guint64 spent, guint64 done, guint64 total)
{
  if (fields->bytes_total != total + spent)
    return onward_progress_replan (fields, done, total);

  onward_progress_count (fields, done + spent, total + spent);
  return spent;
}

/**
 * onward_progress_record:
 * @fields: the contents of a status
 * @now: the present time of onward_clock_get_time(), in µs
 * @date: the present wall-clock time, in seconds since 1970
 * @ret_record: (out): what to write down
 *
 * Makes a record that other processes and later runs understand: those of another start of the
 * computer share no clock with this one but that on the wall.
 */
void
onward_progress_record (const OnwardStatusFields *fields, gint64 now, gint64 date,
                        OnwardJournalProgress *ret_record)
{
  gint64 wait = (fields->retry_at - now + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;

  *ret_record = (OnwardJournalProgress){
    .bytes_done = fields->bytes_done,
    .bytes_total = fields->bytes_total,
    .files_done = fields->files_done,
    .files_total = fields->files_total,
    .rate = fields->rate,
    .time_left = fields->time_left,
    .retry_at = fields->retry_at == 0 ? 0 : date + MAX (wait, 0),
    .obstacle = fields->obstacle,
  };
}

/**
 * onward_progress_resume:
 * @fields: the contents of a status of an update that nobody works on any more
 * @record: how far it had come
 *
 * Takes over what people were told last: an update that is gone on with begins where it was.
 */
void
onward_progress_resume (OnwardStatusFields *fields, const OnwardJournalProgress *record)
{
  fields->bytes_total = record->bytes_total;
  fields->bytes_done = MIN (record->bytes_done, record->bytes_total);
}

/**
 * onward_progress_watch:
 * @fields: the contents of a status of an update that another process works on
 * @record: what that process has written down last
 * @now: the present time of onward_clock_get_time(), in µs
 * @date: the present wall-clock time, in seconds since 1970
 *
 * Takes over all that is known of it. A wait that no server may ask for is one of a clock that was
 * set.
 */
void
onward_progress_watch (OnwardStatusFields *fields, const OnwardJournalProgress *record, gint64 now,
                       gint64 date)
{
  gint64 wait = record->retry_at - date;

  onward_progress_resume (fields, record);
  fields->files_done = record->files_done;
  fields->files_total = record->files_total;
  fields->rate = record->rate;
  fields->time_left = record->time_left;
  fields->obstacle = record->obstacle;
  fields->retry_at = wait > 0 && wait <= LONGEST_WAIT ? now + wait * G_USEC_PER_SEC : 0;
}
