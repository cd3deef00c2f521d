/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-fault-body.h"

#define BOMB_SIZE (8 * 1024 * 1024)

static GBytes *
compress (GBytes *plain)
{
  g_autoptr (GZlibCompressor) gzip = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, G_CONVERTER (gzip));
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (plain, &size);
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (stream, data, size, NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_close (stream, NULL, &error);
  g_assert_no_error (error);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

/**
 * onward_fault_body_compress:
 * @plain: what the body would be
 * @mode: what is wrong with it
 *
 * Returns: (transfer full): a body that calls itself gzip
 */
GBytes *
onward_fault_body_compress (GBytes *plain, const char *mode)
{
  g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 (BOMB_SIZE), BOMB_SIZE);
  g_autoptr (GBytes) packed = compress (g_str_equal (mode, "bomb") ? zeros : plain);
  gsize size = g_bytes_get_size (packed);
  g_autoptr (GByteArray) body = g_byte_array_new ();

  if (g_str_equal (mode, "raw"))
    return g_bytes_ref (plain);
  if (g_str_equal (mode, "short"))
    return g_bytes_new_from_bytes (packed, 0, size / 2);

  g_byte_array_append (body, g_bytes_get_data (packed, NULL), (guint) size);
  if (g_str_equal (mode, "checksum"))
    body->data[size - 8] ^= 0xff;
  else if (g_str_equal (mode, "tail"))
    g_byte_array_append (body, (const guint8 *) "and more", 8);
  return g_byte_array_free_to_bytes (g_steal_pointer (&body));
}

/**
 * onward_fault_body_make_portal:
 *
 * Returns: (transfer full): the page that a network answers everything with until somebody signs in
 */
GBytes *
onward_fault_body_make_portal (void)
{
  GString *page = g_string_new ("\r\n<!DOCTYPE html>\n<html><head><title>Welcome</title></head>\n"
                                "<body>Please accept our terms to use this network.");

  /* Longer than most documents, as such pages are. */
  for (guint i = 0; i < 1000; i++)
    g_string_append (page, "<p>We may end this service at any time.</p>\n");
  g_string_append (page, "</body></html>\n");
  return g_string_free_to_bytes (page);
}
