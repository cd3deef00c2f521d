/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-deflate-block.h"
#include "onward-huffman.h"

/* A block is full with so many symbols; between so many it is seen whether another should begin. */
#define MAX_SYMBOLS   0x8000
#define CHECK_SYMBOLS 0x1000
#define END           256
#define N_LITERALS    286
#define N_DISTANCES   30
#define N_LENGTHS     19
#define MIN_LENGTH    3
/* The symbols for lengths of codes: the last one again, and none. */
#define AGAIN       16
#define NONE_SHORT  17
#define NONE_LONG   18
#define OUTPUT_SIZE (16 * 1024)

typedef enum
{
  BLOCK_STORED,
  BLOCK_STATIC,
  BLOCK_DYNAMIC,
} Kind;

/* A byte, when the distance is 0, or a match less the least length. */
typedef struct
{
  guint16 distance;
  guint8 byte;
} Symbol;

/* One of the symbols that say how long codes are, with what follows it. */
typedef struct
{
  guint8 symbol;
  guint8 more;
} LengthWord;

struct _OnwardDeflateBlock
{
  OnwardDeltaSink sink;
  gpointer user_data;

  guint n_symbols;
  guint n_matches;
  OnwardHuffman literals;
  OnwardHuffman distances;
  OnwardHuffman lengths;
  LengthWord words[N_LITERALS + N_DISTANCES];
  guint n_words;
  guint n_lengths; /* how many of their codes are told */

  guint64 bits;
  guint n_bits;
  gsize filled;
  guint8 output[OUTPUT_SIZE];
  Symbol symbols[MAX_SYMBOLS];
};

/* In this order the lengths of codes for lengths are told. */
static const guint8 length_order[N_LENGTHS] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                11, 4,  12, 3, 13, 2, 14, 1, 15 };

static void
begin (OnwardDeflateBlock *self)
{
  self->n_symbols = self->n_matches = 0;
  self->literals = (OnwardHuffman){ .n_symbols = N_LITERALS, .max_length = 15 };
  self->distances = (OnwardHuffman){ .n_symbols = N_DISTANCES, .max_length = 15 };
  self->lengths = (OnwardHuffman){ .n_symbols = N_LENGTHS, .max_length = 7 };
  self->literals.counts[END] = 1;
}

/**
 * onward_deflate_block_new:
 * @sink: receives the deflated bytes
 * @user_data: for @sink
 *
 * Returns: (transfer full): an empty block; it takes 160 KiB
 */
OnwardDeflateBlock *
onward_deflate_block_new (OnwardDeltaSink sink, gpointer user_data)
{
  OnwardDeflateBlock *self = g_new0 (OnwardDeflateBlock, 1);

  self->sink = sink;
  self->user_data = user_data;
  begin (self);
  return self;
}

/**
 * onward_deflate_block_free:
 * @self: (transfer full) (nullable): a block
 *
 * Frees it.
 */
void
onward_deflate_block_free (OnwardDeflateBlock *self)
{
  g_free (self);
}

/* Which range of numbers @value is in: each has a symbol, and says with @ret_extra bits where in
 * it. There are 2 to the power of @per_bits ranges for each number of bits. */
static guint
find_range (guint value, guint per_bits, guint *ret_extra)
{
  guint n = (guint) g_bit_storage (value);

  *ret_extra = n > per_bits + 1 ? n - per_bits - 1 : 0;
  return (*ret_extra << per_bits) + (value >> *ret_extra);
}

/* The longest match has a symbol of its own. */
static guint
find_length (guint length, guint *ret_extra)
{
  if (length < 255)
    return END + 1 + find_range (length, 2, ret_extra);

  *ret_extra = 0;
  return N_LITERALS - 1;
}

static guint
get_distance_extra (guint symbol)
{
  return symbol < 4 ? 0 : symbol / 2 - 1;
}

/* How many bits follow a literal's or a length's symbol. */
static guint
get_literal_extra (guint symbol)
{
  guint index = symbol - END - 1;

  return symbol < END + 9 || symbol == N_LITERALS - 1 ? 0 : index / 4 - 1;
}

static void
add (OnwardDeflateBlock *self, guint distance, guint byte)
{
  self->symbols[self->n_symbols++] = (Symbol){ (guint16) distance, (guint8) byte };
}

/**
 * onward_deflate_block_add_literal:
 * @self: a block that is not full
 * @byte: a byte
 *
 * Adds a byte.
 */
void
onward_deflate_block_add_literal (OnwardDeflateBlock *self, guint8 byte)
{
  self->literals.counts[byte]++;
  add (self, 0, byte);
}

/**
 * onward_deflate_block_add_match:
 * @self: a block that is not full
 * @distance: how far back it is
 * @length: how long it is, 3 to 258
 *
 * Adds bytes that came before.
 */
void
onward_deflate_block_add_match (OnwardDeflateBlock *self, guint distance, guint length)
{
  guint extra;

  self->literals.counts[find_length (length - MIN_LENGTH, &extra)]++;
  self->distances.counts[find_range (distance - 1, 1, &extra)]++;
  self->n_matches++;
  add (self, distance, length - MIN_LENGTH);
}

/**
 * onward_deflate_block_is_full:
 * @self: a block
 * @size: how many bytes it stands for
 *
 * gzip ends a block early where it goes well and has few matches.
 *
 * Returns: whether it is to be written now
 */
gboolean
onward_deflate_block_is_full (const OnwardDeflateBlock *self, guint64 size)
{
  guint64 bits = (guint64) self->n_symbols * 8;

  if (self->n_symbols % CHECK_SYMBOLS == 0)
    {
      for (guint i = 0; i < N_DISTANCES; i++)
        bits += self->distances.counts[i] * (guint64) (5 + get_distance_extra (i));
      if (self->n_matches < self->n_symbols / 2 && bits / 8 < size / 2)
        return TRUE;
    }
  return self->n_symbols == MAX_SYMBOLS - 1;
}

static gboolean
flush (OnwardDeflateBlock *self, GError **error)
{
  gsize size = self->filled;

  self->filled = 0;
  return size == 0 || self->sink (self->output, size, self->user_data, error);
}

/* At most 32 bits at once; there is always room for them. */
static void
put (OnwardDeflateBlock *self, guint bits, guint n_bits)
{
  self->bits |= (guint64) bits << self->n_bits;
  for (self->n_bits += n_bits; self->n_bits >= 8; self->n_bits -= 8)
    {
      self->output[self->filled++] = (guint8) self->bits;
      self->bits >>= 8;
    }
}

static gboolean
make_room (OnwardDeflateBlock *self, GError **error)
{
  return self->filled + 64 <= OUTPUT_SIZE || flush (self, error);
}

static void
put_symbol (OnwardDeflateBlock *self, const OnwardHuffman *code, guint symbol)
{
  put (self, code->codes[symbol], code->lengths[symbol]);
}

static void
add_word (OnwardDeflateBlock *self, guint symbol, guint more)
{
  self->words[self->n_words++] = (LengthWord){ (guint8) symbol, (guint8) more };
  self->lengths.counts[symbol]++;
}

/* So many codes of one length follow each other, after those of length @last. */
static void
add_words (OnwardDeflateBlock *self, guint length, guint n, guint last)
{
  guint least = length == last ? 3 : 4;

  if (length == 0 && n >= 3)
    add_word (self, n <= 10 ? NONE_SHORT : NONE_LONG, n <= 10 ? n - 3 : n - 11);
  else if (length > 0 && n >= least)
    {
      if (length != last)
        add_word (self, length, 0);
      add_word (self, AGAIN, n - least);
    }
  else
    while (n-- > 0)
      add_word (self, length, 0);
}

/* Says of each code that is used how long it is. */
static void
describe (OnwardDeflateBlock *self, const OnwardHuffman *code)
{
  guint last = G_MAXUINT;

  for (guint i = 0; i < code->n_used;)
    {
      guint length = code->lengths[i];
      guint most = length == 0 ? 138 : length == last ? 6 : 7;
      guint n = 1;

      while (n < most && i + n < code->n_used && code->lengths[i + n] == length)
        n++;
      add_words (self, length, n, last);
      last = length;
      i += n;
    }
}

static guint
get_word_extra (guint symbol)
{
  return symbol < AGAIN ? 0 : symbol == AGAIN ? 2 : symbol == NONE_SHORT ? 3 : 7;
}

/* Makes the codes; how many bits it takes to tell them. */
static guint64
make_codes (OnwardDeflateBlock *self)
{
  guint64 bits = 5 + 5 + 4;

  onward_huffman_build (&self->literals);
  onward_huffman_build (&self->distances);
  self->n_words = 0;
  describe (self, &self->literals);
  describe (self, &self->distances);
  onward_huffman_build (&self->lengths);
  self->n_lengths = N_LENGTHS;
  while (self->n_lengths > 4 && self->lengths.lengths[length_order[self->n_lengths - 1]] == 0)
    self->n_lengths--;

  for (guint i = 0; i < self->n_words; i++)
    bits += self->lengths.lengths[self->words[i].symbol] + get_word_extra (self->words[i].symbol);
  return bits + 3 * self->n_lengths;
}

static void
set_static (OnwardHuffman *literals, OnwardHuffman *distances)
{
  *literals = (OnwardHuffman){ .n_symbols = ONWARD_HUFFMAN_MAX_SYMBOLS };
  *distances = (OnwardHuffman){ .n_symbols = N_DISTANCES };
  for (guint i = 0; i < ONWARD_HUFFMAN_MAX_SYMBOLS; i++)
    literals->lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
  for (guint i = 0; i < N_DISTANCES; i++)
    distances->lengths[i] = 5;
  onward_huffman_assign (literals);
  onward_huffman_assign (distances);
}

/* What all symbols, and the end, take by these codes. */
static guint64
count_bits (const guint32 *literals, const guint32 *distances, const OnwardHuffman *literal_code,
            const OnwardHuffman *distance_code)
{
  guint64 bits = 0;

  for (guint i = 0; i < N_LITERALS; i++)
    bits += literals[i] * (guint64) (literal_code->lengths[i] + get_literal_extra (i));
  for (guint i = 0; i < N_DISTANCES; i++)
    bits += distances[i] * (guint64) (distance_code->lengths[i] + get_distance_extra (i));
  return bits;
}

static void
put_codes (OnwardDeflateBlock *self)
{
  put (self, self->literals.n_used - 257, 5);
  put (self, self->distances.n_used - 1, 5);
  put (self, self->n_lengths - 4, 4);
  for (guint i = 0; i < self->n_lengths; i++)
    put (self, self->lengths.lengths[length_order[i]], 3);
  for (guint i = 0; i < self->n_words; i++)
    {
      put_symbol (self, &self->lengths, self->words[i].symbol);
      put (self, self->words[i].more, get_word_extra (self->words[i].symbol));
    }
}

static gboolean
put_symbols (OnwardDeflateBlock *self, const OnwardHuffman *literals,
             const OnwardHuffman *distances, GError **error)
{
  for (guint i = 0; i < self->n_symbols; i++)
    {
      const Symbol *symbol = &self->symbols[i];
      guint extra;

      if (!make_room (self, error))
        return FALSE;
      if (symbol->distance == 0)
        {
          put_symbol (self, literals, symbol->byte);
          continue;
        }
      put_symbol (self, literals, find_length (symbol->byte, &extra));
      put (self, symbol->byte & ((1u << extra) - 1), extra);
      put_symbol (self, distances, find_range (symbol->distance - 1u, 1, &extra));
      put (self, (symbol->distance - 1u) & ((1u << extra) - 1), extra);
    }
  put_symbol (self, literals, END);
  return TRUE;
}

static gboolean
put_stored (OnwardDeflateBlock *self, const guint8 *bytes, gsize size, GError **error)
{
  put (self, 0, (8 - self->n_bits) % 8);
  put (self, (guint) size, 16);
  put (self, ~(guint) size & 0xffff, 16);
  return flush (self, error) && self->sink (bytes, size, self->user_data, error);
}

/* Takes whichever kind of block is smallest: of equal ones as gzip does. */
static gboolean
put_block (OnwardDeflateBlock *self, const guint8 *bytes, gsize size, guint last, GError **error)
{
  guint32 literal_counts[N_LITERALS], distance_counts[N_DISTANCES];
  OnwardHuffman literals, distances;
  guint64 best, plain;

  memcpy (literal_counts, self->literals.counts, sizeof literal_counts);
  memcpy (distance_counts, self->distances.counts, sizeof distance_counts);
  set_static (&literals, &distances);
  best = make_codes (self);
  best += count_bits (literal_counts, distance_counts, &self->literals, &self->distances);
  plain = count_bits (literal_counts, distance_counts, &literals, &distances);
  best = (best + 3 + 7) / 8;
  plain = (plain + 3 + 7) / 8;

  if (bytes != NULL && size + 4 <= MIN (best, plain))
    {
      put (self, BLOCK_STORED << 1 | last, 3);
      return put_stored (self, bytes, size, error);
    }
  if (plain <= best)
    {
      put (self, BLOCK_STATIC << 1 | last, 3);
      return put_symbols (self, &literals, &distances, error);
    }
  put (self, BLOCK_DYNAMIC << 1 | last, 3);
  put_codes (self);
  return put_symbols (self, &self->literals, &self->distances, error);
}

/**
 * onward_deflate_block_write:
 * @self: a block
 * @bytes: (nullable): what it stands for, if that is still there
 * @size: how many bytes
 * @is_last: whether nothing follows
 * @error: return location for an error
 *
 * Writes the block and begins the next one.
 *
 * Returns: whether the sink took it
 */
gboolean
onward_deflate_block_write (OnwardDeflateBlock *self, const guint8 *bytes, gsize size,
                            gboolean is_last, GError **error)
{
  if (!flush (self, error) || !put_block (self, bytes, size, is_last ? 1 : 0, error))
    return FALSE;

  begin (self);
  if (!is_last)
    return TRUE;

  put (self, 0, (8 - self->n_bits) % 8);
  return flush (self, error);
}
