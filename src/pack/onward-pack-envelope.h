/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A head begins with this many bytes that are not compressed: magic, version, method, sizes. */
#define ONWARD_PACK_ENVELOPE_PREFIX 24
/* The most that a head may hold, compressed or not. */
#define ONWARD_PACK_ENVELOPE_MAX_SIZE (64u * 1024 * 1024)
/* What a whole one says: kind, tree, frames (method, stored size, size, reference, size of the
 * reference), locations (digest, frame, offset). Frames follow one another, so their offsets are
 * not said. */
#define ONWARD_PACK_ENVELOPE_TYPE "(yaya(yttayt)a(ayut))"

GBytes   *onward_pack_envelope_wrap   (GVariant *variant, GError **error);
GVariant *onward_pack_envelope_unwrap (GBytes *bytes, GError **error);

G_END_DECLS
