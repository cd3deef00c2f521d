/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-trust-request.h"
#include "onward-trust-store.h"

G_BEGIN_DECLS

/**
 * OnwardTrustSession:
 *
 * One run of the TUF client workflow (specification 1.0.34, section 5) without any I/O of its own
 * but the store: it says what it needs next, is given the bytes, and ends with verified targets.
 * After that it may be asked for targets that are delegated, one after the other, in the same way.
 */
typedef struct _OnwardTrustSession OnwardTrustSession;

/* What time it can be at the earliest, when the computer's clock shows @now. */
gint64                    onward_trust_session_choose_time (gint64 now);
/* @now: seconds since 1970, fixed for the whole run. */
OnwardTrustSession       *onward_trust_session_new         (OnwardTrustStore *store, gint64 now);
void                      onward_trust_session_free        (OnwardTrustSession *self);
/* NULL when the run is complete. */
const OnwardTrustRequest *onward_trust_session_get_request (OnwardTrustSession *self);
/* Verifies the answer to the present request and, only after all its checks, stores it. */
gboolean                  onward_trust_session_accept      (OnwardTrustSession *self, GBytes *body,
                                                            GError **error);
gboolean                  onward_trust_session_accept_missing (OnwardTrustSession *self,
                                                            GError **error);
/* The verified top-level targets; (nullable) before the run is complete. */
OnwardTargets            *onward_trust_session_get_targets (OnwardTrustSession *self);
/* Begins to look for a target, through delegations too. The session may ask for documents again. */
gboolean                  onward_trust_session_search      (OnwardTrustSession *self,
                                                            const char *name, GError **error);
/* What the search found once there is no request; (nullable). Belongs to the session, until the
 * next search. */
OnwardTarget             *onward_trust_session_get_found   (OnwardTrustSession *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTrustSession, onward_trust_session_free)

G_END_DECLS
