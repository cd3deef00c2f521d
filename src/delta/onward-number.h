/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* Seven bits a byte, the low ones first; the high bit says that another byte follows. */
#define ONWARD_NUMBER_MAX_SIZE 10

void     onward_number_append        (GByteArray *array, guint64 number);
void     onward_number_append_signed (GByteArray *array, gint64 number);
gboolean onward_number_read          (const guint8 *data, gsize size, gsize *position,
                                      guint64 *ret_number);

/* Small numbers of either sign become small numbers. */
static inline guint64
onward_number_fold (gint64 number)
{
  return ((guint64) number << 1) ^ (number < 0 ? G_MAXUINT64 : 0);
}

static inline gint64
onward_number_unfold (guint64 folded)
{
  return (gint64) ((folded >> 1) ^ ((folded & 1) != 0 ? G_MAXUINT64 : 0));
}

/* What executables hold: little-endian, anywhere. */
static inline guint16
onward_number_get_16 (const guint8 *data)
{
  guint16 number;

  memcpy (&number, data, sizeof number);
  return GUINT16_FROM_LE (number);
}

static inline guint32
onward_number_get_32 (const guint8 *data)
{
  guint32 number;

  memcpy (&number, data, sizeof number);
  return GUINT32_FROM_LE (number);
}

static inline guint64
onward_number_get_64 (const guint8 *data)
{
  guint64 number;

  memcpy (&number, data, sizeof number);
  return GUINT64_FROM_LE (number);
}

static inline void
onward_number_put (guint8 *data, guint64 number, gsize size)
{
  guint64 disk = GUINT64_TO_LE (number);

  memcpy (data, &disk, size);
}

G_END_DECLS
