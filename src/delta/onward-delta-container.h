/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-header.h"
#include "onward-parts.h"
#include "onward-stream-reader.h"

G_BEGIN_DECLS

/**
 * OnwardDeltaContainer:
 * @readers: (owned): of each stream, never %NULL
 * @small: (owned) (nullable): the small streams' bytes
 *
 * The streams of a delta, being read.
 */
typedef struct
{
  OnwardStreamReader *readers[ONWARD_N_STREAMS];
  guint8 *small;
} OnwardDeltaContainer;

OnwardDeltaContainer *onward_delta_container_new   (GBytes *delta, OnwardDeltaVersion version,
                                                    gsize position, const OnwardParts *old_parts,
                                                    GError **error);
void                  onward_delta_container_free  (OnwardDeltaContainer *self);
gboolean              onward_delta_container_check (const OnwardDeltaContainer *self,
                                                    GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardDeltaContainer, onward_delta_container_free)

G_END_DECLS
