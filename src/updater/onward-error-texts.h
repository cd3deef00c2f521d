/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-error.h"
#include "onward-status.h"
#include "onward-subject.h"

G_BEGIN_DECLS

/* An error as a person reads it. Pure; strings are (transfer full). */
OnwardError onward_error_texts_get_code  (const GError *error);
char       *onward_error_texts_dup_title (const GError *error, OnwardStatus *status,
                                          const OnwardSubject *subject);
char       *onward_error_texts_dup_body  (const GError *error, OnwardStatus *status,
                                          const OnwardSubject *subject);

G_END_DECLS
