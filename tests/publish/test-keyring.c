/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-keyring.h"
#include "onward-test.h"

static const char *const names[] = { "root.pem", "online.pem", "spare-root.pem" };

static OnwardKeyring *
generate (const char *folder, const char *passphrase)
{
  g_autoptr (GError) error = NULL;
  OnwardKeyring *keyring = onward_keyring_generate (folder, passphrase, &error);

  g_assert_no_error (error);
  return keyring;
}

static mode_t
get_mode (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct stat info;

  g_assert_cmpint (lstat (path, &info), ==, 0);
  return info.st_mode & 07777;
}

static const char *
get_id (OnwardKeyring *keyring, const char *role)
{
  GPtrArray *signers = onward_keyring_get_signers (keyring, role);

  g_assert_cmpuint (signers->len, ==, 1);
  return onward_key_get_id (g_ptr_array_index (signers, 0));
}

/* Nobody else can read the keys, whatever the umask. */
static void
test_keyring_modes (void)
{
  static const mode_t masks[] = { 0, 022, 077 };

  for (gsize i = 0; i < G_N_ELEMENTS (masks); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autofree char *folder = g_build_filename (dir, "a", "keys", NULL);
      mode_t before = umask (masks[i]);
      g_autoptr (OnwardKeyring) keyring = generate (folder, NULL);

      (void) umask (before);
      g_assert_cmpuint (get_mode (folder, ""), ==, 0700);
      for (gsize j = 0; j < G_N_ELEMENTS (names); j++)
        g_assert_cmpuint (get_mode (folder, names[j]), ==, 0600);
    }
}

/* What is loaded signs as what was generated did; root and online are not the same key. */
static void
test_keyring_load (void)
{
  static const char *const passphrases[] = { NULL, "secret", "pass phrase “é”" };

  for (gsize i = 0; i < G_N_ELEMENTS (passphrases); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autofree char *folder = g_build_filename (dir, "keys", NULL);
      g_autoptr (OnwardKeyring) generated = generate (folder, passphrases[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (OnwardKeyring) loaded =
          onward_keyring_load (folder, passphrases[i], FALSE, &error);

      g_assert_no_error (error);
      g_assert_true (onward_keyring_is_encrypted (folder, FALSE) == (passphrases[i] != NULL));
      g_assert_cmpstr (get_id (loaded, "root"), ==, get_id (generated, "targets"));
      g_assert_cmpstr (get_id (loaded, "snapshot"), ==, get_id (generated, "timestamp"));
      g_assert_cmpstr (get_id (loaded, "root"), !=, get_id (loaded, "timestamp"));
    }
}

/* A wrong passphrase, or none, is not permitted to sign, and the message names the key. */
static void
test_keyring_wrong_passphrase (void)
{
  static const char *const wrong[] = { NULL, "", "Secret", "secret ", "secre" };
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *folder = g_build_filename (dir, "keys", NULL);
  g_autoptr (OnwardKeyring) keyring = generate (folder, "secret");

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (onward_keyring_load (folder, wrong[i], FALSE, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED);
      g_assert_nonnull (strstr (error->message, "root.pem"));
    }
}

/* A computer that only refreshes needs neither root.pem nor its passphrase. */
static void
test_keyring_online_only (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *folder = g_build_filename (dir, "keys", NULL);
  g_autofree char *other = g_build_filename (dir, "other", NULL);
  g_autofree char *root = g_build_filename (folder, "root.pem", NULL);
  g_autofree char *encrypted = g_build_filename (other, "root.pem", NULL);
  g_autoptr (OnwardKeyring) generated = generate (folder, NULL);
  g_autoptr (OnwardKeyring) with_passphrase = generate (other, "secret");
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardKeyring) online = NULL;

  g_assert_cmpint (g_rename (encrypted, root), ==, 0);
  g_assert_true (onward_keyring_is_encrypted (folder, FALSE));
  g_assert_false (onward_keyring_is_encrypted (folder, TRUE));

  g_assert_cmpint (g_unlink (root), ==, 0);
  online = onward_keyring_load (folder, NULL, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_keyring_get_signers (online, "root")->len, ==, 0);
  g_assert_null (onward_keyring_load (folder, NULL, FALSE, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
}

/* A key that is there is never replaced, and no half of a new set stays beside it. */
static void
test_keyring_never_replaces (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      onward_test_write (dir, names[i], "precious");
      g_assert_null (onward_keyring_generate (dir, NULL, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, names[i]));
      text = onward_test_read (dir, names[i]);
      g_assert_cmpstr (text, ==, "precious");

      for (gsize j = 0; j < G_N_ELEMENTS (names); j++)
        {
          g_autofree char *path = g_build_filename (dir, names[j], NULL);

          g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS) == (i == j));
        }
    }
}

/* A link that leads nowhere is no place for a key either. */
static void
test_keyring_dangling_link (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "online.pem", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink ("elsewhere", path), ==, 0);
  g_assert_null (onward_keyring_generate (dir, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_SYMLINK));
}

/* Files that are no keys. */
static void
test_keyring_damaged (void)
{
  static const char *const contents[] = {
    "",
    "not a key",
    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (GError) error = NULL;

      onward_test_write (dir, "online.pem", contents[i]);
      g_assert_null (onward_keyring_load (dir, "secret", TRUE, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, "online.pem"));
    }
}

/* The passphrase is the first line of its file, however that line ends. */
static void
test_keyring_passphrase_file (void)
{
  static const struct
  {
    const char *contents;
    const char *expected;
  } cases[] = {
    { "secret\n", "secret" },
    { "secret", "secret" },
    { "secret\r\nmore\n", "secret" },
    { " two words \n", " two words " },
    { "é\n", "é" },
    { "", NULL },
    { "\n", NULL },
    { "\nsecond\n", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autofree char *path = g_build_filename (dir, "passphrase", NULL);
      g_autofree char *passphrase = NULL;
      g_autoptr (GError) error = NULL;

      onward_test_write (dir, "passphrase", cases[i].contents);
      g_assert_true (onward_keyring_read_passphrase (path, TRUE, &passphrase, &error) ==
                     (cases[i].expected != NULL));
      g_assert_cmpstr (passphrase, ==, cases[i].expected);
      if (cases[i].expected == NULL)
        g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED);
    }
}

/* A file that is not there is said to be so, and with nobody to ask nothing is asked. */
static void
test_keyring_no_passphrase (void)
{
  g_autofree char *passphrase = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (onward_keyring_read_passphrase ("/nonexistent", FALSE, &passphrase, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_clear_error (&error);

  if (isatty (STDIN_FILENO) != 1)
    {
      g_assert_false (onward_keyring_read_passphrase (NULL, TRUE, &passphrase, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED);
    }
  g_assert_null (passphrase);
}

/* Either root key signs the next root, one alone is enough, and no other role knows the spare. */
static void
test_keyring_roles (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *folder = g_build_filename (dir, "keys", NULL);
  g_autoptr (OnwardKeyring) keyring = generate (folder, NULL);
  g_autoptr (JsonObject) keys = json_object_new ();
  g_autoptr (JsonObject) roles = onward_keyring_make_roles (keyring, keys);
  static const char *const all[] = { "root", "targets", "snapshot", "timestamp" };

  g_assert_cmpuint (json_object_get_size (keys), ==, 3);
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      JsonObject *role = json_object_get_object_member (roles, all[i]);
      JsonArray *ids = json_object_get_array_member (role, "keyids");

      g_assert_cmpuint (json_array_get_length (ids), ==, i == 0 ? 2 : 1);
      g_assert_cmpstr (json_array_get_string_element (ids, 0), ==, get_id (keyring, all[i]));
      g_assert_cmpint (json_object_get_int_member (role, "threshold"), ==, 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keyring/modes", test_keyring_modes);
  g_test_add_func ("/keyring/load", test_keyring_load);
  g_test_add_func ("/keyring/wrong-passphrase", test_keyring_wrong_passphrase);
  g_test_add_func ("/keyring/online-only", test_keyring_online_only);
  g_test_add_func ("/keyring/never-replaces", test_keyring_never_replaces);
  g_test_add_func ("/keyring/dangling-link", test_keyring_dangling_link);
  g_test_add_func ("/keyring/damaged", test_keyring_damaged);
  g_test_add_func ("/keyring/passphrase-file", test_keyring_passphrase_file);
  g_test_add_func ("/keyring/no-passphrase", test_keyring_no_passphrase);
  g_test_add_func ("/keyring/roles", test_keyring_roles);
  return g_test_run ();
}
