/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-repository.h"

G_BEGIN_DECLS

gboolean       onward_arguments_parse        (const char *usage, const GOptionEntry *entries,
                                              guint n_paths, int *argc, char ***argv,
                                              GError **error);
gboolean       onward_arguments_require      (const char *value, const char *option,
                                              GError **error);
OnwardKeyring *onward_arguments_load_keyring (OnwardRepository *repository,
                                              const char *passphrase_file, gboolean online_only,
                                              GError **error);

G_END_DECLS
