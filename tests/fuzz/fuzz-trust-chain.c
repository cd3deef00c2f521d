/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "onward-json-guard.h"
#include "onward-signer.h"
#include "onward-test-repository.h"
#include "onward-trust-chain.h"

#define MAX_SIZE (1024 * 1024)

/* What a chain trusts already, verified once. */
typedef struct
{
  OnwardTestRepository *repository; /* (owned) */
  OnwardRoot *root;                 /* (owned) */
  OnwardTimestamp *timestamp;       /* (owned) */
  OnwardSnapshot *snapshot;         /* (owned) */
} Trusted;

static Trusted *
make_trusted (void)
{
  Trusted *self = g_new0 (Trusted, 1);
  OnwardTestRepository *repository = onward_test_repository_new ();
  g_autoptr (OnwardTrustChain) chain = NULL;

  self->repository = repository;
  self->root =
      onward_root_new (onward_test_repository_get (repository, ONWARD_ROLE_ROOT), NULL, NULL);
  chain = onward_trust_chain_new (self->root, ONWARD_TEST_NOW);
  self->timestamp = onward_trust_chain_check_timestamp (
      chain, onward_test_repository_get (repository, ONWARD_ROLE_TIMESTAMP), NULL);
  onward_trust_chain_take_timestamp (chain, onward_timestamp_ref (self->timestamp));
  self->snapshot = onward_trust_chain_check_snapshot (
      chain, onward_test_repository_get (repository, ONWARD_ROLE_SNAPSHOT), NULL);
  return self;
}

/* A chain that waits for the document of @kind. */
static OnwardTrustChain *
make_chain (const Trusted *trusted, OnwardRoleKind kind)
{
  OnwardTrustChain *chain = onward_trust_chain_new (trusted->root, ONWARD_TEST_NOW);

  if (kind > ONWARD_ROLE_TIMESTAMP)
    onward_trust_chain_take_timestamp (chain, onward_timestamp_ref (trusted->timestamp));
  if (kind > ONWARD_ROLE_SNAPSHOT)
    onward_trust_chain_take_snapshot (chain, onward_snapshot_ref (trusted->snapshot));
  return chain;
}

/* An attacker who holds the key signs what the fuzzer says. */
static GBytes *
sign (OnwardTestRepository *repository, OnwardRoleKind kind, GBytes *text)
{
  g_autoptr (JsonNode) node = onward_json_guard_parse (text, MAX_SIZE, NULL);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  return onward_signer_sign (json_node_get_object (node), repository->signers[kind], NULL);
}

static void
walk (OnwardTargets *targets, GBytes *text)
{
  for (guint i = 0; i < onward_targets_get_n_targets (targets); i++)
    {
      OnwardTarget *target = onward_targets_get_target (targets, i);
      g_autofree char *path = onward_target_dup_path (target);

      g_assert_nonnull (path);
      (void) onward_target_verify (target, text, NULL);
    }
}

static void
offer (OnwardTrustChain *chain, OnwardRoleKind kind, GBytes *document)
{
  switch (kind)
    {
    case ONWARD_ROLE_ROOT:
      {
        g_autoptr (OnwardRoot) root = onward_trust_chain_check_root (chain, document, NULL);
        break;
      }
    case ONWARD_ROLE_TIMESTAMP:
      {
        g_autoptr (OnwardTimestamp) timestamp =
            onward_trust_chain_check_timestamp (chain, document, NULL);
        break;
      }
    case ONWARD_ROLE_SNAPSHOT:
      {
        g_autoptr (OnwardSnapshot) snapshot =
            onward_trust_chain_check_snapshot (chain, document, NULL);
        break;
      }
    case ONWARD_ROLE_TARGETS:
      {
        g_autoptr (OnwardTargets) targets =
            onward_trust_chain_check_targets (chain, document, NULL);

        if (targets != NULL)
          walk (targets, document);
        break;
      }
    }
}

/* The first byte says which document it is, and whether it is signed ('0' to '3') or not ('4' to
 * '7'). */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static Trusted *trusted = NULL;
  g_autoptr (OnwardTrustChain) chain = NULL;
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GBytes) document = NULL;
  OnwardRoleKind kind;

  if (size < 1)
    return 0;
  if (trusted == NULL)
    trusted = make_trusted ();

  kind = data[0] % ONWARD_TEST_N_ROLES;
  text = g_bytes_new_static (data + 1, size - 1);
  document = (data[0] & 4) == 0 ? sign (trusted->repository, kind, text) : g_bytes_ref (text);
  if (document == NULL)
    return 0;
  chain = make_chain (trusted, kind);
  offer (chain, kind, document);
  return 0;
}
