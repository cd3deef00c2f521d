/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-trust-session.h"

#include "onward-delegation-search.h"
#include "onward-error.h"
#include "onward-targets-private.h"
#include "onward-trust-chain.h"
#include "onward-trust-path.h"
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
  gint64 now;

  OnwardTrustRequest request;
  char *path; /* (owned): what request.path points at */

  OnwardDelegationSearch *search; /* (owned) (nullable): only when complete */
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

static char *
dup_path (OnwardTrustSession *self, OnwardFileInfo *info)
{
  OnwardRoot *root = onward_trust_chain_get_root (self->chain);
  const char *name = onward_role_kind_get_name (self->wanted);

  if (self->wanted == ONWARD_ROLE_ROOT)
    return onward_trust_path_of_document (name, onward_root_get_version (root) + 1);
  if (info != NULL)
    return onward_trust_path_of_listed (root, name, info);
  return onward_trust_path_of_document (name, 0);
}

static void
set_request (OnwardTrustSession *self)
{
  OnwardFileInfo *info = find_info (self);

  g_free (self->path);
  self->path = dup_path (self, info);
  self->request.path = self->path;
  self->request.max_size = onward_trust_path_get_max_size (self->wanted, info);
  self->request.may_be_missing = self->wanted == ONWARD_ROLE_ROOT;
}

/**
 * onward_trust_session_choose_time:
 * @now: what the computer's clock shows, seconds since 1970
 *
 * A first run has nothing stored to tell the time by, but it cannot take place before this program
 * was written: a clock that lost its battery does not make a new install believe old releases.
 *
 * Returns: what to begin a run with
 */
gint64
onward_trust_session_choose_time (gint64 now)
{
  return MAX (now, (gint64) ONWARD_SOURCE_TIME);
}

/**
 * onward_trust_session_new:
 * @store: where trusted metadata is kept; must outlive the session
 * @now: what time the computer says it is, seconds since 1970
 *
 * Begins a run of the TUF client workflow (specification 1.0.34, section 5). Time stands still
 * for the session: what holds when it begins holds until it ends. When stored documents prove that
 * it is later than @now, it begins then.
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
  self->now = now;
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
  g_clear_pointer (&self->search, onward_delegation_search_free);
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

  if (!self->complete)
    return &self->request;
  return self->search != NULL ? onward_delegation_search_get_request (self->search) : NULL;
}

static void
want (OnwardTrustSession *self, OnwardRoleKind kind)
{
  self->wanted = kind;
  set_request (self);
}

/* TUF specification 5.3.10 and 5.3.12. Rotated keys were dealt with as each root came. What time it
 * is depends on what is stored, and that on the last root: a root thus has its say first. */
static gboolean
finish_roots (OnwardTrustSession *self, GError **error)
{
  if (!onward_trust_store_set_floors (self->store, self->chain, error))
    return FALSE;
  if (!onward_trust_chain_check_root_fresh (self->chain, error) ||
      !onward_trust_store_keep_root (self->store, error))
    return FALSE;

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

/* A root that its own keys have signed, of which none is one of ours, is somebody else's. */
static void
name_stranger (OnwardTrustSession *self, GBytes *body, GError *error)
{
  OnwardRoot *ours = onward_trust_chain_get_root (self->chain);
  g_autoptr (OnwardRoot) stranger = NULL;

  if (g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_UNTRUSTED))
    stranger = onward_root_new (body, NULL, NULL);
  if (stranger != NULL &&
      !onward_role_shares_keys (onward_root_get_role (ours, ONWARD_ROLE_ROOT),
                                onward_root_get_role (stranger, ONWARD_ROLE_ROOT)))
    error->code = ONWARD_ERROR_OTHER_REPOSITORY;
}

static gboolean
accept_root (OnwardTrustSession *self, GBytes *body, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (OnwardRoot) root = onward_trust_chain_check_root (self->chain, body, &local_error);

  if (root == NULL)
    {
      name_stranger (self, body, local_error);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (!onward_trust_store_keep_former (self->store, error) || !forget_rotated (self, root, error) ||
      !onward_trust_store_write_root (self->store, root, error))
    return FALSE;

  onward_trust_chain_take_root (self->chain, g_steal_pointer (&root));
  want (self, ONWARD_ROLE_ROOT);
  if (++self->n_roots >= MAX_ROOTS)
    return finish_roots (self, error);
  return TRUE;
}

static void
complete (OnwardTrustSession *self)
{
  onward_trust_store_drop_former (self->store);
  onward_trust_store_prune (self->store, onward_trust_chain_get_snapshot (self->chain));
  self->complete = TRUE;
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
      complete (self);
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

/* A new root arrives before what its keys signed. Until then the server has what is good by the
 * root before, and holds: it is refused, but nobody tampered with it. */
static gboolean
is_late (OnwardTrustSession *self, GBytes *body)
{
  g_autoptr (OnwardRoot) former = onward_trust_store_load_former (self->store);
  g_autoptr (OnwardMetadata) metadata = NULL;

  if (former == NULL)
    return FALSE;
  metadata = onward_metadata_parse (body, self->wanted, NULL);
  return metadata != NULL &&
         onward_metadata_verify (metadata, onward_root_get_role (former, self->wanted), NULL) &&
         onward_metadata_get_expiry (metadata) > self->now;
}

/* Takes @cause over. */
static void
refuse (OnwardTrustSession *self, GBytes *body, GError *cause, GError **error)
{
  if (g_error_matches (cause, ONWARD_ERROR, ONWARD_ERROR_UNTRUSTED) && is_late (self, body))
    {
      cause->code = ONWARD_ERROR_UPLOAD_UNDER_WAY;
      g_prefix_error_literal (&cause,
                              "The publisher's new keys are there, what they sign is not yet: ");
    }
  g_propagate_error (error, cause);
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
  complete (self);
  return TRUE;
}

static gboolean
accept (OnwardTrustSession *self, GBytes *body, GError **error)
{
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
 * onward_trust_session_accept:
 * @self: a session that asks for something
 * @body: the answer to its present request
 * @error: return location for a #GError: UNTRUSTED, EXPIRED, ROOT_EXPIRED, WRONG_CLOCK,
 *   ROLLED_BACK, UPLOAD_UNDER_WAY when what a new root's keys have to sign is not there yet,
 *   WRONG_TYPE, WRONG_VERSION, WRONG_LENGTH, WRONG_HASH, TOO_LARGE, MALFORMED,
 *   UNSUPPORTED_FORMAT, NOT_FOUND when a delegated role is not listed, or why it could not be
 *   stored
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
  GError *cause = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (body != NULL, FALSE);
  g_return_val_if_fail (onward_trust_session_get_request (self) != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->complete)
    return onward_delegation_search_accept (self->search, body, error);
  if (accept (self, body, &cause))
    return TRUE;
  if (self->wanted != ONWARD_ROLE_ROOT)
    refuse (self, body, cause, error);
  else
    g_propagate_error (error, cause);
  return FALSE;
}

/**
 * onward_trust_session_accept_missing:
 * @self: a session that asks for something
 * @error: return location for a #GError: ROOT_EXPIRED or WRONG_CLOCK when the last root no longer
 *   holds, NOT_FOUND when the document must exist
 *
 * Says that the server has no such document. Of the next root that is the usual answer.
 *
 * Returns: whether the session goes on
 */
gboolean
onward_trust_session_accept_missing (OnwardTrustSession *self, GError **error)
{
  const OnwardTrustRequest *request;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  request = onward_trust_session_get_request (self);
  g_return_val_if_fail (request != NULL, FALSE);

  if (request->may_be_missing)
    return finish_roots (self, error);
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND, "“%s” is missing in the repository",
               request->path);
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

/**
 * onward_trust_session_search:
 * @self: a session that is complete
 * @name: the name of a target
 * @error: return location for ONWARD_ERROR_NOT_FOUND when the snapshot does not list a role
 *
 * Begins to look for a target, first among the top-level targets, then depth first through what
 * they delegate (TUF specification 5.6.7). For delegated documents that are not stored, or that
 * this search's delegators do not vouch for as they are stored, the session asks as it did before.
 * A search that was under way is given up.
 *
 * Returns: whether the search goes on, or has come to its end
 */
gboolean
onward_trust_session_search (OnwardTrustSession *self, const char *name, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (self->complete, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  g_clear_pointer (&self->search, onward_delegation_search_free);
  self->search = onward_delegation_search_new (self->chain, self->store, name);
  return onward_delegation_search_advance (self->search, error);
}

/**
 * onward_trust_session_get_found:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): what the last search found, once the session asks for
 *   nothing more; until the next search
 */
OnwardTarget *
onward_trust_session_get_found (OnwardTrustSession *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->search != NULL ? onward_delegation_search_get_found (self->search) : NULL;
}
