/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-addition.h"
#include "onward-tree.h"

G_BEGIN_DECLS

/* What “--component NAME=FOLDER” and “--on-demand NAME” say of a release. */
gboolean    onward_component_marks_add_facts (JsonObject *facts,
                                              const OnwardAdditionOptions *options,
                                              GError **error);
OnwardTree *onward_component_marks_apply     (OnwardTree *scanned,
                                              const OnwardAdditionOptions *options,
                                              GError **error);
gboolean    onward_component_marks_covers    (OnwardTree *marked, int dirfd, const char *path);

G_END_DECLS
