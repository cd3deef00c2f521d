/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "onward-visibility.h"

G_BEGIN_DECLS

ONWARD_API const char *onward_explanation_get_check   (const GError *error);
ONWARD_API const char *onward_explanation_get_meaning (const GError *error);
ONWARD_API const char *onward_explanation_get_advice  (const GError *error);

G_END_DECLS
