/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-facts.h"
#include "onward-file.h"
#include "onward-paths.h"
#include "onward-release-private.h"
#include "onward-version.h"

#define NOTES_MAX_SIZE   (256 * 1024)
#define DEFAULT_LANGUAGE "en"

static gboolean
is_language (const char *text)
{
  return g_regex_match_simple ("^[a-z]{2,3}(_[A-Z]{2})?(@[a-z]+)?$", text, 0, 0);
}

/* "FILE:LANG", or "FILE" for English. */
static void
split_notes (const char *argument, char **ret_file, char **ret_language)
{
  const char *colon = strrchr (argument, ':');

  if (colon != NULL && is_language (colon + 1))
    {
      *ret_file = g_strndup (argument, (gsize) (colon - argument));
      *ret_language = g_strdup (colon + 1);
      return;
    }

  *ret_file = g_strdup (argument);
  *ret_language = g_strdup (DEFAULT_LANGUAGE);
}

static gboolean
add_notes (JsonObject *notes, const char *argument, GError **error)
{
  g_autofree char *file = NULL;
  g_autofree char *language = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;

  split_notes (argument, &file, &language);
  bytes = onward_file_read (AT_FDCWD, file, NOTES_MAX_SIZE, error);
  if (bytes == NULL)
    return FALSE;

  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  if (strlen (text) != g_bytes_get_size (bytes) || !g_utf8_validate (text, -1, NULL))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                   "Reading the notes “%s”: they are not UTF-8 text", file);
      return FALSE;
    }

  json_object_set_string_member (notes, language, text);
  return TRUE;
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

/* "LANG:TEXT", or "TEXT" for English. */
static JsonObject *
make_reason (char **arguments)
{
  JsonObject *reason = json_object_new ();

  for (char **argument = arguments; argument != NULL && *argument != NULL; argument++)
    {
      const char *colon = strchr (*argument, ':');
      g_autofree char *language =
          colon == NULL ? NULL : g_strndup (*argument, (gsize) (colon - *argument));

      if (language != NULL && is_language (language))
        json_object_set_string_member (reason, language, colon + 1);
      else
        json_object_set_string_member (reason, DEFAULT_LANGUAGE, *argument);
    }

  return reason;
}

static gboolean
check (const OnwardAdditionOptions *options, GError **error)
{
  if (!onward_version_is_valid (options->version) ||
      (options->minimum != NULL && !onward_version_is_valid (options->minimum)))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "“%s” is not a version such as 1.2.0 (semver.org)",
                   onward_version_is_valid (options->version) ? options->minimum
                                                              : options->version);
      return FALSE;
    }

  if (options->minimum != NULL && options->reasons == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                           "--minimum needs a --reason that people can read");
      return FALSE;
    }

  return TRUE;
}

/**
 * onward_facts_make_release:
 * @options: what the publisher says
 * @sequence: the sequence that follows
 * @error: return location
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
  if (options->minimum != NULL)
    {
      JsonObject *minimum = json_object_new ();

      json_object_set_string_member (minimum, "version", options->minimum);
      json_object_set_object_member (minimum, "reason", make_reason (options->reasons));
      json_object_set_int_member (minimum, "grace-days", options->grace_days);
      json_object_set_object_member (facts, "minimum", minimum);
    }

  release = onward_release_new_from_json (facts, error);
  if (release == NULL)
    return NULL;
  return add_all_notes (release, options->notes, error);
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
