/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delegation.h"
#include "onward-root.h"
#include "onward-snapshot.h"
#include "onward-targets.h"
#include "onward-timestamp.h"

G_BEGIN_DECLS

/**
 * OnwardTrustChain:
 *
 * What one run trusts so far, from the root down, and the rules by which the next document joins.
 * Checking never changes it: what was checked is given back to be stored first and taken then.
 */
typedef struct _OnwardTrustChain OnwardTrustChain;

/* @now: what time the computer says it is, seconds since 1970. */
OnwardTrustChain *onward_trust_chain_new             (OnwardRoot *root, gint64 now);
void              onward_trust_chain_free            (OnwardTrustChain *self);
OnwardRoot       *onward_trust_chain_get_root        (OnwardTrustChain *self);
OnwardTimestamp  *onward_trust_chain_get_timestamp   (OnwardTrustChain *self); /* nullable */
OnwardSnapshot   *onward_trust_chain_get_snapshot    (OnwardTrustChain *self); /* nullable */
OnwardTargets    *onward_trust_chain_get_targets     (OnwardTrustChain *self); /* nullable */

/* What earlier runs trusted, however old: from below these versions, and from before the time they
 * were signed, nothing is accepted. After the last root, before any other document. */
void              onward_trust_chain_set_floors      (OnwardTrustChain *self,
                                                      GBytes *timestamp, GBytes *snapshot,
                                                      GBytes *targets);
/* Whether @timestamp is the very one an earlier run stored. */
gboolean          onward_trust_chain_is_floor        (OnwardTrustChain *self,
                                                      OnwardTimestamp *timestamp);

OnwardRoot       *onward_trust_chain_check_root      (OnwardTrustChain *self, GBytes *bytes,
                                                      GError **error);
/* Whether the root is the last one and holds; before any other document. */
gboolean          onward_trust_chain_check_root_fresh (OnwardTrustChain *self, GError **error);
OnwardTimestamp  *onward_trust_chain_check_timestamp (OnwardTrustChain *self, GBytes *bytes,
                                                      GError **error);
OnwardSnapshot   *onward_trust_chain_check_snapshot  (OnwardTrustChain *self, GBytes *bytes,
                                                      GError **error);
OnwardTargets    *onward_trust_chain_check_targets   (OnwardTrustChain *self, GBytes *bytes,
                                                      GError **error);
OnwardTargets    *onward_trust_chain_check_delegated (OnwardTrustChain *self,
                                                      OnwardTargets *delegator,
                                                      OnwardDelegation *delegation,
                                                      GBytes *bytes, GError **error);

/* (transfer full) */
void              onward_trust_chain_take_root       (OnwardTrustChain *self, OnwardRoot *root);
void              onward_trust_chain_take_timestamp  (OnwardTrustChain *self,
                                                      OnwardTimestamp *timestamp);
void              onward_trust_chain_take_snapshot   (OnwardTrustChain *self,
                                                      OnwardSnapshot *snapshot);
void              onward_trust_chain_take_targets    (OnwardTrustChain *self,
                                                      OnwardTargets *targets);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTrustChain, onward_trust_chain_free)

G_END_DECLS
