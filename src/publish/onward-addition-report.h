/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-info.h"
#include "onward-release.h"
#include "onward-tree.h"

G_BEGIN_DECLS

/* What an addition tells on standard output as it goes on: to people, or with @json to scripts. */
void onward_addition_report_first     (gboolean json, OnwardTree *tree);
void onward_addition_report_changes   (gboolean json, OnwardRelease *previous, GArray *changes);
void onward_addition_report_pack      (gboolean json, OnwardPackInfo *pack, OnwardRelease *from);
void onward_addition_report_left_out  (gboolean json, OnwardPackInfo *pack, OnwardRelease *from);
void onward_addition_report_published (gboolean json, OnwardRelease *release);

G_END_DECLS
