/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardDeltaStreamKind:
 * @ONWARD_STREAM_FILES: which new files are executables, and whose successors
 * @ONWARD_STREAM_GAPS: how many new bytes lie before each cover
 * @ONWARD_STREAM_LENGTHS: how long each cover is
 * @ONWARD_STREAM_CHOICES: which place its source is counted from
 * @ONWARD_STREAM_JUMPS: how far from there it is
 * @ONWARD_STREAM_LITERALS: the bytes between covers
 * @ONWARD_STREAM_SPACINGS: how many bytes of a cover are equal before one that differs
 * @ONWARD_STREAM_DIFFERENCES: by how much it differs
 * @ONWARD_STREAM_RUNS: how many fields are as foretold before one that is not
 * @ONWARD_STREAM_GUESSES: which of the other guesses it is, or none
 * @ONWARD_STREAM_MISSES: how far a field of 32 bits is from the first guess
 * @ONWARD_STREAM_WIDE_MISSES: the same, of 64 bits
 *
 * What a delta consists of: like beside like, since each is compressed by itself. The order is
 * part of the format.
 */
typedef enum
{
  ONWARD_STREAM_FILES,
  ONWARD_STREAM_GAPS,
  ONWARD_STREAM_LENGTHS,
  ONWARD_STREAM_CHOICES,
  ONWARD_STREAM_JUMPS,
  ONWARD_STREAM_LITERALS,
  ONWARD_STREAM_SPACINGS,
  ONWARD_STREAM_DIFFERENCES,
  ONWARD_STREAM_RUNS,
  ONWARD_STREAM_GUESSES,
  ONWARD_STREAM_MISSES,
  ONWARD_STREAM_WIDE_MISSES,
} OnwardDeltaStreamKind;

#define ONWARD_N_STREAMS   (ONWARD_STREAM_WIDE_MISSES + 1)
#define ONWARD_ALL_STREAMS ((1u << ONWARD_N_STREAMS) - 1)

/**
 * OnwardStreamMethod:
 * @ONWARD_STREAM_STORED: not at all
 * @ONWARD_STREAM_LZMA2: LZMA2
 * @ONWARD_STREAM_ZSTD: zstd
 * @ONWARD_STREAM_LZMA2_OLD: LZMA2 that may look back at all old bytes, of which there are few
 *
 * How a stream is compressed.
 */
typedef enum
{
  ONWARD_STREAM_STORED,
  ONWARD_STREAM_LZMA2,
  ONWARD_STREAM_ZSTD,
  ONWARD_STREAM_LZMA2_OLD,
} OnwardStreamMethod;

/* Of more old bytes than this, none can be looked back at. */
#define ONWARD_STREAM_MAX_OLD (2u * 1024 * 1024)

/* What a decoder looks back at, at most: 2 to the power of this. */
#define ONWARD_STREAM_WINDOW_LOG          22
#define ONWARD_STREAM_LITERALS_WINDOW_LOG 24
/* Streams up to this size are compressed together, in their order. */
#define ONWARD_STREAM_MAX_SMALL 4096

static inline guint
onward_delta_stream_get_window_log (OnwardDeltaStreamKind kind)
{
  return kind == ONWARD_STREAM_LITERALS ? ONWARD_STREAM_LITERALS_WINDOW_LOG
                                        : ONWARD_STREAM_WINDOW_LOG;
}

/* How far LZMA looks back: as far as there is something, the old bytes included. */
static inline guint32
onward_delta_stream_get_dictionary (guint64 size, gsize old_size, guint window_log)
{
  return (guint32) CLAMP (size + old_size, 4096, G_GUINT64_CONSTANT (1) << window_log);
}

G_END_DECLS
