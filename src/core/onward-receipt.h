/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-tree.h"

G_BEGIN_DECLS

/* More than a tree: the names of the components that are left out go before it. */
#define ONWARD_RECEIPT_MAX_BYTES (ONWARD_TREE_MAX_BYTES + 32u * 1024)

/* What INSTALL/receipts/VERSION says: the tree that a version was built from, as the publisher has
 * signed it, and which of its components are not here. */
GBytes     *onward_receipt_serialize (OnwardTree *tree);
OnwardTree *onward_receipt_parse     (GBytes *bytes, GError **error);
gboolean    onward_receipt_equal     (OnwardTree *a, OnwardTree *b);

G_END_DECLS
