/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-trust-session.h"

#include <string.h>

#include "onward-delegation-search.h"
#include "onward-error.h"
#include "onward-signer.h"
#include "onward-test-repository.h"
#include "onward-test.h"
#include "onward-trust-store-private.h"

#define HELLO                             \
  "{\"length\":5,\"hashes\":{\"sha256\":" \
  "\"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\"}}"

/* A repository in which targets delegate all to "a/b", whose key is its own. */
typedef struct
{
  char *dir;                        /* (owned) */
  OnwardTestRepository *repository; /* (owned) */
  GPtrArray *keys;                  /* (owned): OnwardKey: who signs the delegated document */
  OnwardTrustStore *store;          /* (owned) */
  OnwardTrustSession *session;      /* (owned) */
} Fixture;

static JsonObject *
make_delegations (OnwardKey *key)
{
  g_autofree char *text =
      g_strdup_printf ("{\"keys\":{},\"roles\":[{\"name\":\"a/b\",\"keyids\":[\"%s\"],"
                       "\"threshold\":1,\"terminating\":false,\"paths\":[\"*\"]}]}",
                       onward_key_get_id (key));
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  JsonObject *object = json_object_ref (json_node_get_object (node));

  json_object_set_object_member (json_object_get_object_member (object, "keys"),
                                 onward_key_get_id (key), onward_key_get_public (key));
  return object;
}

static void
put_targets (Fixture *self)
{
  g_autoptr (JsonObject) content =
      onward_test_repository_make (self->repository, ONWARD_ROLE_TARGETS);
  g_autoptr (GBytes) document = NULL;

  json_object_set_object_member (content, "delegations",
                                 make_delegations (g_ptr_array_index (self->keys, 0)));
  document = onward_test_repository_sign (self->repository, ONWARD_ROLE_TARGETS, content);
  onward_test_repository_put (self->repository, "metadata/1.targets.json", document);
}

/* The delegated document: version 1, with the target "hello". */
static JsonObject *
make_delegated (Fixture *self)
{
  JsonObject *content = onward_test_repository_make (self->repository, ONWARD_ROLE_TARGETS);
  JsonObject *targets = json_object_new ();

  json_object_set_member (targets, "hello", json_from_string (HELLO, NULL));
  json_object_set_object_member (content, "targets", targets);
  return content;
}

static GBytes *
sign (Fixture *self, JsonObject *content)
{
  g_autoptr (GError) error = NULL;
  GBytes *document = onward_signer_sign (content, self->keys, &error);

  g_assert_no_error (error);
  return document;
}

static void
begin (Fixture *self)
{
  const OnwardTrustRequest *request;

  g_clear_pointer (&self->session, onward_trust_session_free);
  self->session = onward_trust_session_new (self->store, ONWARD_TEST_NOW);
  while ((request = onward_trust_session_get_request (self->session)) != NULL)
    {
      GBytes *body = g_hash_table_lookup (self->repository->files, request->path);

      if (body != NULL)
        g_assert_true (onward_trust_session_accept (self->session, body, NULL));
      else
        g_assert_true (onward_trust_session_accept_missing (self->session, NULL));
    }
}

static void
set_up (Fixture *self, gconstpointer data)
{
  OnwardKey *key = onward_key_generate (NULL);

  (void) data;
  self->dir = onward_test_make_dir ();
  self->repository = onward_test_repository_new ();
  self->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_key_free);
  g_ptr_array_add (self->keys, key);
  json_object_set_int_member (self->repository->listed, "a/b.json", 1);
  put_targets (self);
  onward_test_repository_write (self->repository, ONWARD_ROLE_SNAPSHOT);
  self->store = onward_trust_store_open (
      self->dir, onward_test_repository_get (self->repository, ONWARD_ROLE_ROOT), NULL);
  begin (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  (void) data;
  onward_trust_session_free (self->session);
  onward_trust_store_free (self->store);
  g_ptr_array_unref (self->keys);
  onward_test_repository_free (self->repository);
  onward_test_remove_dir (self->dir);
}

static void
search (Fixture *self, const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_trust_session_search (self->session, name, &error));
  g_assert_no_error (error);
}

/* The search asks by the quoted name and version, and ends with a target that belongs to it. */
static void
test_finds (Fixture *self, gconstpointer data)
{
  g_autoptr (JsonObject) content = make_delegated (self);
  g_autoptr (GBytes) document = sign (self, content);
  g_autofree char *path = NULL;
  g_autofree char *stored = NULL;
  const OnwardTrustRequest *request;

  (void) data;
  g_assert_null (onward_trust_session_get_found (self->session));
  search (self, "hello");
  request = onward_trust_session_get_request (self->session);
  g_assert_cmpstr (request->path, ==, "metadata/1.a%2Fb.json");
  g_assert_cmpuint (request->max_size, ==, 5000000);
  g_assert_false (request->may_be_missing);

  g_assert_true (onward_trust_session_accept (self->session, document, NULL));
  g_assert_null (onward_trust_session_get_request (self->session));
  g_assert_cmpstr (onward_target_get_name (onward_trust_session_get_found (self->session)), ==,
                   "hello");
  path = onward_target_dup_path (onward_trust_session_get_found (self->session));
  g_assert_true (g_str_has_prefix (path, "targets/2cf24dba"));
  stored = onward_test_read (self->dir, "a%2Fb.json");
  g_assert_cmpmem (stored, strlen (stored), g_bytes_get_data (document, NULL),
                   g_bytes_get_size (document));
}

/* 5.6.7: a role that is stored and is what the snapshot means is not asked for again; one that was
 * changed on the disk is. */
static void
test_stored (Fixture *self, gconstpointer data)
{
  g_autoptr (JsonObject) content = make_delegated (self);
  g_autoptr (GBytes) document = sign (self, content);

  (void) data;
  search (self, "hello");
  g_assert_true (onward_trust_session_accept (self->session, document, NULL));
  begin (self);
  search (self, "hello");
  g_assert_null (onward_trust_session_get_request (self->session));
  g_assert_nonnull (onward_trust_session_get_found (self->session));
  search (self, "missing");
  g_assert_null (onward_trust_session_get_request (self->session));
  g_assert_null (onward_trust_session_get_found (self->session));

  onward_test_write (self->dir, "a%2Fb.json", "{}");
  search (self, "hello");
  g_assert_nonnull (onward_trust_session_get_request (self->session));
}

typedef struct
{
  const char *name;
  const char *member;
  const char *json;
  gint code;
} Bend;

/* clang-format off */
static const Bend bends[] = {
  { "5.6.4-older",    "version",      "0",                        ONWARD_ERROR_MALFORMED },
  { "5.6.4-newer",    "version",      "2",                        ONWARD_ERROR_WRONG_VERSION },
  { "5.6.5-expired",  "expires",      "\"" ONWARD_TEST_PAST "\"", ONWARD_ERROR_EXPIRED },
  { "type",           "_type",        "\"snapshot\"",             ONWARD_ERROR_WRONG_TYPE },
  { "type-of-role",   "_type",        "\"a/b\"",                  ONWARD_ERROR_WRONG_TYPE },
  { "spec",           "spec_version", "\"2.0\"",                  ONWARD_ERROR_UNSUPPORTED_FORMAT },
  { "targets",        "targets",      "[]",                       ONWARD_ERROR_MALFORMED },
  { "delegations",    "delegations",  "{}",                       ONWARD_ERROR_MALFORMED },
};
/* clang-format on */

static void
assert_refused (Fixture *self, GBytes *document, gint code)
{
  g_autofree char *before = onward_test_repository_dump (self->dir);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (onward_trust_session_accept (self->session, document, &error));
  g_assert_error (error, ONWARD_ERROR, code);
  g_assert_true (g_str_has_prefix (error->message, "Verifying “a/b.json”: "));
  g_assert_nonnull (onward_trust_session_get_request (self->session));
  g_assert_null (onward_trust_session_get_found (self->session));
  after = onward_test_repository_dump (self->dir);
  g_assert_cmpstr (before, ==, after);
}

/* Every check of a targets document is made for delegated ones; a refused one leaves no trace, and
 * the same request may be answered better. */
static void
test_refused (Fixture *self, gconstpointer data)
{
  g_autoptr (JsonObject) good = make_delegated (self);
  g_autoptr (GBytes) document = sign (self, good);
  g_autoptr (GBytes) foreign =
      onward_test_repository_sign (self->repository, ONWARD_ROLE_TARGETS, good);

  (void) data;
  search (self, "hello");
  assert_refused (self, foreign, ONWARD_ERROR_UNTRUSTED);
  for (gsize i = 0; i < G_N_ELEMENTS (bends); i++)
    {
      g_autoptr (JsonObject) content = make_delegated (self);
      g_autoptr (GBytes) bent = NULL;

      g_test_message ("%s", bends[i].name);
      json_object_set_member (content, bends[i].member, json_from_string (bends[i].json, NULL));
      bent = sign (self, content);
      assert_refused (self, bent, bends[i].code);
    }
  g_assert_true (onward_trust_session_accept (self->session, document, NULL));
  g_assert_nonnull (onward_trust_session_get_found (self->session));
}

/* No beginning of a delegated document passes for the whole, and no bit can be changed but the case
 * of its signature's digits. */
static void
test_every_bit (Fixture *self, gconstpointer data)
{
  g_autoptr (JsonObject) content = make_delegated (self);
  g_autoptr (GBytes) document = sign (self, content);
  g_autofree char *text =
      g_strndup (g_bytes_get_data (document, NULL), g_bytes_get_size (document));
  gsize size = strlen (text);
  const char *sig = strstr (text, "\"sig\":\"") + strlen ("\"sig\":\"");
  const char *sig_end = strchr (sig, '"');

  (void) data;
  search (self, "hello");
  for (gsize i = 0; i < size; i++)
    {
      g_autoptr (GBytes) part = g_bytes_new (text, i);

      g_assert_false (onward_trust_session_accept (self->session, part, NULL));
      for (guint8 bit = 1; bit != 0; bit = (guint8) (bit << 1))
        {
          g_autoptr (GBytes) changed = NULL;

          if (bit == 0x20 && g_ascii_isalpha (text[i]) && text + i >= sig && text + i < sig_end)
            continue;
          text[i] = (char) (text[i] ^ bit);
          changed = g_bytes_new (text, size);
          text[i] = (char) (text[i] ^ bit);
          g_assert_false (onward_trust_session_accept (self->session, changed, NULL));
        }
    }
  g_assert_true (onward_trust_session_accept (self->session, document, NULL));
}

/* A delegated document must exist; the search may be given up for another at any time. */
static void
test_missing (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void) data;
  search (self, "hello");
  g_assert_false (onward_trust_session_accept_missing (self->session, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_assert_nonnull (onward_trust_session_get_request (self->session));
  search (self, "hello");
  g_assert_nonnull (onward_trust_session_get_request (self->session));
}

/* The length that snapshot gives bounds what is asked for. */
static void
test_length (Fixture *self, gconstpointer data)
{
  g_autoptr (JsonObject) content = NULL;
  g_autoptr (GBytes) snapshot = NULL;
  g_autoptr (JsonNode) entry = json_from_string ("{\"version\":1,\"length\":77}", NULL);
  g_autoptr (GBytes) longer = g_bytes_new_static ("{}", 2);

  (void) data;
  self->repository->versions[ONWARD_ROLE_SNAPSHOT] = 2;
  content = onward_test_repository_make (self->repository, ONWARD_ROLE_SNAPSHOT);
  json_object_set_member (json_object_get_object_member (content, "meta"), "a/b.json",
                          g_steal_pointer (&entry));
  snapshot = onward_test_repository_sign (self->repository, ONWARD_ROLE_SNAPSHOT, content);
  onward_test_repository_put (self->repository, "metadata/2.snapshot.json", snapshot);
  onward_test_repository_publish (self->repository, ONWARD_ROLE_TIMESTAMP);
  begin (self);
  search (self, "hello");
  g_assert_cmpuint (onward_trust_session_get_request (self->session)->max_size, ==, 77);
  assert_refused (self, longer, ONWARD_ERROR_WRONG_LENGTH);
}

/* What the snapshot does not list is not asked for, and the search ends. */
static void
test_unlisted (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void) data;
  onward_trust_session_free (g_steal_pointer (&self->session));
  onward_trust_store_free (g_steal_pointer (&self->store));
  onward_test_remove_dir (g_steal_pointer (&self->dir));
  self->dir = onward_test_make_dir ();
  json_object_remove_member (self->repository->listed, "a/b.json");
  onward_test_repository_write (self->repository, ONWARD_ROLE_SNAPSHOT);
  self->store = onward_trust_store_open (
      self->dir, onward_test_repository_get (self->repository, ONWARD_ROLE_ROOT), NULL);
  begin (self);
  g_assert_false (onward_trust_session_search (self->session, "hello", &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_assert_null (onward_trust_session_get_request (self->session));
  g_assert_null (onward_trust_session_get_found (self->session));
}

/* The targets, who ask a role first that the snapshot does not list. */
static GBytes *
make_stray_targets (Fixture *self)
{
  g_autoptr (JsonObject) content =
      onward_test_repository_make (self->repository, ONWARD_ROLE_TARGETS);
  JsonObject *delegations = make_delegations (g_ptr_array_index (self->keys, 0));
  JsonArray *roles = json_array_new ();

  json_array_add_element (roles, json_from_string ("{\"name\":\"x\",\"keyids\":[],\"threshold\":1,"
                                                   "\"terminating\":false,\"paths\":[\"*\"]}",
                                                   NULL));
  json_array_add_element (
      roles, json_array_dup_element (json_object_get_array_member (delegations, "roles"), 0));
  json_object_set_array_member (delegations, "roles", roles);
  json_object_set_object_member (content, "delegations", delegations);
  return onward_test_repository_sign (self->repository, ONWARD_ROLE_TARGETS, content);
}

/* An error ends the search: those who would have been asked later are not. */
static void
test_error_ends (Fixture *self, gconstpointer data)
{
  OnwardTestRepository *repository = self->repository;
  g_autoptr (OnwardTrustChain) chain =
      onward_trust_chain_new (onward_trust_store_get_root (self->store), ONWARD_TEST_NOW);
  g_autoptr (GBytes) document = make_stray_targets (self);
  g_autoptr (OnwardDelegationSearch) stray = NULL;
  g_autoptr (GError) error = NULL;

  (void) data;
  onward_trust_chain_take_timestamp (
      chain, onward_trust_chain_check_timestamp (
                 chain, onward_test_repository_get (repository, ONWARD_ROLE_TIMESTAMP), NULL));
  onward_trust_chain_take_snapshot (
      chain, onward_trust_chain_check_snapshot (
                 chain, onward_test_repository_get (repository, ONWARD_ROLE_SNAPSHOT), NULL));
  onward_trust_chain_take_targets (chain, onward_trust_chain_check_targets (chain, document, NULL));
  stray = onward_delegation_search_new (chain, self->store, "hello");
  g_assert_false (onward_delegation_search_advance (stray, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_assert_true (onward_delegation_search_advance (stray, NULL));
  g_assert_null (onward_delegation_search_get_request (stray));
  g_assert_null (onward_delegation_search_get_found (stray));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

#define ADD(name, test) \
  g_test_add ("/delegation-search/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("finds", test_finds);
  ADD ("stored", test_stored);
  ADD ("refused", test_refused);
  ADD ("every-bit", test_every_bit);
  ADD ("missing", test_missing);
  ADD ("length", test_length);
  ADD ("unlisted", test_unlisted);
  ADD ("error-ends", test_error_ends);
#undef ADD

  return g_test_run ();
}
