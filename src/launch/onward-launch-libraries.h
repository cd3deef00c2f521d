/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>

/* Whether the dynamic linker finds every library that a program needs, in the versions that it
 * needs. What is no dynamic program, or cannot be looked into, needs none. */
bool onward_launch_libraries_are_found (const char *program);
