/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-release-document.h"
#include "onward-repository.h"
#include "onward-tree.h"

G_BEGIN_DECLS

OnwardTree *onward_extractor_read_tree (OnwardRepository *repository,
                                        OnwardReleaseDocument *document, GError **error);
OnwardTree *onward_extractor_run       (OnwardRepository *repository,
                                        OnwardReleaseDocument *document,
                                        const char * const *without, int dirfd,
                                        GCancellable *cancellable, GError **error);

G_END_DECLS
