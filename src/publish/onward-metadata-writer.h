/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-repository.h"

G_BEGIN_DECLS

gboolean onward_metadata_writer_put_root    (OnwardRepository *repository, OnwardKeyring *keyring,
                                             GError **error);
gboolean onward_metadata_writer_put_targets (OnwardRepository *repository, OnwardKeyring *keyring,
                                             JsonObject *targets, GError **error);
gboolean onward_metadata_writer_needs_root  (OnwardRepository *repository, gboolean *ret_needs,
                                             GError **error);
gboolean onward_metadata_writer_put_refreshed (OnwardRepository *repository,
                                               OnwardKeyring *keyring, gboolean with_root,
                                               GError **error);

G_END_DECLS
