/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-button.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_POWER (onward_power_get_type ())

/* Whether this computer may run out of power, and what is not begun while it may. Notifies
 * "charge". */
G_DECLARE_FINAL_TYPE (OnwardPower, onward_power, ONWARD, POWER, GObject)

OnwardPower *onward_power_new        (void);
/* What is left of a battery that is low and not being charged, in percent, from 1 on; 0 when there
 * is no such battery, or when nobody knows. */
guint        onward_power_get_charge (OnwardPower *self);
/* FALSE when the intent need not wait. */
gboolean     onward_power_hold       (OnwardPower *self, OnwardIntent intent);
gboolean     onward_power_is_holding (OnwardPower *self);
/* What is held, which is not any more: ONWARD_INTENT_NONE when nothing was. */
OnwardIntent onward_power_take_held  (OnwardPower *self);
/* The user wants to go on with whatever power there is. */
void         onward_power_ignore     (OnwardPower *self);

G_END_DECLS
