/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-info.h"
#include "onward-ranges.h"
#include "onward-tree.h"

G_BEGIN_DECLS

/**
 * OnwardFrameMethod:
 * @ONWARD_FRAME_STORED: not at all
 * @ONWARD_FRAME_LZMA2: LZMA2
 * @ONWARD_FRAME_LZMA2_X86: LZMA2 behind the filter for x86 code
 * @ONWARD_FRAME_ZSTD: zstd
 * @ONWARD_FRAME_DELTA: a delta from one old content
 * @ONWARD_FRAME_TREE_DELTA: a delta from several old contents, one behind the other
 * @ONWARD_FRAME_LZMA2_ARM64: LZMA2 behind the filter for AArch64 code
 *
 * How a frame's bytes are compressed.
 */
typedef enum
{
  ONWARD_FRAME_STORED,
  ONWARD_FRAME_LZMA2,
  ONWARD_FRAME_LZMA2_X86,
  ONWARD_FRAME_ZSTD,
  ONWARD_FRAME_DELTA,
  ONWARD_FRAME_TREE_DELTA,
  ONWARD_FRAME_LZMA2_ARM64,
  ONWARD_FRAME_LAST = ONWARD_FRAME_LZMA2_ARM64,
} OnwardFrameMethod;

/* An old content that a delta starts from. */
typedef struct
{
  OnwardDigest digest;
  guint64 size;
} OnwardReference;

/**
 * OnwardFrame:
 * @method: how its bytes are compressed
 * @offset: where it begins in the pack
 * @stored_size: its bytes in the pack
 * @size: its bytes uncompressed
 * @references: (owned) (nullable) (element-type OnwardReference): (deltas) the old contents it is
 *   rebuilt from, in order
 *
 * One independently compressed piece of a pack.
 */
typedef struct
{
  OnwardFrameMethod method;
  guint64 offset;
  guint64 stored_size;
  guint64 size;
  GArray *references;
} OnwardFrame;

/**
 * OnwardPackHead:
 *
 * The beginning of a pack, parsed and checked: magic, tree and frame table (an immutable value).
 */
typedef struct _OnwardPackHead OnwardPackHead;

OnwardPackHead    *onward_pack_head_parse        (GBytes *bytes, guint64 pack_size,
                                                  OnwardTree *old_tree, GError **error);
OnwardPackHead    *onward_pack_head_read         (int fd, OnwardPackInfo *pack,
                                                  OnwardTree *old_tree, GError **error);
/* The same head of a version that is without some components. */
OnwardPackHead    *onward_pack_head_leave_out    (OnwardPackHead *self,
                                                  const char * const *components);
OnwardPackHead    *onward_pack_head_ref          (OnwardPackHead *self);
void               onward_pack_head_unref        (OnwardPackHead *self);
OnwardPackKind     onward_pack_head_get_kind     (OnwardPackHead *self);
OnwardTree        *onward_pack_head_get_tree     (OnwardPackHead *self);
guint              onward_pack_head_get_n_frames (OnwardPackHead *self);
const OnwardFrame *onward_pack_head_get_frame    (OnwardPackHead *self, guint index);
/* The frame that makes @entry's bytes in this pack and where they begin in it, uncompressed;
 * FALSE when this pack does not carry them: an empty file needs no bytes, and a delta pack leaves
 * out content that is anywhere in the old tree. */
gboolean           onward_pack_head_locate       (OnwardPackHead *self,
                                                  const OnwardTreeEntry *entry, guint *ret_frame,
                                                  guint64 *ret_offset);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardPackHead, onward_pack_head_unref)

G_END_DECLS
