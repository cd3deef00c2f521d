/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-receipt.h"

/**
 * onward_receipt_new:
 *
 * Returns: (transfer full): nothing has happened yet
 */
OnwardReceipt *
onward_receipt_new (void)
{
  return g_new0 (OnwardReceipt, 1);
}

/**
 * onward_receipt_free:
 * @self: (nullable): how it ended
 */
void
onward_receipt_free (OnwardReceipt *self)
{
  if (self == NULL)
    return;
  g_clear_error (&self->problem);
  g_free (self);
}
