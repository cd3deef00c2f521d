/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-number.h"
#include "onward-tree-rows.h"

/* A row: these flags, the path, of a file its size and digest, of a link its target, and the
 * component when there is one. Strings end with '\0'. */
#define FLAG_KIND         3u
#define FLAG_EXECUTABLE   4u
#define FLAG_COMPONENT    8u
#define FLAG_BEGINS_FRAME 16u
#define FLAG_MAX          31u

/* Where the last content was put in the full pack. */
typedef struct
{
  gboolean is_begun; /* whether there is a content in this frame */
  OnwardDigest digest;
  guint64 size;
  guint32 frame;
  guint64 offset;
} Place;

typedef struct
{
  const guint8 *data;
  gsize size;
  gsize position;
} Cursor;

static gboolean
has_content (const OnwardTreeEntry *entry)
{
  return entry->kind == ONWARD_ENTRY_FILE && entry->size > 0;
}

/* What has no content first, then in the order of the pack; equal contents have one place. */
static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const OnwardTreeEntry *left = *(const OnwardTreeEntry *const *) a;
  const OnwardTreeEntry *right = *(const OnwardTreeEntry *const *) b;

  if (has_content (left) != has_content (right))
    return has_content (left) ? 1 : -1;
  if (left->frame != right->frame)
    return left->frame < right->frame ? -1 : 1;
  if (left->offset != right->offset)
    return left->offset < right->offset ? -1 : 1;
  return strcmp (left->path, right->path);
}

static guint8
make_flags (const OnwardTreeEntry *entry, guint32 frame)
{
  guint flags = (guint) entry->kind;

  if (entry->kind == ONWARD_ENTRY_FILE && entry->mode == 0755)
    flags |= FLAG_EXECUTABLE;
  if (entry->component[0] != '\0')
    flags |= FLAG_COMPONENT;
  if (has_content (entry) && entry->frame != frame)
    flags |= FLAG_BEGINS_FRAME;
  return (guint8) flags;
}

static void
append_string (GByteArray *rows, const char *string)
{
  g_byte_array_append (rows, (const guint8 *) string, (guint) strlen (string) + 1);
}

static void
append_row (GByteArray *rows, const OnwardTreeEntry *entry, guint8 flags)
{
  g_byte_array_append (rows, &flags, 1);
  append_string (rows, entry->path);
  if (entry->kind == ONWARD_ENTRY_FILE)
    {
      onward_number_append (rows, entry->size);
      g_byte_array_append (rows, entry->digest.bytes, sizeof entry->digest.bytes);
    }
  if (entry->kind == ONWARD_ENTRY_SYMLINK)
    append_string (rows, entry->link_target);
  if ((flags & FLAG_COMPONENT) != 0)
    append_string (rows, entry->component);
}

/**
 * onward_tree_rows_write:
 * @tree: a tree
 *
 * Writes a tree down such that the rows of what two trees share are equal.
 *
 * Returns: (transfer full): the rows; those of a tree that no full pack was made of may not be
 *   readable
 */
GBytes *
onward_tree_rows_write (OnwardTree *tree)
{
  guint n_entries = onward_tree_get_n_entries (tree);
  g_autoptr (GPtrArray) sorted = g_ptr_array_sized_new (n_entries);
  g_autoptr (GByteArray) rows = g_byte_array_new ();
  guint32 frame = 0;

  for (guint i = 0; i < n_entries; i++)
    g_ptr_array_add (sorted, (gpointer) onward_tree_get_entry (tree, i));
  g_ptr_array_sort (sorted, compare_entries);

  for (guint i = 0; i < n_entries; i++)
    {
      const OnwardTreeEntry *entry = g_ptr_array_index (sorted, i);

      append_row (rows, entry, make_flags (entry, frame));
      if (has_content (entry))
        frame = entry->frame;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&rows));
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Reading the rows of a tree: %s", why);
  return FALSE;
}

static gboolean
read_string (Cursor *cursor, const char **ret_string, GError **error)
{
  const guint8 *start = cursor->data + cursor->position;
  const guint8 *end = memchr (start, '\0', cursor->size - cursor->position);

  if (end == NULL)
    return refuse (error, "A string does not end");

  cursor->position += (gsize) (end - start) + 1;
  *ret_string = (const char *) start;
  return TRUE;
}

static gboolean
read_file (Cursor *cursor, OnwardTreeEntry *entry, GError **error)
{
  if (!onward_number_read (cursor->data, cursor->size, &cursor->position, &entry->size) ||
      cursor->size - cursor->position < sizeof entry->digest.bytes)
    return refuse (error, "A file is cut off");

  memcpy (entry->digest.bytes, cursor->data + cursor->position, sizeof entry->digest.bytes);
  cursor->position += sizeof entry->digest.bytes;
  return TRUE;
}

static guint32
mode_for (guint8 flags)
{
  if ((flags & FLAG_KIND) == ONWARD_ENTRY_DIRECTORY)
    return 0755;
  if ((flags & FLAG_KIND) == ONWARD_ENTRY_SYMLINK)
    return 0777;
  return (flags & FLAG_EXECUTABLE) != 0 ? 0755 : 0644;
}

static gboolean
read_row (Cursor *cursor, OnwardTreeEntry *entry, guint8 *ret_flags, GError **error)
{
  guint8 flags = cursor->data[cursor->position++];

  if (flags > FLAG_MAX || (flags & FLAG_KIND) > ONWARD_ENTRY_SYMLINK)
    return refuse (error, "A row is of an unknown kind");

  entry->kind = (OnwardEntryKind) (flags & FLAG_KIND);
  entry->mode = mode_for (flags);
  entry->link_target = "";
  entry->component = "";
  *ret_flags = flags;
  return read_string (cursor, &entry->path, error) &&
         (entry->kind != ONWARD_ENTRY_FILE || read_file (cursor, entry, error)) &&
         (entry->kind != ONWARD_ENTRY_SYMLINK ||
          read_string (cursor, &entry->link_target, error)) &&
         ((flags & FLAG_COMPONENT) == 0 || read_string (cursor, &entry->component, error));
}

/* Behind the content before it, or where that is when it is the same. */
static void
place_content (Place *place, OnwardTreeEntry *entry, guint8 flags)
{
  if ((flags & FLAG_BEGINS_FRAME) != 0)
    *place = (Place){ .frame = place->frame + 1 };
  else if (place->is_begun && !onward_digest_equal (&place->digest, &entry->digest))
    place->offset += place->size;

  place->is_begun = TRUE;
  place->digest = entry->digest;
  place->size = entry->size;
  entry->frame = place->frame;
  entry->offset = place->offset;
}

static gboolean
read_entries (Cursor *cursor, GArray *entries, GError **error)
{
  Place place = { 0 };

  while (cursor->position < cursor->size)
    {
      OnwardTreeEntry entry = { 0 };
      guint8 flags;

      if (entries->len == ONWARD_TREE_MAX_ENTRIES)
        return refuse (error, "There are too many");
      if (!read_row (cursor, &entry, &flags, error))
        return FALSE;
      if (has_content (&entry))
        place_content (&place, &entry, flags);
      g_array_append_val (entries, entry);
    }
  return TRUE;
}

/**
 * onward_tree_rows_read:
 * @rows: what onward_tree_rows_write() wrote, or anything else: hostile bytes do no harm
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Reads a tree, and checks it by all rules of onward_tree_new().
 *
 * Returns: (transfer full): the tree, or %NULL
 */
OnwardTree *
onward_tree_rows_read (GBytes *rows, GError **error)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));
  Cursor cursor = { 0 };

  cursor.data = g_bytes_get_data (rows, &cursor.size);
  return read_entries (&cursor, entries, error) ? onward_tree_new (entries, error) : NULL;
}
