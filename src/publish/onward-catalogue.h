/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-release-document.h"
#include "onward-release-private.h"
#include "onward-repository.h"

G_BEGIN_DECLS

GPtrArray             *onward_catalogue_list          (OnwardTargets *targets, GError **error);
OnwardRelease         *onward_catalogue_find          (GPtrArray *releases, const char *version,
                                                       const char *platform);
OnwardReleaseDocument *onward_catalogue_load_document (OnwardRepository *repository,
                                                       OnwardTargets *targets,
                                                       OnwardRelease *release, GError **error);

G_END_DECLS
