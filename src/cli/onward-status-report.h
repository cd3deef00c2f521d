/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward.h"

G_BEGIN_DECLS

void onward_status_report_print      (OnwardStatus *status);
void onward_status_report_up_to_date (OnwardClient *client);
void onward_status_report_outcome    (OnwardClient *client, const char *event);

G_END_DECLS
