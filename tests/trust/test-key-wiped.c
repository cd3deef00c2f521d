/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-key.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-test-memory.h"
#include "onward-test.h"

/* The secret half of an ed25519 key of PKCS#8 ends the one line between the labels. */
#define LINE_OFFSET (sizeof "-----BEGIN PRIVATE KEY-----\n" - 1)
#define LINE_SIZE   64
#define KNOWN_SIZE  40

#define PASSPHRASE "correct horse battery staple"

/* Makes a key in another process, whose memory is gone with it. */
static void
make_key (const char *path, const char *encrypted)
{
  pid_t child = fork ();
  int status = 1;

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      g_autoptr (OnwardKey) key = onward_key_generate (NULL);

      _exit (key == NULL || !onward_key_save (key, path, NULL, NULL) ||
             (encrypted != NULL && !onward_key_save (key, encrypted, PASSPHRASE, NULL)));
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
}

static void
learn_pem (OnwardTestSecret *secret, const char *path)
{
  onward_test_memory_learn (secret, path, LINE_OFFSET + LINE_SIZE - KNOWN_SIZE, KNOWN_SIZE);
}

/* The same as the 32 bytes that it means. */
static void
learn_raw (OnwardTestSecret *secret, const char *path)
{
  gchar line[LINE_SIZE];
  guint8 der[LINE_SIZE];
  gint state = 0;
  guint save = 0;
  FILE *file = fopen (path, "re");
  gsize size;

  setbuf (file, NULL);
  g_assert_cmpint (fseek (file, LINE_OFFSET, SEEK_SET), ==, 0);
  g_assert_cmpuint (fread (line, 1, sizeof line, file), ==, sizeof line);
  fclose (file);
  size = g_base64_decode_step (line, sizeof line, der, &state, &save);
  g_assert_cmpuint (size, ==, 48);
  onward_test_memory_learn_bytes (secret, der + 16, 32);
  explicit_bzero (line, sizeof line);
  explicit_bzero (der, sizeof der);
}

static void
sign (OnwardKey *key)
{
  g_autoptr (GBytes) message = g_bytes_new_static ("message", 7);
  g_autoptr (GBytes) signature = onward_key_sign (key, message, NULL);

  g_assert_nonnull (signature);
}

/* The test itself notices what is left in memory, also of what was freed. */
static void
test_wiped_is_noticed (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "plain.pem", NULL);
  OnwardTestSecret secret;

  make_key (path, NULL);
  learn_pem (&secret, path);
  g_assert_false (onward_test_memory_holds (&secret));
  {
    g_autofree char *text = onward_test_read (dir, "plain.pem");

    g_assert_true (onward_test_memory_holds (&secret));
    explicit_bzero (text, strlen (text));
  }
}

/* A plain key leaves nothing of its file in memory, neither while it is used nor after. */
static void
test_wiped_plain (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "plain.pem", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardKey) key = NULL;
  OnwardTestSecret secret, raw;

  make_key (path, NULL);
  learn_pem (&secret, path);
  learn_raw (&raw, path);
  g_assert_false (onward_test_memory_holds (&raw));
  key = onward_key_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (onward_test_memory_holds (&secret));
  sign (key);
  g_clear_pointer (&key, onward_key_free);
  g_assert_false (onward_test_memory_holds (&secret));
  g_assert_false (onward_test_memory_holds (&raw));
}

/* Nothing of an encrypted key is left when it is no longer used. */
static void
test_wiped_encrypted (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *plain = g_build_filename (dir, "plain.pem", NULL);
  g_autofree char *path = g_build_filename (dir, "encrypted.pem", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardKey) key = NULL;
  OnwardTestSecret raw;

  make_key (plain, path);
  learn_raw (&raw, plain);
  g_assert_null (onward_key_load (path, "wrong", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED);
  g_clear_error (&error);
  key = onward_key_load (path, PASSPHRASE, &error);
  g_assert_no_error (error);
  sign (key);
  g_clear_pointer (&key, onward_key_free);
  g_assert_false (onward_test_memory_holds (&raw));
}

/* A damaged plain key is wiped, too. */
static void
test_wiped_damaged (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "plain.pem", NULL);
  g_autoptr (GError) error = NULL;
  OnwardTestSecret secret;

  make_key (path, NULL);
  g_assert_cmpint (truncate (path, LINE_OFFSET + LINE_SIZE), ==, 0);
  learn_pem (&secret, path);
  g_assert_null (onward_key_load (path, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  g_assert_false (onward_test_memory_holds (&secret));
}

/* A key that is made and written leaves its file only on the disk. */
static void
test_wiped_made (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "plain.pem", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardKey) key = onward_key_generate (&error);
  OnwardTestSecret secret;

  g_assert_no_error (error);
  g_assert_true (onward_key_save (key, path, NULL, &error));
  g_assert_no_error (error);
  learn_pem (&secret, path);
  g_assert_false (onward_test_memory_holds (&secret));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-wiped/is-noticed", test_wiped_is_noticed);
  g_test_add_func ("/key-wiped/plain", test_wiped_plain);
  g_test_add_func ("/key-wiped/encrypted", test_wiped_encrypted);
  g_test_add_func ("/key-wiped/damaged", test_wiped_damaged);
  g_test_add_func ("/key-wiped/made", test_wiped_made);
  return g_test_run ();
}
