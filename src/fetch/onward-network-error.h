/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

GError *onward_network_error_convert (GError *error, SoupMessage *message);

G_END_DECLS
