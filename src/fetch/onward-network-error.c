/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-network-error.h"

/* Who reads it can tell whether that is the date. */
static GError *
make_clock_error (OnwardError code, const char *what)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *date = g_date_time_format (now, "%F");

  return g_error_new (ONWARD_ERROR, (int) code, "its certificate %s: the clock shows %s", what,
                      date);
}

/* A wrong clock, a wrong server and an unknown authority need different remedies. */
static GError *
make_certificate_error (GTlsCertificateFlags flags)
{
  if (flags & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return make_clock_error (ONWARD_ERROR_CERTIFICATE_NOT_YET_VALID, "is not valid yet");
  if (flags & G_TLS_CERTIFICATE_EXPIRED)
    return make_clock_error (ONWARD_ERROR_CERTIFICATE_EXPIRED, "has expired");
  if (flags & G_TLS_CERTIFICATE_REVOKED)
    return g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_BAD_CERTIFICATE,
                                "its certificate was revoked");
  if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_WRONG_HOST,
                                "its certificate belongs to another server");
  if (flags & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_UNKNOWN_AUTHORITY,
                                "its certificate comes from an unknown authority");
  return g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_BAD_CERTIFICATE,
                              "its certificate is not good enough");
}

static gboolean
is_of_proxy (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PROXY_FAILED) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PROXY_AUTH_FAILED) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PROXY_NEED_AUTH) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PROXY_NOT_ALLOWED);
}

static gboolean
is_no_connection (const GError *error)
{
  if (error->domain == G_RESOLVER_ERROR)
    return TRUE;
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) || is_of_proxy (error);
}

/**
 * onward_network_error_convert:
 * @error: (transfer full): an error of libsoup or GIO
 * @message: (nullable): the request that failed
 *
 * Returns: (transfer full): OFFLINE when no connection could be made, else SERVER; cancellation and
 *   our own errors as they are
 */
GError *
onward_network_error_convert (GError *error, SoupMessage *message)
{
  g_autoptr (GError) cause = error;
  GTlsCertificateFlags flags = 0;

  if (cause->domain == ONWARD_ERROR || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_steal_pointer (&cause);

  if (message != NULL)
    flags = soup_message_get_tls_peer_certificate_errors (message);
  if (flags != 0)
    return make_certificate_error (flags);
  if (is_of_proxy (cause))
    return g_error_new (ONWARD_ERROR, ONWARD_ERROR_OFFLINE,
                        "Using the proxy of the desktop's settings: %s", cause->message);
  return g_error_new_literal (ONWARD_ERROR,
                              is_no_connection (cause) ? ONWARD_ERROR_OFFLINE : ONWARD_ERROR_SERVER,
                              cause->message);
}
