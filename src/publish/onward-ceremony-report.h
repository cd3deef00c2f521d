/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-ceremony.h"
#include "onward-exit.h"

G_BEGIN_DECLS

OnwardExit onward_ceremony_report_end     (OnwardRepository *repository, OnwardCeremonyEnd end,
                                           gboolean json);
void       onward_ceremony_report_request (OnwardRootRequest *request, gboolean json);

G_END_DECLS
