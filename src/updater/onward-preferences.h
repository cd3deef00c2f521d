/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-client.h"
#include "onward-preferences-dialog.h"

G_BEGIN_DECLS

void                     onward_preferences_bind     (GSettings *settings, gpointer client);
gboolean                 onward_preferences_download (OnwardClient *client);
OnwardPreferencesDialog *onward_preferences_open     (OnwardClient *client, GtkWindow *parent);

G_END_DECLS
