/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include <string.h>

#include "onward-any-signature.h"
#include "onward-delegation-search.h"
#include "onward-trust-store-private.h"

#define MAX_VISITED 32

/* The store of this target is in memory. */
struct _OnwardTrustStore
{
  GHashTable *documents; /* (owned): role name to GBytes */
};

GBytes *
onward_trust_store_read_delegated (OnwardTrustStore *self, const char *name)
{
  GBytes *bytes = g_hash_table_lookup (self->documents, name);

  return bytes != NULL ? g_bytes_ref (bytes) : NULL;
}

gboolean
onward_trust_store_write_delegated (OnwardTrustStore *self, OnwardMetadata *metadata,
                                    const char *name, GError **error)
{
  g_hash_table_insert (self->documents, g_strdup (name),
                       g_bytes_ref (onward_metadata_get_bytes (metadata)));
  return TRUE;
}

/* The same for every input, so it is read once. */
static OnwardTimestamp *
get_timestamp (OnwardTrustChain *chain)
{
  static OnwardTimestamp *timestamp = NULL;
  static const char text[] =
      "{\"signed\":{\"_type\":\"timestamp\",\"spec_version\":\"1.0.34\",\"version\":1,"
      "\"expires\":\"2090-01-01T00:00:00Z\",\"meta\":{\"snapshot.json\":{\"version\":1}}},"
      "\"signatures\":[{\"keyid\":\"k\",\"sig\":\"00\"}]}";

  if (timestamp == NULL)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (text, sizeof text - 1);

      timestamp = onward_trust_chain_check_timestamp (chain, bytes, NULL);
    }
  return timestamp;
}

/* The next line of the input; NULL at its end. */
static GBytes *
take_line (GBytes *input, gsize *at)
{
  gsize size;
  const char *data = g_bytes_get_data (input, &size);
  gsize start = *at;
  const char *end;

  if (start >= size)
    return NULL;
  end = memchr (data + start, '\n', size - start);
  *at = end != NULL ? (gsize) (end - data) + 1 : size;
  return g_bytes_new_from_bytes (input, start, *at - start - (end != NULL ? 1 : 0));
}

/* Whether the second and third lines make a chain with the root and timestamp that are given. */
static gboolean
complete (OnwardTrustChain *chain, GBytes *input, gsize *at)
{
  g_autoptr (GBytes) snapshot_line = take_line (input, at);
  g_autoptr (GBytes) targets_line = take_line (input, at);
  OnwardSnapshot *snapshot = NULL;
  OnwardTargets *targets = NULL;

  if (targets_line == NULL)
    return FALSE;
  onward_trust_chain_take_timestamp (chain, onward_timestamp_ref (get_timestamp (chain)));
  snapshot = onward_trust_chain_check_snapshot (chain, snapshot_line, NULL);
  if (snapshot == NULL)
    return FALSE;
  onward_trust_chain_take_snapshot (chain, snapshot);
  targets = onward_trust_chain_check_targets (chain, targets_line, NULL);
  if (targets != NULL)
    onward_trust_chain_take_targets (chain, targets);
  return targets != NULL;
}

/* Gives each document that is asked for, in the order of the input. */
static void
search (OnwardTrustChain *chain, OnwardTrustStore *store, const char *name, GBytes *input, gsize at)
{
  g_autoptr (OnwardDelegationSearch) self = onward_delegation_search_new (chain, store, name);
  gboolean goes_on = onward_delegation_search_advance (self, NULL);
  const OnwardTrustRequest *request;
  guint n_asked = 0;

  while (goes_on && (request = onward_delegation_search_get_request (self)) != NULL)
    {
      g_autoptr (GBytes) line = take_line (input, &at);

      g_assert_true (g_str_has_prefix (request->path, "metadata/"));
      g_assert_null (strchr (request->path + strlen ("metadata/"), '/'));
      g_assert_cmpuint (++n_asked, <=, MAX_VISITED);
      goes_on = line != NULL && onward_delegation_search_accept (self, line, NULL);
    }
  if (onward_delegation_search_get_found (self) != NULL)
    g_assert_cmpstr (onward_target_get_name (onward_delegation_search_get_found (self)), ==, name);
}

/* The lines are the name of a target, the snapshot, the targets, and the delegated documents, all
 * of them written by holders of the keys. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static OnwardRoot *root = NULL;
  g_autoptr (GBytes) input = g_bytes_new_static (data, size);
  gsize at = 0;
  g_autoptr (GBytes) line = take_line (input, &at);
  g_autoptr (OnwardTrustChain) chain = NULL;
  g_autofree char *name = NULL;
  OnwardTrustStore store;

  if (line == NULL)
    return 0;
  name = g_strndup (g_bytes_get_data (line, NULL), g_bytes_get_size (line));
  if (!g_utf8_validate (name, -1, NULL))
    return 0;
  if (root == NULL)
    root = onward_any_signature_make_root ();

  chain = onward_trust_chain_new (root, ONWARD_ANY_SIGNATURE_NOW);
  if (!complete (chain, input, &at))
    return 0;
  store.documents =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  search (chain, &store, name, input, at);
  search (chain, &store, name, input, at);
  g_hash_table_unref (store.documents);
  return 0;
}
