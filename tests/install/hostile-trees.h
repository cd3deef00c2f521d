/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "hostile-victim.h"

G_BEGIN_DECLS

/* What an entry says that a line of text cannot. */
typedef enum
{
  TREE_SAYS_NOTHING,
  TREE_SAYS_KIND,
  TREE_SAYS_MODE,
  TREE_SAYS_SIZE,
  TREE_SAYS_FRAME,
  TREE_SAYS_OFFSET,
  TREE_SAYS_CONTENT,  /* so many bytes of digest or target */
  TREE_SAYS_MANY,     /* the entry so often, under other names */
  TREE_SAYS_SHIFTED,  /* bytes that begin so far behind the beginning */
  TREE_SAYS_SHORTER,  /* bytes that lack so many at the end */
} HostileTreeField;

/**
 * HostileTree:
 * @name: what is wrong with it
 * @why: what the refusal says, or %NULL when it is a tree like any other
 * @entries: one a "|": "d PATH", "f PATH" or "l PATH -> TARGET", and " @COMPONENT"; every file
 *   holds an "x"; the character 0x1a stands for a zero byte
 * @field: what the last entry says instead
 * @value: of it
 */
typedef struct
{
  const char *name;
  const char *why;
  const char *entries;
  HostileTreeField field;
  guint64 value;
} HostileTree;

const HostileTree *hostile_trees_get       (guint *ret_n_trees);
/* A pack in which nothing is wrong but the tree. */
void               hostile_trees_make_pack (const HostileTree *tree, HostilePack *ret_pack);

G_END_DECLS
