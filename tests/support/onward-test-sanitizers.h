/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* ONWARD_TEST_SANITIZED: defined where the address sanitizer watches. */
#if defined(__SANITIZE_ADDRESS__)
#define ONWARD_TEST_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ONWARD_TEST_SANITIZED
#endif
#endif
