/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Marks what libonward shows to the world; everything else stays hidden. */
#ifdef __GI_SCANNER__
#define ONWARD_API
#else
#define ONWARD_API __attribute__ ((visibility ("default")))
#endif
