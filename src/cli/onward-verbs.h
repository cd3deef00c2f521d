/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-command.h"

G_BEGIN_DECLS

OnwardExit onward_check_verb     (OnwardCommand *self, GError **error);
OnwardExit onward_update_verb    (OnwardCommand *self, GError **error);
OnwardExit onward_status_verb    (OnwardCommand *self, GError **error);
OnwardExit onward_notes_verb     (OnwardCommand *self, GError **error);
OnwardExit onward_rollback_verb  (OnwardCommand *self, GError **error);
OnwardExit onward_repair_verb    (OnwardCommand *self, GError **error);
OnwardExit onward_verify_verb    (OnwardCommand *self, GError **error);
OnwardExit onward_component_verb (OnwardCommand *self, GError **error);
OnwardExit onward_prune_verb     (OnwardCommand *self, GError **error);
OnwardExit onward_log_verb       (OnwardCommand *self, GError **error);
OnwardExit onward_mark_good_verb (OnwardCommand *self, GError **error);

G_END_DECLS
