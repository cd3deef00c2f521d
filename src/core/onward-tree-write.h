/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-tree.h"

G_BEGIN_DECLS

/* Path; kind; mode; size; digest, or link target with its '\0'; component; frame; offset. */
#define ONWARD_TREE_WRITE_TYPE "a(syqtaysut)"

GBytes *onward_tree_write_run (GPtrArray *sorted);

G_END_DECLS
