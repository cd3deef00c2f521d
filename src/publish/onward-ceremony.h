/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-repository.h"
#include "onward-root-request.h"

G_BEGIN_DECLS

/**
 * OnwardCeremonyEnd:
 * @ONWARD_CEREMONY_FAILED: nothing changed
 * @ONWARD_CEREMONY_PUBLISHED: clients follow the new root from now on
 * @ONWARD_CEREMONY_STAGED: it waits for the online keys, which are elsewhere
 * @ONWARD_CEREMONY_WAITING: it waits for signatures of root keys that are elsewhere
 *
 * How a change of the root ended.
 */
typedef enum
{
  ONWARD_CEREMONY_FAILED,
  ONWARD_CEREMONY_PUBLISHED,
  ONWARD_CEREMONY_STAGED,
  ONWARD_CEREMONY_WAITING,
} OnwardCeremonyEnd;

/**
 * OnwardCeremony:
 *
 * A change of the root: what the next one is to say, who has to sign it, and what its keys have to
 * sign with it. Nothing changes before onward_ceremony_finish(), and then all of it or nothing.
 */
typedef struct _OnwardCeremony OnwardCeremony;

OnwardCeremony    *onward_ceremony_begin         (OnwardRepository *repository,
                                                  OnwardKeyring *keyring,
                                                  OnwardPassphrase *passphrase, GError **error);
void               onward_ceremony_free          (OnwardCeremony *self);
void               onward_ceremony_leave_plain   (OnwardCeremony *self);
JsonObject        *onward_ceremony_get_before    (OnwardCeremony *self);
JsonObject        *onward_ceremony_get_draft     (OnwardCeremony *self);
OnwardKeyFile     *onward_ceremony_make_key      (OnwardCeremony *self, const char *role,
                                                  OnwardKeyKind kind, GError **error);
OnwardKeyFile     *onward_ceremony_open_key      (OnwardCeremony *self, const char *role,
                                                  const char *source, GError **error);
OnwardKeyring     *onward_ceremony_get_keyring   (OnwardCeremony *self);
OnwardCeremonyEnd  onward_ceremony_finish        (OnwardCeremony *self, GError **error);
OnwardCeremonyEnd  onward_ceremony_import        (OnwardRepository *repository,
                                                  OnwardKeyring *keyring,
                                                  OnwardPassphrase *passphrase, char **files,
                                                  GError **error);
char              *onward_ceremony_dup_path      (OnwardRepository *repository);
OnwardRootRequest *onward_ceremony_load          (OnwardRepository *repository, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardCeremony, onward_ceremony_free)

G_END_DECLS
