/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-role.h"

#include <string.h>

#include "onward-error.h"
#include "onward-hex.h"
#include "onward-json-guard.h"
#include "onward-test-repository.h"
#include "onward-test.h"

/* A repository whose snapshot role has @n_keys keys and needs @threshold, after one good run. */
static OnwardTestRepository *
make (const char *dir, guint n_keys, gint64 threshold)
{
  OnwardTestRepository *repository = onward_test_repository_new ();

  onward_test_repository_assert_updates (repository, dir);
  while (repository->keys[ONWARD_ROLE_SNAPSHOT]->len < n_keys)
    onward_test_repository_add_key (repository, ONWARD_ROLE_SNAPSHOT);
  repository->thresholds[ONWARD_ROLE_SNAPSHOT] = threshold;
  onward_test_repository_publish (repository, ONWARD_ROLE_ROOT);
  return repository;
}

/* As many keys as the threshold asks for must sign; more may. What would have been enough by the
 * root before counts as not replaced yet. */
static void
test_counts (void)
{
  for (guint n_signers = 0; n_signers <= 3; n_signers++)
    {
      for (gint64 threshold = 1; threshold <= 4; threshold++)
        {
          g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
          g_autoptr (OnwardTestRepository) repository = make (dir, 3, threshold);

          g_ptr_array_set_size (repository->signers[ONWARD_ROLE_SNAPSHOT], n_signers);
          onward_test_repository_publish (repository, ONWARD_ROLE_SNAPSHOT);
          if (n_signers >= threshold)
            onward_test_repository_assert_updates (repository, dir);
          else
            onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_SNAPSHOT,
                                                   n_signers == 0 ? ONWARD_ERROR_UNTRUSTED
                                                                  : ONWARD_ERROR_UPLOAD_UNDER_WAY);
        }
    }
}

/* Signatures of keys the role does not list count for nothing, and do no harm. */
static void
test_foreign_signatures (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = make (dir, 2, 2);
  GPtrArray *signers = repository->signers[ONWARD_ROLE_SNAPSHOT];
  gpointer second = g_ptr_array_index (signers, 1);

  g_ptr_array_index (signers, 1) = g_ptr_array_index (repository->keys[ONWARD_ROLE_TARGETS], 0);
  onward_test_repository_publish (repository, ONWARD_ROLE_SNAPSHOT);
  onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_SNAPSHOT,
                                         ONWARD_ERROR_UPLOAD_UNDER_WAY);
  g_ptr_array_add (signers, second);
  onward_test_repository_write (repository, ONWARD_ROLE_SNAPSHOT);
  onward_test_repository_assert_updates (repository, dir);
}

/* Two signatures under one key id break the format. */
static void
test_duplicate_signatures (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = make (dir, 1, 1);
  GPtrArray *signers = repository->signers[ONWARD_ROLE_SNAPSHOT];

  g_ptr_array_add (signers, g_ptr_array_index (signers, 0));
  onward_test_repository_publish (repository, ONWARD_ROLE_SNAPSHOT);
  onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_SNAPSHOT,
                                         ONWARD_ERROR_MALFORMED);
}

/* Lists the snapshot key of @content once more, under the id @id. */
static void
list_again (JsonObject *content, const char *id)
{
  JsonObject *keys = json_object_get_object_member (content, "keys");
  JsonObject *roles = json_object_get_object_member (content, "roles");
  JsonObject *role = json_object_get_object_member (roles, "snapshot");
  JsonArray *ids = json_object_get_array_member (role, "keyids");
  const char *first = json_array_get_string_element (ids, 0);

  json_object_set_object_member (keys, id,
                                 json_object_ref (json_object_get_object_member (keys, first)));
  json_array_add_string_element (ids, id);
}

/* The snapshot with its signature repeated under the id @id. */
static GBytes *
sign_again (OnwardTestRepository *repository, const char *id)
{
  GBytes *document = onward_test_repository_get (repository, ONWARD_ROLE_SNAPSHOT);
  g_autoptr (JsonNode) node = onward_json_guard_parse (document, 1 << 20, NULL);
  JsonArray *signatures = json_object_get_array_member (json_node_get_object (node), "signatures");
  JsonObject *again = json_object_new ();
  char *text;

  json_object_set_string_member (again, "keyid", id);
  json_object_set_string_member (
      again, "sig",
      json_object_get_string_member (json_array_get_object_element (signatures, 0), "sig"));
  json_array_add_object_element (signatures, again);
  text = json_to_string (node, FALSE);
  return g_bytes_new_take (text, strlen (text));
}

/* One key under two ids counts once: two good signatures, one signer. */
static void
test_duplicate_keys (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (JsonObject) content = NULL;
  g_autoptr (GBytes) root = NULL;
  g_autoptr (GBytes) snapshot = NULL;

  onward_test_repository_assert_updates (repository, dir);
  repository->versions[ONWARD_ROLE_ROOT] = 2;
  repository->thresholds[ONWARD_ROLE_SNAPSHOT] = 2;
  content = onward_test_repository_make (repository, ONWARD_ROLE_ROOT);
  list_again (content, "another-id");
  root = onward_test_repository_sign (repository, ONWARD_ROLE_ROOT, content);
  onward_test_repository_put (repository, "metadata/2.root.json", root);

  onward_test_repository_publish (repository, ONWARD_ROLE_SNAPSHOT);
  snapshot = sign_again (repository, "another-id");
  onward_test_repository_put (repository, "metadata/2.snapshot.json", snapshot);
  onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_SNAPSHOT,
                                         ONWARD_ERROR_UPLOAD_UNDER_WAY);
}

/* Key ids need only be unique: one that is no digest of its key works. */
static void
test_free_key_ids (void)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
  g_autoptr (JsonObject) content = NULL;
  g_autoptr (GBytes) root = NULL;
  g_autoptr (GBytes) snapshot = NULL;

  onward_test_repository_assert_updates (repository, dir);
  repository->versions[ONWARD_ROLE_ROOT] = 2;
  content = onward_test_repository_make (repository, ONWARD_ROLE_ROOT);
  list_again (content, "another-id");
  root = onward_test_repository_sign (repository, ONWARD_ROLE_ROOT, content);
  onward_test_repository_put (repository, "metadata/2.root.json", root);
  onward_test_repository_publish (repository, ONWARD_ROLE_SNAPSHOT);
  snapshot = sign_again (repository, "another-id");
  onward_test_repository_put (repository, "metadata/2.snapshot.json", snapshot);
  onward_test_repository_assert_updates (repository, dir);
}

/* clang-format off */
static const struct
{
  const char *name;
  const char *role;
} broken_roles[] = {
  { "threshold-zero", "{\"keyids\":[],\"threshold\":0}" },
  { "threshold-negative", "{\"keyids\":[],\"threshold\":-1}" },
  { "threshold-text", "{\"keyids\":[],\"threshold\":\"1\"}" },
  { "threshold-true", "{\"keyids\":[],\"threshold\":true}" },
  { "threshold-null", "{\"keyids\":[],\"threshold\":null}" },
  { "threshold-huge", "{\"keyids\":[],\"threshold\":9007199254740991}" },
  { "threshold-missing", "{\"keyids\":[]}" },
  { "ids-missing", "{\"threshold\":1}" },
  { "ids-object", "{\"keyids\":{},\"threshold\":1}" },
  { "ids-numbers", "{\"keyids\":[1],\"threshold\":1}" },
  { "ids-nested", "{\"keyids\":[[\"a\"]],\"threshold\":1}" },
  { "no-object", "[]" },
};
/* clang-format on */

/* A root with a role that cannot be right is refused, and the one before it stays in force. */
static void
test_broken_roles (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (broken_roles); i++)
    {
      g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
      g_autoptr (OnwardTestRepository) repository = onward_test_repository_new ();
      g_autoptr (JsonObject) content = NULL;
      g_autoptr (GBytes) root = NULL;

      onward_test_repository_assert_updates (repository, dir);
      repository->versions[ONWARD_ROLE_ROOT] = 2;
      content = onward_test_repository_make (repository, ONWARD_ROLE_ROOT);
      json_object_set_member (json_object_get_object_member (content, "roles"), "timestamp",
                              json_from_string (broken_roles[i].role, NULL));
      root = onward_test_repository_sign (repository, ONWARD_ROLE_ROOT, content);
      onward_test_repository_put (repository, "metadata/2.root.json", root);
      g_test_message ("%s", broken_roles[i].name);
      onward_test_repository_assert_refuses (repository, dir, ONWARD_ROLE_ROOT,
                                             ONWARD_ERROR_MALFORMED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/threshold/counts", test_counts);
  g_test_add_func ("/threshold/foreign-signatures", test_foreign_signatures);
  g_test_add_func ("/threshold/duplicate-signatures", test_duplicate_signatures);
  g_test_add_func ("/threshold/duplicate-keys", test_duplicate_keys);
  g_test_add_func ("/threshold/free-key-ids", test_free_key_ids);
  g_test_add_func ("/threshold/broken-roles", test_broken_roles);

  return g_test_run ();
}
