/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-role.h"
#include "onward-root.h"

G_BEGIN_DECLS

/* Where this is linked in, every signature is good: what only holders of a key can reach is fuzzed
 * without the cost of signing. */

#define ONWARD_ANY_SIGNATURE_NOW G_GINT64_CONSTANT (1700000000)

/* A role with the one key "k"; (transfer full). */
OnwardRole *onward_any_signature_make_role (void);
/* A root with that role four times; (transfer full). */
OnwardRoot *onward_any_signature_make_root (void);

G_END_DECLS
