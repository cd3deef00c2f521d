/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-release-facts.h"

#include <string.h>

#include "onward-date.h"
#include "onward-error.h"
#include "onward-json.h"
#include "onward-names.h"
#include "onward-version.h"

#define MAX_SEQUENCE    G_GINT64_CONSTANT (9007199254740991)
#define MAX_DAYS        3650
#define MAX_REASON_SIZE 4096
#define MAX_NOTES_SIZE  (256 * 1024)

static const char *const severities[] = {
  [ONWARD_SEVERITY_NORMAL] = "normal",
  [ONWARD_SEVERITY_SECURITY] = "security",
  [ONWARD_SEVERITY_FORCED] = "forced",
};

static gboolean
refuse (GError **error, const char *name, const char *why)
{
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Reading member “%s”: %s", name, why);
  return FALSE;
}

static gboolean
read_name (JsonObject *object, const char *name, char **ret_text, GError **error)
{
  const char *text;

  if (!onward_json_get_string (object, name, &text, error))
    return FALSE;
  if (!onward_names_is_name (text))
    return refuse (error, name, "it is not a plain name");

  *ret_text = g_strdup (text);
  return TRUE;
}

static gboolean
read_version (JsonObject *object, char **ret_version, GError **error)
{
  const char *text;

  if (!onward_json_get_string (object, "version", &text, error))
    return FALSE;
  if (!onward_version_is_valid (text))
    return refuse (error, "version", "it is not a version by Semantic Versioning 2.0.0");

  *ret_version = g_strdup (text);
  return TRUE;
}

static gboolean
read_date (JsonObject *object, const char *name, char **ret_date, gint64 *ret_seconds,
           GError **error)
{
  const char *text;

  if (!onward_json_get_string (object, name, &text, error))
    return FALSE;
  if (!onward_date_parse (text, ret_seconds, error))
    {
      g_prefix_error (error, "Reading member “%s”: ", name);
      return FALSE;
    }

  *ret_date = g_strdup (text);
  return TRUE;
}

static gboolean
read_optional_boolean (JsonObject *object, const char *name, gboolean *ret_value, GError **error)
{
  return !onward_json_has (object, name) ||
         onward_json_get_boolean (object, name, ret_value, error);
}

/* Absent means 0. */
static gboolean
read_days (JsonObject *object, const char *name, guint *ret_days, GError **error)
{
  gint64 days;

  if (!onward_json_has (object, name))
    return TRUE;
  if (!onward_json_get_integer (object, name, 0, MAX_DAYS, &days, error))
    return FALSE;

  *ret_days = (guint) days;
  return TRUE;
}

/* Absent means normal. */
static gboolean
read_severity (JsonObject *object, OnwardSeverity *ret_severity, GError **error)
{
  const char *text;

  if (!onward_json_has (object, "severity"))
    return TRUE;
  if (!onward_json_get_string (object, "severity", &text, error))
    return FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (severities); i++)
    if (g_str_equal (text, severities[i]))
      {
        *ret_severity = (OnwardSeverity) i;
        return TRUE;
      }
  return refuse (error, "severity", "there is no such severity");
}

static gboolean
read_minimum (OnwardReleaseFacts *facts, JsonObject *object, GError **error)
{
  JsonObject *minimum, *reason;

  if (!onward_json_has (object, "minimum"))
    return TRUE;
  if (!onward_json_get_object (object, "minimum", &minimum, error) ||
      !read_version (minimum, &facts->minimum, error) ||
      !read_days (minimum, "grace-days", &facts->grace_days, error))
    return FALSE;
  if (onward_version_compare (facts->minimum, facts->version) > 0)
    return refuse (error, "minimum", "the release itself is below it");

  if (!onward_json_has (minimum, "reason"))
    return TRUE;
  if (!onward_json_get_object (minimum, "reason", &reason, error))
    return FALSE;

  facts->reason = onward_texts_new_from_json (reason, MAX_REASON_SIZE, error);
  return facts->reason != NULL;
}

static gboolean
read_rollout (OnwardReleaseFacts *facts, JsonObject *object, GError **error)
{
  JsonObject *rollout;

  if (!onward_json_has (object, "rollout"))
    return TRUE;

  return onward_json_get_object (object, "rollout", &rollout, error) &&
         read_date (rollout, "start", &facts->rollout_start, &facts->rollout_start_seconds,
                    error) &&
         read_days (rollout, "days", &facts->rollout_days, error);
}

/**
 * onward_release_facts_read:
 * @facts: all zeros
 * @object: the "custom.onward" of a target, or a release document
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Reads the facts of a release. "version", "sequence", "channel", "platform" and "date" must be
 * there; what else is there must be of its exact type; members with other names are ignored.
 *
 * Returns: whether all is as it should be; @facts is to be cleared in either case
 */
gboolean
onward_release_facts_read (OnwardReleaseFacts *facts, JsonObject *object, GError **error)
{
  g_return_val_if_fail (facts != NULL, FALSE);
  g_return_val_if_fail (object != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return read_version (object, &facts->version, error) &&
         onward_json_get_integer (object, "sequence", 1, MAX_SEQUENCE, &facts->sequence, error) &&
         read_name (object, "channel", &facts->channel, error) &&
         read_name (object, "platform", &facts->platform, error) &&
         read_date (object, "date", &facts->date, NULL, error) &&
         read_severity (object, &facts->severity, error) && read_minimum (facts, object, error) &&
         read_rollout (facts, object, error) &&
         onward_names_read (object, "components", &facts->components, error) &&
         onward_names_read (object, "on-demand", &facts->on_demand, error) &&
         read_optional_boolean (object, "withdrawn", &facts->is_withdrawn, error) &&
         onward_names_read (object, "requires", &facts->requires, error);
}

static void
add_minimum (const OnwardReleaseFacts *facts, JsonObject *object)
{
  JsonObject *minimum = json_object_new ();

  json_object_set_string_member (minimum, "version", facts->minimum);
  if (facts->reason != NULL)
    json_object_set_object_member (minimum, "reason", onward_texts_to_json (facts->reason));
  json_object_set_int_member (minimum, "grace-days", facts->grace_days);
  json_object_set_object_member (object, "minimum", minimum);
}

static void
add_rollout (const OnwardReleaseFacts *facts, JsonObject *object)
{
  JsonObject *rollout = json_object_new ();

  json_object_set_string_member (rollout, "start", facts->rollout_start);
  json_object_set_int_member (rollout, "days", facts->rollout_days);
  json_object_set_object_member (object, "rollout", rollout);
}

/**
 * onward_release_facts_to_json:
 * @facts: the facts of a release
 *
 * Returns: (transfer full): what onward_release_facts_read() reads
 */
JsonObject *
onward_release_facts_to_json (const OnwardReleaseFacts *facts)
{
  JsonObject *object;

  g_return_val_if_fail (facts != NULL, NULL);

  object = json_object_new ();
  json_object_set_string_member (object, "version", facts->version);
  json_object_set_int_member (object, "sequence", facts->sequence);
  json_object_set_string_member (object, "channel", facts->channel);
  json_object_set_string_member (object, "platform", facts->platform);
  json_object_set_string_member (object, "date", facts->date);
  json_object_set_string_member (object, "severity", severities[facts->severity]);
  if (facts->minimum != NULL)
    add_minimum (facts, object);
  if (facts->rollout_start != NULL)
    add_rollout (facts, object);
  onward_names_add (object, "components", (const char *const *) facts->components);
  if (facts->on_demand[0] != NULL)
    onward_names_add (object, "on-demand", (const char *const *) facts->on_demand);
  json_object_set_boolean_member (object, "withdrawn", facts->is_withdrawn);
  onward_names_add (object, "requires", (const char *const *) facts->requires);
  return object;
}

/**
 * onward_release_facts_clear:
 * @facts: facts, or what a failed onward_release_facts_read() left
 *
 * Frees everything the facts own.
 */
void
onward_release_facts_clear (OnwardReleaseFacts *facts)
{
  g_return_if_fail (facts != NULL);

  g_free (facts->version);
  g_free (facts->channel);
  g_free (facts->platform);
  g_free (facts->date);
  g_free (facts->minimum);
  g_clear_pointer (&facts->reason, onward_texts_unref);
  g_free (facts->rollout_start);
  g_strfreev (facts->components);
  g_strfreev (facts->on_demand);
  g_strfreev (facts->requires);
}
