/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-addition-report.h"
#include "onward-report.h"
#include "onward-tree-changes.h"

/**
 * onward_addition_report_first:
 * @json: for scripts
 * @tree: the new tree
 *
 * Tells that there is no release to compare with.
 */
void
onward_addition_report_first (gboolean json, OnwardTree *tree)
{
  JsonBuilder *builder;

  if (!json)
    {
      printf ("First release: %u files\n", onward_tree_get_n_files (tree));
      return;
    }

  builder = onward_report_begin ("first");
  onward_report_add_integer (builder, "files", onward_tree_get_n_files (tree));
  onward_report_add_integer (builder, "size", (gint64) onward_tree_get_size (tree));
  onward_report_print (builder);
}

static void
report_change (const OnwardChange *change)
{
  JsonBuilder *builder = onward_report_begin ("change");

  onward_report_add_string (builder, "kind", onward_tree_changes_get_nick (change->kind));
  onward_report_add_string (builder, "path", change->path);
  onward_report_add_string (builder, "old-path", change->old_path);
  onward_report_add_integer (builder, "size", (gint64) change->size);
  onward_report_print (builder);
}

/**
 * onward_addition_report_changes:
 * @json: for scripts
 * @previous: the release compared with
 * @changes: (element-type OnwardChange): what is different
 *
 * Prints the table of changes.
 */
void
onward_addition_report_changes (gboolean json, OnwardRelease *previous, GArray *changes)
{
  guint counts[ONWARD_CHANGE_LAST + 1] = { 0 };
  JsonBuilder *builder;

  if (!json)
    {
      printf ("Changes since %s\n", onward_release_get_version (previous));
      onward_tree_changes_print (changes);
      return;
    }

  for (guint i = 0; i < changes->len; i++)
    {
      const OnwardChange *change = &g_array_index (changes, OnwardChange, i);

      counts[change->kind]++;
      report_change (change);
    }

  builder = onward_report_begin ("changes");
  onward_report_add_string (builder, "since", onward_release_get_version (previous));
  for (guint kind = 0; kind <= ONWARD_CHANGE_LAST; kind++)
    onward_report_add_integer (builder, onward_tree_changes_get_nick (kind), counts[kind]);
  onward_report_print (builder);
}

static void
report_pack (const char *event, OnwardPackInfo *pack, OnwardRelease *from)
{
  JsonBuilder *builder = onward_report_begin (event);
  g_autofree char *name = onward_pack_info_dup_file_name (pack);

  onward_report_add_string (builder, "kind", from == NULL ? "full" : "delta");
  if (from != NULL)
    onward_report_add_string (builder, "from", onward_release_get_version (from));
  onward_report_add_string (builder, "name", name);
  onward_report_add_integer (builder, "size", (gint64) onward_pack_info_get_size (pack));
  onward_report_print (builder);
}

/**
 * onward_addition_report_pack:
 * @json: for scripts
 * @pack: a pack that was made
 * @from: (nullable): what it is a delta from
 *
 * Tells the size of a pack.
 */
void
onward_addition_report_pack (gboolean json, OnwardPackInfo *pack, OnwardRelease *from)
{
  g_autofree char *size = g_format_size (onward_pack_info_get_size (pack));

  if (json)
    report_pack ("pack", pack, from);
  else if (from == NULL)
    printf ("Full pack %s\n", size);
  else
    printf ("Delta pack from %s %s\n", onward_release_get_version (from), size);
}

/**
 * onward_addition_report_left_out:
 * @json: for scripts
 * @pack: a delta that is hardly smaller than the full pack
 * @from: what it is a delta from
 *
 * Tells that a delta is not published.
 */
void
onward_addition_report_left_out (gboolean json, OnwardPackInfo *pack, OnwardRelease *from)
{
  if (json)
    report_pack ("left-out", pack, from);
  else
    printf ("Delta pack from %s left out: it saves too little\n",
            onward_release_get_version (from));
}

/**
 * onward_addition_report_published:
 * @json: for scripts
 * @release: the new release
 *
 * Tells that clients see it from now on.
 */
void
onward_addition_report_published (gboolean json, OnwardRelease *release)
{
  JsonBuilder *builder;

  if (!json)
    {
      printf ("Published %s, sequence %" G_GUINT64_FORMAT ", channel %s, %s\n",
              onward_release_get_version (release), onward_release_get_sequence (release),
              onward_release_get_channel (release), onward_release_get_platform (release));
      return;
    }

  builder = onward_report_begin ("published");
  onward_report_add_release (builder, release);
  onward_report_print (builder);
}
