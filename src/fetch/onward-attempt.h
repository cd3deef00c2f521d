/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-outcome.h"
#include "onward-fetcher.h"

G_BEGIN_DECLS

/**
 * OnwardAttempt:
 * @address: whom to ask
 * @range: what to ask for
 * @validator: (nullable): the strong entity tag of what this address sent before
 *
 * One request for a part of a file, from the first byte sent to the last byte stored.
 */
typedef struct
{
  GUri *address;
  OnwardRange range;
  const char *validator;
} OnwardAttempt;

/* Called in the main loop, while nothing touches the file, with the bytes that came since. */
typedef void (*OnwardAttemptProgress) (guint64 bytes, gpointer user_data);

void           onward_attempt_run_async  (OnwardFetcher *fetcher, OnwardBlockFile *file,
                                          const OnwardAttempt *attempt,
                                          OnwardAttemptProgress progress, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data);
OnwardOutcome *onward_attempt_run_finish (GAsyncResult *result, GError **error);

G_END_DECLS
