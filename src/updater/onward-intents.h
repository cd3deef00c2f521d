/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-button.h"
#include "onward-client.h"

G_BEGIN_DECLS

/* Passes on what the window asks of an update. FALSE when the update refuses, or when the intent
 * is none of its business. */
gboolean onward_intents_send (OnwardClient *client, OnwardIntent intent, guint seconds,
                              GError **error);

G_END_DECLS
