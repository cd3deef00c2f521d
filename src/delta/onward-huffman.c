/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-huffman.h"

#define MAX_LENGTH 15

/* A tree on its way. Symbols are its leaves, and have the first numbers. */
typedef struct
{
  OnwardHuffman *code;
  guint depths[ONWARD_HUFFMAN_MAX_NODES];
  guint parents[ONWARD_HUFFMAN_MAX_NODES];
  guint lengths[ONWARD_HUFFMAN_MAX_NODES];
  guint n_nodes;

  guint heap[ONWARD_HUFFMAN_MAX_NODES + 1]; /* from 1 on: those without parents, rarest first */
  guint n_heap;
  guint order[ONWARD_HUFFMAN_MAX_NODES]; /* the others, in the order they got their parents */
  guint n_ordered;
} Tree;

/* Of equally rare nodes the one whose tree is lower comes first. */
static gboolean
is_before (const Tree *self, guint a, guint b)
{
  guint32 left = self->code->counts[a];
  guint32 right = self->code->counts[b];

  return left < right || (left == right && self->depths[a] <= self->depths[b]);
}

static void
sink_down (Tree *self, guint at)
{
  guint node = self->heap[at];

  for (guint child = 2 * at; child <= self->n_heap; child = 2 * at)
    {
      if (child < self->n_heap && is_before (self, self->heap[child + 1], self->heap[child]))
        child++;
      if (is_before (self, node, self->heap[child]))
        break;
      self->heap[at] = self->heap[child];
      at = child;
    }
  self->heap[at] = node;
}

/* No code has less than two symbols: then the first ones have a share. */
static void
collect_leaves (Tree *self)
{
  OnwardHuffman *code = self->code;

  code->n_used = 0;
  for (guint i = 0; i < code->n_symbols; i++)
    if (code->counts[i] > 0)
      {
        self->heap[++self->n_heap] = i;
        code->n_used = i + 1;
      }
  while (self->n_heap < 2)
    {
      guint symbol = code->n_used < 3 ? code->n_used++ : 0;

      self->heap[++self->n_heap] = symbol;
      code->counts[symbol] = 1;
    }
  for (guint at = self->n_heap / 2; at > 0; at--)
    sink_down (self, at);
}

/* Joins the two rarest again and again. */
static void
grow (Tree *self)
{
  OnwardHuffman *code = self->code;

  self->n_nodes = code->n_symbols;
  while (self->n_heap > 1)
    {
      guint node = self->n_nodes++;
      guint first = self->heap[1];
      guint second;

      self->heap[1] = self->heap[self->n_heap--];
      sink_down (self, 1);
      second = self->heap[1];
      self->order[self->n_ordered++] = first;
      self->order[self->n_ordered++] = second;
      self->parents[first] = self->parents[second] = node;
      code->counts[node] = code->counts[first] + code->counts[second];
      self->depths[node] = MAX (self->depths[first], self->depths[second]) + 1;
      self->heap[1] = node;
      sink_down (self, 1);
    }
}

/* How many symbols have codes of each length; too long ones are cut, which must be made up for. */
static gint
measure (Tree *self, guint *per_length)
{
  gint n_cut = 0;

  self->lengths[self->heap[1]] = 0;
  for (guint i = self->n_ordered; i-- > 0;)
    {
      guint node = self->order[i];
      guint length = self->lengths[self->parents[node]] + 1;

      n_cut += length > self->code->max_length;
      self->lengths[node] = MIN (length, self->code->max_length);
      if (node < self->code->n_symbols)
        per_length[self->lengths[node]]++;
    }
  return n_cut;
}

/* Gives the rarest symbols the longest codes, after some shorter ones made room. */
static void
shorten (Tree *self, guint *per_length, gint n_cut)
{
  guint max_length = self->code->max_length;
  guint next = 0;

  for (; n_cut > 0; n_cut -= 2)
    {
      guint length = max_length - 1;

      while (per_length[length] == 0)
        length--;
      per_length[length]--;
      per_length[length + 1] += 2;
      per_length[max_length]--;
    }
  for (guint length = max_length; length > 0; length--)
    for (guint n = per_length[length]; n > 0; next++)
      if (self->order[next] < self->code->n_symbols)
        {
          self->lengths[self->order[next]] = length;
          n--;
        }
}

static guint16
reverse (guint code, guint length)
{
  guint reversed = 0;

  for (guint i = 0; i < length; i++)
    reversed |= (code >> i & 1) << (length - 1 - i);
  return (guint16) reversed;
}

/**
 * onward_huffman_assign:
 * @self: (inout): a code with lengths
 *
 * Gives the symbols their codes: those of one length count up, in the order of the symbols.
 */
void
onward_huffman_assign (OnwardHuffman *self)
{
  guint n[MAX_LENGTH + 1] = { 0 };
  guint next[MAX_LENGTH + 1] = { 0 };

  for (guint i = 0; i < self->n_symbols; i++)
    n[self->lengths[i]] += self->lengths[i] > 0;
  for (guint length = 1; length <= MAX_LENGTH; length++)
    next[length] = (next[length - 1] + n[length - 1]) << 1;
  for (guint i = 0; i < self->n_symbols; i++)
    if (self->lengths[i] > 0)
      self->codes[i] = reverse (next[self->lengths[i]]++, self->lengths[i]);
}

/**
 * onward_huffman_build:
 * @self: (inout): a code with counts, those of symbols; the rest of them is changed
 *
 * Makes the code.
 */
void
onward_huffman_build (OnwardHuffman *self)
{
  Tree tree = { .code = self };
  guint per_length[MAX_LENGTH + 1] = { 0 };
  gint n_cut;

  collect_leaves (&tree);
  grow (&tree);
  n_cut = measure (&tree, per_length);
  if (n_cut > 0)
    shorten (&tree, per_length, n_cut);
  for (guint i = 0; i < self->n_symbols; i++)
    self->lengths[i] = (guint8) tree.lengths[i];
  onward_huffman_assign (self);
}
