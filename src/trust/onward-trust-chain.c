/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-trust-chain.h"

#include "onward-error.h"
#include "onward-role-name.h"
#include "onward-targets-private.h"
#include "onward-trust-clock.h"

struct _OnwardTrustChain
{
  OnwardTrustClock clock;
  OnwardRoot *root;               /* (owned) */
  OnwardTimestamp *old_timestamp; /* (owned) (nullable): a floor */
  OnwardSnapshot *old_snapshot;   /* (owned) (nullable): a floor */
  OnwardTimestamp *timestamp;     /* (owned) (nullable) */
  OnwardSnapshot *snapshot;       /* (owned) (nullable) */
  OnwardTargets *targets;         /* (owned) (nullable) */
};

static void
prefix_document (GError **error, OnwardRoleKind kind)
{
  g_prefix_error (error, "Verifying “%s”: ", onward_role_kind_get_file (kind));
}

/**
 * onward_trust_chain_new:
 * @root: the trusted root
 * @now: what time the computer says it is, seconds since 1970
 *
 * Returns: (transfer full): a chain that trusts @root and nothing else yet
 */
OnwardTrustChain *
onward_trust_chain_new (OnwardRoot *root, gint64 now)
{
  OnwardTrustChain *self;

  g_return_val_if_fail (root != NULL, NULL);

  self = g_new0 (OnwardTrustChain, 1);
  self->root = onward_root_ref (root);
  onward_trust_clock_init (&self->clock, now);
  return self;
}

/**
 * onward_trust_chain_free:
 * @self: (transfer full) (nullable): a chain
 */
void
onward_trust_chain_free (OnwardTrustChain *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->root, onward_root_unref);
  g_clear_pointer (&self->old_timestamp, onward_timestamp_unref);
  g_clear_pointer (&self->old_snapshot, onward_snapshot_unref);
  g_clear_pointer (&self->timestamp, onward_timestamp_unref);
  g_clear_pointer (&self->snapshot, onward_snapshot_unref);
  g_clear_pointer (&self->targets, onward_targets_unref);
  g_free (self);
}

/**
 * onward_trust_chain_get_root:
 * @self: a chain
 *
 * Returns: (transfer none): the root trusted at present
 */
OnwardRoot *
onward_trust_chain_get_root (OnwardTrustChain *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->root;
}

/**
 * onward_trust_chain_get_timestamp:
 * @self: a chain
 *
 * Returns: (transfer none) (nullable): the timestamp of this run
 */
OnwardTimestamp *
onward_trust_chain_get_timestamp (OnwardTrustChain *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->timestamp;
}

/**
 * onward_trust_chain_get_snapshot:
 * @self: a chain
 *
 * Returns: (transfer none) (nullable): the snapshot of this run
 */
OnwardSnapshot *
onward_trust_chain_get_snapshot (OnwardTrustChain *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->snapshot;
}

/**
 * onward_trust_chain_get_targets:
 * @self: a chain
 *
 * Returns: (transfer none) (nullable): the targets of this run
 */
OnwardTargets *
onward_trust_chain_get_targets (OnwardTrustChain *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->targets;
}

/**
 * onward_trust_chain_set_floors:
 * @self: a chain that has its last root
 * @timestamp: (nullable): the timestamp an earlier run stored
 * @snapshot: (nullable): the snapshot an earlier run stored
 * @targets: (nullable): the targets an earlier run stored
 *
 * Remembers what earlier runs trusted: below which versions, and before which time, nothing is
 * accepted. A stored document counts when the present root's keys still vouch for it, though it
 * may have expired; any other is as good as absent.
 */
void
onward_trust_chain_set_floors (OnwardTrustChain *self, GBytes *timestamp, GBytes *snapshot,
                               GBytes *targets)
{
  g_autoptr (OnwardTargets) old_targets = NULL;

  g_return_if_fail (self != NULL);
  g_return_if_fail (self->old_timestamp == NULL && self->old_snapshot == NULL);

  if (timestamp != NULL)
    self->old_timestamp = onward_timestamp_new (
        timestamp, onward_root_get_role (self->root, ONWARD_ROLE_TIMESTAMP), NULL);
  if (snapshot != NULL)
    self->old_snapshot = onward_snapshot_new (
        snapshot, onward_root_get_role (self->root, ONWARD_ROLE_SNAPSHOT), NULL);
  if (targets != NULL)
    old_targets = onward_targets_new (
        targets, onward_root_get_role (self->root, ONWARD_ROLE_TARGETS), FALSE, 0, NULL);

  if (self->old_timestamp != NULL)
    onward_trust_clock_learn (&self->clock, onward_timestamp_get_metadata (self->old_timestamp));
  if (old_targets != NULL)
    onward_trust_clock_learn (&self->clock, onward_targets_get_metadata (old_targets));
}

/**
 * onward_trust_chain_is_floor:
 * @self: a chain
 * @timestamp: what onward_trust_chain_check_timestamp() returned
 *
 * Returns: whether @timestamp is the one an earlier run stored, which need not be stored again
 */
gboolean
onward_trust_chain_is_floor (OnwardTrustChain *self, OnwardTimestamp *timestamp)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return timestamp == self->old_timestamp;
}

/**
 * onward_trust_chain_check_root:
 * @self: a chain
 * @bytes: the next root document, as received
 * @error: return location for a #GError
 *
 * TUF specification 5.3.4 to 5.3.6.
 *
 * Returns: (transfer full) (nullable): the next root
 */
OnwardRoot *
onward_trust_chain_check_root (OnwardTrustChain *self, GBytes *bytes, GError **error)
{
  OnwardRoot *root;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (self->timestamp == NULL, NULL);

  root = onward_root_new (bytes, self->root, error);
  if (root == NULL)
    prefix_document (error, ONWARD_ROLE_ROOT);
  return root;
}

/**
 * onward_trust_chain_check_root_fresh:
 * @self: a chain that has its last root
 * @error: return location for ONWARD_ERROR_ROOT_EXPIRED or ONWARD_ERROR_WRONG_CLOCK
 *
 * TUF specification 5.3.10.
 *
 * Returns: whether the root holds
 */
gboolean
onward_trust_chain_check_root_fresh (OnwardTrustChain *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (onward_trust_clock_check (&self->clock, onward_root_get_metadata (self->root),
                                ONWARD_ROLE_ROOT, error))
    return TRUE;
  prefix_document (error, ONWARD_ROLE_ROOT);
  return FALSE;
}

static gboolean
refuse_older (gint64 version, gint64 known, const char *what, GError **error)
{
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_ROLLED_BACK,
               "%s version %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT " was seen before", what,
               version, known);
  return FALSE;
}

/* TUF specification 5.4.3. */
static gboolean
check_timestamp_follows (OnwardTimestamp *newer, OnwardTimestamp *older, GError **error)
{
  gint64 version = onward_metadata_get_version (onward_timestamp_get_metadata (newer));
  gint64 known = onward_metadata_get_version (onward_timestamp_get_metadata (older));

  if (version < known)
    return refuse_older (version, known, "it is", error);

  version = onward_file_info_get_version (onward_timestamp_get_snapshot (newer));
  known = onward_file_info_get_version (onward_timestamp_get_snapshot (older));
  if (version < known)
    return refuse_older (version, known, "it names a snapshot of", error);
  return TRUE;
}

/* A document that carries the version already trusted is not looked at any further. */
static OnwardTimestamp *
choose_timestamp (OnwardTrustChain *self, OnwardTimestamp *received)
{
  OnwardTimestamp *older = self->old_timestamp;

  if (older != NULL && onward_metadata_get_version (onward_timestamp_get_metadata (received)) ==
                           onward_metadata_get_version (onward_timestamp_get_metadata (older)))
    return older;
  return received;
}

static OnwardTimestamp *
check_timestamp (OnwardTrustChain *self, GBytes *bytes, GError **error)
{
  g_autoptr (OnwardTimestamp) received = NULL;
  OnwardTimestamp *chosen;

  received =
      onward_timestamp_new (bytes, onward_root_get_role (self->root, ONWARD_ROLE_TIMESTAMP), error);
  if (received == NULL)
    return NULL;

  chosen = choose_timestamp (self, received);
  if (self->old_timestamp != NULL && !check_timestamp_follows (chosen, self->old_timestamp, error))
    return NULL;
  if (!onward_trust_clock_check (&self->clock, onward_timestamp_get_metadata (chosen),
                                 ONWARD_ROLE_TIMESTAMP, error))
    return NULL;
  return onward_timestamp_ref (chosen);
}

/**
 * onward_trust_chain_check_timestamp:
 * @self: a chain whose root holds
 * @bytes: a timestamp document, as received
 * @error: return location for a #GError
 *
 * TUF specification 5.4.2 to 5.4.4. When @bytes has the version that is already trusted, it is
 * discarded and the trusted document returned.
 *
 * Returns: (transfer full) (nullable): the timestamp to go on with
 */
OnwardTimestamp *
onward_trust_chain_check_timestamp (OnwardTrustChain *self, GBytes *bytes, GError **error)
{
  OnwardTimestamp *timestamp;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (self->timestamp == NULL, NULL);

  timestamp = check_timestamp (self, bytes, error);
  if (timestamp == NULL)
    prefix_document (error, ONWARD_ROLE_TIMESTAMP);
  return timestamp;
}

/* TUF specification 5.5.4 and 5.6.4. */
static gboolean
check_version (OnwardMetadata *metadata, OnwardFileInfo *info, GError **error)
{
  gint64 version = onward_metadata_get_version (metadata);
  gint64 expected = onward_file_info_get_version (info);

  if (version == expected)
    return TRUE;
  g_set_error (error, ONWARD_ERROR,
               version < expected ? ONWARD_ERROR_ROLLED_BACK : ONWARD_ERROR_WRONG_VERSION,
               "it is version %" G_GINT64_FORMAT " instead of %" G_GINT64_FORMAT, version,
               expected);
  return FALSE;
}

static OnwardSnapshot *
check_snapshot (OnwardTrustChain *self, GBytes *bytes, GError **error)
{
  OnwardFileInfo *info = onward_timestamp_get_snapshot (self->timestamp);
  g_autoptr (OnwardSnapshot) snapshot = NULL;
  OnwardMetadata *metadata;

  if (!onward_file_info_verify (info, bytes, error))
    return NULL;
  snapshot =
      onward_snapshot_new (bytes, onward_root_get_role (self->root, ONWARD_ROLE_SNAPSHOT), error);
  if (snapshot == NULL)
    return NULL;

  metadata = onward_snapshot_get_metadata (snapshot);
  if (!check_version (metadata, info, error))
    return NULL;
  if (self->old_snapshot != NULL &&
      !onward_snapshot_check_follows (snapshot, self->old_snapshot, error))
    return NULL;
  if (!onward_trust_clock_check (&self->clock, metadata, ONWARD_ROLE_SNAPSHOT, error))
    return NULL;
  return g_steal_pointer (&snapshot);
}

/**
 * onward_trust_chain_check_snapshot:
 * @self: a chain that has its timestamp
 * @bytes: a snapshot document, as received or stored
 * @error: return location for a #GError
 *
 * TUF specification 5.5.2 to 5.5.6.
 *
 * Returns: (transfer full) (nullable): the snapshot the timestamp means
 */
OnwardSnapshot *
onward_trust_chain_check_snapshot (OnwardTrustChain *self, GBytes *bytes, GError **error)
{
  OnwardSnapshot *snapshot;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (self->timestamp != NULL, NULL);

  snapshot = check_snapshot (self, bytes, error);
  if (snapshot == NULL)
    prefix_document (error, ONWARD_ROLE_SNAPSHOT);
  return snapshot;
}

/* When the first of root, timestamp and snapshot expires. */
static gint64
get_expiry (OnwardTrustChain *self)
{
  gint64 expiry = onward_metadata_get_expiry (onward_root_get_metadata (self->root));

  expiry =
      MIN (expiry, onward_metadata_get_expiry (onward_timestamp_get_metadata (self->timestamp)));
  return MIN (expiry, onward_metadata_get_expiry (onward_snapshot_get_metadata (self->snapshot)));
}

/* @info: what the snapshot says of the document; @expiry: when what leads to it expires. */
static OnwardTargets *
check_targets (OnwardTrustChain *self, OnwardFileInfo *info, OnwardRole *role, gint64 expiry,
               GBytes *bytes, GError **error)
{
  g_autoptr (OnwardTargets) targets = NULL;
  OnwardMetadata *metadata;

  if (!onward_file_info_verify (info, bytes, error))
    return NULL;
  targets = onward_targets_new (bytes, role, onward_root_is_consistent (self->root), expiry, error);
  if (targets == NULL)
    return NULL;

  metadata = onward_targets_get_metadata (targets);
  if (!check_version (metadata, info, error) ||
      !onward_trust_clock_check (&self->clock, metadata, ONWARD_ROLE_TARGETS, error))
    return NULL;
  return g_steal_pointer (&targets);
}

/**
 * onward_trust_chain_check_targets:
 * @self: a chain that has its snapshot
 * @bytes: a targets document, as received or stored
 * @error: return location for a #GError
 *
 * TUF specification 5.6.2 to 5.6.5.
 *
 * Returns: (transfer full) (nullable): the targets the snapshot means
 */
OnwardTargets *
onward_trust_chain_check_targets (OnwardTrustChain *self, GBytes *bytes, GError **error)
{
  OnwardTargets *targets;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (self->snapshot != NULL, NULL);

  targets = check_targets (
      self,
      onward_snapshot_lookup (self->snapshot, onward_role_kind_get_file (ONWARD_ROLE_TARGETS)),
      onward_root_get_role (self->root, ONWARD_ROLE_TARGETS), get_expiry (self), bytes, error);
  if (targets == NULL)
    prefix_document (error, ONWARD_ROLE_TARGETS);
  return targets;
}

/**
 * onward_trust_chain_check_delegated:
 * @self: a complete chain
 * @delegator: the targets that delegate
 * @delegation: one of their delegations
 * @bytes: the delegated document, as received or stored
 * @error: return location for a #GError: NOT_FOUND when the snapshot does not list it
 *
 * TUF specification 5.6.2 to 5.6.5 for a delegated role: who must have signed it is what this
 * delegator says, whatever others say who delegate to the same role.
 *
 * Returns: (transfer full) (nullable): the delegated targets the snapshot means
 */
OnwardTargets *
onward_trust_chain_check_delegated (OnwardTrustChain *self, OnwardTargets *delegator,
                                    OnwardDelegation *delegation, GBytes *bytes, GError **error)
{
  g_autofree char *entry = NULL;
  OnwardTargets *targets = NULL;
  OnwardFileInfo *info;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (delegator != NULL, NULL);
  g_return_val_if_fail (delegation != NULL, NULL);
  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (self->targets != NULL, NULL);

  entry = onward_role_name_dup_entry (onward_delegation_get_name (delegation));
  info = onward_snapshot_lookup (self->snapshot, entry);
  if (info != NULL)
    targets = check_targets (self, info, onward_delegation_get_role (delegation),
                             onward_targets_get_expiry (delegator), bytes, error);
  else
    g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                         "“snapshot.json” does not list it");
  if (targets == NULL)
    g_prefix_error (error, "Verifying “%s”: ", entry);
  return targets;
}

/**
 * onward_trust_chain_take_root:
 * @self: a chain
 * @root: (transfer full): what onward_trust_chain_check_root() returned
 */
void
onward_trust_chain_take_root (OnwardTrustChain *self, OnwardRoot *root)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (root != NULL);

  g_clear_pointer (&self->root, onward_root_unref);
  self->root = root;
}

/**
 * onward_trust_chain_take_timestamp:
 * @self: a chain
 * @timestamp: (transfer full): what onward_trust_chain_check_timestamp() returned
 */
void
onward_trust_chain_take_timestamp (OnwardTrustChain *self, OnwardTimestamp *timestamp)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (timestamp != NULL && self->timestamp == NULL);

  self->timestamp = timestamp;
}

/**
 * onward_trust_chain_take_snapshot:
 * @self: a chain
 * @snapshot: (transfer full): what onward_trust_chain_check_snapshot() returned
 */
void
onward_trust_chain_take_snapshot (OnwardTrustChain *self, OnwardSnapshot *snapshot)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (snapshot != NULL && self->snapshot == NULL);

  self->snapshot = snapshot;
}

/**
 * onward_trust_chain_take_targets:
 * @self: a chain
 * @targets: (transfer full): what onward_trust_chain_check_targets() returned
 */
void
onward_trust_chain_take_targets (OnwardTrustChain *self, OnwardTargets *targets)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (targets != NULL && self->targets == NULL);

  self->targets = targets;
}
