/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-frame-content.h"
#include "onward-frame-layout.h"

typedef struct
{
  const OnwardTreeEntry *entry;
  const char *extension;
  gboolean is_x86;
} Item;

static void
group_free (gpointer data)
{
  OnwardFrameGroup *group = data;

  g_ptr_array_unref (group->entries);
  g_free (group);
}

static const char *
find_extension (const char *path)
{
  const char *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;
  const char *dot = strrchr (name, '.');

  return dot != NULL && dot != name ? dot : "";
}

static gboolean
is_large (const Item *item)
{
  return item->entry->size >= ONWARD_FRAME_LAYOUT_SIZE;
}

/* Large files first, the largest before the others, so that no core is left with one at the end;
 * then like beside like, since a frame is compressed as one. */
static int
compare_items (gconstpointer a, gconstpointer b)
{
  const Item *left = a;
  const Item *right = b;
  int order;

  if (is_large (left) != is_large (right))
    return is_large (left) ? -1 : 1;
  if (is_large (left) && left->entry->size != right->entry->size)
    return left->entry->size > right->entry->size ? -1 : 1;
  if (left->is_x86 != right->is_x86)
    return left->is_x86 ? -1 : 1;
  order = strcmp (left->extension, right->extension);
  return order != 0 ? order : strcmp (left->entry->path, right->entry->path);
}

static gboolean
fits (const OnwardFrameGroup *group, const Item *item)
{
  return group != NULL && !is_large (item) && group->is_x86 == item->is_x86 &&
         group->size + item->entry->size <= ONWARD_FRAME_LAYOUT_SIZE;
}

static OnwardFrameGroup *
add_group (GPtrArray *groups, gboolean is_x86)
{
  OnwardFrameGroup *group = g_new0 (OnwardFrameGroup, 1);

  group->entries = g_ptr_array_new ();
  group->is_x86 = is_x86;
  g_ptr_array_add (groups, group);
  return group;
}

/**
 * onward_frame_layout_make:
 * @dirfd: the folder
 * @entries: (element-type OnwardTreeEntry): files of its tree, each content once, none empty
 * @error: return location for an error
 *
 * Decides which files share a frame: small ones those of their kind, x86 executables apart, large
 * ones none. Only the files' names, sizes and first bytes decide. Blocking.
 *
 * Returns: (transfer full) (element-type OnwardFrameGroup): the groups in the order of the pack
 */
GPtrArray *
onward_frame_layout_make (int dirfd, GPtrArray *entries, GError **error)
{
  g_autoptr (GArray) items = g_array_sized_new (FALSE, FALSE, sizeof (Item), entries->len);
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func (group_free);
  OnwardFrameGroup *group = NULL;

  for (guint i = 0; i < entries->len; i++)
    {
      const OnwardTreeEntry *entry = g_ptr_array_index (entries, i);
      Item item = { .entry = entry, .extension = find_extension (entry->path) };

      if (!onward_frame_content_is_x86 (dirfd, entry, &item.is_x86, error))
        return NULL;
      g_array_append_val (items, item);
    }
  g_array_sort (items, compare_items);

  for (guint i = 0; i < items->len; i++)
    {
      const Item *item = &g_array_index (items, Item, i);

      if (!fits (group, item))
        group = add_group (groups, item->is_x86);
      g_ptr_array_add (group->entries, (gpointer) item->entry);
      group->size += item->entry->size;
    }
  return g_steal_pointer (&groups);
}
