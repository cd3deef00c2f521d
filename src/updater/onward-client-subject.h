/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-client.h"
#include "onward-subject.h"

G_BEGIN_DECLS

/* Whose update @client is. (transfer full) */
OnwardSubject *onward_client_subject_new (OnwardClient *client);

G_END_DECLS
