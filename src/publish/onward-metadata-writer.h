/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-repository.h"

G_BEGIN_DECLS

gboolean onward_metadata_writer_put_root    (OnwardRepository *repository, OnwardKeyring *keyring,
                                             GError **error);
gboolean onward_metadata_writer_put_targets (OnwardRepository *repository, OnwardKeyring *keyring,
                                             JsonObject *targets, GError **error);
gboolean onward_metadata_writer_put_refreshed (OnwardRepository *repository,
                                               OnwardKeyring *keyring, gboolean with_targets,
                                               GError **error);
gboolean onward_metadata_writer_put_next_root (OnwardRepository *repository,
                                               OnwardKeyring *keyring, GBytes *root,
                                               gboolean with_targets, GError **error);
gboolean onward_metadata_writer_put_finished  (OnwardRepository *repository,
                                               OnwardKeyring *keyring, OnwardTargets *targets,
                                               gboolean is_signed, GError **error);

G_END_DECLS
