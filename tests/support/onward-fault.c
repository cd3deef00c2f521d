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
};

static const Word flags[] = {
  { "drip",            G_STRUCT_OFFSET (OnwardFault, drips) },
  { "drip-headers",    G_STRUCT_OFFSET (OnwardFault, drips_headers) },
  { "no-range",        G_STRUCT_OFFSET (OnwardFault, ignores_range) },
  { "no-if-range",     G_STRUCT_OFFSET (OnwardFault, ignores_if_range) },
  { "no-length",       G_STRUCT_OFFSET (OnwardFault, has_no_length) },
  { "chunked",         G_STRUCT_OFFSET (OnwardFault, is_chunked) },
  { "chunked-cut",     G_STRUCT_OFFSET (OnwardFault, is_cut_between_chunks) },
  { "bad-chunk",       G_STRUCT_OFFSET (OnwardFault, has_bad_chunk) },
  { "endless",         G_STRUCT_OFFSET (OnwardFault, is_endless) },
  { "endless-headers", G_STRUCT_OFFSET (OnwardFault, has_endless_headers) },
  { "continue",        G_STRUCT_OFFSET (OnwardFault, continues) },
  { "close",           G_STRUCT_OFFSET (OnwardFault, closes) },
  { "junk",            G_STRUCT_OFFSET (OnwardFault, is_junk) },
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

static void
parse_one (OnwardFault *self, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, " ", 2);
  gint64 *number = find (self, numbers, G_N_ELEMENTS (numbers), parts[0]);
  char **string = find (self, texts, G_N_ELEMENTS (texts), parts[0]);
  gboolean *flag = find (self, flags, G_N_ELEMENTS (flags), parts[0]);

  if (number != NULL)
    *number = g_ascii_strtoll (parts[1], NULL, 10);
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
  self->is_chunked |= self->is_cut_between_chunks || self->has_bad_chunk || self->is_endless;
  return self;
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
  g_free (self);
}
