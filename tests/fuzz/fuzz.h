/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stddef.h>
#include <stdint.h>

/* What every fuzz target defines, once: eats any bytes without a crash, a leak or a long wait. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
