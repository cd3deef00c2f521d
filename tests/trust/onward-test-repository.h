/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-key.h"
#include "onward-role.h"
#include "onward-trust-session.h"

G_BEGIN_DECLS

/* The start time of every run, and an expiry long after it. */
#define ONWARD_TEST_NOW G_GINT64_CONSTANT (1700000000)
#define ONWARD_TEST_NEVER "2090-01-01T00:00:00Z"
#define ONWARD_TEST_PAST "2020-01-01T00:00:00Z"
#define ONWARD_TEST_N_ROLES (ONWARD_ROLE_LAST + 1)

/**
 * OnwardTestRepository:
 * @owned: OnwardKey: every key there ever was; the other arrays borrow from it
 * @keys: OnwardKey: who root.json says speaks for each role
 * @signers: OnwardKey: who really signs each role's documents
 * @thresholds: how many keys root.json asks for
 * @versions: the version of each role's present document
 * @expires: when it expires
 * @consistent: whether names carry versions and hashes
 * @pinned: whether timestamp and snapshot give lengths and hashes
 * @targets: the "targets" member
 * @listed: what snapshot lists besides targets.json: file name to version
 * @files: what the server holds: path to GBytes
 * @log: what was asked for in the last run
 *
 * A repository in memory whose every field a test may bend before it publishes.
 */
typedef struct
{
  GPtrArray *owned;
  GPtrArray *keys[ONWARD_TEST_N_ROLES];
  GPtrArray *signers[ONWARD_TEST_N_ROLES];
  gint64 thresholds[ONWARD_TEST_N_ROLES];
  gint64 versions[ONWARD_TEST_N_ROLES];
  const char *expires[ONWARD_TEST_N_ROLES];
  gboolean consistent;
  gboolean pinned;
  JsonObject *targets;
  JsonObject *listed;
  GHashTable *files;
  GString *log;
} OnwardTestRepository;

OnwardTestRepository *onward_test_repository_new         (void);
void                  onward_test_repository_free        (OnwardTestRepository *self);

/* The "signed" part of a role's present document, to be bent further; (transfer full). */
JsonObject *onward_test_repository_make        (OnwardTestRepository *self, OnwardRoleKind kind);
GBytes     *onward_test_repository_sign        (OnwardTestRepository *self, OnwardRoleKind kind,
                                                JsonObject *content);
/* Where a role's present document lies; (transfer full). */
char       *onward_test_repository_dup_path    (OnwardTestRepository *self, OnwardRoleKind kind);
void        onward_test_repository_put         (OnwardTestRepository *self, const char *path,
                                                GBytes *body);
GBytes     *onward_test_repository_get         (OnwardTestRepository *self, OnwardRoleKind kind);
/* Writes a role's document at its present version, signed by its signers. */
void        onward_test_repository_write       (OnwardTestRepository *self, OnwardRoleKind kind);
/* The next version of @kind and of all that must follow it. */
void        onward_test_repository_publish     (OnwardTestRepository *self, OnwardRoleKind kind);
/* Replaces the keys of @kind by a new one; a new root is still signed by the old keys too. */
void        onward_test_repository_rotate      (OnwardTestRepository *self, OnwardRoleKind kind);
void        onward_test_repository_add_key     (OnwardTestRepository *self, OnwardRoleKind kind);

/* One run against @dir, from 1.root.json on when it is empty; (nullable) (transfer full). */
OnwardTargets *onward_test_repository_update   (OnwardTestRepository *self, const char *dir,
                                                GError **error);
OnwardTargets *onward_test_repository_update_at (OnwardTestRepository *self, const char *dir,
                                                 gint64 now, GError **error);
void           onward_test_repository_assert_updates  (OnwardTestRepository *self,
                                                       const char *dir);
/* A run fails with @code and leaves what is stored of @kind and after as it was. */
void           onward_test_repository_assert_refuses  (OnwardTestRepository *self,
                                                       const char *dir, OnwardRoleKind kind,
                                                       gint code);
/* All files of a folder with their contents, as one text; (transfer full). */
char          *onward_test_repository_dump     (const char *dir);
gint64         onward_test_repository_stored_version (const char *dir, OnwardRoleKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTestRepository, onward_test_repository_free)

G_END_DECLS
