/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

void inkwell_updates_watch (GtkBuilder *builder);
