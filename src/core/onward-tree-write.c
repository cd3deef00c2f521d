/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-tree-write.h"

#include <string.h>

static GVariant *
write_entry (const OnwardTreeEntry *entry)
{
  const char *content = NULL;
  gsize size = 0;

  if (entry->kind == ONWARD_ENTRY_FILE)
    {
      content = (const char *) entry->digest.bytes;
      size = ONWARD_DIGEST_SIZE;
    }
  else if (entry->kind == ONWARD_ENTRY_SYMLINK)
    {
      content = entry->link_target;
      size = strlen (content) + 1;
    }

  return g_variant_new ("(syqt@aysut)", entry->path, (guint8) entry->kind, (guint16) entry->mode,
                        entry->size,
                        g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, content, size, 1),
                        entry->component, entry->frame, entry->offset);
}

/* How many bytes each end of @n_ends takes in a container with @body bytes before them. */
static gsize
get_end_size (gsize body, gsize n_ends)
{
  if (body + n_ends <= G_MAXUINT8)
    return 1;
  if (body + 2 * n_ends <= G_MAXUINT16)
    return 2;
  return body + 4 * n_ends <= G_MAXUINT32 ? 4 : 8;
}

/* Adds an entry, aligned as its largest number is. */
static gsize
append_entry (GByteArray *bytes, const OnwardTreeEntry *entry)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (write_entry (entry));
  gsize start = (bytes->len + 7) & ~(gsize) 7;
  gsize size = g_variant_get_size (variant);
  gsize padding = start - bytes->len;

  g_byte_array_set_size (bytes, (guint) (start + size));
  memset (bytes->data + start - padding, 0, padding);
  g_variant_store (variant, bytes->data + start);
  return start + size;
}

/**
 * onward_tree_write_run:
 * @sorted: (element-type OnwardTreeEntry): what can be written down, sorted by path
 *
 * An array is its entries, then where each ends. A builder makes the same, but out of a dozen
 * variants an entry, which for 100,000 files is 150 MB.
 *
 * Returns: (transfer full): the serialized form, a little-endian GVariant
 */
GBytes *
onward_tree_write_run (GPtrArray *sorted)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree guint64 *ends = g_new (guint64, MAX (sorted->len, 1));
  g_autoptr (GBytes) native_bytes = NULL;
  g_autoptr (GVariant) native = NULL;
  g_autoptr (GVariant) variant = NULL;
  gsize end_size;

  for (guint i = 0; i < sorted->len; i++)
    ends[i] = GUINT64_TO_LE (append_entry (bytes, sorted->pdata[i]));
  end_size = get_end_size (bytes->len, sorted->len);
  for (guint i = 0; i < sorted->len; i++)
    g_byte_array_append (bytes, (const guint8 *) &ends[i], (guint) end_size);

  native_bytes = g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  native = g_variant_ref_sink (
      g_variant_new_from_bytes (G_VARIANT_TYPE (ONWARD_TREE_WRITE_TYPE), native_bytes, TRUE));
  variant = G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (native) : g_variant_ref (native);
  return g_variant_get_data_as_bytes (variant);
}
