/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-application.h"
#include "onward-error.h"
#include "onward-test.h"

#define REQUIRED   "Id=org.example.Editor\nName=Editor\nCommand=bin/editor\n"
#define REPOSITORY "Repository=https://example.org/editor\n"
#define MINIMAL    "[Application]\n" REQUIRED REPOSITORY

static OnwardApplication *
parse (const char *text, GError **error)
{
  return onward_application_parse (text, strlen (text), error);
}

/* What is left out has its default. */
static void
test_application_minimal (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardApplication) application = parse (MINIMAL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (onward_application_get_id (application), ==, "org.example.Editor");
  g_assert_cmpstr (onward_application_get_name (application), ==, "Editor");
  g_assert_cmpstr (onward_application_get_command (application), ==, "bin/editor");
  g_assert_cmpstr (onward_application_get_repository (application), ==,
                   "https://example.org/editor");
  g_assert_null (onward_application_get_icon (application));
  g_assert_cmpstr (onward_application_get_channel (application), ==, "stable");
  g_assert_cmpint (onward_application_get_layout (application), ==, ONWARD_LAYOUT_SIDE_BY_SIDE);
  g_assert_null (onward_application_get_keep (application)[0]);
  g_assert_false (onward_application_allows_http (application));
}

/* Everything that may be said is understood, from a file. */
static void
test_application_full (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "onward.ini", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardApplication) application = NULL;
  const char *const *keep;

  onward_test_write (dir, "onward.ini",
                     "# a comment\n" MINIMAL
                     "Name[de]=Schreiber\nIcon=share/icons/editor.svg\nChannel=beta-2\n"
                     "Layout=in-place\nAllowHttp=true\nKeep=plugins/*;etc/user.conf;\n"
                     "Supervise=true\nGoodAfter=3600\n"
                     "X-Maker=somebody\n\n[X-Other]\nkey=value\n");
  application = onward_application_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (onward_application_get_icon (application), ==, "share/icons/editor.svg");
  g_assert_cmpstr (onward_application_get_channel (application), ==, "beta-2");
  g_assert_cmpint (onward_application_get_layout (application), ==, ONWARD_LAYOUT_IN_PLACE);
  g_assert_true (onward_application_allows_http (application));
  keep = onward_application_get_keep (application);
  g_assert_cmpuint (g_strv_length ((GStrv) keep), ==, 2);
  g_assert_cmpstr (keep[0], ==, "plugins/*");
  g_assert_cmpstr (keep[1], ==, "etc/user.conf");
}

/* Addresses that are safe to ask are taken, without the slashes at their end. */
static void
test_application_repositories (void)
{
  static const struct
  {
    const char *given;
    const char *expected;
  } cases[] = {
    { "https://example.org", "https://example.org" },
    { "https://example.org/", "https://example.org" },
    { "https://example.org:8443/a/b//", "https://example.org:8443/a/b" },
    { "https://[2001:db8::1]/a", "https://[2001:db8::1]/a" },
    { "http://localhost:8080/a", "http://localhost:8080/a" },
    { "http://127.0.0.1:1/", "http://127.0.0.1:1" },
    { "http://127.9.9.9", "http://127.9.9.9" },
    { "http://[::1]:80", "http://[::1]:80" },
    { "file:///srv/repository/", "file:///srv/repository" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("[Application]\n" REQUIRED "Repository=%s\n", cases[i].given);
      g_autoptr (GError) error = NULL;
      g_autoptr (OnwardApplication) application = parse (text, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (onward_application_get_repository (application), ==, cases[i].expected);
    }
}

static void
assert_refused (const char *text, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *quoted = g_strdup_printf ("“%s”", key);

  g_assert_null (parse (text, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_nonnull (strstr (error->message, quoted));
}

/* Addresses that would leave the network open, or lead elsewhere than they look, are refused. */
static void
test_application_repositories_refused (void)
{
  static const char *const addresses[] = {
    "",
    "example.org",
    "/srv/repository",
    "http://example.org",
    "http://localhost.example.org",
    "http://127.0.0.1.example.org",
    "http://127.1",
    "http://10.0.0.1",
    "http://[::2]",
    "http://",
    "https://",
    "https:///path",
    "https://user:secret@example.org",
    "http://localhost@example.org",
    "https://example.org/?a=b",
    "https://example.org/#a",
    "ftp://example.org",
    "data:text/plain,x",
    "file://example.org/srv",
    "file:srv",
    "HTTPS://example.org",
    "https://exa mple.org",
    "https://example.org/a b",
    "https://example.org/%zz",
    "https://example.org\\@evil.example",
    "https://ex\xc3\xa4mple.org",
    "https://example.org:99999",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("[Application]\n" REQUIRED "Repository=%s\n", addresses[i]);

      assert_refused (text, "Repository");
    }
}

/* AllowHttp opens http, and nothing else. */
static void
test_application_allow_http (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardApplication) application =
      parse ("[Application]\n" REQUIRED "AllowHttp=true\nRepository=http://example.org\n", &error);

  g_assert_no_error (error);
  g_assert_true (onward_application_allows_http (application));
  assert_refused ("[Application]\n" REQUIRED "AllowHttp=true\nRepository=ftp://example.org\n",
                  "Repository");
}

/* A file with one wrong key is refused, and the message names the key. */
static void
test_application_refuses (void)
{
  static const struct
  {
    const char *key;
    const char *text;
  } cases[] = {
    { "Application", "" },
    { "Application", "[Other]\nId=a.b\n" },
    { "Id", "[Application]\nName=Editor\nCommand=bin/editor\n" REPOSITORY },
    { "Id", "[Application]\nId=editor\nName=Editor\nCommand=bin/editor\n" REPOSITORY },
    { "Id", "[Application]\nId=../..\nName=Editor\nCommand=bin/editor\n" REPOSITORY },
    { "Name", "[Application]\nId=a.b\nName=\nCommand=bin/editor\n" REPOSITORY },
    { "Name", "[Application]\nId=a.b\nName=a\\nb\nCommand=bin/editor\n" REPOSITORY },
    { "Name", "[Application]\nId=a.b\nName=a\033[2J\nCommand=bin/editor\n" REPOSITORY },
    { "Command", "[Application]\nId=a.b\nName=E\n" REPOSITORY },
    { "Command", "[Application]\nId=a.b\nName=E\nCommand=/bin/sh\n" REPOSITORY },
    { "Command", "[Application]\nId=a.b\nName=E\nCommand=../sh\n" REPOSITORY },
    { "Command", "[Application]\nId=a.b\nName=E\nCommand=bin//sh\n" REPOSITORY },
    { "Command", "[Application]\nId=a.b\nName=E\nCommand=bin/\n" REPOSITORY },
    { "Command", "[Application]\nId=a.b\nName=E\nCommand=\\q\n" REPOSITORY },
    { "Icon", MINIMAL "Icon=../../secret.png\n" },
    { "Channel", MINIMAL "Channel=\n" },
    { "Channel", MINIMAL "Channel=Beta\n" },
    { "Channel", MINIMAL "Channel=../beta\n" },
    { "Channel", MINIMAL "Channel=a12345678901234567890123456789012\n" },
    { "Layout", MINIMAL "Layout=elsewhere\n" },
    { "AllowHttp", MINIMAL "AllowHttp=yes\n" },
    { "Supervise", MINIMAL "Supervise=1\n" },
    { "GoodAfter", MINIMAL "GoodAfter=0\n" },
    { "GoodAfter", MINIMAL "GoodAfter=-5\n" },
    { "GoodAfter", MINIMAL "GoodAfter=3601\n" },
    { "GoodAfter", MINIMAL "GoodAfter=10 s\n" },
    { "GoodAfter", MINIMAL "GoodAfter=\n" },
    { "Keep", MINIMAL "Keep=../*;\n" },
    { "Keep", MINIMAL "Keep=/etc/*;\n" },
    { "Keep", MINIMAL "Keep=a;;b\n" },
    { "AllowHTTP", MINIMAL "AllowHTTP=true\n" },
    { "Chanel", MINIMAL "Chanel=beta\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i].text, cases[i].key);
}

/* Zeros, other encodings, half a file and too large a file are no key files. */
static void
test_application_garbage (void)
{
  static const char zeros[64] = { 0 };
  g_autofree char *huge = g_strnfill (64 * 1024 + 1, '\n');
  g_autoptr (GError) error = NULL;

  g_assert_null (onward_application_parse (zeros, sizeof zeros, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_clear_error (&error);
  g_assert_null (parse (MINIMAL "Icon=\xff\n", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_clear_error (&error);
  g_assert_null (parse (huge, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_clear_error (&error);
  g_assert_null (onward_application_parse (NULL, 0, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);

  for (gsize size = 0; size < strlen (MINIMAL) - 1; size++)
    {
      g_autoptr (OnwardApplication) application = onward_application_parse (MINIMAL, size, NULL);

      if (application != NULL)
        g_assert_true (g_str_has_prefix (onward_application_get_repository (application), "https"));
    }
}

/* A message about a file names the file, and one that is not there is not found. */
static void
test_application_load_fails (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "onward.ini", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (onward_application_load (path, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_clear_error (&error);

  onward_test_write (dir, "onward.ini", MINIMAL "Channel=?\n");
  g_assert_null (onward_application_load (path, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, "Channel"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/application/minimal", test_application_minimal);
  g_test_add_func ("/application/full", test_application_full);
  g_test_add_func ("/application/repositories", test_application_repositories);
  g_test_add_func ("/application/repositories-refused", test_application_repositories_refused);
  g_test_add_func ("/application/allow-http", test_application_allow_http);
  g_test_add_func ("/application/refuses", test_application_refuses);
  g_test_add_func ("/application/garbage", test_application_garbage);
  g_test_add_func ("/application/load-fails", test_application_load_fails);

  return g_test_run ();
}
