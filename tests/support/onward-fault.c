/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-fault.h"

typedef struct
{
  const char *word;
  gsize offset;
} Word;

/* clang-format off */
static const Word numbers[] = {
  { "cut",    G_STRUCT_OFFSET (OnwardFault, cut) },
  { "reset",  G_STRUCT_OFFSET (OnwardFault, reset) },
  { "stall",  G_STRUCT_OFFSET (OnwardFault, stall) },
  { "flip",   G_STRUCT_OFFSET (OnwardFault, flip) },
  { "length", G_STRUCT_OFFSET (OnwardFault, length) },
  { "shift",  G_STRUCT_OFFSET (OnwardFault, shift) },
};

static const Word texts[] = {
  { "etag",          G_STRUCT_OFFSET (OnwardFault, etag) },
  { "content-range", G_STRUCT_OFFSET (OnwardFault, content_range) },
  { "encoding",      G_STRUCT_OFFSET (OnwardFault, encoding) },
  { "redirect",      G_STRUCT_OFFSET (OnwardFault, location) },
  { "header",        G_STRUCT_OFFSET (OnwardFault, header) },
  { "retry-after",   G_STRUCT_OFFSET (OnwardFault, retry_after) },
  { "first-line",    G_STRUCT_OFFSET (OnwardFault, first_line) },
  { "chunk-cut",     G_STRUCT_OFFSET (OnwardFault, chunk_cut) },
  { "chunk-size",    G_STRUCT_OFFSET (OnwardFault, chunk_size) },
  { "gzip",          G_STRUCT_OFFSET (OnwardFault, gzip) },
};

static const Word flags[] = {
  { "drip",            G_STRUCT_OFFSET (OnwardFault, drips) },
  { "drip-headers",    G_STRUCT_OFFSET (OnwardFault, drips_headers) },
  { "no-range",        G_STRUCT_OFFSET (OnwardFault, ignores_range) },
  { "no-if-range",     G_STRUCT_OFFSET (OnwardFault, ignores_if_range) },
  { "no-length",       G_STRUCT_OFFSET (OnwardFault, has_no_length) },
  { "chunked",         G_STRUCT_OFFSET (OnwardFault, is_chunked) },
  { "chunked-cut",     G_STRUCT_OFFSET (OnwardFault, is_cut_between_chunks) },
  { "endless",         G_STRUCT_OFFSET (OnwardFault, is_endless) },
  { "endless-headers", G_STRUCT_OFFSET (OnwardFault, has_endless_headers) },
  { "continue",        G_STRUCT_OFFSET (OnwardFault, continues) },
  { "close",           G_STRUCT_OFFSET (OnwardFault, closes) },
  { "junk",            G_STRUCT_OFFSET (OnwardFault, is_junk) },
  { "http10",          G_STRUCT_OFFSET (OnwardFault, is_http10) },
  { "keep",            G_STRUCT_OFFSET (OnwardFault, is_kept) },
  { "stall-head",      G_STRUCT_OFFSET (OnwardFault, stalls_head) },
  { "nul",             G_STRUCT_OFFSET (OnwardFault, has_nul) },
  { "portal",          G_STRUCT_OFFSET (OnwardFault, is_portal) },
  { "elsewhere",       G_STRUCT_OFFSET (OnwardFault, is_elsewhere) },
};
/* clang-format on */

static gpointer
find (OnwardFault *self, const Word *words, gsize count, const char *word)
{
  for (gsize i = 0; i < count; i++)
    if (g_str_equal (words[i].word, word))
      return G_STRUCT_MEMBER_P (self, words[i].offset);
  return NULL;
}

/* Percentages are kept below the numbers and below -1, which stands for none. */
#define PERCENT_BASE (-100)

static gint64
parse_number (const char *text)
{
  char *end = NULL;
  gint64 number = g_ascii_strtoll (text, &end, 10);

  return *end == '%' ? PERCENT_BASE - number : number;
}

static void
parse_one (OnwardFault *self, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, " ", 2);
  gint64 *number = find (self, numbers, G_N_ELEMENTS (numbers), parts[0]);
  char **string = find (self, texts, G_N_ELEMENTS (texts), parts[0]);
  gboolean *flag = find (self, flags, G_N_ELEMENTS (flags), parts[0]);

  if (number != NULL)
    *number = parse_number (parts[1]);
  else if (string != NULL)
    {
      g_free (*string);
      *string = g_strdup (parts[1]);
    }
  else if (flag != NULL)
    *flag = TRUE;
  else if (g_str_equal (parts[0], "status"))
    self->status = (guint) g_ascii_strtoull (parts[1], NULL, 10);
  else
    g_assert_cmpstr (text, ==, "ok");
}

/**
 * onward_fault_parse:
 * @text: words, as listed with #OnwardFault; a wrong one aborts the test
 *
 * Returns: (transfer full): what they mean
 */
OnwardFault *
onward_fault_parse (const char *text)
{
  OnwardFault *self = g_new0 (OnwardFault, 1);
  g_auto (GStrv) words = g_strsplit (text, "; ", -1);

  self->cut = self->reset = self->stall = self->flip = self->length = -1;
  self->etag = g_strdup ("\"one\"");
  for (guint i = 0; words[i] != NULL; i++)
    parse_one (self, words[i]);
  if (g_str_equal (self->etag, "random"))
    {
      g_free (self->etag);
      self->etag = g_strdup_printf ("\"%08x\"", g_random_int ());
    }
  self->is_chunked |= self->is_cut_between_chunks || self->chunk_cut != NULL ||
                      self->chunk_size != NULL || (self->is_endless && self->length == -1);
  return self;
}

/**
 * onward_fault_resolve:
 * @body_size: how many bytes the body has
 *
 * Turns percentages into numbers.
 */
void
onward_fault_resolve (OnwardFault *self, guint64 body_size)
{
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      gint64 *number = G_STRUCT_MEMBER_P (self, numbers[i].offset);

      if (*number <= PERCENT_BASE)
        *number = ((PERCENT_BASE - *number) * (gint64) body_size + 99) / 100;
    }
}

/**
 * onward_fault_free:
 * @self: (nullable): a fault
 */
void
onward_fault_free (OnwardFault *self)
{
  if (self == NULL)
    return;
  g_free (self->etag);
  g_free (self->content_range);
  g_free (self->encoding);
  g_free (self->location);
  g_free (self->header);
  g_free (self->retry_after);
  g_free (self->first_line);
  g_free (self->chunk_cut);
  g_free (self->chunk_size);
  g_free (self->gzip);
  g_free (self);
}
