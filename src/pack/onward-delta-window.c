/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-delta-window.h"
#include "onward-delta.h"
#include "onward-likeness.h"

/* Windows while they are being filled. */
typedef struct
{
  GPtrArray *windows; /* of OnwardDeltaWindow */
  guint64 limit;
  GHashTable *taken;        /* (owned): set of old entries that are in any window */
  OnwardLikeness *likeness; /* (nullable): of old files that are found by no name */
  int dirfd;                /* the new tree's folder */
  GCancellable *cancellable;
} Distribution;

static void
window_free (gpointer data)
{
  OnwardDeltaWindow *window = data;

  g_ptr_array_unref (window->old_entries);
  g_ptr_array_unref (window->new_entries);
  g_free (window);
}

static OnwardDeltaWindow *
add_window (Distribution *self)
{
  OnwardDeltaWindow *window = g_new0 (OnwardDeltaWindow, 1);

  window->old_entries = g_ptr_array_new ();
  window->new_entries = g_ptr_array_new ();
  g_ptr_array_add (self->windows, window);
  return window;
}

static gboolean
has_room (const OnwardDeltaWindow *window, guint64 limit, guint64 old_size, guint64 new_size)
{
  return window->old_size + old_size <= limit && window->new_size + new_size <= limit;
}

/* What a window makes is of one component, or of none. */
static const char *
get_component (const OnwardDeltaWindow *window)
{
  return ((const OnwardTreeEntry *) g_ptr_array_index (window->new_entries, 0))->component;
}

/* Who wants a component has what belongs to no component and, mostly, what it was before. */
static gboolean
is_at_hand (const OnwardTreeEntry *old_entry, const char *component)
{
  return old_entry->component[0] == '\0' || g_str_equal (old_entry->component, component);
}

/* Files stay in the order of their paths, so one window holds what lies side by side. What is too
 * large for any gets one of its own. */
static OnwardDeltaWindow *
choose_window (Distribution *self, const OnwardTreeEntry *entry, guint64 old_size)
{
  OnwardDeltaWindow *last =
      self->windows->len > 0 ? g_ptr_array_index (self->windows, self->windows->len - 1) : NULL;

  return last != NULL && g_str_equal (get_component (last), entry->component) &&
                 has_room (last, self->limit, old_size, entry->size)
             ? last
             : add_window (self);
}

static void
add_old (Distribution *self, OnwardDeltaWindow *window, const OnwardTreeEntry *entry)
{
  if (g_hash_table_contains (self->taken, entry) &&
      g_ptr_array_find (window->old_entries, entry, NULL))
    return;

  g_hash_table_add (self->taken, (gpointer) entry);
  g_ptr_array_add (window->old_entries, (gpointer) entry);
  window->old_size += entry->size;
}

static void
add_new (Distribution *self, const OnwardTreeEntry *entry, const OnwardTreeEntry *old_entry)
{
  OnwardDeltaWindow *window = choose_window (self, entry, old_entry != NULL ? old_entry->size : 0);

  g_ptr_array_add (window->new_entries, (gpointer) entry);
  window->new_size += entry->size;
  if (old_entry != NULL)
    add_old (self, window, old_entry);
}

/* The old file that @entry is probably a new version of: by its name, else by what is in it. */
static const OnwardTreeEntry *
find_old (const Distribution *self, OnwardReferenceIndex *index, const OnwardTreeEntry *entry)
{
  const OnwardTreeEntry *old_entry = onward_reference_index_find (index, entry);

  if (old_entry == NULL && self->likeness != NULL)
    old_entry = onward_likeness_find (self->likeness, self->dirfd, entry, self->cancellable);
  return old_entry != NULL && is_at_hand (old_entry, entry->component) ? old_entry : NULL;
}

/* The first window that has room for an old file and may start from it. */
static OnwardDeltaWindow *
find_room (Distribution *self, const OnwardTreeEntry *entry)
{
  for (guint i = 0; i < self->windows->len; i++)
    {
      OnwardDeltaWindow *window = g_ptr_array_index (self->windows, i);

      if (has_room (window, self->limit, entry->size, 0) &&
          is_at_hand (entry, get_component (window)))
        return window;
    }
  return NULL;
}

/* What nothing is a new version of may still have gone somewhere: where there is room for it. */
static void
add_rest (Distribution *self, const GPtrArray *gone)
{
  for (guint i = 0; i < gone->len; i++)
    {
      const OnwardTreeEntry *entry = g_ptr_array_index (gone, i);
      OnwardDeltaWindow *window = NULL;

      if (!g_hash_table_contains (self->taken, entry) && entry->size <= self->limit)
        window = find_room (self, entry);
      if (window != NULL)
        add_old (self, window, entry);
    }
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  const OnwardTreeEntry *const *left = a;
  const OnwardTreeEntry *const *right = b;

  return strcmp ((*left)->path, (*right)->path);
}

/* Windows without anything to start from are none. */
static void
finish (Distribution *self, GPtrArray *ret_left)
{
  for (guint i = self->windows->len; i-- > 0;)
    {
      OnwardDeltaWindow *window = g_ptr_array_index (self->windows, i);

      g_ptr_array_sort (window->old_entries, compare_paths);
      if (window->old_entries->len > 0)
        continue;
      g_ptr_array_extend (ret_left, window->new_entries, NULL, NULL);
      g_ptr_array_remove_index (self->windows, i);
    }
}

static guint64
measure (const GPtrArray *entries)
{
  guint64 size = 0;

  for (guint i = 0; i < entries->len; i++)
    size += ((const OnwardTreeEntry *) g_ptr_array_index (entries, i))->size;
  return size;
}

/* Of the files that are gone, those whose names are, too. */
static OnwardLikeness *
find_likeness (OnwardTree *tree, const GPtrArray *gone, int old_dirfd, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) nameless = g_ptr_array_new ();

  for (guint i = 0; i < gone->len; i++)
    {
      OnwardTreeEntry *entry = g_ptr_array_index (gone, i);

      if (onward_tree_lookup (tree, entry->path) == NULL)
        g_ptr_array_add (nameless, entry);
    }
  return onward_likeness_new (old_dirfd, nameless, cancellable);
}

/**
 * onward_delta_window_list:
 * @index: an index of the old tree
 * @tree: the new tree
 * @contents: (element-type OnwardTreeEntry): entries of @tree that must be made
 * @limit: how large the old bytes of a window may be, and the new ones
 * @old_dirfd: the folder of the old tree, and
 * @dirfd: that of the new one: they are read when not everything fits into one window
 * @ret_left: (element-type OnwardTreeEntry): grows by what is in no window
 * @cancellable: (nullable): a cancellable; then the windows are of no use
 *
 * Puts everything into one window when it fits: so code and text that moved from file to file is
 * found. Else each file stays with the old one that it is probably a new version of: the one of its
 * name, or of those whose name is gone the one that it has most in common with.
 *
 * Returns: (transfer full) (element-type OnwardDeltaWindow): the windows
 */
GPtrArray *
onward_delta_window_list (OnwardReferenceIndex *index, OnwardTree *tree, GPtrArray *contents,
                          guint64 limit, int old_dirfd, int dirfd, GPtrArray *ret_left,
                          GCancellable *cancellable)
{
  g_autoptr (GHashTable) taken = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) gone = onward_reference_index_list_gone (index, tree);
  g_autoptr (OnwardLikeness) likeness = NULL;
  Distribution self = { g_ptr_array_new_with_free_func (window_free), limit, taken };

  if (MAX (measure (contents), measure (gone)) > limit)
    likeness = find_likeness (tree, gone, old_dirfd, cancellable);
  self.likeness = likeness;
  self.dirfd = dirfd;
  self.cancellable = cancellable;

  for (guint i = 0; i < contents->len; i++)
    {
      const OnwardTreeEntry *entry = g_ptr_array_index (contents, i);

      if (entry->size > ONWARD_DELTA_MAX_SIZE)
        g_ptr_array_add (ret_left, (gpointer) entry);
      else
        add_new (&self, entry, find_old (&self, index, entry));
    }
  add_rest (&self, gone);
  finish (&self, ret_left);
  return self.windows;
}
