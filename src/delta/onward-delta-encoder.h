/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-stream.h"
#include "onward-successor.h"

G_BEGIN_DECLS

/**
 * OnwardDeltaEncoder:
 *
 * Says in streams what makes new bytes of old ones.
 */
typedef struct _OnwardDeltaEncoder OnwardDeltaEncoder;

OnwardDeltaEncoder *onward_delta_encoder_new         (const OnwardParts *old_parts,
                                                      const OnwardParts *new_parts);
void                onward_delta_encoder_free        (OnwardDeltaEncoder *self);
void                onward_delta_encoder_run         (OnwardDeltaEncoder *self,
                                                      const GArray *covers,
                                                      const GArray *successions);
GByteArray *const  *onward_delta_encoder_get_streams (OnwardDeltaEncoder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardDeltaEncoder, onward_delta_encoder_free)

G_END_DECLS
