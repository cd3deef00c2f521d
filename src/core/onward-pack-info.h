/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <gio/gio.h>

#include "onward-digest.h"

G_BEGIN_DECLS

#define ONWARD_PACK_BLOCK_SIZE 1048576u

typedef enum
{
  ONWARD_PACK_FULL,
  ONWARD_PACK_DELTA,
} OnwardPackKind;

/**
 * OnwardPackInfo:
 *
 * What a release document says of one pack (an immutable value): kind, digest, size, the size of
 * its head, and the digest of each block.
 */
typedef struct _OnwardPackInfo OnwardPackInfo;

/* @from is the tree a delta starts from, NULL for a full pack; @blocks holds the concatenated
 * SHA-256 of each block. */
OnwardPackInfo     *onward_pack_info_new           (OnwardPackKind kind, const OnwardDigest *from,
                                                    const OnwardDigest *digest, guint64 size,
                                                    guint64 head_size, guint32 block_size,
                                                    GBytes *blocks);
OnwardPackInfo     *onward_pack_info_new_from_json (JsonObject *object, GError **error);
/* The same pack, of which a client must be able to do something; (transfer full). */
OnwardPackInfo     *onward_pack_info_new_requiring (OnwardPackInfo *self,
                                                    const char *const *requirements);
JsonObject         *onward_pack_info_to_json       (OnwardPackInfo *self);
OnwardPackInfo     *onward_pack_info_ref           (OnwardPackInfo *self);
void                onward_pack_info_unref         (OnwardPackInfo *self);
OnwardPackKind      onward_pack_info_get_kind      (OnwardPackInfo *self);
const OnwardDigest *onward_pack_info_get_from      (OnwardPackInfo *self);
const OnwardDigest *onward_pack_info_get_digest    (OnwardPackInfo *self);
guint64             onward_pack_info_get_size      (OnwardPackInfo *self);
guint64             onward_pack_info_get_head_size (OnwardPackInfo *self);
guint32             onward_pack_info_get_block_size (OnwardPackInfo *self);
GBytes             *onward_pack_info_get_blocks    (OnwardPackInfo *self);
const char *const  *onward_pack_info_get_requirements (OnwardPackInfo *self);
/* "<sha256>.full" or "<sha256>.delta". (transfer full) */
char               *onward_pack_info_dup_file_name (OnwardPackInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardPackInfo, onward_pack_info_unref)

G_END_DECLS
