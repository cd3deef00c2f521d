/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a way to deflate may be: only what zlib can be asked for. */
#define ONWARD_DEFLATE_MAX_LEVEL    9
#define ONWARD_DEFLATE_MIN_MEMORY   8
#define ONWARD_DEFLATE_MAX_MEMORY   9
#define ONWARD_DEFLATE_MIN_WINDOW   9
#define ONWARD_DEFLATE_MAX_WINDOW   15
/* What one delta may let a client deflate, as onward_deflate_get_work() counts. */
#define ONWARD_DEFLATE_MAX_WORK     (G_GUINT64_CONSTANT (256) * 1024 * 1024)
/* What beginning counts, as so many bytes. */
#define ONWARD_DEFLATE_COST         1024
/* A chunk of PNG has its length and kind before its bytes, and a checksum behind them. */
#define ONWARD_DEFLATE_CHUNK_HEADER 8
#define ONWARD_DEFLATE_CHUNK_COST   12

/**
 * OnwardDeflate:
 * @start: where it begins
 * @size: how many bytes it has there
 * @inflated_size: how many bytes it gives
 * @chunk: 0: it is nothing but deflated bytes. Else it is the image data of a PNG: with a zlib
 *   header and a checksum, cut in IDAT chunks of so many bytes each, the last of which is shorter
 * @head: (PNG) the zlib header
 * @level: zlib's level, 1 to 9
 * @memory: zlib's memLevel
 * @window: zlib's windowBits
 * @is_filtered: whether zlib's strategy is Z_FILTERED
 * @is_gnu: whether GNU gzip is meant; then only the level counts
 *
 * Deflated bytes in a file, and how to make them again of what they give.
 */
typedef struct
{
  guint64 start;
  guint64 size;
  guint64 inflated_size;
  guint32 chunk;
  guint8 head[2];
  guint8 level;
  guint8 memory;
  guint8 window;
  gboolean is_filtered;
  gboolean is_gnu;
} OnwardDeflate;

/* How many bytes the chunks of a PNG carry. */
static inline guint64
onward_deflate_get_payload (const OnwardDeflate *self)
{
  guint64 whole = (guint64) self->chunk + ONWARD_DEFLATE_CHUNK_COST;

  return self->size - (self->size + whole - 1) / whole * ONWARD_DEFLATE_CHUNK_COST;
}

/* And how many bytes they then have in the file. */
static inline guint64
onward_deflate_get_chunked (guint64 payload, guint32 chunk)
{
  return payload + (payload + chunk - 1) / chunk * ONWARD_DEFLATE_CHUNK_COST;
}

/* How long deflating takes at most, in bytes of a usual level: the highest ones search far longer
 * where all is alike, and as gzip does they do so for each byte. At the limit that is minutes. */
static inline guint64
onward_deflate_get_work (const OnwardDeflate *self)
{
  guint weight = self->level == 9 ? 4 : self->level == 8 ? 2 : 1;

  if (self->is_gnu)
    weight *= 4;
  return ONWARD_DEFLATE_COST + MIN (self->inflated_size, ONWARD_DEFLATE_MAX_WORK) * weight;
}

G_END_DECLS
