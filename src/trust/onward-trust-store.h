/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-targets.h"

G_BEGIN_DECLS

/**
 * OnwardTrustStore:
 *
 * The folder of trusted metadata: root.json, timestamp.json, snapshot.json and targets.json, kept
 * exactly as received. What is read from it is verified again every time.
 */
typedef struct _OnwardTrustStore OnwardTrustStore;

/* @dir: made when missing. @anchor: (nullable): the root that came with the install, used when
 * the folder holds no usable root. Without either: ONWARD_ERROR_UNTRUSTED. */
OnwardTrustStore *onward_trust_store_open (const char *dir, GBytes *anchor, GError **error);
void              onward_trust_store_free (OnwardTrustStore *self);
/* The targets as stored, verified from the stored root down and unexpired at @now (used when the
 * server says that timestamp.json did not change). */
OnwardTargets    *onward_trust_store_load_targets (OnwardTrustStore *self, gint64 now,
                                                   GError **error);

/* Whether a targets key of the root that came with the install is no longer in force. */
gboolean          onward_trust_store_disowns (OnwardTrustStore *self, GBytes *anchor);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTrustStore, onward_trust_store_free)

G_END_DECLS
