/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>

bool onward_launch_libraries_are_found (const char *program);
