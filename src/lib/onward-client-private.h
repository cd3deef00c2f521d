/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-client.h"
#include "onward-flow.h"

G_BEGIN_DECLS

struct _OnwardClient
{
  GObject parent_instance;

  OnwardFlow *flow; /* (owned) (not nullable) */
  char *version;    /* (owned): the one that was notified last */

  GSettings *settings;    /* (owned) (nullable): the user's, when they were asked for */
  gboolean settings_open; /* whether they were looked for */
};

void     onward_client_components_add_signals (OnwardClientClass *klass);
void     onward_client_components_tell        (OnwardStatus *status, gpointer client);
gboolean onward_client_preferences_are_due    (OnwardClient *self);

G_END_DECLS
