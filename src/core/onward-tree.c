/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-tree.h"

#include <string.h>

#include "onward-error.h"
#include "onward-tree-check.h"
#include "onward-tree-write.h"

#define MAX_COMPONENT_LENGTH 64

struct _OnwardTree
{
  GBytes *bytes;     /* (owned): the serialized form */
  GVariant *variant; /* (owned): the same; it owns all strings of the entries */
  GArray *entries;   /* (owned): OnwardTreeEntry, sorted by path */
  OnwardDigest digest;
  guint64 size;
  guint n_files;

  OnwardTree *whole; /* (owned) (nullable): the tree that this is a part of */
  char **absent;     /* (owned) (nullable): the components that are left out of it */
};

static gboolean
refuse (GError **error, const char *path, const char *why)
{
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "“%s”: %s", path, why);
  return FALSE;
}

/* Reads the member that is a digest, a link target or nothing. */
static gboolean
read_content (OnwardTreeEntry *entry, GVariant *content, GError **error)
{
  gsize size;
  const char *data = g_variant_get_fixed_array (content, &size, 1);

  entry->link_target = "";
  switch (entry->kind)
    {
    case ONWARD_ENTRY_DIRECTORY:
      return size == 0 || refuse (error, entry->path, "a folder has a content");
    case ONWARD_ENTRY_FILE:
      if (size != ONWARD_DIGEST_SIZE)
        return refuse (error, entry->path, "a file's digest has not 32 bytes");
      memcpy (entry->digest.bytes, data, ONWARD_DIGEST_SIZE);
      return TRUE;
    case ONWARD_ENTRY_SYMLINK:
      if (size == 0 || memchr (data, '\0', size) != data + size - 1)
        return refuse (error, entry->path, "a link's target does not end once");
      entry->link_target = data;
      return TRUE;
    }
  return refuse (error, entry->path, "there is no such kind of entry");
}

static gboolean
read_entry (GVariant *tuple, OnwardTreeEntry *entry, GError **error)
{
  g_autoptr (GVariant) content = NULL;
  guint8 kind;
  guint16 mode;

  g_variant_get (tuple, "(&syqt@ay&sut)", &entry->path, &kind, &mode, &entry->size, &content,
                 &entry->component, &entry->frame, &entry->offset);
  entry->kind = kind;
  entry->mode = mode;
  return read_content (entry, content, error);
}

static gboolean
check_count (gsize n_entries, GError **error)
{
  if (n_entries <= ONWARD_TREE_MAX_ENTRIES)
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "There are more than %u entries",
               ONWARD_TREE_MAX_ENTRIES);
  return FALSE;
}

static gboolean
read_entries (OnwardTree *self, GError **error)
{
  gsize n_entries = g_variant_n_children (self->variant);

  if (!check_count (n_entries, error))
    return FALSE;

  g_array_set_size (self->entries, (guint) n_entries);
  for (gsize i = 0; i < n_entries; i++)
    {
      g_autoptr (GVariant) tuple = g_variant_get_child_value (self->variant, i);

      if (!read_entry (tuple, &g_array_index (self->entries, OnwardTreeEntry, i), error))
        return FALSE;
    }
  return TRUE;
}

/* The serialized form is little-endian on every computer. */
static GVariant *
swap_if_big_endian (GVariant *variant)
{
  return G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (variant) : g_variant_ref (variant);
}

/* Only a variant that was made as a trusted one finds its children in constant time, so it is
 * made a second time once it is known to be in normal form. */
static GVariant *
load_variant (GBytes *bytes, GError **error)
{
  const GVariantType *type = G_VARIANT_TYPE (ONWARD_TREE_WRITE_TYPE);
  g_autoptr (GVariant) unchecked = NULL;
  g_autoptr (GVariant) checked = NULL;
  g_autoptr (GBytes) aligned = NULL;

  unchecked = g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, FALSE));
  if (!g_variant_is_normal_form (unchecked))
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "It is not a GVariant in normal form");
      return NULL;
    }

  aligned = g_variant_get_data_as_bytes (unchecked);
  checked = g_variant_ref_sink (g_variant_new_from_bytes (type, aligned, TRUE));
  return swap_if_big_endian (checked);
}

static gboolean
read_bytes (OnwardTree *self, GError **error)
{
  if (g_bytes_get_size (self->bytes) > ONWARD_TREE_MAX_BYTES)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "It is too large");
      return FALSE;
    }

  self->variant = load_variant (self->bytes, error);
  return self->variant != NULL && read_entries (self, error) &&
         onward_tree_check_entries (self->entries, &self->size, &self->n_files, error);
}

/**
 * onward_tree_parse:
 * @bytes: the serialized form from anywhere
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Reads a tree and checks all its rules: sorted unique paths by onward_tree_path_check(), no two
 * equal but for case; every folder listed, nothing below a link; modes 0644 and 0755 only; links
 * that lead to a listed entry beneath the root over at most four links; at most 200,000 entries,
 * 64 GiB of files and 64 MiB of list.
 *
 * Returns: (transfer full): the tree, or %NULL
 */
OnwardTree *
onward_tree_parse (GBytes *bytes, GError **error)
{
  g_autoptr (OnwardTree) self = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_atomic_rc_box_new0 (OnwardTree);
  self->bytes = g_bytes_ref (bytes);
  self->entries = g_array_new (FALSE, TRUE, sizeof (OnwardTreeEntry));
  if (!read_bytes (self, error))
    {
      g_prefix_error_literal (error, "Reading a tree: ");
      return NULL;
    }

  onward_digest_of_bytes (bytes, &self->digest);
  return g_steal_pointer (&self);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const OnwardTreeEntry *const *entry_a = a;
  const OnwardTreeEntry *const *entry_b = b;

  return strcmp ((*entry_a)->path, (*entry_b)->path);
}

/* Checks what a GVariant could not even hold; all rules are checked when it is parsed. */
static gboolean
check_writable (const OnwardTreeEntry *entry, GError **error)
{
  g_autofree char *shown = NULL;

  g_return_val_if_fail (entry->path != NULL && entry->component != NULL, FALSE);
  g_return_val_if_fail (entry->kind != ONWARD_ENTRY_SYMLINK || entry->link_target != NULL, FALSE);

  if (g_utf8_validate (entry->path, -1, NULL) && g_utf8_validate (entry->component, -1, NULL) &&
      entry->mode <= G_MAXUINT16 && entry->kind <= ONWARD_ENTRY_SYMLINK)
    return TRUE;

  shown = g_filename_display_name (entry->path);
  return refuse (error, shown, "the entry cannot be written down");
}

/**
 * onward_tree_new:
 * @entries: (element-type OnwardTreeEntry): what the tree holds, in any order; copied
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Makes a tree by the same checks as onward_tree_parse(). The same entries always give the same
 * bytes.
 *
 * Returns: (transfer full): the tree, or %NULL
 */
OnwardTree *
onward_tree_new (GArray *entries, GError **error)
{
  g_autoptr (GPtrArray) sorted = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (entries != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_count (entries->len, error))
    return NULL;

  sorted = g_ptr_array_sized_new (entries->len);
  for (guint i = 0; i < entries->len; i++)
    {
      OnwardTreeEntry *entry = &g_array_index (entries, OnwardTreeEntry, i);

      if (!check_writable (entry, error))
        return NULL;
      g_ptr_array_add (sorted, entry);
    }
  g_ptr_array_sort (sorted, compare_entries);

  bytes = onward_tree_write_run (sorted);
  return onward_tree_parse (bytes, error);
}

/**
 * onward_tree_ref:
 * @self: a tree
 *
 * Returns: (transfer full): @self
 */
OnwardTree *
onward_tree_ref (OnwardTree *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
tree_clear (gpointer data)
{
  OnwardTree *self = data;

  g_clear_pointer (&self->entries, g_array_unref);
  g_clear_pointer (&self->variant, g_variant_unref);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&self->whole, onward_tree_unref);
  g_clear_pointer (&self->absent, g_strfreev);
}

/**
 * onward_tree_unref:
 * @self: (transfer full): a tree
 */
void
onward_tree_unref (OnwardTree *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, tree_clear);
}

/**
 * onward_tree_get_bytes:
 * @self: a tree
 *
 * Returns: (transfer none): the serialized form
 */
GBytes *
onward_tree_get_bytes (OnwardTree *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->bytes;
}

/**
 * onward_tree_get_digest:
 * @self: a tree
 *
 * Returns: (transfer none): the SHA-256 of the serialized form
 */
const OnwardDigest *
onward_tree_get_digest (OnwardTree *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return &self->digest;
}

/**
 * onward_tree_get_n_entries:
 * @self: a tree
 *
 * Returns: how many entries there are
 */
guint
onward_tree_get_n_entries (OnwardTree *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->entries->len;
}

/**
 * onward_tree_get_entry:
 * @self: a tree
 * @index: a number below onward_tree_get_n_entries()
 *
 * Returns: (transfer none): an entry; the order is that of the paths' bytes, so that a folder
 *   comes before what it holds
 */
const OnwardTreeEntry *
onward_tree_get_entry (OnwardTree *self, guint index)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < self->entries->len, NULL);

  return &g_array_index (self->entries, OnwardTreeEntry, index);
}

/**
 * onward_tree_get_index:
 * @self: a tree
 * @entry: one of its entries
 *
 * Returns: the number of @entry
 */
guint
onward_tree_get_index (OnwardTree *self, const OnwardTreeEntry *entry)
{
  const OnwardTreeEntry *first;

  g_return_val_if_fail (self != NULL, 0);

  first = &g_array_index (self->entries, OnwardTreeEntry, 0);
  g_return_val_if_fail (entry >= first && entry < first + self->entries->len, 0);

  return (guint) (entry - first);
}

/**
 * onward_tree_lookup:
 * @self: a tree
 * @path: a path
 *
 * Returns: (transfer none) (nullable): the entry at @path
 */
const OnwardTreeEntry *
onward_tree_lookup (OnwardTree *self, const char *path)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (path != NULL, NULL);

  return onward_tree_check_find (self->entries, path, strlen (path));
}

/**
 * onward_tree_get_size:
 * @self: a tree
 *
 * Returns: the size of all files in bytes, but for those that are left out
 */
guint64
onward_tree_get_size (OnwardTree *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->size;
}

/**
 * onward_tree_get_n_files:
 * @self: a tree
 *
 * Returns: how many of the entries are files
 */
guint
onward_tree_get_n_files (OnwardTree *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_files;
}

/**
 * onward_tree_get_whole:
 * @self: a tree
 *
 * Returns: (transfer none): the tree with all its components, which may be @self
 */
OnwardTree *
onward_tree_get_whole (OnwardTree *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->whole != NULL ? self->whole : self;
}

/**
 * onward_tree_get_absent:
 * @self: a tree
 *
 * Returns: (transfer none) (array zero-terminated=1): the components that are left out, sorted
 */
const char *const *
onward_tree_get_absent (OnwardTree *self)
{
  static const char *const none[] = { NULL };

  g_return_val_if_fail (self != NULL, none);

  return self->absent != NULL ? (const char *const *) self->absent : none;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/**
 * onward_tree_dup_components:
 * @self: a tree
 *
 * Returns: (transfer full) (array zero-terminated=1): the components of the whole tree, sorted
 */
char **
onward_tree_dup_components (OnwardTree *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *names = g_ptr_array_new ();
  OnwardTree *whole;

  g_return_val_if_fail (self != NULL, NULL);

  whole = onward_tree_get_whole (self);
  for (guint i = 0; i < whole->entries->len; i++)
    {
      const char *name = g_array_index (whole->entries, OnwardTreeEntry, i).component;

      if (name[0] != '\0' && g_hash_table_add (seen, (gpointer) name))
        g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

static char **
dup_listed (char **names, const char *const *wanted)
{
  g_autoptr (GStrvBuilder) listed = g_strv_builder_new ();

  for (guint i = 0; names[i] != NULL; i++)
    if (g_strv_contains (wanted, names[i]))
      g_strv_builder_add (listed, names[i]);
  return g_strv_builder_end (listed);
}

static void
add_present (OnwardTree *self)
{
  const GArray *entries = self->whole->entries;

  for (guint i = 0; i < entries->len; i++)
    {
      const OnwardTreeEntry *entry = &g_array_index (entries, OnwardTreeEntry, i);

      if (g_strv_contains ((const char *const *) self->absent, entry->component))
        continue;
      g_array_append_vals (self->entries, entry, 1);
      self->size += entry->size;
      self->n_files += entry->kind == ONWARD_ENTRY_FILE;
    }
}

/**
 * onward_tree_leave_out:
 * @self: a tree
 * @components: (array zero-terminated=1): names; those that are no component of it do not matter
 *
 * Makes the same tree without some of its components: it has the bytes and the digest of the whole
 * one, but only the entries of the others. A folder of a component holds nothing else, so that
 * every entry keeps its folder; a link may be left that leads to what is absent. What @self itself
 * leaves out is not left out by that.
 *
 * Returns: (transfer full): the tree
 */
OnwardTree *
onward_tree_leave_out (OnwardTree *self, const char *const *components)
{
  g_auto (GStrv) all = NULL;
  g_auto (GStrv) absent = NULL;
  OnwardTree *whole, *part;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (components != NULL, NULL);

  whole = onward_tree_get_whole (self);
  all = onward_tree_dup_components (whole);
  absent = dup_listed (all, components);
  if (absent[0] == NULL)
    return onward_tree_ref (whole);

  part = g_atomic_rc_box_new0 (OnwardTree);
  part->bytes = g_bytes_ref (whole->bytes);
  part->variant = g_variant_ref (whole->variant);
  part->digest = whole->digest;
  part->whole = onward_tree_ref (whole);
  part->absent = g_steal_pointer (&absent);
  part->entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));
  add_present (part);
  return part;
}
