/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-status-private.h"
#include "onward-subject.h"

G_BEGIN_DECLS

/* A status for every screen, under a name: "downloading", "error-corrupt" … */
OnwardStatus       *screens_new_status  (const char *name);
OnwardSubject      *screens_new_subject (void);
/* Every name there is. (transfer full) */
char              **screens_list        (void);

G_END_DECLS
