/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-fetcher.h"
#include "onward-paths.h"
#include "onward-trust-store.h"

G_BEGIN_DECLS

void              onward_checker_run_async  (OnwardFetcher *fetcher, OnwardPaths *paths,
                                             const char *repository, const char *validator,
                                             gint64 now, GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);
/* @ret_validator: (transfer full) (nullable): the entity tag to ask with the next time. */
OnwardTargets    *onward_checker_run_finish (GAsyncResult *result, char **ret_validator,
                                             GError **error);
/* For how many seconds the repository wants to be left alone, 0 when it does not. */
guint             onward_checker_get_retry_after (GAsyncResult *result);
OnwardTrustStore *onward_checker_open_store (OnwardPaths *paths, GError **error);
gboolean          onward_checker_disowns    (OnwardPaths *paths);

G_END_DECLS
