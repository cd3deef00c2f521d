/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-progress.h"

/* One bar for the whole way; the download takes most of it. */
#define DOWNLOAD_SHARE 0.85
#define VERIFIED_SHARE 0.87

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
