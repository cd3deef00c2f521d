/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-path-pattern.h"

#include <string.h>

/* The end of the set that begins after @pattern's bracket; NULL when that bracket stands for
 * itself, because nothing closes it within its component. */
static const char *
find_set_end (const char *pattern)
{
  const char *at = pattern + 1;

  if (*at == '!')
    at++;
  if (*at == ']')
    at++;
  while (*at != '\0' && *at != '/' && *at != ']')
    at++;
  return *at == ']' ? at : NULL;
}

/* Whether @c is among "a-z_" and the like, which ends at @end. */
static gboolean
set_holds (const char *set, const char *end, gunichar c)
{
  gboolean found = FALSE;

  while (set < end)
    {
      gunichar low = g_utf8_get_char (set), high = low;

      set = g_utf8_next_char (set);
      if (*set == '-' && set + 1 < end)
        {
          high = g_utf8_get_char (set + 1);
          set = g_utf8_next_char (set + 1);
        }
      found = found || (c >= low && c <= high);
    }
  return found;
}

/* What follows the one element at @pattern that stands for @c; NULL when it does not. */
static const char *
match_one (const char *pattern, gunichar c)
{
  const char *end = *pattern == '[' ? find_set_end (pattern) : NULL;

  if (end != NULL)
    {
      gboolean inverted = pattern[1] == '!';

      if (c == '/' || set_holds (pattern + 1 + inverted, end, c) == inverted)
        return NULL;
      return end + 1;
    }
  if (*pattern == '\0' || (*pattern == '?' ? c == '/' : g_utf8_get_char (pattern) != c))
    return NULL;
  return g_utf8_next_char (pattern);
}

/**
 * onward_path_pattern_matches:
 * @pattern: valid UTF-8 with the wildcards of the shell: "*", "?", "[a-z]", "[!a-z]"
 * @path: valid UTF-8
 *
 * Matches whole paths, component by component: no wildcard stands for a slash, and there is no
 * way to quote one. The time it takes grows with the product of both lengths at most, whatever a
 * signer wrote.
 *
 * Returns: whether @pattern means @path
 */
gboolean
onward_path_pattern_matches (const char *pattern, const char *path)
{
  const char *after_star = NULL; /* where matching goes on when the last star takes one more */
  const char *taken = NULL;      /* what it has taken ends here */

  g_return_val_if_fail (pattern != NULL, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  while (*path != '\0')
    {
      const char *next;

      if (*pattern == '*')
        {
          after_star = ++pattern;
          taken = path;
          continue;
        }

      next = match_one (pattern, g_utf8_get_char (path));
      if (next != NULL)
        {
          /* Components stand one to one: what came before is settled. */
          if (*path == '/')
            after_star = NULL;
          pattern = next;
          path = g_utf8_next_char (path);
          continue;
        }

      if (after_star == NULL || *taken == '/')
        return FALSE;
      taken = g_utf8_next_char (taken);
      path = taken;
      pattern = after_star;
    }

  return pattern[strspn (pattern, "*")] == '\0';
}
