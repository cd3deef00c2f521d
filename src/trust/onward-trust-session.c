/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-trust-session.h"

#include "onward-error.h"
#include "onward-targets-private.h"
#include "onward-trust-chain.h"
#include "onward-trust-store-private.h"

/* Roots a run follows at most; the next run goes on from there. */
#define MAX_ROOTS 256

struct _OnwardTrustSession
{
  OnwardTrustStore *store; /* outlives the session */
  OnwardTrustChain *chain; /* (owned) */
  OnwardRoleKind wanted;
  guint n_roots;
  gboolean complete;

  OnwardTrustRequest request;
  char *path; /* (owned): what request.path points at */
};

/* What the document above says of the wanted one; (nullable). */
static OnwardFileInfo *
find_info (OnwardTrustSession *self)
{
  switch (self->wanted)
    {
    case ONWARD_ROLE_SNAPSHOT:
      return onward_timestamp_get_snapshot (onward_trust_chain_get_timestamp (self->chain));
    case ONWARD_ROLE_TARGETS:
      return onward_snapshot_lookup (onward_trust_chain_get_snapshot (self->chain),
                                     onward_role_kind_get_file (ONWARD_ROLE_TARGETS));
    case ONWARD_ROLE_ROOT:
    case ONWARD_ROLE_TIMESTAMP:
      return NULL;
    }
  g_return_val_if_reached (NULL);
}

/* 0 when the name carries no version (TUF specification 6.2). */
static gint64
choose_version (OnwardTrustSession *self, OnwardFileInfo *info)
{
  OnwardRoot *root = onward_trust_chain_get_root (self->chain);

  if (self->wanted == ONWARD_ROLE_ROOT)
    return onward_root_get_version (root) + 1;
  if (info != NULL && onward_root_is_consistent (root))
    return onward_file_info_get_version (info);
  return 0;
}

static void
set_request (OnwardTrustSession *self)
{
  OnwardFileInfo *info = find_info (self);
  const char *file = onward_role_kind_get_file (self->wanted);
  gint64 version = choose_version (self, info);
  gsize cap = onward_role_kind_get_cap (self->wanted);

  g_free (self->path);
  if (version > 0)
    self->path = g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".%s", version, file);
  else
    self->path = g_strconcat ("metadata/", file, NULL);

  if (info != NULL && onward_file_info_get_length (info) >= 0)
    cap = MIN (cap, (gsize) onward_file_info_get_length (info));
  self->request.path = self->path;
  self->request.max_size = cap;
  self->request.may_be_missing = self->wanted == ONWARD_ROLE_ROOT;
}

/**
 * onward_trust_session_new:
 * @store: where trusted metadata is kept; must outlive the session
 * @now: the start time of the run, seconds since 1970
 *
 * Begins a run of the TUF client workflow (specification 1.0.34, section 5). Time stands still
 * for the session: what holds when it begins holds until it ends.
 *
 * Returns: (transfer full): the session
 */
OnwardTrustSession *
onward_trust_session_new (OnwardTrustStore *store, gint64 now)
{
  OnwardTrustSession *self;

  g_return_val_if_fail (store != NULL, NULL);

  self = g_new0 (OnwardTrustSession, 1);
  self->store = store;
  self->chain = onward_trust_chain_new (onward_trust_store_get_root (store), now);
  self->wanted = ONWARD_ROLE_ROOT;
  set_request (self);
  return self;
}

/**
 * onward_trust_session_free:
 * @self: (transfer full) (nullable): a session
 */
void
onward_trust_session_free (OnwardTrustSession *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->chain, onward_trust_chain_free);
  g_free (self->path);
  g_free (self);
}

/**
 * onward_trust_session_get_request:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): what is needed next, until the session is given an answer;
 *   %NULL when the run is complete
 */
const OnwardTrustRequest *
onward_trust_session_get_request (OnwardTrustSession *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->complete ? NULL : &self->request;
}

static void
want (OnwardTrustSession *self, OnwardRoleKind kind)
{
  self->wanted = kind;
  set_request (self);
}

/* TUF specification 5.3.10 and 5.3.12. Rotated keys were dealt with as each root came. */
static gboolean
finish_roots (OnwardTrustSession *self, GError **error)
{
  g_autoptr (GBytes) timestamp = NULL;
  g_autoptr (GBytes) snapshot = NULL;

  if (!onward_trust_chain_check_root_fresh (self->chain, error) ||
      !onward_trust_store_keep_root (self->store, error))
    return FALSE;

  timestamp = onward_trust_store_read (self->store, ONWARD_ROLE_TIMESTAMP);
  snapshot = onward_trust_store_read (self->store, ONWARD_ROLE_SNAPSHOT);
  onward_trust_chain_set_floors (self->chain, timestamp, snapshot);
  want (self, ONWARD_ROLE_TIMESTAMP);
  return TRUE;
}

/* The floors go before the root that rotated their keys is stored: a run that is cut off between
 * the two finds the old root again, and does the same once more. */
static gboolean
forget_rotated (OnwardTrustSession *self, OnwardRoot *newer, GError **error)
{
  if (!onward_root_is_rotated_by (onward_trust_chain_get_root (self->chain), newer))
    return TRUE;
  return onward_trust_store_forget (self->store, ONWARD_ROLE_TIMESTAMP, error) &&
         onward_trust_store_forget (self->store, ONWARD_ROLE_SNAPSHOT, error);
}

static gboolean
accept_root (OnwardTrustSession *self, GBytes *body, GError **error)
{
  g_autoptr (OnwardRoot) root = onward_trust_chain_check_root (self->chain, body, error);

  if (root == NULL || !forget_rotated (self, root, error) ||
      !onward_trust_store_write_root (self->store, root, error))
    return FALSE;

  onward_trust_chain_take_root (self->chain, g_steal_pointer (&root));
  want (self, ONWARD_ROLE_ROOT);
  if (++self->n_roots >= MAX_ROOTS)
    return finish_roots (self, error);
  return TRUE;
}

static void
reuse_targets (OnwardTrustSession *self)
{
  g_autoptr (GBytes) bytes = onward_trust_store_read (self->store, ONWARD_ROLE_TARGETS);
  OnwardTargets *targets = NULL;

  if (bytes != NULL)
    targets = onward_trust_chain_check_targets (self->chain, bytes, NULL);
  if (targets != NULL)
    {
      onward_trust_chain_take_targets (self->chain, targets);
      self->complete = TRUE;
    }
  else
    want (self, ONWARD_ROLE_TARGETS);
}

static void
reuse_snapshot (OnwardTrustSession *self)
{
  g_autoptr (GBytes) bytes = onward_trust_store_read (self->store, ONWARD_ROLE_SNAPSHOT);
  OnwardSnapshot *snapshot = NULL;

  if (bytes != NULL)
    snapshot = onward_trust_chain_check_snapshot (self->chain, bytes, NULL);
  if (snapshot != NULL)
    {
      onward_trust_chain_take_snapshot (self->chain, snapshot);
      reuse_targets (self);
    }
  else
    want (self, ONWARD_ROLE_SNAPSHOT);
}

static gboolean
accept_timestamp (OnwardTrustSession *self, GBytes *body, GError **error)
{
  g_autoptr (OnwardTimestamp) timestamp = NULL;

  timestamp = onward_trust_chain_check_timestamp (self->chain, body, error);
  if (timestamp == NULL)
    return FALSE;
  if (!onward_trust_chain_is_floor (self->chain, timestamp) &&
      !onward_trust_store_write (self->store, onward_timestamp_get_metadata (timestamp),
                                 ONWARD_ROLE_TIMESTAMP, error))
    return FALSE;
  onward_trust_chain_take_timestamp (self->chain, g_steal_pointer (&timestamp));
  reuse_snapshot (self);
  return TRUE;
}

static gboolean
accept_snapshot (OnwardTrustSession *self, GBytes *body, GError **error)
{
  g_autoptr (OnwardSnapshot) snapshot = NULL;

  snapshot = onward_trust_chain_check_snapshot (self->chain, body, error);
  if (snapshot == NULL ||
      !onward_trust_store_write (self->store, onward_snapshot_get_metadata (snapshot),
                                 ONWARD_ROLE_SNAPSHOT, error))
    return FALSE;
  onward_trust_chain_take_snapshot (self->chain, g_steal_pointer (&snapshot));
  reuse_targets (self);
  return TRUE;
}

static gboolean
accept_targets (OnwardTrustSession *self, GBytes *body, GError **error)
{
  g_autoptr (OnwardTargets) targets = NULL;

  targets = onward_trust_chain_check_targets (self->chain, body, error);
  if (targets == NULL ||
      !onward_trust_store_write (self->store, onward_targets_get_metadata (targets),
                                 ONWARD_ROLE_TARGETS, error))
    return FALSE;
  onward_trust_chain_take_targets (self->chain, g_steal_pointer (&targets));
  self->complete = TRUE;
  return TRUE;
}

/**
 * onward_trust_session_accept:
 * @self: a session that is not complete
 * @body: the answer to its present request
 * @error: return location for a #GError: UNTRUSTED, EXPIRED, ROLLED_BACK, CORRUPT, MALFORMED,
 *   UNSUPPORTED_FORMAT, or why it could not be stored
 *
 * Verifies a document and, only after all its checks, stores it. A refused document changes
 * neither the session nor the store: the same request may be tried again elsewhere. Blocking on
 * the disk, never on the network.
 *
 * Returns: whether the session goes on
 */
gboolean
onward_trust_session_accept (OnwardTrustSession *self, GBytes *body, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (body != NULL, FALSE);
  g_return_val_if_fail (!self->complete, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  switch (self->wanted)
    {
    case ONWARD_ROLE_ROOT:
      return accept_root (self, body, error);
    case ONWARD_ROLE_TIMESTAMP:
      return accept_timestamp (self, body, error);
    case ONWARD_ROLE_SNAPSHOT:
      return accept_snapshot (self, body, error);
    case ONWARD_ROLE_TARGETS:
      return accept_targets (self, body, error);
    }
  g_return_val_if_reached (FALSE);
}

/**
 * onward_trust_session_accept_missing:
 * @self: a session that is not complete
 * @error: return location for a #GError: EXPIRED when the last root no longer holds, NOT_FOUND when
 *   the document must exist
 *
 * Says that the server has no such document. Of the next root that is the usual answer.
 *
 * Returns: whether the session goes on
 */
gboolean
onward_trust_session_accept_missing (OnwardTrustSession *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (!self->complete, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->wanted == ONWARD_ROLE_ROOT)
    return finish_roots (self, error);
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND, "“%s” is missing in the repository",
               self->path);
  return FALSE;
}

/**
 * onward_trust_session_get_targets:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): the verified targets, once the run is complete
 */
OnwardTargets *
onward_trust_session_get_targets (OnwardTrustSession *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return onward_trust_chain_get_targets (self->chain);
}
