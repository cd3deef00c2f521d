/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-addition.h"
#include "onward-pack-writer.h"
#include "onward-release.h"

G_BEGIN_DECLS

void           onward_facts_split_notes       (const char *argument, char **ret_file,
                                               char **ret_language);
OnwardRelease *onward_facts_make_release      (const OnwardAdditionOptions *options,
                                               guint64 sequence, GError **error);
gboolean       onward_facts_parse_compression (const char *text,
                                               OnwardCompression *ret_compression,
                                               GError **error);
gboolean       onward_facts_parse_effort      (const char *text, OnwardDeltaEffort *ret_effort,
                                               GError **error);

G_END_DECLS
