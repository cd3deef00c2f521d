/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-status-private.h"

G_BEGIN_DECLS

double onward_progress_get (const OnwardStatusFields *fields);

G_END_DECLS
