/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-tree.h"

G_BEGIN_DECLS

typedef enum
{
  ONWARD_CHANGE_ADDED,
  ONWARD_CHANGE_CHANGED,
  ONWARD_CHANGE_RENAMED,
  ONWARD_CHANGE_DELETED,
} OnwardChangeKind;

#define ONWARD_CHANGE_LAST ONWARD_CHANGE_DELETED

/**
 * OnwardChange:
 * @kind: what happened
 * @path: where the entry is now, or was when it was deleted
 * @old_path: (nullable): where a renamed file was
 * @size: its size now, or before when it was deleted
 *
 * One difference between two trees.
 */
typedef struct
{
  OnwardChangeKind kind;
  const char *path;     /* (unowned): of the trees compared */
  const char *old_path; /* (unowned) (nullable) */
  guint64 size;
} OnwardChange;

GArray     *onward_tree_changes_find     (OnwardTree *old_tree, OnwardTree *new_tree);
void        onward_tree_changes_print    (GArray *changes);
const char *onward_tree_changes_get_nick (OnwardChangeKind kind);

G_END_DECLS
