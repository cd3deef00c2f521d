/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Which proxy to ask for an address: what the desktop or the environment says, but none for what
 * is on this computer. */
#define ONWARD_TYPE_PROXIES (onward_proxies_get_type ())
G_DECLARE_FINAL_TYPE (OnwardProxies, onward_proxies, ONWARD, PROXIES, GObject)

/* @usual: whom to ask for all other addresses; NULL for the default resolver. */
GProxyResolver *onward_proxies_new (GProxyResolver *usual);

G_END_DECLS
