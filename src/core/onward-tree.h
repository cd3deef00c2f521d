/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-digest.h"

G_BEGIN_DECLS

/* The limits of reliability rules: a tree beyond them is refused whole. */
#define ONWARD_TREE_MAX_ENTRIES 200000u
#define ONWARD_TREE_MAX_SIZE (G_GUINT64_CONSTANT (64) << 30)
#define ONWARD_TREE_MAX_BYTES (64u * 1024 * 1024)

typedef enum
{
  ONWARD_ENTRY_DIRECTORY,
  ONWARD_ENTRY_FILE,
  ONWARD_ENTRY_SYMLINK,
} OnwardEntryKind;

/**
 * OnwardTreeEntry:
 * @path: the path below the version folder
 * @kind: directory, file or symlink
 * @mode: 0644 or 0755 (0755 for directories, 0777 for symlinks)
 * @size: a file's size in bytes, else 0
 * @digest: a file's SHA-256, else zeros
 * @link_target: a symlink's target, else ""
 * @component: the component it belongs to, or "" for what is always installed
 * @frame: the frame of the full pack that holds a file's bytes
 * @offset: where they begin in that frame, uncompressed
 *
 * One entry of a tree. Strings belong to the tree.
 */
typedef struct
{
  const char *path;
  OnwardEntryKind kind;
  guint32 mode;
  guint64 size;
  OnwardDigest digest;
  const char *link_target;
  const char *component;
  guint32 frame;
  guint64 offset;
} OnwardTreeEntry;

/**
 * OnwardTree:
 *
 * The sorted list of a release's files (an immutable value). It can only be made through
 * validation: whoever holds one holds a tree that obeys all path, mode, link and size rules.
 */
typedef struct _OnwardTree OnwardTree;

/* @entries: an array of OnwardTreeEntry in any order; copied. */
OnwardTree            *onward_tree_new           (GArray *entries, GError **error);
/* The serialized form: a little-endian GVariant of type "a(syqtaysut)" in normal form. */
OnwardTree            *onward_tree_parse         (GBytes *bytes, GError **error);
OnwardTree            *onward_tree_ref           (OnwardTree *self);
void                   onward_tree_unref         (OnwardTree *self);
GBytes                *onward_tree_get_bytes     (OnwardTree *self);
const OnwardDigest    *onward_tree_get_digest    (OnwardTree *self);
guint                  onward_tree_get_n_entries (OnwardTree *self);
const OnwardTreeEntry *onward_tree_get_entry     (OnwardTree *self, guint index);
guint                  onward_tree_get_index     (OnwardTree *self, const OnwardTreeEntry *entry);
const OnwardTreeEntry *onward_tree_lookup        (OnwardTree *self, const char *path);
guint64                onward_tree_get_size      (OnwardTree *self);
guint                  onward_tree_get_n_files   (OnwardTree *self);

/* A tree without some of its components: entries, size and number of files are those that are left,
 * bytes and digest those of the whole. */
OnwardTree            *onward_tree_leave_out      (OnwardTree *self,
                                                   const char * const *components);
OnwardTree            *onward_tree_get_whole      (OnwardTree *self);
const char * const    *onward_tree_get_absent     (OnwardTree *self);
char                 **onward_tree_dup_components (OnwardTree *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTree, onward_tree_unref)

G_END_DECLS
