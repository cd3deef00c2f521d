/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-ceremony.h"
#include "onward-verbs.h"

G_BEGIN_DECLS

/* The verbs below "key"; argv[0] is the name of the verb. */
OnwardExit onward_key_list_verb   (int argc, char **argv, GError **error);
OnwardExit onward_key_change_add      (int argc, char **argv, GError **error);
OnwardExit onward_key_change_remove   (int argc, char **argv, GError **error);
OnwardExit onward_key_change_replace  (int argc, char **argv, GError **error);
OnwardExit onward_key_change_split    (int argc, char **argv, GError **error);
OnwardExit onward_key_change_join     (int argc, char **argv, GError **error);
OnwardExit onward_key_signing_generate (int argc, char **argv, GError **error);
OnwardExit onward_key_signing_show     (int argc, char **argv, GError **error);
OnwardExit onward_key_signing_export   (int argc, char **argv, GError **error);
OnwardExit onward_key_signing_sign     (int argc, char **argv, GError **error);
OnwardExit onward_key_signing_import   (int argc, char **argv, GError **error);
OnwardExit onward_key_signing_abort    (int argc, char **argv, GError **error);

G_END_DECLS
