/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <libsoup/soup.h>

#include "onward-bucket.h"
#include "onward-fetcher.h"

G_BEGIN_DECLS

SoupSession  *onward_fetcher_get_session (OnwardFetcher *self);
gboolean      onward_fetcher_allows_http (OnwardFetcher *self);
/* Shared by all that is read for transfers. */
OnwardBucket *onward_fetcher_get_bucket  (OnwardFetcher *self);

G_END_DECLS
