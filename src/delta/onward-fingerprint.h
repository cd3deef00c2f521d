/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-parts.h"

G_BEGIN_DECLS

/* The parts' bytes in one piece, with fields replaced by fingerprints of what they point at. */
GBytes *onward_fingerprint_parts (const OnwardParts *parts, GCancellable *cancellable);

G_END_DECLS
