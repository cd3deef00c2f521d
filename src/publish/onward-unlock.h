/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-repository.h"

G_BEGIN_DECLS

/**
 * OnwardUnlock:
 * @folder: (owned) (nullable): the folder of the keys, if it is not where publish.ini says
 * @passphrase_file: (owned) (nullable): where the passphrase is
 * @passphrase_fd: a descriptor to read it from, or -1
 * @no_passphrase: new keys are not to be encrypted
 * @sources: (owned) (nullable): keys that are not in the folder, as files or PKCS#11 URIs
 *
 * How a verb gets at the keys that sign.
 */
typedef struct
{
  char *folder;
  char *passphrase_file;
  int passphrase_fd;
  gboolean no_passphrase;
  char **sources;
} OnwardUnlock;

/* clang-format off */
#define ONWARD_UNLOCK_INIT { .passphrase_fd = -1 }

/* Options that every verb that signs has. */
#define ONWARD_UNLOCK_ENTRIES(unlock) \
  { "keys", 0, 0, G_OPTION_ARG_FILENAME, &(unlock)->folder, \
    "The folder of the keys, if they moved", "DIR" }, \
  { "key", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &(unlock)->sources, \
    "A key from elsewhere that may sign, too: a file or a PKCS#11 URI", "KEY" }, \
  { "passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &(unlock)->passphrase_file, \
    "A file with the passphrase", "FILE" }, \
  { "passphrase-fd", 0, 0, G_OPTION_ARG_INT, &(unlock)->passphrase_fd, \
    "A descriptor to read the passphrase from", "N" }
/* clang-format on */

void              onward_unlock_clear           (OnwardUnlock *self);
OnwardRepository *onward_unlock_open_repository (const OnwardUnlock *self, const char *folder,
                                                 GError **error);
OnwardRepository *onward_unlock_open_repository_to_read
                                                (const OnwardUnlock *self, const char *folder,
                                                 GError **error);
OnwardPassphrase *onward_unlock_make_passphrase (const OnwardUnlock *self);
OnwardKeyring    *onward_unlock_open_keyring    (const OnwardUnlock *self,
                                                 OnwardRepository *repository, GError **error);
gboolean          onward_unlock_online          (OnwardKeyring *keyring, JsonObject *root,
                                                 OnwardPassphrase *passphrase, GError **error);
gboolean          onward_unlock_daily           (OnwardKeyring *keyring,
                                                 OnwardRepository *repository,
                                                 OnwardPassphrase *passphrase, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OnwardUnlock, onward_unlock_clear)

G_END_DECLS
