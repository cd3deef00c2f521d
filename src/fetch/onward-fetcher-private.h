/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <libsoup/soup.h>

#include "onward-fetcher.h"

G_BEGIN_DECLS

SoupSession *onward_fetcher_get_session (OnwardFetcher *self);
gboolean     onward_fetcher_allows_http (OnwardFetcher *self);

G_END_DECLS
