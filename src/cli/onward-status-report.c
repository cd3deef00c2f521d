/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-report.h"
#include "onward-status-report.h"

/**
 * onward_status_report_print:
 * @status: a status
 *
 * Prints a status.
 */
void
onward_status_report_print (OnwardStatus *status)
{
  JsonBuilder *builder = onward_report_begin ("status");
  OnwardRelease *release = onward_status_get_release (status);
  const GError *error = onward_status_get_error (status);
  gint64 retry_at = onward_status_get_retry_at (status);
  OnwardObstacle obstacle = onward_status_get_obstacle (status);

  onward_report_add_string (builder, "state",
                            onward_state_get_nick (onward_status_get_state (status)));
  if (release != NULL)
    onward_report_add_string (builder, "version", onward_release_get_version (release));
  onward_report_add_boolean (builder, "forced", onward_status_is_forced (status));
  onward_report_add_boolean (builder, "elsewhere", onward_status_is_elsewhere (status));
  onward_report_add_integer (builder, "bytes-done", (gint64) onward_status_get_bytes_done (status));
  onward_report_add_integer (builder, "bytes-total",
                             (gint64) onward_status_get_bytes_total (status));
  onward_report_add_integer (builder, "files-done", onward_status_get_files_done (status));
  onward_report_add_integer (builder, "files-total", onward_status_get_files_total (status));
  onward_report_add_integer (builder, "progress",
                             (gint64) (onward_status_get_progress (status) * 100));
  onward_report_add_integer (builder, "rate", (gint64) onward_status_get_rate (status));
  if (onward_status_get_time_left (status) >= 0)
    onward_report_add_integer (builder, "time-left", onward_status_get_time_left (status));
  if (obstacle != ONWARD_OBSTACLE_NONE)
    onward_report_add_string (builder, "obstacle", onward_obstacle_get_nick (obstacle));
  if (onward_status_get_waiting_for (status) != NULL)
    onward_report_add_string (builder, "waiting-for", onward_status_get_waiting_for (status));
  if (retry_at != 0)
    onward_report_add_integer (builder, "retry-in",
                               MAX (0, retry_at - onward_clock_get_time ()) / G_USEC_PER_SEC);
  if (error != NULL)
    onward_report_add_string (builder, "problem", error->message);
  onward_report_print (builder);
}

/**
 * onward_status_report_up_to_date:
 * @client: a client that found nothing newer
 *
 * Prints that nothing is to be done.
 */
void
onward_status_report_up_to_date (OnwardClient *client)
{
  JsonBuilder *builder = onward_report_begin ("up-to-date");

  onward_report_add_string (builder, "current", onward_client_get_version (client));
  onward_report_print (builder);
}

/**
 * onward_status_report_outcome:
 * @client: a client
 * @event: what happened
 *
 * Prints what happened, and the version that is current now.
 */
void
onward_status_report_outcome (OnwardClient *client, const char *event)
{
  JsonBuilder *builder = onward_report_begin (event);

  onward_report_add_string (builder, "version", onward_client_get_version (client));
  onward_report_print (builder);
}
