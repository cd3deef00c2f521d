/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-keyring.h"
#include "onward-targets.h"

G_BEGIN_DECLS

/* Clients refuse metadata that is larger. */
#define ONWARD_METADATA_MAX_SIZE 5000000

/**
 * OnwardRepository:
 *
 * A repository as its publisher sees it: the folder of static files and the settings kept beside
 * them in publish.ini. New documents are collected, verified as a client would, and only then
 * written, timestamp.json last.
 */
typedef struct _OnwardRepository OnwardRepository;

OnwardRepository *onward_repository_create        (const char *folder, GKeyFile *settings,
                                                   GError **error);
OnwardRepository *onward_repository_open          (const char *folder, GError **error);
OnwardRepository *onward_repository_open_to_read  (const char *folder, GError **error);
void              onward_repository_free          (OnwardRepository *self);
const char       *onward_repository_get_folder    (OnwardRepository *self);
int               onward_repository_get_dirfd     (OnwardRepository *self);
char             *onward_repository_dup_setting   (OnwardRepository *self, const char *key);
void              onward_repository_set_setting   (OnwardRepository *self, const char *key,
                                                   const char *value);
char             *onward_repository_dup_keys_path (OnwardRepository *self);
void              onward_repository_set_keys_path (OnwardRepository *self, const char *folder);
gboolean          onward_repository_is_split      (OnwardRepository *self);
gint64            onward_repository_get_version   (OnwardRepository *self, const char *role);
gint64            onward_repository_get_published (OnwardRepository *self, const char *role);
gint64            onward_repository_stage_get_version (OnwardRepository *self,
                                                       const char *role);
void              onward_repository_stage_merge   (OnwardRepository *self, gboolean with_targets);
JsonObject       *onward_repository_load_role     (OnwardRepository *self, const char *role,
                                                   GError **error);
GBytes           *onward_repository_read          (OnwardRepository *self, const char *path,
                                                   gsize max_size, GError **error);
void              onward_repository_put           (OnwardRepository *self, const char *path,
                                                   GBytes *contents);
GBytes           *onward_repository_load_anchor   (OnwardRepository *self, GError **error);
GBytes           *onward_repository_verify_roots   (OnwardRepository *self, GError **error);
OnwardTargets    *onward_repository_verify        (OnwardRepository *self, GError **error);
OnwardTargets    *onward_repository_verify_at     (OnwardRepository *self, gint64 now,
                                                   GError **error);
OnwardTargets    *onward_repository_verify_cut_off (OnwardRepository *self, gboolean *ret_signed,
                                                    GError **error);
OnwardTargets    *onward_repository_verify_ahead  (OnwardRepository *self, GError **error);
gboolean          onward_repository_commit        (OnwardRepository *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardRepository, onward_repository_free)

G_END_DECLS
