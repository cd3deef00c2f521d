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
 * Adds a string. What is not UTF-8 in it, as in a file's name, becomes U+FFFD: JSON has no other
 * way.
 */
void
onward_report_add_string (JsonBuilder *builder, const char *name, const char *value)
{
  g_autofree char *valid = NULL;

  if (value == NULL)
    return;

  valid = g_utf8_make_valid (value, -1);
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, valid);
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
  onward_report_add_string (builder, "platform", onward_release_get_platform (release));
  onward_report_add_string (builder, "date", onward_release_get_date (release));
  onward_report_add_string (builder, "severity",
                            get_severity_nick (onward_release_get_severity (release)));
}

/* What a terminal would act on, or a script might take for the end of the line, were it shown as it
 * is. JSON's own escapes leave some of it. */
static gboolean
is_harmless (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return g_unichar_isprint (c) && type != G_UNICODE_FORMAT && type != G_UNICODE_LINE_SEPARATOR &&
         type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

/* Outside ASCII all of a JSON text is inside its strings, where any character may be escaped. */
static char *
escape (const char *json)
{
  GString *escaped = g_string_new (NULL);

  for (const char *p = json; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (is_harmless (c))
        g_string_append_unichar (escaped, c);
      else if (c < 0x10000)
        g_string_append_printf (escaped, "\\u%04x", c);
      else
        g_string_append_printf (escaped, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10),
                                0xdc00 + (c & 0x3ff));
    }

  return g_string_free (escaped, FALSE);
}

/**
 * onward_report_finish:
 * @builder: (transfer full): a report
 *
 * Ends the object.
 *
 * Returns: (transfer full): it on one line of valid JSON that is harmless to a terminal
 */
char *
onward_report_finish (JsonBuilder *builder)
{
  g_autoptr (JsonBuilder) owned = builder;
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_end_object (owned);
  root = json_builder_get_root (owned);
  text = json_to_string (root, FALSE);
  return escape (text);
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
  g_autofree char *text = onward_report_finish (builder);

  puts (text);
  fflush (stdout);
}

/**
 * onward_report_add_error:
 * @builder: a report
 * @error: why something failed
 *
 * Adds the stable name of an error and its message.
 */
void
onward_report_add_error (JsonBuilder *builder, const GError *error)
{
  const char *nick = "failed";

  if (error->domain == ONWARD_ERROR)
    nick = onward_error_get_nick ((OnwardError) error->code);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    nick = "cancelled";
  else if (error->domain == G_OPTION_ERROR)
    nick = "usage";
  onward_report_add_string (builder, "code", nick);
  onward_report_add_string (builder, "message", error->message);
}

/**
 * onward_report_error:
 * @error: why a command failed
 *
 * Prints an error.
 */
void
onward_report_error (const GError *error)
{
  JsonBuilder *builder = onward_report_begin ("error");

  onward_report_add_error (builder, error);
  onward_report_print (builder);
}
