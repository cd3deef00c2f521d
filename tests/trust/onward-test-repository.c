/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-test-repository.h"

#include <string.h>

#include "onward-digest.h"
#include "onward-error.h"
#include "onward-json-guard.h"
#include "onward-signer.h"

/**
 * onward_test_repository_add_key:
 * @self: a repository
 * @kind: a role
 *
 * Gives @kind one more key, which is listed and signs from now on.
 */
void
onward_test_repository_add_key (OnwardTestRepository *self, OnwardRoleKind kind)
{
  g_autoptr (GError) error = NULL;
  OnwardKey *key = onward_key_generate (&error);

  g_assert_no_error (error);
  g_ptr_array_add (self->owned, key);
  g_ptr_array_add (self->keys[kind], key);
  g_ptr_array_add (self->signers[kind], key);
}

/**
 * onward_test_repository_rotate:
 * @self: a repository
 * @kind: a role
 *
 * Replaces the keys of @kind by a new one. The old root keys go on signing, so that the next root
 * follows the last.
 */
void
onward_test_repository_rotate (OnwardTestRepository *self, OnwardRoleKind kind)
{
  g_ptr_array_set_size (self->keys[kind], 0);
  if (kind != ONWARD_ROLE_ROOT)
    g_ptr_array_set_size (self->signers[kind], 0);
  onward_test_repository_add_key (self, kind);
}

static JsonObject *
make_keys (OnwardTestRepository *self)
{
  JsonObject *object = json_object_new ();

  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      for (guint i = 0; i < self->keys[kind]->len; i++)
        {
          OnwardKey *key = g_ptr_array_index (self->keys[kind], i);

          json_object_set_object_member (object, onward_key_get_id (key),
                                         onward_key_get_public (key));
        }
    }
  return object;
}

static JsonObject *
make_role (OnwardTestRepository *self, OnwardRoleKind kind)
{
  JsonObject *object = json_object_new ();
  JsonArray *ids = json_array_new ();

  for (guint i = 0; i < self->keys[kind]->len; i++)
    json_array_add_string_element (ids,
                                   onward_key_get_id (g_ptr_array_index (self->keys[kind], i)));
  json_object_set_array_member (object, "keyids", ids);
  json_object_set_int_member (object, "threshold", self->thresholds[kind]);
  return object;
}

static void
fill_root (OnwardTestRepository *self, JsonObject *content)
{
  JsonObject *roles = json_object_new ();

  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    json_object_set_object_member (roles, onward_role_kind_get_name (kind), make_role (self, kind));
  json_object_set_boolean_member (content, "consistent_snapshot", self->consistent);
  json_object_set_object_member (content, "keys", make_keys (self));
  json_object_set_object_member (content, "roles", roles);
}

static JsonObject *
make_file (OnwardTestRepository *self, OnwardRoleKind kind)
{
  JsonObject *object = json_object_new ();
  JsonObject *hashes;
  g_autofree char *hex = NULL;
  OnwardDigest digest;
  GBytes *bytes;

  json_object_set_int_member (object, "version", self->versions[kind]);
  if (!self->pinned)
    return object;

  bytes = onward_test_repository_get (self, kind);
  onward_digest_of_bytes (bytes, &digest);
  hex = onward_digest_to_string (&digest);
  hashes = json_object_new ();
  json_object_set_string_member (hashes, "sha256", hex);
  json_object_set_int_member (object, "length", (gint64) g_bytes_get_size (bytes));
  json_object_set_object_member (object, "hashes", hashes);
  return object;
}

static void
fill_snapshot (OnwardTestRepository *self, JsonObject *meta)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_set_object_member (meta, "targets.json", make_file (self, ONWARD_ROLE_TARGETS));
  json_object_iter_init (&iter, self->listed);
  while (json_object_iter_next (&iter, &name, &node))
    {
      JsonObject *entry = json_object_new ();

      json_object_set_int_member (entry, "version", json_node_get_int (node));
      json_object_set_object_member (meta, name, entry);
    }
}

/**
 * onward_test_repository_make:
 * @self: a repository
 * @kind: a role
 *
 * Returns: (transfer full): the "signed" part of its present document
 */
JsonObject *
onward_test_repository_make (OnwardTestRepository *self, OnwardRoleKind kind)
{
  JsonObject *content = json_object_new ();
  JsonObject *meta = NULL;

  json_object_set_string_member (content, "_type", onward_role_kind_get_name (kind));
  json_object_set_string_member (content, "spec_version", "1.0.34");
  json_object_set_int_member (content, "version", self->versions[kind]);
  json_object_set_string_member (content, "expires", self->expires[kind]);

  if (kind == ONWARD_ROLE_ROOT)
    fill_root (self, content);
  else if (kind == ONWARD_ROLE_TARGETS)
    json_object_set_object_member (content, "targets", json_object_ref (self->targets));
  else
    {
      meta = json_object_new ();
      if (kind == ONWARD_ROLE_TIMESTAMP)
        json_object_set_object_member (meta, "snapshot.json",
                                       make_file (self, ONWARD_ROLE_SNAPSHOT));
      else
        fill_snapshot (self, meta);
      json_object_set_object_member (content, "meta", meta);
    }
  return content;
}

/**
 * onward_test_repository_sign:
 * @self: a repository
 * @kind: whose signers sign
 * @content: any "signed" part
 *
 * Returns: (transfer full): the document
 */
GBytes *
onward_test_repository_sign (OnwardTestRepository *self, OnwardRoleKind kind, JsonObject *content)
{
  g_autoptr (GError) error = NULL;
  GBytes *document = onward_signer_sign (content, self->signers[kind], &error);

  g_assert_no_error (error);
  return document;
}

/**
 * onward_test_repository_dup_path:
 * @self: a repository
 * @kind: a role
 *
 * Returns: (transfer full): where its present document lies
 */
char *
onward_test_repository_dup_path (OnwardTestRepository *self, OnwardRoleKind kind)
{
  if (kind != ONWARD_ROLE_TIMESTAMP && (self->consistent || kind == ONWARD_ROLE_ROOT))
    return g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".%s", self->versions[kind],
                            onward_role_kind_get_file (kind));
  return g_strconcat ("metadata/", onward_role_kind_get_file (kind), NULL);
}

/**
 * onward_test_repository_put:
 * @self: a repository
 * @path: a path
 * @body: what lies there from now on
 */
void
onward_test_repository_put (OnwardTestRepository *self, const char *path, GBytes *body)
{
  g_hash_table_insert (self->files, g_strdup (path), g_bytes_ref (body));
}

/**
 * onward_test_repository_get:
 * @self: a repository
 * @kind: a role
 *
 * Returns: (transfer none): its present document
 */
GBytes *
onward_test_repository_get (OnwardTestRepository *self, OnwardRoleKind kind)
{
  g_autofree char *path = onward_test_repository_dup_path (self, kind);
  GBytes *bytes = g_hash_table_lookup (self->files, path);

  g_assert_nonnull (bytes);
  return bytes;
}

/**
 * onward_test_repository_write:
 * @self: a repository
 * @kind: a role
 *
 * Makes, signs and puts its document at its present version.
 */
void
onward_test_repository_write (OnwardTestRepository *self, OnwardRoleKind kind)
{
  g_autoptr (JsonObject) content = onward_test_repository_make (self, kind);
  g_autoptr (GBytes) document = onward_test_repository_sign (self, kind, content);
  g_autofree char *path = onward_test_repository_dup_path (self, kind);

  onward_test_repository_put (self, path, document);
}

/**
 * onward_test_repository_publish:
 * @self: a repository
 * @kind: a role
 *
 * Writes the next version of @kind and of the documents that point at it.
 */
void
onward_test_repository_publish (OnwardTestRepository *self, OnwardRoleKind kind)
{
  self->versions[kind]++;
  onward_test_repository_write (self, kind);
  if (kind == ONWARD_ROLE_TARGETS)
    onward_test_repository_publish (self, ONWARD_ROLE_SNAPSHOT);
  else if (kind == ONWARD_ROLE_SNAPSHOT)
    onward_test_repository_publish (self, ONWARD_ROLE_TIMESTAMP);
}

/**
 * onward_test_repository_new:
 *
 * Returns: (transfer full): a repository with one key a role and version 1 of every document
 */
OnwardTestRepository *
onward_test_repository_new (void)
{
  OnwardTestRepository *self = g_new0 (OnwardTestRepository, 1);

  self->consistent = TRUE;
  self->owned = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_key_free);
  self->targets = json_object_new ();
  self->listed = json_object_new ();
  self->files =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self->log = g_string_new (NULL);
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      self->keys[kind] = g_ptr_array_new ();
      self->signers[kind] = g_ptr_array_new ();
      self->thresholds[kind] = 1;
      self->versions[kind] = 1;
      self->expires[kind] = ONWARD_TEST_NEVER;
      onward_test_repository_add_key (self, kind);
    }

  onward_test_repository_write (self, ONWARD_ROLE_ROOT);
  onward_test_repository_write (self, ONWARD_ROLE_TARGETS);
  onward_test_repository_write (self, ONWARD_ROLE_SNAPSHOT);
  onward_test_repository_write (self, ONWARD_ROLE_TIMESTAMP);
  return self;
}

/**
 * onward_test_repository_free:
 * @self: (transfer full): a repository
 */
void
onward_test_repository_free (OnwardTestRepository *self)
{
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      g_ptr_array_unref (self->keys[kind]);
      g_ptr_array_unref (self->signers[kind]);
    }
  g_ptr_array_unref (self->owned);
  json_object_unref (self->targets);
  json_object_unref (self->listed);
  g_hash_table_unref (self->files);
  g_string_free (self->log, TRUE);
  g_free (self);
}

/* As a server would: the log names what was asked for, short. */
static gboolean
answer (OnwardTestRepository *self, OnwardTrustSession *session, GError **error)
{
  const OnwardTrustRequest *request = onward_trust_session_get_request (session);
  GBytes *body = g_hash_table_lookup (self->files, request->path);

  g_assert_true (g_str_has_prefix (request->path, "metadata/"));
  g_string_append_printf (self->log, "%s ", request->path + strlen ("metadata/"));
  if (body == NULL)
    return onward_trust_session_accept_missing (session, error);
  return onward_trust_session_accept (session, body, error);
}

/**
 * onward_test_repository_update:
 * @self: a repository
 * @dir: the client's folder
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable): what a whole run ends with
 */
OnwardTargets *
onward_test_repository_update (OnwardTestRepository *self, const char *dir, GError **error)
{
  return onward_test_repository_update_at (self, dir, ONWARD_TEST_NOW, error);
}

/**
 * onward_test_repository_update_at:
 * @self: a repository
 * @dir: the client's folder
 * @now: what the client's clock shows
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable): what a whole run ends with
 */
OnwardTargets *
onward_test_repository_update_at (OnwardTestRepository *self, const char *dir, gint64 now,
                                  GError **error)
{
  GBytes *anchor = g_hash_table_lookup (self->files, "metadata/1.root.json");
  g_autoptr (OnwardTrustStore) store = onward_trust_store_open (dir, anchor, error);
  g_autoptr (OnwardTrustSession) session = NULL;

  g_string_truncate (self->log, 0);
  if (store == NULL)
    return NULL;
  session = onward_trust_session_new (store, now);
  while (onward_trust_session_get_request (session) != NULL)
    {
      g_assert_null (onward_trust_session_get_targets (session));
      if (!answer (self, session, error))
        return NULL;
    }
  return onward_targets_ref (onward_trust_session_get_targets (session));
}

/**
 * onward_test_repository_stored_version:
 * @dir: the client's folder
 * @kind: a role
 *
 * Returns: the version of its stored document; 0 when there is none
 */
gint64
onward_test_repository_stored_version (const char *dir, OnwardRoleKind kind)
{
  g_autofree char *path = g_build_filename (dir, onward_role_kind_get_file (kind), NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *envelope;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return 0;
  g_assert_true (json_parser_load_from_file (parser, path, NULL));
  envelope = json_node_get_object (json_parser_get_root (parser));
  return json_object_get_int_member (json_object_get_object_member (envelope, "signed"), "version");
}

/**
 * onward_test_repository_assert_updates:
 * @self: a repository
 * @dir: the client's folder
 *
 * A run succeeds and stores the repository's present documents.
 */
void
onward_test_repository_assert_updates (OnwardTestRepository *self, const char *dir)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTargets) targets = onward_test_repository_update (self, dir, &error);

  g_assert_no_error (error);
  g_assert_cmpint (onward_targets_get_version (targets), ==, self->versions[ONWARD_ROLE_TARGETS]);
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    g_assert_cmpint (onward_test_repository_stored_version (dir, kind), ==, self->versions[kind]);
}

/**
 * onward_test_repository_assert_refuses:
 * @self: a repository
 * @dir: the client's folder
 * @kind: whose document is refused
 * @code: with which error
 *
 * A run fails over @kind's document, which is not stored, nor anything after it.
 */
void
onward_test_repository_assert_refuses (OnwardTestRepository *self, const char *dir,
                                       OnwardRoleKind kind, gint code)
{
  g_autofree char *part = g_strdup_printf ("Verifying “%s”: ", onward_role_kind_get_file (kind));
  g_autoptr (GError) error = NULL;
  gint64 before[ONWARD_TEST_N_ROLES];

  for (guint i = kind; i < ONWARD_TEST_N_ROLES; i++)
    before[i] = onward_test_repository_stored_version (dir, i);
  g_assert_null (onward_test_repository_update (self, dir, &error));
  g_assert_error (error, ONWARD_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, part));
  for (guint i = kind; i < ONWARD_TEST_N_ROLES; i++)
    g_assert_cmpint (onward_test_repository_stored_version (dir, i), ==, before[i]);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/**
 * onward_test_repository_dump:
 * @dir: a folder
 *
 * Returns: (transfer full): the names and contents of all its files, as one text
 */
char *
onward_test_repository_dump (const char *dir)
{
  g_autoptr (GDir) folder = g_dir_open (dir, 0, NULL);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_assert_nonnull (folder);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);
      g_autofree char *text = NULL;

      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      g_ptr_array_add (lines, g_strdup_printf ("%s: %s", name, text));
    }
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}
