/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-delta-header.h"
#include "onward-error.h"
#include "onward-number.h"

#define MAGIC "OnwD"
/* The magic and the version, of 4 bytes each. */
#define START_SIZE 8

/**
 * onward_delta_header_append:
 * @self: what to say
 * @array: grows by the header
 *
 * Writes the beginning of a delta. Version 1 has sizes of 8 bytes each, later ones numbers of
 * onward_number_append().
 */
void
onward_delta_header_append (const OnwardDeltaHeader *self, GByteArray *array)
{
  guint8 start[START_SIZE] = MAGIC;
  guint64 sizes[2] = { GUINT64_TO_LE (self->old_size), GUINT64_TO_LE (self->new_size) };

  onward_number_put (start + 4, self->version, 4);
  g_byte_array_append (array, start, sizeof start);
  if (self->version == ONWARD_DELTA_PIECES)
    {
      g_byte_array_append (array, (const guint8 *) sizes, sizeof sizes);
      return;
    }

  onward_number_append (array, self->old_size);
  onward_number_append (array, self->new_size);
  if (self->version >= ONWARD_DELTA_TOGETHER)
    onward_number_append (array, self->is_deflated ? 1 : 0);
}

static gboolean
read_start (OnwardDeltaHeader *self, const guint8 *data, gsize size, GError **error)
{
  guint32 version;

  if (size < START_SIZE || memcmp (data, MAGIC, 4) != 0)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           size < START_SIZE ? "The delta is cut off" : "Not a delta");
      return FALSE;
    }

  version = onward_number_get_32 (data + 4);
  if (version < ONWARD_DELTA_PIECES || version > ONWARD_DELTA_CHAPTERS)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_UNSUPPORTED_FORMAT,
                   "The delta has version %u, this program knows versions up to %u", version,
                   ONWARD_DELTA_CHAPTERS);
      return FALSE;
    }

  self->version = (OnwardDeltaVersion) version;
  return TRUE;
}

static gboolean
read_sizes (OnwardDeltaHeader *self, const guint8 *data, gsize size, gsize *position)
{
  if (self->version != ONWARD_DELTA_PIECES)
    return onward_number_read (data, size, position, &self->old_size) &&
           onward_number_read (data, size, position, &self->new_size);

  if (size - *position < 16)
    return FALSE;
  self->old_size = onward_number_get_64 (data + *position);
  self->new_size = onward_number_get_64 (data + *position + 8);
  *position += 16;
  return TRUE;
}

static gboolean
read_flag (OnwardDeltaHeader *self, const guint8 *data, gsize size, gsize *position, GError **error)
{
  guint64 flag = self->version == ONWARD_DELTA_DEFLATED;

  if (self->version < ONWARD_DELTA_TOGETHER ||
      (onward_number_read (data, size, position, &flag) && flag <= 1))
    {
      self->is_deflated = flag != 0;
      return TRUE;
    }

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                       "The delta does not say whether it inflates anything");
  return FALSE;
}

/**
 * onward_delta_header_read:
 * @ret_header: (out): what it says
 * @delta: a delta
 * @position: (out): where the header ends
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
  OnwardDeltaHeader header;
  gsize size;
  const guint8 *data = g_bytes_get_data (delta, &size);

  if (!read_start (&header, data, size, error))
    return FALSE;

  *position = START_SIZE;
  if (!read_sizes (&header, data, size, position))
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "The delta is cut off");
      return FALSE;
    }

  if (!read_flag (&header, data, size, position, error))
    return FALSE;

  *ret_header = header;
  return TRUE;
}
