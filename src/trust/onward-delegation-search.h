/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-trust-chain.h"
#include "onward-trust-request.h"
#include "onward-trust-store.h"

G_BEGIN_DECLS

/**
 * OnwardDelegationSearch:
 *
 * The search for one target, from the top-level targets down through what they delegate (TUF
 * specification 5.6.7).
 */
typedef struct _OnwardDelegationSearch OnwardDelegationSearch;

/* @chain: complete; it and @store must outlive the search. */
OnwardDelegationSearch   *onward_delegation_search_new         (OnwardTrustChain *chain,
                                                                OnwardTrustStore *store,
                                                                const char *name);
void                      onward_delegation_search_free        (OnwardDelegationSearch *self);
/* Goes on as far as it can without another document. */
gboolean                  onward_delegation_search_advance     (OnwardDelegationSearch *self,
                                                                GError **error);
/* NULL when the search has ended. */
const OnwardTrustRequest *onward_delegation_search_get_request (OnwardDelegationSearch *self);
gboolean                  onward_delegation_search_accept      (OnwardDelegationSearch *self,
                                                                GBytes *body, GError **error);
/* NULL when there is no such target. */
OnwardTarget             *onward_delegation_search_get_found   (OnwardDelegationSearch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardDelegationSearch, onward_delegation_search_free)

G_END_DECLS
