/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Literals, lengths and the end of a block: the largest alphabet of deflated bytes. */
#define ONWARD_HUFFMAN_MAX_SYMBOLS 288
#define ONWARD_HUFFMAN_MAX_NODES   (2 * ONWARD_HUFFMAN_MAX_SYMBOLS)

/**
 * OnwardHuffman:
 * @n_symbols: how many symbols there are
 * @max_length: how long a code may be, in bits
 * @n_used: the last symbol that has a code, plus one
 * @counts: how often each symbol comes
 * @lengths: how long its code is; 0: it has none
 * @codes: its code, the first bit lowest
 *
 * A Huffman code, as deflated bytes have it.
 */
typedef struct
{
  guint n_symbols;
  guint max_length;
  guint n_used;
  guint32 counts[ONWARD_HUFFMAN_MAX_NODES];
  guint8 lengths[ONWARD_HUFFMAN_MAX_SYMBOLS];
  guint16 codes[ONWARD_HUFFMAN_MAX_SYMBOLS];
} OnwardHuffman;

/* Chooses lengths and codes for @counts, as zlib and gzip do: of equal costs the same one. */
void onward_huffman_build  (OnwardHuffman *self);
/* Only the codes, for lengths that are there. */
void onward_huffman_assign (OnwardHuffman *self);

G_END_DECLS
