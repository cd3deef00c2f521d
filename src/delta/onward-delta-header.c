/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-delta-header.h"
#include "onward-error.h"

#define MAGIC   "OnwD"
#define VERSION 1

typedef struct
{
  char magic[4];
  guint32 version;
  guint64 old_size;
  guint64 new_size;
} HeaderOnDisk;

G_STATIC_ASSERT (sizeof (HeaderOnDisk) == 24);

/**
 * onward_delta_header_append:
 * @self: the sizes
 * @array: grows by the header
 *
 * Writes the beginning of a delta.
 */
void
onward_delta_header_append (const OnwardDeltaHeader *self, GByteArray *array)
{
  HeaderOnDisk disk = { .magic = { 'O', 'n', 'w', 'D' },
                        .version = GUINT32_TO_LE (VERSION),
                        .old_size = GUINT64_TO_LE (self->old_size),
                        .new_size = GUINT64_TO_LE (self->new_size) };

  g_byte_array_append (array, (const guint8 *) &disk, sizeof disk);
}

/**
 * onward_delta_header_read:
 * @ret_header: (out): the sizes
 * @delta: a delta
 * @position: (inout): where in @delta to read; moved behind the header
 * @error: return location for an error
 *
 * Reads the beginning of a delta. A version this codec does not know is
 * %ONWARD_ERROR_UNSUPPORTED_FORMAT.
 *
 * Returns: whether there is a header
 */
gboolean
onward_delta_header_read (OnwardDeltaHeader *ret_header, GBytes *delta, gsize *position,
                          GError **error)
{
  HeaderOnDisk disk;
  gsize size;
  const guint8 *data = g_bytes_get_data (delta, &size);

  g_assert (*position <= size);

  if (size - *position < sizeof disk)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "The delta is cut off");
      return FALSE;
    }

  memcpy (&disk, data + *position, sizeof disk);
  if (memcmp (disk.magic, MAGIC, sizeof disk.magic) != 0)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Not a delta");
      return FALSE;
    }
  if (GUINT32_FROM_LE (disk.version) != VERSION)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_UNSUPPORTED_FORMAT,
                   "The delta has version %u, this program knows version %u",
                   GUINT32_FROM_LE (disk.version), VERSION);
      return FALSE;
    }

  *position += sizeof disk;
  ret_header->old_size = GUINT64_FROM_LE (disk.old_size);
  ret_header->new_size = GUINT64_FROM_LE (disk.new_size);
  return TRUE;
}
