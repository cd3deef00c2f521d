/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-version.h"

#include <string.h>

/* Versions name folders and appear in windows; nobody needs longer ones. */
#define MAX_LENGTH 128

static gboolean
is_identifier_char (char c)
{
  return g_ascii_isalnum (c) || c == '-';
}

static gboolean
is_numeric (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isdigit (text[i]))
      return FALSE;
  return length > 0;
}

/* Moves over a number without leading zeros. */
static gboolean
skip_number (const char **cursor)
{
  gsize length = strspn (*cursor, "0123456789");

  if (length == 0 || (length > 1 && **cursor == '0'))
    return FALSE;

  *cursor += length;
  return TRUE;
}

/* Moves over dot-separated identifiers; in a pre-release, numbers have no leading zeros. */
static gboolean
skip_identifiers (const char **cursor, gboolean is_prerelease)
{
  for (;;)
    {
      const char *start = *cursor;
      gsize length = 0;

      while (is_identifier_char (start[length]))
        length++;
      if (length == 0)
        return FALSE;
      if (is_prerelease && length > 1 && *start == '0' && is_numeric (start, length))
        return FALSE;

      *cursor = start + length;
      if (**cursor != '.')
        return TRUE;
      (*cursor)++;
    }
}

/**
 * onward_version_is_valid:
 * @version: (nullable): some text
 *
 * Tells whether @version is a version by Semantic Versioning 2.0.0, of at most 128 bytes. Such a
 * text is also a safe name for a folder.
 *
 * Returns: whether it is
 */
gboolean
onward_version_is_valid (const char *version)
{
  const char *cursor = version;

  if (version == NULL || strnlen (version, MAX_LENGTH + 1) > MAX_LENGTH)
    return FALSE;

  for (int part = 0; part < 3; part++)
    {
      if (part > 0 && *cursor++ != '.')
        return FALSE;
      if (!skip_number (&cursor))
        return FALSE;
    }

  if (*cursor == '-')
    {
      cursor++;
      if (!skip_identifiers (&cursor, TRUE))
        return FALSE;
    }
  if (*cursor == '+')
    {
      cursor++;
      if (!skip_identifiers (&cursor, FALSE))
        return FALSE;
    }
  return *cursor == '\0';
}

/* Numbers can be longer than any integer type: without leading zeros, the longer is the larger. */
static int
compare_identifier (const char *a, gsize a_length, const char *b, gsize b_length)
{
  gboolean a_numeric = is_numeric (a, a_length);
  gboolean b_numeric = is_numeric (b, b_length);
  int order;

  if (a_numeric != b_numeric)
    return a_numeric ? -1 : 1;
  if (a_numeric && a_length != b_length)
    return a_length < b_length ? -1 : 1;

  order = memcmp (a, b, MIN (a_length, b_length));
  if (order == 0 && a_length != b_length)
    return a_length < b_length ? -1 : 1;
  return order;
}

/* Compares dot-separated identifiers up to any of @stop; where one list ends, it is the lower. */
static int
compare_identifiers (const char *a, const char *b, const char *stop)
{
  const char *a_end = a + strcspn (a, stop);
  const char *b_end = b + strcspn (b, stop);

  while (a < a_end && b < b_end)
    {
      gsize a_length = MIN (strcspn (a, "."), (gsize) (a_end - a));
      gsize b_length = MIN (strcspn (b, "."), (gsize) (b_end - b));
      int order = compare_identifier (a, a_length, b, b_length);

      if (order != 0)
        return order;
      a = MIN (a + a_length + 1, a_end);
      b = MIN (b + b_length + 1, b_end);
    }
  return (a < a_end) - (b < b_end);
}

/* The text after the hyphen that begins the pre-release, or NULL. */
static const char *
find_prerelease (const char *version)
{
  const char *mark = version + strcspn (version, "-+");

  return *mark == '-' ? mark + 1 : NULL;
}

/**
 * onward_version_compare:
 * @a: a version
 * @b: another version
 *
 * Compares by the precedence rules of Semantic Versioning 2.0.0, §11: build metadata does not
 * count. Text that is no version is lower than every version; two such texts are ordered by
 * strcmp(). This order is for people; updates are chosen by sequence.
 *
 * Returns: less than, equal to or greater than 0
 */
int
onward_version_compare (const char *a, const char *b)
{
  gboolean a_valid, b_valid;
  const char *a_prerelease, *b_prerelease;
  int order;

  g_return_val_if_fail (a != NULL, 0);
  g_return_val_if_fail (b != NULL, 0);

  a_valid = onward_version_is_valid (a);
  b_valid = onward_version_is_valid (b);
  if (!a_valid || !b_valid)
    return a_valid == b_valid ? strcmp (a, b) : a_valid - b_valid;

  order = compare_identifiers (a, b, "-+");
  if (order != 0)
    return order;

  a_prerelease = find_prerelease (a);
  b_prerelease = find_prerelease (b);
  if (a_prerelease == NULL || b_prerelease == NULL)
    return (a_prerelease == NULL) - (b_prerelease == NULL);
  return compare_identifiers (a_prerelease, b_prerelease, "+");
}
