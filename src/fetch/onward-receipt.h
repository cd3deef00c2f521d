/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-block-file.h"

G_BEGIN_DECLS

/**
 * OnwardReceipt:
 * @bytes: how many bytes came over the connection
 * @blocks: what became of them
 * @problem: (nullable): what the connection was lost to; %NULL when all bytes came
 *
 * How one answer ended.
 */
typedef struct
{
  guint64 bytes;
  OnwardBlockResult blocks;
  GError *problem;
} OnwardReceipt;

OnwardReceipt *onward_receipt_new  (void);
void           onward_receipt_free (OnwardReceipt *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardReceipt, onward_receipt_free)

G_END_DECLS
