/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-key.h"
#include "onward-root-draft.h"
#include "onward-root-request.h"
#include "onward-root.h"
#include "onward-signer.h"
#include "onward-test.h"

#define N_KEYS  5
#define EXPIRES "2090-01-01T00:00:00Z"

/* Keys 0 and 1 are the root's, 2 signs all else, 3 and 4 are to come. */
typedef struct
{
  GPtrArray *keys;
  GBytes *root;
  JsonObject *content;
} Fixture;

static OnwardKey *
get_key (Fixture *self, guint index)
{
  return g_ptr_array_index (self->keys, index);
}

static void
add_key (Fixture *self, JsonObject *draft, const char *role, guint index)
{
  g_autoptr (JsonObject) public = onward_key_get_public (get_key (self, index));
  g_autoptr (GError) error = NULL;

  onward_root_draft_add_key (draft, role, public, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  static const char *const roles[] = { "root", "targets", "snapshot", "timestamp" };
  g_autoptr (JsonNode) node =
      json_from_string ("{\"_type\":\"root\",\"spec_version\":\"1.0.34\",\"version\":1,"
                        "\"expires\":\"" EXPIRES "\",\"consistent_snapshot\":true,"
                        "\"keys\":{},\"roles\":{}}",
                        NULL);
  g_autoptr (GPtrArray) signers = g_ptr_array_new ();
  JsonObject *all;

  self->content = json_node_dup_object (node);
  self->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_key_free);
  for (guint i = 0; i < N_KEYS; i++)
    g_ptr_array_add (self->keys, onward_key_generate (NULL));

  all = json_object_get_object_member (self->content, "roles");
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      JsonObject *role = json_object_new ();

      json_object_set_array_member (role, "keyids", json_array_new ());
      json_object_set_int_member (role, "threshold", i == 0 ? 2 : 1);
      json_object_set_object_member (all, roles[i], role);
    }
  add_key (self, self->content, "root", 0);
  add_key (self, self->content, "root", 1);
  add_key (self, self->content, "targets", 2);
  add_key (self, self->content, "online", 2);
  g_ptr_array_add (signers, g_ptr_array_index (self->keys, 0));
  g_ptr_array_add (signers, g_ptr_array_index (self->keys, 1));
  self->root = onward_signer_sign (self->content, signers, NULL);
  g_assert_nonnull (self->root);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_bytes_unref (self->root);
  json_object_unref (self->content);
  g_ptr_array_unref (self->keys);
}

static OnwardRootRequest *
make_request (Fixture *self, JsonObject *draft)
{
  g_autoptr (GError) error = NULL;
  OnwardRootRequest *request;

  g_assert_true (onward_root_draft_finish (draft, &error));
  request = onward_root_request_new (self->root, draft, &error);
  g_assert_no_error (error);
  return request;
}

static void
sign (Fixture *self, OnwardRootRequest *request, guint index)
{
  g_autoptr (GError) error = NULL;

  onward_root_request_sign (request, get_key (self, index), &error);
  g_assert_no_error (error);
}

#define assert_missing(request, before, after)                                                    \
  G_STMT_START                                                                                    \
  {                                                                                               \
    g_assert_cmpuint (onward_root_request_get_missing (request, FALSE), ==, (before));            \
    g_assert_cmpuint (onward_root_request_get_missing (request, TRUE), ==, (after));              \
    g_assert_true (onward_root_request_is_complete (request) == ((before) == 0 && (after) == 0)); \
  }                                                                                               \
  G_STMT_END

/* The old threshold counts old keys, the new one new keys, and no key counts twice. */
static void
test_root_request_counts (Fixture *self, gconstpointer data)
{
  g_autoptr (JsonObject) draft = onward_root_draft_new (self->content, EXPIRES);
  g_autoptr (OnwardRootRequest) request = NULL;
  g_autoptr (OnwardRoot) before = onward_root_new (self->root, NULL, NULL);
  g_autoptr (OnwardRoot) after = NULL;
  g_autoptr (GBytes) root = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (
      onward_root_draft_remove_key (draft, "root", onward_key_get_id (get_key (self, 1)), NULL));
  add_key (self, draft, "root", 3);
  add_key (self, draft, "root", 4);
  g_assert_true (onward_root_draft_set_threshold (draft, "root", 3, NULL));
  request = make_request (self, draft);
  assert_missing (request, 2, 3);
  sign (self, request, 0);
  assert_missing (request, 1, 2);
  sign (self, request, 0);
  assert_missing (request, 1, 2);
  sign (self, request, 3);
  sign (self, request, 4);
  assert_missing (request, 1, 0);
  g_assert_true (onward_root_request_needs (request, onward_key_get_id (get_key (self, 1))));
  g_assert_false (onward_root_request_needs (request, onward_key_get_id (get_key (self, 3))));
  sign (self, request, 1);
  assert_missing (request, 0, 0);

  root = onward_root_request_make_root (request, &error);
  g_assert_no_error (error);
  after = onward_root_new (root, before, &error);
  g_assert_no_error (error);
  g_assert_cmpint (onward_root_get_version (after), ==, 2);
}

/* A key without a root role cannot sign a root. */
static void
test_root_request_refuses_strangers (Fixture *self, gconstpointer data)
{
  g_autoptr (JsonObject) draft = onward_root_draft_new (self->content, EXPIRES);
  g_autoptr (OnwardRootRequest) request = make_request (self, draft);
  g_autoptr (GError) error = NULL;

  g_assert_false (onward_root_request_sign (request, get_key (self, 2), &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  assert_missing (request, 2, 2);
}

static void
assert_text_refused (const char *text)
{
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "request", NULL);
  g_autoptr (OnwardRootRequest) request = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  request = onward_root_request_load (path, &error);
  g_assert_null (request);
  g_assert_nonnull (error);
}

/* What comes back is believed in nothing: each signature is checked, and so is what was before. */
static void
test_root_request_round_trip (Fixture *self, gconstpointer data)
{
  static const char *const bends[][2] = { { EXPIRES, "2091-01-01T00:00:00Z" },
                                          { "\"sig\" : \"", "\"sig\" : \"00" },
                                          { "\"_type\" : \"root\"", "\"_type\" : \"toor\"" } };
  g_autoptr (OnwardTestDir) dir = onward_test_make_dir ();
  g_autofree char *path = g_build_filename (dir, "request", NULL);
  g_autoptr (JsonObject) draft = onward_root_draft_new (self->content, EXPIRES);
  g_autoptr (JsonObject) other = onward_root_draft_new (self->content, "2089-01-01T00:00:00Z");
  g_autoptr (OnwardRootRequest) request = make_request (self, draft);
  g_autoptr (OnwardRootRequest) stranger = make_request (self, other);
  g_autoptr (OnwardRootRequest) back = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  sign (self, request, 1);
  g_assert_true (onward_root_request_save (request, path, NULL));
  back = onward_root_request_load (path, &error);
  g_assert_no_error (error);
  assert_missing (back, 1, 1);
  sign (self, back, 0);
  g_assert_true (onward_root_request_merge (request, back, NULL));
  assert_missing (request, 0, 0);
  g_assert_false (onward_root_request_merge (stranger, back, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bends); i++)
    {
      g_auto (GStrv) parts = g_strsplit (text, bends[i][0], -1);
      g_autofree char *bent = g_strjoinv (bends[i][1], parts);

      g_assert_cmpuint (g_strv_length (parts), >, 1);
      assert_text_refused (bent);
    }
  assert_text_refused ("{}");
  assert_text_refused ("[");
}

/* A root that skips a version, or stays at the one in force, is nobody's to sign. */
static void
test_root_request_wrong_versions (Fixture *self, gconstpointer data)
{
  static const gint64 versions[] = { 1, 3, 0, -1 };

  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autoptr (JsonObject) draft = onward_root_draft_new (self->content, EXPIRES);
      g_autoptr (OnwardRootRequest) request = NULL;
      g_autoptr (GError) error = NULL;

      json_object_set_int_member (draft, "version", versions[i]);
      request = onward_root_request_new (self->root, draft, &error);
      g_assert_null (request);
      g_assert_nonnull (error);
    }
}

/* A root with fewer keys than it takes is never made, and keys without a role are left out. */
static void
test_root_draft_finish (Fixture *self, gconstpointer data)
{
  g_autoptr (JsonObject) draft = onward_root_draft_new (self->content, EXPIRES);
  const char *id = onward_key_get_id (get_key (self, 1));
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_root_draft_keeps_keys (self->content, draft, "root"));
  g_assert_true (onward_root_draft_remove_key (draft, "root", id, NULL));
  g_assert_false (onward_root_draft_remove_key (draft, "root", id, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (onward_root_draft_keeps_keys (self->content, draft, "root"));
  g_assert_false (onward_root_draft_finish (draft, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);

  g_assert_false (onward_root_draft_set_threshold (draft, "root", 0, NULL));
  g_assert_false (onward_root_draft_set_threshold (draft, "root", 17, NULL));
  g_assert_true (onward_root_draft_set_threshold (draft, "root", 1, NULL));
  g_assert_true (onward_root_draft_finish (draft, NULL));
  g_assert_false (json_object_has_member (json_object_get_object_member (draft, "keys"), id));
  g_assert_true (
      json_object_has_member (json_object_get_object_member (self->content, "keys"), id));
}

/* The online key is that of two roles, which are given and taken together. */
static void
test_root_draft_online (Fixture *self, gconstpointer data)
{
  g_autoptr (JsonObject) draft = onward_root_draft_new (self->content, EXPIRES);
  const char *id = onward_key_get_id (get_key (self, 3));
  g_autoptr (JsonObject) public = onward_key_get_public (get_key (self, 3));
  g_autoptr (GError) error = NULL;

  add_key (self, draft, "online", 3);
  g_assert_true (onward_root_draft_has_key (draft, "snapshot", id));
  g_assert_true (onward_root_draft_has_key (draft, "timestamp", id));
  g_assert_false (onward_root_draft_has_key (draft, "targets", id));
  g_assert_false (onward_root_draft_add_key (draft, "online", public, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED);
  g_assert_true (onward_root_draft_remove_key (draft, "online", id, NULL));
  g_assert_false (onward_root_draft_has_key (draft, "timestamp", id));
}

#define add(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  add ("/root-request/counts", test_root_request_counts);
  add ("/root-request/refuses-strangers", test_root_request_refuses_strangers);
  add ("/root-request/round-trip", test_root_request_round_trip);
  add ("/root-request/wrong-versions", test_root_request_wrong_versions);
  add ("/root-draft/finish", test_root_draft_finish);
  add ("/root-draft/online", test_root_draft_online);

  return g_test_run ();
}
