/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-address.h"
#include "onward-error.h"

#define FLAGS (G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE)

static gboolean
has_scheme (GUri *address, const char *scheme)
{
  return g_str_equal (g_uri_get_scheme (address), scheme);
}

/* A decoded host with a line break in it would end up in the Host header. */
static gboolean
is_plain_host (const char *host)
{
  if (host == NULL || *host == '\0')
    return FALSE;
  for (const char *at = host; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && strchr (".-_:", *at) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) number = NULL;

  if (host == NULL)
    return FALSE;
  if (g_ascii_strcasecmp (host, "localhost") == 0)
    return TRUE;
  number = g_inet_address_new_from_string (host);
  return number != NULL && g_inet_address_get_is_loopback (number);
}

static gboolean
check (GUri *address, gboolean allow_http, GError **error)
{
  const char *host = g_uri_get_host (address);

  if (has_scheme (address, "file") && (host == NULL || *host == '\0'))
    return TRUE;
  if (!is_plain_host (host))
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED, "it names no server");
      return FALSE;
    }
  if (g_uri_get_userinfo (address) != NULL)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED, "it holds a password");
      return FALSE;
    }
  if (has_scheme (address, "https"))
    return TRUE;
  if (has_scheme (address, "http") && (allow_http || is_loopback (host)))
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED, "%s: is not allowed here",
               g_uri_get_scheme (address));
  return FALSE;
}

static gboolean
is_printable (const char *text)
{
  for (const char *at = text; *at != '\0'; at++)
    if (!g_ascii_isgraph (*at))
      return FALSE;
  return TRUE;
}

static GUri *
parse (GUri *base, const char *text, gboolean allow_http, GError **error)
{
  g_autoptr (GUri) address = NULL;
  g_autoptr (GError) cause = NULL;

  if (*text == '\0' || !is_printable (text))
    g_set_error_literal (&cause, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED, "it is not an address");
  else if (base == NULL)
    address = g_uri_parse (text, FLAGS, &cause);
  else
    address = g_uri_parse_relative (base, text, FLAGS, &cause);

  if (address == NULL || !check (address, allow_http, &cause))
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED, cause->message);
      return NULL;
    }
  return g_steal_pointer (&address);
}

/**
 * onward_address_parse:
 * @address: an address from the configuration or from signed data
 * @allow_http: whether plain http is allowed beyond the loopback
 * @error: (nullable): where to put why it is refused
 *
 * https: and file: are allowed, http: as told, all else is refused. Errors: NOT_PERMITTED.
 *
 * Returns: (transfer full) (nullable): the address
 */
GUri *
onward_address_parse (const char *address, gboolean allow_http, GError **error)
{
  GUri *uri = NULL;

  g_return_val_if_fail (address != NULL, NULL);

  uri = parse (NULL, address, allow_http, error);
  if (uri == NULL)
    g_prefix_error (error, "Using the address “%s”: ", address);
  return uri;
}

/**
 * onward_address_follow:
 * @from: where the redirect came from
 * @location: (nullable): the value of its Location header
 * @allow_http: whether plain http is allowed beyond the loopback
 * @error: (nullable): where to put why it is refused
 *
 * Resolves a redirect. From https only to https; never to a file. Errors: NOT_PERMITTED.
 *
 * Returns: (transfer full) (nullable): the address to ask next
 */
GUri *
onward_address_follow (GUri *from, const char *location, gboolean allow_http, GError **error)
{
  g_autoptr (GUri) address = NULL;

  g_return_val_if_fail (from != NULL, NULL);

  address = parse (from, location == NULL ? "" : location, allow_http, error);
  if (address == NULL)
    {
      g_prefix_error_literal (error, "Following a redirect: ");
      return NULL;
    }
  if (has_scheme (address, "file") ||
      (has_scheme (from, "https") && !has_scheme (address, "https")))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
                   "Following a redirect: %s: may not lead to %s:", g_uri_get_scheme (from),
                   g_uri_get_scheme (address));
      return NULL;
    }
  return g_steal_pointer (&address);
}

/**
 * onward_address_is_file:
 *
 * Returns: whether the address is read without any network
 */
gboolean
onward_address_is_file (GUri *address)
{
  return has_scheme (address, "file");
}

/**
 * onward_address_is_local:
 *
 * Returns: whether the address stays on this computer, so that no network is needed for it
 */
gboolean
onward_address_is_local (GUri *address)
{
  return has_scheme (address, "file") || is_loopback (g_uri_get_host (address));
}
