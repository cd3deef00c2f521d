/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-deflate-table.h"
#include "onward-delta.h"

G_BEGIN_DECLS

/* Up to so much of what old contents give is kept in memory, even when there is a scratch. */
#define ONWARD_UNFOLD_MAX_MEMORY (1024u * 1024)
/* More places than this are not inflated for one delta: each is a content of its own. */
#define ONWARD_UNFOLD_MAX_PLACES 65536u

/* @old_contents, and behind them one content for each place that @table tells to inflate. */
GPtrArray *onward_unfold_run (GPtrArray *old_contents, OnwardDeflateTable *table,
                              const OnwardDeltaScratch *scratch, GCancellable *cancellable,
                              GError **error);

G_END_DECLS
