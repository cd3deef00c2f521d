/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-fetcher.h"
#include "onward-reply.h"

G_BEGIN_DECLS

/**
 * OnwardExchange:
 * @address: where the file is
 * @start: the first byte wanted
 * @end: the byte after the last, or 0 for the whole file
 * @if_range: (nullable): a strong entity tag that the range has to belong to
 * @if_none_match: (nullable): an entity tag that needs no answer
 * @is_anew: whether caches on the way have to ask as well
 *
 * One request for a file or for one range of it.
 */
typedef struct
{
  GUri *address;
  guint64 start;
  guint64 end;
  const char *if_range;
  const char *if_none_match;
  gboolean is_anew;
} OnwardExchange;

void         onward_exchange_run_async  (OnwardFetcher *fetcher, const OnwardExchange *exchange,
                                         GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data);
OnwardReply *onward_exchange_run_finish (GAsyncResult *result, GError **error);

G_END_DECLS
