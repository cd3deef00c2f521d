/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "onward-subject.h"

G_BEGIN_DECLS

char *onward_refusal_texts_dup_title   (const GError *error);
char *onward_refusal_texts_dup_body    (const GError *error, const OnwardSubject *subject);
char *onward_refusal_texts_dup_details (const GError *error);

G_END_DECLS
