/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-outcome.h"

/**
 * onward_outcome_new:
 *
 * Returns: (transfer full): nothing has happened yet
 */
OnwardOutcome *
onward_outcome_new (void)
{
  return g_new0 (OnwardOutcome, 1);
}

/**
 * onward_outcome_free:
 * @self: (nullable): how an attempt ended
 */
void
onward_outcome_free (OnwardOutcome *self)
{
  if (self == NULL)
    return;
  g_free (self->validator);
  g_clear_error (&self->problem);
  g_free (self);
}
