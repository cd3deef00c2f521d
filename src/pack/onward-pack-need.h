/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-head.h"

G_BEGIN_DECLS

/* Sets of contents: of OnwardDigest, which belong to the trees they are taken from. */
GHashTable *onward_pack_need_new_set (void);
GHashTable *onward_pack_need_list    (OnwardTree *tree);
void        onward_pack_need_remove  (GHashTable *set, GHashTable *other);

/* Which frames of a pack make what is wanted, where what is here need not be made. */
GHashTable *onward_pack_need_take     (OnwardPackHead *head, GHashTable *here, GHashTable *wanted,
                                       gboolean only_whole, OnwardRanges *ranges);
/* The same of a full pack whose tree is known, but not how large its frames are. */
guint64     onward_pack_need_estimate (OnwardPackInfo *pack, OnwardTree *tree, GHashTable *wanted);
guint64     onward_pack_need_count    (OnwardPackInfo *pack, const OnwardRanges *ranges,
                                       const OnwardRanges *received);
/* Bytes on the disk that unpacking takes beside what it makes. */
guint64     onward_pack_need_scratch  (OnwardPackInfo *pack, OnwardPackHead *head);

G_END_DECLS
