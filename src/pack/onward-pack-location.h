/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-digest.h"

G_BEGIN_DECLS

/**
 * OnwardPackLocation:
 * @digest: names the content
 * @frame: the frame that makes it
 * @offset: where it begins in that frame, uncompressed
 *
 * Where a delta pack carries one content. (A full pack's locations are in its tree.)
 */
typedef struct
{
  OnwardDigest digest;
  guint32 frame;
  guint64 offset;
} OnwardPackLocation;

int onward_pack_location_compare (gconstpointer a, gconstpointer b);

G_END_DECLS
