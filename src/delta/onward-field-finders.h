/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-fields.h"

G_BEGIN_DECLS

/* Each is an OnwardFieldFinder, in a file of its own. What they find is part of the format: a
 * change of any of them needs a new version of it. */
void onward_find_aarch64   (const OnwardImage *image, OnwardFields *fields);
void onward_find_go        (const OnwardImage *image, OnwardFields *fields);
void onward_find_headers   (const OnwardImage *image, OnwardFields *fields);
void onward_find_pointers  (const OnwardImage *image, OnwardFields *fields);
void onward_find_switches  (const OnwardImage *image, OnwardFields *fields);
void onward_find_symbols   (const OnwardImage *image, OnwardFields *fields);
void onward_find_unwinding (const OnwardImage *image, OnwardFields *fields);
void onward_find_x86       (const OnwardImage *image, OnwardFields *fields);

G_END_DECLS
