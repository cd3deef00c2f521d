/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-exchange.h"

G_BEGIN_DECLS

/* Private to the exchange: the same for file: addresses, where GIO is the server. */
void onward_file_exchange_run (const OnwardExchange *exchange, GTask *task);

G_END_DECLS
