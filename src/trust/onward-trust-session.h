/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-trust-store.h"

G_BEGIN_DECLS

/**
 * OnwardTrustRequest:
 * @path: what to fetch, below the repository ("metadata/2.root.json")
 * @max_size: the most bytes to accept
 * @may_be_missing: whether "not found" is a legal answer
 *
 * One document a session asks for.
 */
typedef struct
{
  const char *path;
  gsize max_size;
  gboolean may_be_missing;
} OnwardTrustRequest;

/**
 * OnwardTrustSession:
 *
 * One run of the TUF client workflow (specification 1.0.34, section 5) without any I/O of its own
 * but the store: it says what it needs next, is given the bytes, and ends with verified targets.
 */
typedef struct _OnwardTrustSession OnwardTrustSession;

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

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTrustSession, onward_trust_session_free)

G_END_DECLS
