/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-digest.h"

G_BEGIN_DECLS

typedef struct _OnwardHasher OnwardHasher;

OnwardHasher *onward_hasher_new    (void);
void          onward_hasher_free   (OnwardHasher *self);
void          onward_hasher_update (OnwardHasher *self, gconstpointer data, gsize size);
void          onward_hasher_finish (OnwardHasher *self, OnwardDigest *ret_digest);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardHasher, onward_hasher_free)

G_END_DECLS
