/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-frame-content.h"
#include "onward-frame-layout.h"

/* Several archives have often parts in common, but a large one is not worth fetching together with
 * others. */
#define DENSE_SIZE (4u * 1024 * 1024)

typedef struct
{
  const OnwardTreeEntry *entry;
  const char *extension;
  OnwardFrameMethod method;
  gboolean is_alone; /* in a frame of its own */
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

/* What hardly gets smaller beside others would only have to be fetched together with them. */
static gboolean
item_init (Item *self, int dirfd, const OnwardTreeEntry *entry, GError **error)
{
  self->entry = entry;
  self->extension = find_extension (entry->path);
  self->is_alone = entry->size >= ONWARD_FRAME_LAYOUT_SIZE;
  if (!onward_frame_content_get_method (dirfd, entry, &self->method, error))
    return FALSE;

  return self->is_alone || entry->size < DENSE_SIZE ||
         onward_frame_content_is_dense (dirfd, entry, &self->is_alone, error);
}

/* Each component by itself, since it may be left out, and costs least in one piece. In it large
 * files first, the largest before the others, so that no core is left with one at the end; then
 * like beside like, since a frame is compressed as one. */
static int
compare_items (gconstpointer a, gconstpointer b)
{
  const Item *left = a;
  const Item *right = b;
  int order = strcmp (left->entry->component, right->entry->component);

  if (order != 0)
    return order;
  if (left->is_alone != right->is_alone)
    return left->is_alone ? -1 : 1;
  if (left->is_alone && left->entry->size != right->entry->size)
    return left->entry->size > right->entry->size ? -1 : 1;
  if (left->method != right->method)
    return left->method > right->method ? -1 : 1;
  order = strcmp (left->extension, right->extension);
  return order != 0 ? order : strcmp (left->entry->path, right->entry->path);
}

static gboolean
fits (const OnwardFrameGroup *group, const Item *item)
{
  const OnwardTreeEntry *first;

  if (group == NULL || item->is_alone || group->method != item->method ||
      group->size + item->entry->size > ONWARD_FRAME_LAYOUT_SIZE)
    return FALSE;

  first = g_ptr_array_index (group->entries, 0);
  return g_str_equal (first->component, item->entry->component);
}

static OnwardFrameGroup *
add_group (GPtrArray *groups, OnwardFrameMethod method)
{
  OnwardFrameGroup *group = g_new0 (OnwardFrameGroup, 1);

  group->entries = g_ptr_array_new ();
  group->method = method;
  g_ptr_array_add (groups, group);
  return group;
}

/**
 * onward_frame_layout_make:
 * @dirfd: the folder
 * @entries: (element-type OnwardTreeEntry): files of its tree, each content once, none empty
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Decides which files share a frame: small ones those of their kind, executables apart, large
 * ones none. Only the files' names, sizes and first bytes decide. Blocking.
 *
 * Returns: (transfer full) (element-type OnwardFrameGroup): the groups in the order of the pack
 */
GPtrArray *
onward_frame_layout_make (int dirfd, GPtrArray *entries, GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) items = g_array_sized_new (FALSE, FALSE, sizeof (Item), entries->len);
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func (group_free);
  OnwardFrameGroup *group = NULL;

  for (guint i = 0; i < entries->len; i++)
    {
      const OnwardTreeEntry *entry = g_ptr_array_index (entries, i);
      Item item;

      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !item_init (&item, dirfd, entry, error))
        return NULL;
      g_array_append_val (items, item);
    }
  g_array_sort (items, compare_items);

  for (guint i = 0; i < items->len; i++)
    {
      const Item *item = &g_array_index (items, Item, i);

      if (!fits (group, item))
        group = add_group (groups, item->method);
      g_ptr_array_add (group->entries, (gpointer) item->entry);
      group->size += item->entry->size;
      if (item->is_alone)
        group = NULL;
    }
  return g_steal_pointer (&groups);
}
