/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-make.h"
#include "onward-pack-info.h"
#include "onward-tree.h"

G_BEGIN_DECLS

typedef enum
{
  ONWARD_COMPRESSION_LZMA,
  ONWARD_COMPRESSION_ZSTD,
} OnwardCompression;

typedef void (*OnwardPackProgress) (guint64 done, guint64 total, gpointer user_data);
/* What a full pack, or the deltas of a pack, take: bytes of memory at most, and about how many
 * seconds of a core. */
typedef void (*OnwardPackForecast) (guint64 memory, guint64 seconds, gpointer user_data);

/**
 * OnwardPackWriter:
 * @compression: how frames are compressed
 * @progress: (nullable): told how many of the tree's bytes are done
 * @progress_data: for @progress
 * @effort: how hard to try for small deltas
 * @forecast: (nullable): told before it is begun
 * @forecast_data: for @forecast
 *
 * How packs are written.
 */
typedef struct
{
  OnwardCompression compression;
  OnwardPackProgress progress;
  gpointer progress_data;
  OnwardDeltaEffort effort;
  OnwardPackForecast forecast;
  gpointer forecast_data;
} OnwardPackWriter;

/* Writes the full pack of the scanned folder @dirfd into "<sha256>.full" below @packs_dir (made
 * under a temporary name and renamed). @ret_tree is the scanned tree with its content located in
 * frames. Deterministic: the same folder gives the same bytes. Blocking. */
gboolean onward_pack_writer_write_full  (const OnwardPackWriter *self, int dirfd,
                                         OnwardTree *scanned, const char *packs_dir,
                                         OnwardTree **ret_tree, OnwardPackInfo **ret_info,
                                         GCancellable *cancellable, GError **error);
/* The delta pack that rebuilds @tree (as returned above) for who has @old_tree. */
gboolean onward_pack_writer_write_delta (const OnwardPackWriter *self, int old_dirfd,
                                         OnwardTree *old_tree, int new_dirfd, OnwardTree *tree,
                                         const char *packs_dir, OnwardPackInfo **ret_info,
                                         GCancellable *cancellable, GError **error);

G_END_DECLS
