/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-component-marks.h"

#include <stdlib.h>
#include <string.h>

#include "onward-error.h"
#include "onward-names.h"

/* One “NAME=FOLDER”. */
typedef struct
{
  char *name;
  char *folder; /* without a slash at its end */
} Mark;

static void
clear_mark (gpointer data)
{
  Mark *mark = data;

  g_free (mark->name);
  g_free (mark->folder);
}

static gboolean
refuse (GError **error, const char *argument, const char *why)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "Component “%s”: %s", argument,
               why);
  return FALSE;
}

static gboolean
parse_mark (const char *argument, Mark *ret_mark, GError **error)
{
  const char *sign = strchr (argument, '=');
  g_autofree char *name = sign != NULL ? g_strndup (argument, (gsize) (sign - argument)) : NULL;
  g_autofree char *folder = sign != NULL ? g_strdup (sign + 1) : NULL;

  if (name == NULL || folder[0] == '\0')
    return refuse (error, argument, "it is not of the form NAME=FOLDER");
  if (!onward_names_is_name (name))
    return refuse (
        error, argument,
        "a name has letters, digits, “.”, “_” and “-”, and begins with one of the first");

  while (g_str_has_suffix (folder, "/"))
    folder[strlen (folder) - 1] = '\0';
  ret_mark->name = g_steal_pointer (&name);
  ret_mark->folder = g_steal_pointer (&folder);
  return TRUE;
}

static GArray *
parse_marks (char **arguments, GError **error)
{
  g_autoptr (GArray) marks = g_array_new (FALSE, TRUE, sizeof (Mark));

  g_array_set_clear_func (marks, clear_mark);
  for (guint i = 0; arguments != NULL && arguments[i] != NULL; i++)
    {
      Mark mark;

      if (!parse_mark (arguments[i], &mark, error))
        return NULL;
      g_array_append_val (marks, mark);
    }
  return g_steal_pointer (&marks);
}

static gboolean
is_marked (const GArray *marks, const char *name)
{
  for (guint i = 0; i < marks->len; i++)
    if (g_str_equal (g_array_index (marks, Mark, i).name, name))
      return TRUE;
  return FALSE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Sorted, each once. */
static void
add_names (JsonObject *facts, const char *member, GPtrArray *names)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;

  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    if (i == 0 || !g_str_equal (names->pdata[i - 1], names->pdata[i]))
      g_strv_builder_add (builder, names->pdata[i]);
  list = g_strv_builder_end (builder);
  onward_names_add (facts, member, (const char *const *) list);
}

/**
 * onward_component_marks_add_facts:
 * @facts: grows
 * @options: what the publisher says
 * @error: a G_OPTION_ERROR
 *
 * Adds the names of the components to what a release says of itself.
 *
 * Returns: whether they are all right
 */
gboolean
onward_component_marks_add_facts (JsonObject *facts, const OnwardAdditionOptions *options,
                                  GError **error)
{
  g_autoptr (GArray) marks = parse_marks (options->components, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) on_demand = g_ptr_array_new ();

  if (marks == NULL)
    return FALSE;

  for (guint i = 0; i < marks->len; i++)
    g_ptr_array_add (names, g_array_index (marks, Mark, i).name);
  for (guint i = 0; options->on_demand != NULL && options->on_demand[i] != NULL; i++)
    {
      if (!is_marked (marks, options->on_demand[i]))
        return refuse (error, options->on_demand[i],
                       "--on-demand names none that --component does");
      g_ptr_array_add (on_demand, options->on_demand[i]);
    }

  if (names->len > 0)
    add_names (facts, "components", names);
  if (on_demand->len > 0)
    add_names (facts, "on-demand", on_demand);
  return TRUE;
}

static gboolean
is_in (const Mark *mark, const char *path)
{
  gsize size = strlen (mark->folder);

  return strncmp (path, mark->folder, size) == 0 && (path[size] == '/' || path[size] == '\0');
}

static gboolean
check_folder (OnwardTree *scanned, const Mark *mark, GError **error)
{
  const OnwardTreeEntry *entry = onward_tree_lookup (scanned, mark->folder);

  if (entry != NULL && entry->kind == ONWARD_ENTRY_DIRECTORY)
    return TRUE;

  return refuse (error, mark->name,
                 entry != NULL ? "what it names is not a folder"
                               : "the folder that it names is not in the tree");
}

/* A component is whole folders: nothing else may want a part of them. */
static gboolean
mark_entry (OnwardTreeEntry *entry, const GArray *marks, GError **error)
{
  for (guint i = 0; i < marks->len; i++)
    {
      const Mark *mark = &g_array_index (marks, Mark, i);

      if (!is_in (mark, entry->path))
        continue;
      if (entry->component[0] != '\0' && !g_str_equal (entry->component, mark->name))
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       "“%s” is in the folders of two components, “%s” and “%s”", entry->path,
                       entry->component, mark->name);
          return FALSE;
        }
      entry->component = mark->name;
    }
  return TRUE;
}

/**
 * onward_component_marks_apply:
 * @scanned: what a folder holds
 * @options: what the publisher says
 * @error: a G_OPTION_ERROR when a folder is none, or is in two components
 *
 * Marks what is in the folders of components.
 *
 * Returns: (transfer full): the same tree with its components
 */
OnwardTree *
onward_component_marks_apply (OnwardTree *scanned, const OnwardAdditionOptions *options,
                              GError **error)
{
  g_autoptr (GArray) marks = parse_marks (options->components, error);
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));

  if (marks == NULL)
    return NULL;
  for (guint i = 0; i < marks->len; i++)
    if (!check_folder (scanned, &g_array_index (marks, Mark, i), error))
      return NULL;

  for (guint i = 0; i < onward_tree_get_n_entries (scanned); i++)
    {
      OnwardTreeEntry entry = *onward_tree_get_entry (scanned, i);

      if (!mark_entry (&entry, marks, error))
        return NULL;
      g_array_append_val (entries, entry);
    }
  return onward_tree_new (entries, error);
}

/**
 * onward_component_marks_covers:
 * @marked: a tree with its components
 * @dirfd: the folder that it was read from
 * @path: a path below that
 *
 * Returns: whether what @path leads to, links followed, is in a component
 */
gboolean
onward_component_marks_covers (OnwardTree *marked, int dirfd, const char *path)
{
  g_autofree char *folder = g_strdup_printf ("/proc/self/fd/%d", dirfd);
  g_autofree char *beneath = g_build_filename (folder, path, NULL);
  g_autofree char *root = realpath (folder, NULL);
  g_autofree char *target = realpath (beneath, NULL);
  const OnwardTreeEntry *entry;
  gsize size;

  if (root == NULL || target == NULL)
    return FALSE;
  size = strlen (root);
  if (strncmp (target, root, size) != 0 || target[size] != '/')
    return FALSE;

  entry = onward_tree_lookup (marked, target + size + 1);
  return entry != NULL && entry->component[0] != '\0';
}
