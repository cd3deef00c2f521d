/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-portal.h"

/**
 * onward_portal_is_page:
 * @data: the beginning of a file
 * @size: how much of it there is
 *
 * A network that wants its user to sign in answers every request with a page. Nothing that is
 * fetched here is one: documents begin with a brace, and packs with a word of their own.
 *
 * Returns: whether it is a page of HTML
 */
gboolean
onward_portal_is_page (gconstpointer data, gsize size)
{
  static const char *const beginnings[] = { "<!doctype html", "<html", "<head", "<body",
                                            "<script",        "<!--",  "<meta", "<?xml" };
  const char *text = data;

  if (size >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    {
      text += 3;
      size -= 3;
    }
  while (size > 0 && g_ascii_isspace (*text))
    {
      text++;
      size--;
    }
  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++)
    {
      gsize length = strlen (beginnings[i]);

      if (size >= length && g_ascii_strncasecmp (text, beginnings[i], length) == 0)
        return TRUE;
    }
  return FALSE;
}

/**
 * onward_portal_make_error:
 *
 * Returns: (transfer full): SIGN_IN
 */
GError *
onward_portal_make_error (void)
{
  return g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_SIGN_IN,
                              "The network answers in the server's place: it wants a sign-in");
}
