/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-make.h"
#include "onward-delta-stream.h"

G_BEGIN_DECLS

/* Appends the table of streams and the streams, each as small as it gets, on all cores.
 * @old_bytes may be looked back at, or NULL. */
void onward_stream_packer_append (GByteArray *const *streams, OnwardDeltaEffort effort,
                                  GBytes *old_bytes, GByteArray *delta);
/* The same of two other streams, in the order: how each is stored, then both. */
void onward_stream_packer_append_pair (const GByteArray *first, const GByteArray *second,
                                       OnwardDeltaEffort effort, guint window_log,
                                       GByteArray *delta);

G_END_DECLS
