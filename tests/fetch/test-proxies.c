/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-fetcher-private.h"
#include "onward-proxies.h"
#include "onward-test.h"

#define PROXY "http://proxy.example.org:3128"

typedef struct
{
  const char *name;
  const char *address;
  const char *proxy;
} Case;

/* clang-format off */
static const Case cases[] = {
  { "number",              "http://127.0.0.1:8080/file",        "direct://" },
  { "number-of-the-block", "http://127.8.9.10/",                "direct://" },
  { "number-of-ipv6",      "https://[::1]:8080/",               "direct://" },
  { "name",                "https://localhost/file",            "direct://" },
  { "name-in-capitals",    "http://LocalHost:1/",               "direct://" },
  { "elsewhere",           "https://updates.example.org/file",  PROXY },
  { "other-number",        "http://192.0.2.1/",                 PROXY },
  { "looks-like-it",       "http://localhost.example.org/",     PROXY },
  { "looks-like-a-number", "http://127.0.0.1.example.org/",     PROXY },
  { "in-the-path",         "http://example.org/127.0.0.1",      PROXY },
  { "in-the-password",     "http://localhost@example.org/",     PROXY },
  { "other-scheme",        "ftp://example.org/",                PROXY },
};
/* clang-format on */

static GProxyResolver *
make (void)
{
  g_autoptr (GProxyResolver) usual = g_simple_proxy_resolver_new (PROXY, NULL);

  return onward_proxies_new (usual);
}

static char **
look_up (GProxyResolver *proxies, const char *address, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_proxy_resolver_lookup_async (proxies, address, cancellable, onward_test_store_result, &result);
  onward_test_await (&result);
  return g_proxy_resolver_lookup_finish (proxies, result, error);
}

static void
assert_is (char **answer, const char *proxy)
{
  g_assert_nonnull (answer);
  g_assert_cmpuint (g_strv_length (answer), ==, 1);
  g_assert_cmpstr (answer[0], ==, proxy);
}

/* What is on this computer is asked directly, all else through the usual proxy. */
static void
test_proxies_choose (gconstpointer data)
{
  const Case *one = data;
  g_autoptr (GProxyResolver) proxies = make ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) at_once = NULL;
  g_auto (GStrv) later = NULL;

  at_once = g_proxy_resolver_lookup (proxies, one->address, NULL, &error);
  g_assert_no_error (error);
  assert_is (at_once, one->proxy);
  later = look_up (proxies, one->address, NULL, &error);
  g_assert_no_error (error);
  assert_is (later, one->proxy);
}

/* Who no longer wants to know is told nothing. */
static void
test_proxies_cancel (void)
{
  g_autoptr (GProxyResolver) proxies = make ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const char *addresses[] = { "http://localhost/", "http://example.org/" };

  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) answer = look_up (proxies, addresses[i], cancellable, &error);

      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_null (answer);
    }
}

/* Without anybody named, the default resolver is the usual one. */
static void
test_proxies_default (void)
{
  g_autoptr (GProxyResolver) proxies = onward_proxies_new (NULL);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) answer = NULL;
  g_auto (GStrv) expected = NULL;

  expected = g_proxy_resolver_lookup (g_proxy_resolver_get_default (), "http://example.org/", NULL,
                                      &error);
  g_assert_no_error (error);
  answer = g_proxy_resolver_lookup (proxies, "http://example.org/", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstrv (answer, expected);
  g_assert_cmpint (g_proxy_resolver_is_supported (proxies), ==,
                   g_proxy_resolver_is_supported (g_proxy_resolver_get_default ()));
}

/* Every fetcher goes by it. */
static void
test_proxies_of_fetcher (void)
{
  g_autoptr (OnwardFetcher) fetcher = onward_fetcher_new (FALSE);
  SoupSession *session = onward_fetcher_get_session (fetcher);

  g_assert_true (ONWARD_IS_PROXIES (soup_session_get_proxy_resolver (session)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/proxies/choose/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_proxies_choose);
    }
  g_test_add_func ("/proxies/cancel", test_proxies_cancel);
  g_test_add_func ("/proxies/default", test_proxies_default);
  g_test_add_func ("/proxies/of-fetcher", test_proxies_of_fetcher);
  return g_test_run ();
}
