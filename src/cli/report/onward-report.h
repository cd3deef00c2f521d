/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>

#include "onward-error.h"
#include "onward-release.h"

G_BEGIN_DECLS

/* One JSON object a line on standard output: what --json means, for every tool. */
JsonBuilder *onward_report_begin       (const char *event);
void         onward_report_add_string  (JsonBuilder *builder, const char *name, const char *value);
void         onward_report_add_integer (JsonBuilder *builder, const char *name, gint64 value);
void         onward_report_add_boolean (JsonBuilder *builder, const char *name, gboolean value);
void         onward_report_add_release (JsonBuilder *builder, OnwardRelease *release);
void         onward_report_add_error   (JsonBuilder *builder, const GError *error);
char        *onward_report_finish      (JsonBuilder *builder);
void         onward_report_print       (JsonBuilder *builder);
void         onward_report_error       (const GError *error);

G_END_DECLS
