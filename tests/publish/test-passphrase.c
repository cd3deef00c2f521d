/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-passphrase.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-test-memory.h"
#include "onward-test.h"

#define SIZE 40

/* Nothing that stands in the program, where it would be found. */
static void
make_text (char text[SIZE])
{
  for (gsize i = 0; i < SIZE; i++)
    text[i] = (char) g_random_int_range ('A', 'Z');
}

/* Writes a file that begins with a secret between two texts, of which no trace stays here. */
static void
write_secret (const char *path, const char *before, const char *after, OnwardTestSecret *secret)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  char text[SIZE];

  make_text (text);
  g_assert_cmpint (write (fd, before, strlen (before) + 1), ==, (gssize) strlen (before) + 1);
  g_assert_cmpint (pwrite (fd, text, SIZE, (off_t) strlen (before)), ==, SIZE);
  g_assert_cmpint (pwrite (fd, after, strlen (after), (off_t) strlen (before) + SIZE), ==,
                   (gssize) strlen (after));
  close (fd);
  onward_test_memory_learn_bytes (secret, text, SIZE);
}

static const char *
get (OnwardPassphrase *passphrase)
{
  g_autoptr (GError) error = NULL;
  const char *text = onward_passphrase_get (passphrase, "a key", FALSE, &error);

  g_assert_no_error (error);
  g_assert_nonnull (text);
  return text;
}

/* However a passphrase is told, it is in memory as long as it is needed, and no longer. */
static void
test_passphrase_is_wiped (void)
{
  static const char *const ends[] = { "\n", "\r\n", "", "\nand a second line\n" };
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "passphrase", NULL);

  for (guint i = 0; i < 2 * G_N_ELEMENTS (ends); i++)
    {
      gboolean by_file = i % 2 == 0;
      OnwardTestSecret secret;
      OnwardPassphrase *passphrase;
      int fd;

      write_secret (path, "", ends[i / 2], &secret);
      fd = open (path, O_RDONLY | O_CLOEXEC);
      passphrase = onward_passphrase_new (by_file ? path : NULL, by_file ? -1 : fd);
      g_assert_cmpuint (strlen (get (passphrase)), ==, SIZE);
      g_assert_true (onward_test_memory_holds (&secret));
      onward_passphrase_free (passphrase);
      g_assert_false (onward_test_memory_holds (&secret));
      close (fd);
    }
}

/* What follows a zero byte is no part of the passphrase, but as secret. */
static void
test_passphrase_is_wiped_whole (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "passphrase", NULL);
  OnwardPassphrase *passphrase = onward_passphrase_new (path, -1);
  OnwardTestSecret secret;

  onward_test_write (dir, "passphrase", "");
  write_secret (path, "short", "\n", &secret);
  {
    int fd = open (path, O_WRONLY | O_CLOEXEC);

    g_assert_cmpint (pwrite (fd, "", 1, 2), ==, 1);
    close (fd);
  }
  g_assert_cmpstr (get (passphrase), ==, "sh");
  g_assert_true (onward_test_memory_holds (&secret));
  onward_passphrase_free (passphrase);
  g_assert_false (onward_test_memory_holds (&secret));
}

/* One that is known already is copied, and the copy is wiped. */
static void
test_passphrase_known (void)
{
  char text[SIZE + 1] = "";
  OnwardPassphrase *passphrase;
  OnwardTestSecret secret;

  make_text (text);
  passphrase = onward_passphrase_new_known (text);
  g_assert_true (g_str_equal (get (passphrase), text));
  g_assert_false (onward_passphrase_can_ask_again (passphrase));
  onward_test_memory_learn_bytes (&secret, text, SIZE);
  g_assert_true (onward_test_memory_holds (&secret));
  onward_passphrase_free (passphrase);
  g_assert_false (onward_test_memory_holds (&secret));
}

/* Without a passphrase the message says where it was looked for, and nothing is known. */
static void
test_passphrase_is_missing (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *empty = g_build_filename (dir, "empty", NULL);
  g_autofree char *missing = g_build_filename (dir, "missing", NULL);
  const struct
  {
    const char *file;
    int fd;
    OnwardError code;
    const char *text;
  } rows[] = {
    { empty, -1, ONWARD_ERROR_NOT_PERMITTED, "its first line is to be the passphrase" },
    { missing, -1, ONWARD_ERROR_NOT_FOUND, "missing" },
    { NULL, 987, ONWARD_ERROR_FAILED, "--passphrase-fd" },
  };

  onward_test_write (dir, "empty", "\nsecond line\n");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (OnwardPassphrase) passphrase = onward_passphrase_new (rows[i].file, rows[i].fd);
      g_autoptr (GError) error = NULL;

      g_assert_null (onward_passphrase_get (passphrase, "a key", FALSE, &error));
      g_assert_error (error, ONWARD_ERROR, (gint) rows[i].code);
      g_assert_nonnull (strstr (error->message, rows[i].text));
      g_assert_null (onward_passphrase_get_known (passphrase));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/passphrase/is-wiped", test_passphrase_is_wiped);
  g_test_add_func ("/passphrase/is-wiped-whole", test_passphrase_is_wiped_whole);
  g_test_add_func ("/passphrase/known", test_passphrase_known);
  g_test_add_func ("/passphrase/is-missing", test_passphrase_is_missing);
  return g_test_run ();
}
