/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-report.h"

/**
 * onward_report_begin:
 * @event: what is reported
 *
 * Returns: (transfer full): a builder inside a new object; onward_report_print() takes it
 */
JsonBuilder *
onward_report_begin (const char *event)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  onward_report_add_string (builder, "event", event);
  return builder;
}

/**
 * onward_report_add_string:
 * @builder: a report
 * @name: the member
 * @value: (nullable): its value; nothing is added for NULL
 *
 * Adds a string.
 */
void
onward_report_add_string (JsonBuilder *builder, const char *name, const char *value)
{
  if (value == NULL)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

/**
 * onward_report_add_integer:
 * @builder: a report
 * @name: the member
 * @value: its value
 *
 * Adds an integer.
 */
void
onward_report_add_integer (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

/**
 * onward_report_add_boolean:
 * @builder: a report
 * @name: the member
 * @value: its value
 *
 * Adds a boolean.
 */
void
onward_report_add_boolean (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static const char *
get_severity_nick (OnwardSeverity severity)
{
  switch (severity)
    {
    case ONWARD_SEVERITY_NORMAL:
      return "normal";
    case ONWARD_SEVERITY_SECURITY:
      return "security";
    case ONWARD_SEVERITY_FORCED:
      return "forced";
    }

  g_return_val_if_reached (NULL);
}

/**
 * onward_report_add_release:
 * @builder: a report
 * @release: a release
 *
 * Adds the facts of a release as members of the present object.
 */
void
onward_report_add_release (JsonBuilder *builder, OnwardRelease *release)
{
  onward_report_add_string (builder, "version", onward_release_get_version (release));
  onward_report_add_integer (builder, "sequence", (gint64) onward_release_get_sequence (release));
  onward_report_add_string (builder, "channel", onward_release_get_channel (release));
  onward_report_add_string (builder, "date", onward_release_get_date (release));
  onward_report_add_string (builder, "severity",
                            get_severity_nick (onward_release_get_severity (release)));
}

/**
 * onward_report_print:
 * @builder: (transfer full): a report
 *
 * Ends the object and prints it on a line of its own.
 */
void
onward_report_print (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  puts (text);
  fflush (stdout);
  g_object_unref (builder);
}

/**
 * onward_report_status:
 * @status: a status
 *
 * Prints a status.
 */
void
onward_report_status (OnwardStatus *status)
{
  JsonBuilder *builder = onward_report_begin ("status");
  OnwardRelease *release = onward_status_get_release (status);
  const GError *error = onward_status_get_error (status);
  gint64 retry_at = onward_status_get_retry_at (status);

  onward_report_add_string (builder, "state",
                            onward_state_get_nick (onward_status_get_state (status)));
  if (release != NULL)
    onward_report_add_string (builder, "version", onward_release_get_version (release));
  onward_report_add_boolean (builder, "forced", onward_status_is_forced (status));
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
  if (retry_at != 0)
    onward_report_add_integer (builder, "retry-in",
                               MAX (0, retry_at - g_get_monotonic_time ()) / G_USEC_PER_SEC);
  if (error != NULL)
    onward_report_add_string (builder, "problem", error->message);
  onward_report_print (builder);
}

/**
 * onward_report_error:
 * @error: why a command failed
 *
 * Prints an error with its stable name.
 */
void
onward_report_error (const GError *error)
{
  JsonBuilder *builder = onward_report_begin ("error");
  const char *nick = "failed";

  if (error->domain == ONWARD_ERROR)
    nick = onward_error_get_nick ((OnwardError) error->code);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    nick = "cancelled";
  else if (error->domain == G_OPTION_ERROR)
    nick = "usage";
  onward_report_add_string (builder, "code", nick);
  onward_report_add_string (builder, "message", error->message);
  onward_report_print (builder);
}
