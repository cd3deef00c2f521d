/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-digest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-hasher.h"

/* Large enough that system calls do not count, small enough for the processor's cache. */
#define READ_SIZE (256 * 1024)

/**
 * onward_digest_of_data:
 * @data: (array length=size) (nullable): bytes; may be %NULL when @size is 0
 * @size: how many
 * @ret_digest: (out caller-allocates): their SHA-256
 */
void
onward_digest_of_data (gconstpointer data, gsize size, OnwardDigest *ret_digest)
{
  g_autoptr (OnwardHasher) hasher = NULL;

  g_return_if_fail (data != NULL || size == 0);
  g_return_if_fail (ret_digest != NULL);

  hasher = onward_hasher_new ();
  onward_hasher_update (hasher, data, size);
  onward_hasher_finish (hasher, ret_digest);
}

/**
 * onward_digest_of_bytes:
 * @bytes: some bytes
 * @ret_digest: (out caller-allocates): their SHA-256
 */
void
onward_digest_of_bytes (GBytes *bytes, OnwardDigest *ret_digest)
{
  gconstpointer data;
  gsize size;

  g_return_if_fail (bytes != NULL);
  g_return_if_fail (ret_digest != NULL);

  data = g_bytes_get_data (bytes, &size);
  onward_digest_of_data (data, size, ret_digest);
}

static gssize
read_at (int fd, guint8 *buffer, guint64 offset, GError **error)
{
  gssize n_read = TEMP_FAILURE_RETRY (pread (fd, buffer, READ_SIZE, (off_t) offset));

  if (n_read < 0)
    onward_file_set_error (error, errno, "Reading", NULL);
  return n_read;
}

/**
 * onward_digest_of_fd:
 * @fd: a regular file, open for reading
 * @ret_size: (out) (optional): its size in bytes, as read
 * @ret_digest: (out caller-allocates): its SHA-256
 * @cancellable: (nullable): asked before each 256 KiB
 * @error: set when the file cannot be read, or with %G_IO_ERROR_CANCELLED
 *
 * Hashes a whole file from its beginning. The position of @fd neither matters nor changes, so
 * the very descriptor that was checked can be read from afterwards. Blocking.
 *
 * Returns: whether the whole file was read; if not, the outputs are untouched
 */
gboolean
onward_digest_of_fd (int fd, guint64 *ret_size, OnwardDigest *ret_digest, GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (OnwardHasher) hasher = NULL;
  g_autofree guint8 *buffer = NULL;
  guint64 size = 0;
  gssize n_read;

  g_return_val_if_fail (fd >= 0, FALSE);
  g_return_val_if_fail (ret_digest != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  hasher = onward_hasher_new ();
  buffer = g_malloc (READ_SIZE);
  do
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      n_read = read_at (fd, buffer, size, error);
      if (n_read < 0)
        return FALSE;

      onward_hasher_update (hasher, buffer, (gsize) n_read);
      size += (guint64) n_read;
    }
  while (n_read > 0);

  onward_hasher_finish (hasher, ret_digest);
  if (ret_size != NULL)
    *ret_size = size;
  return TRUE;
}

static int
hex_value (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/**
 * onward_digest_parse:
 * @hex: text that should be 64 lower-case hexadecimal digits
 * @ret_digest: (out caller-allocates): the digest
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Reads a digest. Only the one spelling that onward_digest_to_string() gives is taken, since
 * digests are compared as file names too.
 *
 * Returns: whether @hex is a digest; if not, @ret_digest is untouched
 */
gboolean
onward_digest_parse (const char *hex, OnwardDigest *ret_digest, GError **error)
{
  OnwardDigest digest;

  g_return_val_if_fail (hex != NULL, FALSE);
  g_return_val_if_fail (ret_digest != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  for (gsize i = 0; i < ONWARD_DIGEST_SIZE; i++)
    {
      int high = hex_value (hex[2 * i]);
      int low = high < 0 ? -1 : hex_value (hex[2 * i + 1]);

      if (low < 0)
        {
          g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                               "A digest must be 64 lower-case hexadecimal digits");
          return FALSE;
        }
      digest.bytes[i] = (guint8) (high << 4 | low);
    }

  if (hex[2 * ONWARD_DIGEST_SIZE] != '\0')
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "A digest is longer than 64 digits");
      return FALSE;
    }

  *ret_digest = digest;
  return TRUE;
}

/**
 * onward_digest_to_string:
 * @digest: a digest
 *
 * Returns: (transfer full): its 64 lower-case hexadecimal digits
 */
char *
onward_digest_to_string (const OnwardDigest *digest)
{
  static const char digits[] = "0123456789abcdef";
  char *hex;

  g_return_val_if_fail (digest != NULL, NULL);

  hex = g_malloc (2 * ONWARD_DIGEST_SIZE + 1);
  for (gsize i = 0; i < ONWARD_DIGEST_SIZE; i++)
    {
      hex[2 * i] = digits[digest->bytes[i] >> 4];
      hex[2 * i + 1] = digits[digest->bytes[i] & 15];
    }
  hex[2 * ONWARD_DIGEST_SIZE] = '\0';
  return hex;
}

/**
 * onward_digest_equal:
 * @a: an #OnwardDigest
 * @b: another one
 *
 * A #GEqualFunc.
 *
 * Returns: whether both name the same content
 */
gboolean
onward_digest_equal (gconstpointer a, gconstpointer b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  return memcmp (a, b, sizeof (OnwardDigest)) == 0;
}

/**
 * onward_digest_hash:
 * @digest: an #OnwardDigest
 *
 * A #GHashFunc. The bytes of a SHA-256 are as evenly spread as any hash of them could be.
 *
 * Returns: a hash value
 */
guint
onward_digest_hash (gconstpointer digest)
{
  guint hash;

  g_return_val_if_fail (digest != NULL, 0);

  memcpy (&hash, digest, sizeof hash);
  return hash;
}

/**
 * onward_digest_copy:
 * @digest: a digest
 *
 * Returns: (transfer full): a copy, to be freed with g_free(); for use as a key in a hash table
 */
OnwardDigest *
onward_digest_copy (const OnwardDigest *digest)
{
  g_return_val_if_fail (digest != NULL, NULL);

  return g_memdup2 (digest, sizeof *digest);
}
