/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether zlib deflates here, at @level, as it does where deltas are made. */
gboolean onward_redeflate_proof_run (guint level);

G_END_DECLS
