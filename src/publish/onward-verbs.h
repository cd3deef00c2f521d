/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-verb-table.h"

G_BEGIN_DECLS

OnwardExit onward_init_verb    (int argc, char **argv, GError **error);
OnwardExit onward_add_verb     (int argc, char **argv, GError **error);
OnwardExit onward_bundle_verb  (int argc, char **argv, GError **error);
OnwardExit onward_status_verb  (int argc, char **argv, GError **error);
OnwardExit onward_refresh_verb (int argc, char **argv, GError **error);
OnwardExit onward_mirror_verb  (int argc, char **argv, GError **error);
OnwardExit onward_verify_verb  (int argc, char **argv, GError **error);
OnwardExit onward_key_verb     (int argc, char **argv, GError **error);
OnwardExit onward_key_change_rotate (int argc, char **argv, GError **error);
OnwardExit onward_doctor_verb  (int argc, char **argv, GError **error);
OnwardExit onward_withdraw_verb (int argc, char **argv, GError **error);
OnwardExit onward_rollout_verb (int argc, char **argv, GError **error);
OnwardExit onward_simulate_verb (int argc, char **argv, GError **error);
OnwardExit onward_serve_verb   (int argc, char **argv, GError **error);

G_END_DECLS
