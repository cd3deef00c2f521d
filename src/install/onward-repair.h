/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"
#include "onward-pack-reader.h"

G_BEGIN_DECLS

/* What of a full pack is needed to make @version here what the pack's tree says: the frames of what
 * is damaged or missing, and of nothing else. Hashes every file. With @component, only that is
 * looked at, and is to be there from now on. Blocking. */
gboolean onward_repair_plan (OnwardInstall *install, OnwardPackHead *head, const char *version,
                             const char *component, OnwardRanges **ret_ranges,
                             GCancellable *cancellable, GError **error);
/* Puts each damaged or missing entry of @version in place, one rename each, a folder that is not
 * there whole, while copies of it may run; writes its receipt where there is none, or where
 * @component is new. Files that no receipt lists stay. Blocking. */
gboolean onward_repair_run  (OnwardInstall *install, OnwardPackReader *reader, const char *version,
                             const char *component, guint *ret_n_repaired,
                             GCancellable *cancellable, GError **error);

G_END_DECLS
