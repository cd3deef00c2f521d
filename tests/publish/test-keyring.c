/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-keyring.h"
#include "onward-test.h"

static const char *const names[] = { "root.pem", "online.pem", "spare-root.pem" };

static const char *const all[] = { "root", "targets", "snapshot", "timestamp" };

static OnwardKeyring *
generate (const char *folder, const char *text)
{
  g_autoptr (OnwardPassphrase) passphrase = onward_passphrase_new_known (text);
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

/* The part of a root that names the keys. */
static JsonObject *
make_root (OnwardKeyring *keyring)
{
  JsonObject *root = json_object_new ();
  JsonObject *keys = json_object_new ();

  json_object_set_object_member (root, "roles", onward_keyring_make_roles (keyring, keys));
  json_object_set_object_member (root, "keys", keys);
  return root;
}

static gboolean
unlock (OnwardKeyring *keyring, const char *role, JsonObject *root, const char *text,
        GError **error)
{
  g_autoptr (OnwardPassphrase) passphrase = onward_passphrase_new_known (text);

  return onward_keyring_unlock_role (keyring, role, root, passphrase, error);
}

static OnwardKeyring *
open_folder (const char *folder)
{
  g_autoptr (GError) error = NULL;
  OnwardKeyring *keyring = onward_keyring_open (folder, &error);

  g_assert_no_error (error);
  return keyring;
}

/* What is unlocked signs as what was generated did; root and online are not the same key. */
static void
test_keyring_unlock (void)
{
  static const char *const passphrases[] = { NULL, "secret", "pass phrase “é”" };

  for (gsize i = 0; i < G_N_ELEMENTS (passphrases); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autofree char *folder = g_build_filename (dir, "keys", NULL);
      g_autoptr (OnwardKeyring) generated = generate (folder, passphrases[i]);
      g_autoptr (JsonObject) root = make_root (generated);
      g_autoptr (OnwardKeyring) opened = open_folder (folder);

      for (gsize j = 0; j < G_N_ELEMENTS (all); j++)
        {
          g_autoptr (GError) error = NULL;

          g_assert_cmpuint (onward_keyring_get_signers (opened, all[j])->len, ==, 0);
          unlock (opened, all[j], root, passphrases[i], &error);
          g_assert_no_error (error);
          g_assert_cmpstr (get_id (opened, all[j]), ==, get_id (generated, all[j]));
        }
      g_assert_cmpstr (get_id (opened, "root"), !=, get_id (opened, "timestamp"));
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
  g_autoptr (JsonObject) root = make_root (keyring);

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (OnwardKeyring) opened = open_folder (folder);
      g_autoptr (GError) error = NULL;

      g_assert_false (unlock (opened, "targets", root, wrong[i], &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED);
      g_assert_nonnull (strstr (error->message, "root.pem"));
      g_assert_cmpuint (onward_keyring_get_signers (opened, "targets")->len, ==, 0);
    }
}

/* A computer that only refreshes needs online.pem alone: no other key, no public part, and not the
 * passphrase of the others. */
static void
test_keyring_online_only (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *folder = g_build_filename (dir, "keys", NULL);
  g_autofree char *other = g_build_filename (dir, "other", NULL);
  g_autofree char *from = g_build_filename (folder, "online.pem", NULL);
  g_autofree char *to = g_build_filename (other, "only.pem", NULL);
  g_autoptr (OnwardKeyring) generated = generate (folder, NULL);
  g_autoptr (JsonObject) root = make_root (generated);
  g_autoptr (OnwardKeyring) opened = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (other, 0700), ==, 0);
  g_assert_cmpint (g_rename (from, to), ==, 0);
  opened = open_folder (other);
  unlock (opened, "snapshot", root, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (get_id (opened, "snapshot"), ==, get_id (generated, "snapshot"));

  g_assert_false (unlock (opened, "targets", root, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "targets"));
}

/* The names of the files say nothing: the root does. */
static void
test_keyring_names_say_nothing (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *folder = g_build_filename (dir, "keys", NULL);
  g_autoptr (OnwardKeyring) generated = generate (folder, NULL);
  g_autoptr (JsonObject) root = make_root (generated);
  static const char *const moves[][2] = { { "online", "x" },
                                          { "root", "online" },
                                          { "x", "root" } };
  g_autoptr (OnwardKeyring) opened = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (moves); i++)
    {
      g_autofree char *from = g_strdup_printf ("%s/%s.pem", folder, moves[i][0]);
      g_autofree char *to = g_strdup_printf ("%s/%s.pem", folder, moves[i][1]);
      g_autofree char *public = g_strdup_printf ("%s/%s.pub", folder, moves[i][0]);

      g_assert_cmpint (g_rename (from, to), ==, 0);
      (void) g_unlink (public);
    }
  opened = open_folder (folder);
  unlock (opened, "targets", root, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (get_id (opened, "targets"), ==, get_id (generated, "targets"));
}

/* A secret key beside the public part of another one is noticed before it signs. */
static void
test_keyring_mixed_up (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *folder = g_build_filename (dir, "keys", NULL);
  g_autoptr (OnwardKeyring) generated = generate (folder, NULL);
  g_autoptr (JsonObject) root = make_root (generated);
  g_autofree char *from = g_build_filename (folder, "online.pem", NULL);
  g_autofree char *to = g_build_filename (folder, "root.pem", NULL);
  g_autoptr (OnwardKeyring) opened = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_rename (from, to), ==, 0);
  opened = open_folder (folder);
  g_assert_false (unlock (opened, "targets", root, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_nonnull (strstr (error->message, "root.pem"));
}

/* It takes as many keys as the threshold says, and not one less. */
static void
test_keyring_threshold (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *folder = g_build_filename (dir, "keys", NULL);
  g_autofree char *spare = g_build_filename (folder, "spare-root.pem", NULL);
  g_autoptr (OnwardKeyring) generated = generate (folder, NULL);
  g_autoptr (JsonObject) root = make_root (generated);
  JsonObject *roles = json_object_get_object_member (root, "roles");
  g_autoptr (OnwardKeyring) opened = open_folder (folder);
  g_autoptr (GError) error = NULL;

  unlock (opened, "root", root, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_keyring_get_signers (opened, "root")->len, ==, 1);

  json_object_set_int_member (json_object_get_object_member (roles, "root"), "threshold", 2);
  unlock (opened, "root", root, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_keyring_get_signers (opened, "root")->len, ==, 2);

  g_assert_cmpint (g_unlink (spare), ==, 0);
  g_clear_pointer (&opened, onward_keyring_free);
  opened = open_folder (folder);
  g_assert_false (unlock (opened, "root", root, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "1 of the 2"));
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

/* Files that are no keys, secret and public ones. */
static void
test_keyring_damaged (void)
{
  static const struct
  {
    const char *name;
    const char *contents;
  } cases[] = {
    { "online.pem", "" },
    { "online.pem", "not a key" },
    { "online.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" },
    { "online.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" },
    { "online.pub", "" },
    { "online.pub", "{}" },
    { "online.pub", "[]" },
    { "online.pub", "{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":{}}" },
    { "online.pub", "{\"keytype\":\"x\",\"scheme\":\"x\",\"keyval\":{\"public\":\"00\"}}" },
    { "online.uri", "file:///etc/passwd" },
    { "online.uri", "" },
  };
  g_autoptr (OnwardTestDir) other = onward_test_make_dir ();
  g_autofree char *folder = g_build_filename (other, "keys", NULL);
  g_autoptr (OnwardKeyring) generated = generate (folder, NULL);
  g_autoptr (JsonObject) root = make_root (generated);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardKeyring) opened = NULL;
      g_autoptr (GError) error = NULL;

      onward_test_write (dir, cases[i].name, cases[i].contents);
      opened = onward_keyring_open (dir, &error);
      if (opened != NULL)
        g_assert_false (unlock (opened, "snapshot", root, "secret", &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, cases[i].name));
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
      g_autoptr (OnwardPassphrase) passphrase = onward_passphrase_new (path, -1);
      g_autoptr (GError) error = NULL;
      const char *text;

      onward_test_write (dir, "passphrase", cases[i].contents);
      text = onward_passphrase_get (passphrase, "a key", TRUE, &error);
      g_assert_cmpstr (text, ==, cases[i].expected);
      g_assert_cmpstr (onward_passphrase_get_known (passphrase), ==, cases[i].expected);
      if (cases[i].expected == NULL)
        g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED);
    }
}

/* A descriptor serves as well as a file, and is read once for all keys. */
static void
test_keyring_passphrase_descriptor (void)
{
  g_autoptr (OnwardPassphrase) passphrase = NULL;
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  g_assert_cmpint (write (fds[1], "secret\nmore", 11), ==, 11);
  close (fds[1]);
  passphrase = onward_passphrase_new (NULL, fds[0]);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpstr (onward_passphrase_get (passphrase, "a key", FALSE, &error), ==, "secret");
      g_assert_no_error (error);
    }
  close (fds[0]);
}

/* A file that is not there is said to be so, and with nobody to ask nothing is asked. */
static void
test_keyring_no_passphrase (void)
{
  g_autoptr (OnwardPassphrase) missing = onward_passphrase_new ("/nonexistent/passphrase", -1);
  g_autoptr (OnwardPassphrase) asked = onward_passphrase_new (NULL, -1);
  g_autoptr (GError) error = NULL;

  g_assert_null (onward_passphrase_get (missing, "a key", FALSE, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_clear_error (&error);

  if (isatty (STDIN_FILENO) != 1)
    {
      g_assert_null (onward_passphrase_get (asked, "a key", TRUE, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED);
    }
  g_assert_null (onward_passphrase_get_known (asked));
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
  g_test_add_func ("/keyring/unlock", test_keyring_unlock);
  g_test_add_func ("/keyring/names-say-nothing", test_keyring_names_say_nothing);
  g_test_add_func ("/keyring/mixed-up", test_keyring_mixed_up);
  g_test_add_func ("/keyring/threshold", test_keyring_threshold);
  g_test_add_func ("/keyring/wrong-passphrase", test_keyring_wrong_passphrase);
  g_test_add_func ("/keyring/online-only", test_keyring_online_only);
  g_test_add_func ("/keyring/never-replaces", test_keyring_never_replaces);
  g_test_add_func ("/keyring/dangling-link", test_keyring_dangling_link);
  g_test_add_func ("/keyring/damaged", test_keyring_damaged);
  g_test_add_func ("/keyring/passphrase-file", test_keyring_passphrase_file);
  g_test_add_func ("/keyring/passphrase-descriptor", test_keyring_passphrase_descriptor);
  g_test_add_func ("/keyring/no-passphrase", test_keyring_no_passphrase);
  g_test_add_func ("/keyring/roles", test_keyring_roles);
  return g_test_run ();
}
