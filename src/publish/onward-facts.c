/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-component-marks.h"
#include "onward-error.h"
#include "onward-facts.h"
#include "onward-file.h"
#include "onward-paths.h"
#include "onward-release-private.h"
#include "onward-version.h"

#define NOTES_MAX_SIZE   (256 * 1024)
#define DEFAULT_LANGUAGE "en"
#define MAX_DELTAS       50

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, why);
  return FALSE;
}

/* The name of a locale, with "-" as on the web or "_" as in the environment, in the latter's form;
 * or NULL for what is none. */
static char *
parse_language (const char *text)
{
  char *language;

  if (!g_regex_match_simple ("^[a-z]{2,3}([_-][A-Z]{2})?(@[a-z]+)?$", text, G_REGEX_DOLLAR_ENDONLY,
                             0))
    return NULL;

  language = g_strdup (text);
  return g_strdelimit (language, "-", '_');
}

/**
 * onward_facts_split_notes:
 * @argument: "FILE:LANG", or "FILE" for English
 * @ret_file: (out) (transfer full): the file
 * @ret_language: (out) (transfer full): the language
 *
 * Splits at the last colon if a language follows: a path may hold colons, too.
 */
void
onward_facts_split_notes (const char *argument, char **ret_file, char **ret_language)
{
  const char *colon = strrchr (argument, ':');
  char *language = colon == NULL || colon == argument ? NULL : parse_language (colon + 1);

  *ret_file =
      language == NULL ? g_strdup (argument) : g_strndup (argument, (gsize) (colon - argument));
  *ret_language = language == NULL ? g_strdup (DEFAULT_LANGUAGE) : language;
}

static gboolean
add_text (JsonObject *texts, const char *language, const char *text, GError **error)
{
  if (json_object_has_member (texts, language))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "There are two texts in the language “%s”", language);
      return FALSE;
    }

  json_object_set_string_member (texts, language, text);
  return TRUE;
}

static gboolean
add_notes (JsonObject *notes, const char *argument, GError **error)
{
  g_autofree char *file = NULL;
  g_autofree char *language = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;

  onward_facts_split_notes (argument, &file, &language);
  bytes = onward_file_read (AT_FDCWD, file, NOTES_MAX_SIZE, error);
  if (bytes == NULL)
    {
      g_prefix_error (error, "Reading the notes: ");
      return FALSE;
    }

  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  if (strlen (text) != g_bytes_get_size (bytes) || !g_utf8_validate (text, -1, NULL))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                   "Reading the notes “%s”: they are not UTF-8 text", file);
      return FALSE;
    }

  return add_text (notes, language, text, error);
}

static OnwardRelease *
add_all_notes (OnwardRelease *release, char **arguments, GError **error)
{
  g_autoptr (JsonObject) notes = json_object_new ();

  for (char **argument = arguments; argument != NULL && *argument != NULL; argument++)
    {
      if (!add_notes (notes, *argument, error))
        return NULL;
    }

  return onward_release_with_notes (release, notes, error);
}

/* "LANG:TEXT", or "TEXT" for English. What has a blank behind its first colon is a sentence. */
static gboolean
add_reason (JsonObject *reason, const char *argument, GError **error)
{
  const char *colon = strchr (argument, ':');
  g_autofree char *first = NULL;
  g_autofree char *language = NULL;

  if (colon != NULL && colon[1] != ' ')
    {
      first = g_strndup (argument, (gsize) (colon - argument));
      language = parse_language (first);
    }

  if (language != NULL)
    return add_text (reason, language, colon + 1, error);
  return add_text (reason, DEFAULT_LANGUAGE, argument, error);
}

static gboolean
check_versions (const OnwardAdditionOptions *options, GError **error)
{
  const char *versions[] = { options->version, options->minimum };

  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      if (versions[i] == NULL || onward_version_is_valid (versions[i]))
        continue;
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "“%s” is not a version such as 1.2.0 (semver.org)", versions[i]);
      return FALSE;
    }

  if (options->minimum != NULL && onward_version_compare (options->minimum, options->version) > 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--minimum %s is above the new version %s itself", options->minimum,
                   options->version);
      return FALSE;
    }

  return TRUE;
}

static gboolean
check (const OnwardAdditionOptions *options, GError **error)
{
  if (!check_versions (options, error))
    return FALSE;
  if (options->minimum != NULL && (options->reasons == NULL || *options->reasons[0] == '\0'))
    return refuse (error, "--minimum needs a --reason that people can read");
  if (options->minimum == NULL && (options->reasons != NULL || options->grace_days != 0))
    return refuse (error, "--reason and --grace-days say something of a --minimum only");
  if (options->deltas < 0 || options->deltas > MAX_DELTAS)
    return refuse (error, "--deltas takes a number from 0 to 50");
  return TRUE;
}

static gboolean
add_minimum (JsonObject *facts, const OnwardAdditionOptions *options, GError **error)
{
  JsonObject *minimum = json_object_new ();
  JsonObject *reason = json_object_new ();

  json_object_set_object_member (facts, "minimum", minimum);
  json_object_set_object_member (minimum, "reason", reason);
  json_object_set_string_member (minimum, "version", options->minimum);
  json_object_set_int_member (minimum, "grace-days", options->grace_days);
  for (char **argument = options->reasons; *argument != NULL; argument++)
    {
      if (!add_reason (reason, *argument, error))
        return FALSE;
    }

  return TRUE;
}

static OnwardRelease *
read_facts (JsonObject *facts, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  OnwardRelease *release = onward_release_new_from_json (facts, &local_error);

  /* All of it was said on the command line. */
  if (release == NULL)
    (void) refuse (error, local_error->message);
  return release;
}

/**
 * onward_facts_make_release:
 * @options: what the publisher says
 * @sequence: the sequence that follows
 * @error: return location
 *
 * Makes the facts of a release of today. What the command line says wrongly is a G_OPTION_ERROR.
 *
 * Returns: (transfer full): the new release, with its notes
 */
OnwardRelease *
onward_facts_make_release (const OnwardAdditionOptions *options, guint64 sequence, GError **error)
{
  g_autoptr (JsonObject) facts = json_object_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = g_date_time_format (now, "%Y-%m-%d");
  g_autoptr (OnwardRelease) release = NULL;

  if (!check (options, error))
    return NULL;

  json_object_set_string_member (facts, "version", options->version);
  json_object_set_int_member (facts, "sequence", (gint64) sequence);
  json_object_set_string_member (facts, "channel",
                                 options->channel == NULL ? "stable" : options->channel);
  json_object_set_string_member (facts, "platform",
                                 options->platform == NULL ? onward_paths_get_platform ()
                                                           : options->platform);
  json_object_set_string_member (facts, "date", date);
  json_object_set_string_member (facts, "severity",
                                 options->severity == NULL ? "normal" : options->severity);
  if ((options->minimum != NULL && !add_minimum (facts, options, error)) ||
      !onward_component_marks_add_facts (facts, options, error))
    return NULL;

  release = read_facts (facts, error);
  return release == NULL ? NULL : add_all_notes (release, options->notes, error);
}

/**
 * onward_facts_parse_compression:
 * @text: (nullable): what the publisher says
 * @ret_compression: (out): what it means
 * @error: return location
 *
 * Reads the name of a compression.
 */
gboolean
onward_facts_parse_compression (const char *text, OnwardCompression *ret_compression,
                                GError **error)
{
  if (text == NULL || g_str_equal (text, "lzma"))
    *ret_compression = ONWARD_COMPRESSION_LZMA;
  else if (g_str_equal (text, "zstd"))
    *ret_compression = ONWARD_COMPRESSION_ZSTD;
  else
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "“%s” is not a compression: lzma or zstd", text);
      return FALSE;
    }

  return TRUE;
}

/**
 * onward_facts_parse_effort:
 * @text: (nullable): what the publisher says
 * @ret_effort: (out): what it means
 * @error: return location
 *
 * Reads how hard to try for small deltas.
 */
gboolean
onward_facts_parse_effort (const char *text, OnwardDeltaEffort *ret_effort, GError **error)
{
  if (text != NULL && !g_str_equal (text, "best") && !g_str_equal (text, "fast"))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "“%s” is not an effort: fast or best", text);
      return FALSE;
    }

  *ret_effort = g_strcmp0 (text, "fast") == 0 ? ONWARD_DELTA_FAST : ONWARD_DELTA_BEST;
  return TRUE;
}
