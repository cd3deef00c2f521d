/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <zlib.h>

#include "onward-test-deflate.h"

#define N_WORDS 500

static void
append_number (GByteArray *file, guint32 number, guint size)
{
  guint32 disk = GUINT32_TO_LE (number);

  g_byte_array_append (file, (const guint8 *) &disk, size);
}

static void
append_text (GByteArray *file, const char *text)
{
  g_byte_array_append (file, (const guint8 *) text, (guint) strlen (text));
}

static void
append_bytes (GByteArray *file, GBytes *bytes)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  g_byte_array_append (file, data, (guint) size);
}

static guint32
get_checksum (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  return (guint32) crc32 (0, data, (uInt) size);
}

GBytes *
onward_test_deflate_text (guint32 seed, gsize size)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  GString *text = g_string_new (NULL);
  guint32 words[N_WORDS];

  for (guint i = 0; i < N_WORDS; i++)
    words[i] = g_rand_int (random);
  while (text->len < size)
    {
      const char *end = g_rand_int_range (random, 0, 8) == 0 ? "\n" : " ";

      g_string_append_printf (text, "%x%s", words[g_rand_int_range (random, 0, N_WORDS)], end);
    }
  g_string_truncate (text, size);
  return g_string_free_to_bytes (text);
}

GBytes *
onward_test_deflate_change (GBytes *bytes)
{
  GByteArray *changed = g_byte_array_new ();
  gsize size = g_bytes_get_size (bytes);
  g_autoptr (GBytes) first = g_bytes_new_from_bytes (bytes, 0, size / 2);
  g_autoptr (GBytes) second = g_bytes_new_from_bytes (bytes, size / 2, size - size / 2);

  append_bytes (changed, first);
  append_text (changed, " something quite new ");
  append_bytes (changed, second);
  for (gsize i = 100; i < changed->len; i += changed->len / 3)
    changed->data[i] ^= 1;
  return g_byte_array_free_to_bytes (changed);
}

GBytes *
onward_test_deflate_run (GBytes *bytes, const OnwardTestWay *way, int window)
{
  z_stream stream = { 0 };
  gsize size, most;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  guint8 *deflated;

  g_assert_cmpint (
      deflateInit2 (&stream, way->level, Z_DEFLATED, window, way->memory, way->strategy), ==, Z_OK);
  most = deflateBound (&stream, size) + 64;
  deflated = g_malloc (most);
  stream.next_in = (guint8 *) data;
  stream.avail_in = (uInt) size;
  stream.next_out = deflated;
  stream.avail_out = (uInt) most;
  g_assert_cmpint (deflate (&stream, Z_FINISH), ==, Z_STREAM_END);
  size = stream.total_out;
  (void) deflateEnd (&stream);
  return g_bytes_new_take (deflated, size);
}

static void
append_sizes (GByteArray *file, GBytes *bytes, gsize stored_size, gboolean is_known)
{
  append_number (file, is_known ? get_checksum (bytes) : 0, 4);
  append_number (file, is_known ? (guint32) stored_size : 0, 4);
  append_number (file, is_known ? (guint32) g_bytes_get_size (bytes) : 0, 4);
}

void
onward_test_deflate_zip (GByteArray *file, const char *name, GBytes *bytes,
                         const OnwardTestWay *way, gboolean has_descriptor)
{
  g_autoptr (GBytes) deflated =
      way != NULL ? onward_test_deflate_run (bytes, way, -MAX_WBITS) : g_bytes_ref (bytes);

  append_text (file, "PK\x03\x04");
  append_number (file, 20, 2);
  append_number (file, has_descriptor ? 8 : 0, 2);
  append_number (file, way != NULL ? Z_DEFLATED : 0, 2);
  append_number (file, 0x5a5a5a5a, 4);
  append_sizes (file, bytes, g_bytes_get_size (deflated), !has_descriptor);
  append_number (file, (guint32) strlen (name), 2);
  append_number (file, 3, 2);
  append_text (file, name);
  append_text (file, "\x01\x02\x03");
  append_bytes (file, deflated);
  if (!has_descriptor)
    return;

  append_text (file, "PK\x07\x08");
  append_sizes (file, bytes, g_bytes_get_size (deflated), TRUE);
}

void
onward_test_deflate_zip_end (GByteArray *file, guint n_members)
{
  append_text (file, "PK\x05\x06");
  append_number (file, 0, 4);
  append_number (file, n_members, 2);
  append_number (file, n_members, 2);
  append_number (file, 0, 4);
  append_number (file, file->len, 4);
  append_number (file, 0, 2);
}

void
onward_test_deflate_gzip (GByteArray *file, GBytes *bytes, const OnwardTestWay *way)
{
  static const guint8 header[] = { 0x1f, 0x8b, 8, 1u << 3, 1, 2, 3, 4, 0, 3 };
  g_autoptr (GBytes) deflated = onward_test_deflate_run (bytes, way, -MAX_WBITS);

  g_byte_array_append (file, header, sizeof header);
  g_byte_array_append (file, (const guint8 *) "name", 5);
  append_bytes (file, deflated);
  append_number (file, get_checksum (bytes), 4);
  append_number (file, (guint32) g_bytes_get_size (bytes), 4);
}

static void
append_chunk (GByteArray *file, const char *kind, const guint8 *data, gsize size)
{
  guint start = file->len + 4;

  append_number (file, GUINT32_SWAP_LE_BE ((guint32) size), 4);
  append_text (file, kind);
  g_byte_array_append (file, data, (guint) size);
  append_number (
      file, GUINT32_SWAP_LE_BE ((guint32) crc32 (0, file->data + start, file->len - start)), 4);
}

void
onward_test_deflate_png (GByteArray *file, GBytes *bytes, const OnwardTestWay *way, int window,
                         gsize chunk)
{
  g_autoptr (GBytes) deflated = onward_test_deflate_run (bytes, way, window);
  gsize left;
  const guint8 *data = g_bytes_get_data (deflated, &left);

  append_text (file, "\x89PNG\r\n\x1a\n");
  append_chunk (file, "IHDR", (const guint8 *) "no program reads", 13);
  while (left > 0)
    {
      gsize size = MIN (left, chunk);

      append_chunk (file, "IDAT", data, size);
      data += size;
      left -= size;
    }
  append_chunk (file, "IEND", data, 0);
}
