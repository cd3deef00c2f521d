/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>

#include "onward-fault-scenario.h"
#include "onward-json-guard.h"
#include "onward-part-file.h"
#include "onward-test-authority.h"
#include "onward-test.h"

/* Three blocks and a bit, so that a cut in the middle lies inside of one. */
#define TREE_SIZE    (3 * 1024 * 1024 + 70000)
#define MOST_RETRIES 3

/* What the path of each thing, and of nothing else, has in it. */
static const char *const paths[] = {
  "/metadata/2.root.json",
  "/metadata/timestamp.json",
  "/metadata/2.targets.json",
  "/targets/",
  "/packs/",
};

static const char *const names[] = { "root", "timestamp", "targets", "document", "pack" };

G_STATIC_ASSERT (G_N_ELEMENTS (paths) == ONWARD_FAULT_N_THINGS);
G_STATIC_ASSERT (G_N_ELEMENTS (names) == ONWARD_FAULT_N_THINGS);

/**
 * onward_fault_scenario_get_name:
 * @thing: what is fetched
 *
 * Returns: its name
 */
const char *
onward_fault_scenario_get_name (OnwardFaultThing thing)
{
  return names[thing];
}

/* Hands out what was published, below @name, as it is. */
static void
copy_files (OnwardFaultScenario *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->site->dir, "repo", name, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *child;

  if (dir == NULL)
    {
      g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
      g_autoptr (GBytes) bytes = NULL;

      g_assert_nonnull (file);
      bytes = g_mapped_file_get_bytes (file);
      onward_test_repository_put (self->repository, name, bytes);
      return;
    }
  while ((child = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = g_build_filename (name, child, NULL);

      copy_files (self, below);
    }
}

static void
copy_targets (OnwardFaultScenario *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->site->dir, "repo/metadata", name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *content;
  gsize size = 0;

  g_assert_true (g_file_get_contents (path, &text, &size, NULL));
  bytes = g_bytes_new_take (g_steal_pointer (&text), size);
  node = onward_json_guard_parse (bytes, size, NULL);
  g_assert_nonnull (node);
  content = json_object_get_object_member (json_node_get_object (node), "signed");
  json_object_unref (self->repository->targets);
  self->repository->targets = json_object_ref (json_object_get_object_member (content, "targets"));
}

static void
remember_trust (OnwardFaultScenario *self)
{
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    {
      char *text = onward_fault_scenario_dup_stored (self, kind);

      g_assert_nonnull (text);
      g_hash_table_insert (self->stored, (gpointer) onward_role_kind_get_file (kind), text);
    }
}

static void
restore_trust (OnwardFaultScenario *self)
{
  for (guint kind = 0; kind < ONWARD_TEST_N_ROLES; kind++)
    onward_test_write (onward_paths_get_trust (self->paths), onward_role_kind_get_file (kind),
                       g_hash_table_lookup (self->stored, onward_role_kind_get_file (kind)));
}

static OnwardTargets *
check (OnwardFaultScenario *self, GError **error)
{
  GBytes *root = g_hash_table_lookup (self->repository->files, "metadata/1.root.json");
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *validator = NULL;

  g_assert_true (g_file_set_contents (onward_paths_get_anchor (self->paths),
                                      g_bytes_get_data (root, NULL),
                                      (gssize) g_bytes_get_size (root), error));
  onward_checker_run_async (self->fetcher, self->paths, self->url, NULL, ONWARD_TEST_NOW, NULL,
                            onward_test_store_result, &result);
  onward_test_await (&result);
  return onward_checker_run_finish (result, &validator, error);
}

static OnwardTarget *
find_document (OnwardFaultScenario *self)
{
  g_autofree char *name =
      g_strdup_printf ("releases/%s/stable/1.0.0.json", onward_paths_get_platform ());
  OnwardTarget *target = onward_targets_lookup (self->targets, name);

  g_assert_nonnull (target);
  return target;
}

static OnwardReleaseDocument *
fetch_document (OnwardFaultScenario *self, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  onward_planner_fetch_document_async (&self->planner, find_document (self), NULL,
                                       onward_test_store_result, &result);
  onward_test_await (&result);
  return onward_planner_fetch_document_finish (result, error);
}

static OnwardPackInfo *
get_pack (OnwardFaultScenario *self)
{
  return onward_release_document_get_full_pack (self->document);
}

static void
assert_pack_is_right (OnwardFaultScenario *self)
{
  g_autofree char *path =
      onward_part_file_dup_path (onward_install_get_paths (self->planner.install), get_pack (self));
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  g_autoptr (GBytes) bytes = NULL;
  OnwardDigest digest;

  g_assert_nonnull (file);
  bytes = g_mapped_file_get_bytes (file);
  onward_digest_of_bytes (bytes, &digest);
  g_assert_true (onward_digest_equal (&digest, onward_pack_info_get_digest (get_pack (self))));
}

static gboolean
fetch_pack (OnwardFaultScenario *self, GError **error)
{
  g_autoptr (OnwardTransfer) transfer =
      onward_planner_make_transfer (&self->planner, get_pack (self));
  g_autoptr (GAsyncResult) result = NULL;
  gboolean fetched;

  onward_transfer_want (transfer, 0, onward_pack_info_get_size (get_pack (self)));
  onward_transfer_run_async (transfer, NULL, onward_test_store_result, &result);
  onward_test_await (&result);
  fetched = onward_transfer_run_finish (transfer, result, error);
  self->on_wire = onward_transfer_get_bytes_on_wire (transfer);
  self->kept = onward_transfer_get_bytes_done (transfer);
  if (fetched)
    assert_pack_is_right (self);
  return fetched;
}

/**
 * onward_fault_scenario_fetch:
 * @thing: what
 * @error: (nullable): where to put why it failed
 *
 * Fetches one thing, as the client does on the way to an update.
 *
 * Returns: whether it is there, and right
 */
gboolean
onward_fault_scenario_fetch (OnwardFaultScenario *self, OnwardFaultThing thing, GError **error)
{
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (OnwardReleaseDocument) document = NULL;

  switch (thing)
    {
    case ONWARD_FAULT_ROOT:
    case ONWARD_FAULT_TIMESTAMP:
    case ONWARD_FAULT_TARGETS:
      targets = check (self, error);
      return targets != NULL;
    case ONWARD_FAULT_DOCUMENT:
      document = fetch_document (self, error);
      return document != NULL;
    case ONWARD_FAULT_PACK:
      return fetch_pack (self, error);
    }
  g_return_val_if_reached (FALSE);
}

/**
 * onward_fault_scenario_begin:
 * @thing: what is about to be fetched
 * @lines: how the server answers those who ask for it
 *
 * Takes the client back to where it was before all updates.
 */
void
onward_fault_scenario_begin (OnwardFaultScenario *self, OnwardFaultThing thing,
                             const char *const *lines)
{
  g_autofree char *parts = g_strdup (onward_paths_get_parts (self->paths));

  restore_trust (self);
  if (g_file_test (parts, G_FILE_TEST_EXISTS))
    onward_test_remove_dir (g_steal_pointer (&parts));
  g_assert_cmpint (g_mkdir_with_parents (onward_paths_get_parts (self->paths), 0755), ==, 0);
  onward_fault_server_aim (self->server, paths[thing]);
  onward_fault_server_script_lines (self->server, lines);
}

/**
 * onward_fault_scenario_dup_stored:
 * @kind: a role
 *
 * Returns: (transfer full) (nullable): the contents of its document in the trust store
 */
char *
onward_fault_scenario_dup_stored (OnwardFaultScenario *self, OnwardRoleKind kind)
{
  g_autofree char *path = g_build_filename (onward_paths_get_trust (self->paths),
                                            onward_role_kind_get_file (kind), NULL);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? text : NULL;
}

/**
 * onward_fault_scenario_get_pack_size:
 *
 * Returns: the size of the pack
 */
guint64
onward_fault_scenario_get_pack_size (OnwardFaultScenario *self)
{
  return onward_pack_info_get_size (get_pack (self));
}

static void
open_install (OnwardFaultScenario *self)
{
  g_autoptr (GError) error = NULL;

  self->install_dir = onward_test_site_install (self->site, "1.0.0");
  self->paths = onward_paths_new (self->install_dir, &error);
  g_assert_no_error (error);
  self->install = onward_install_open (self->paths, &error);
  g_assert_no_error (error);
  self->journal = onward_journal_load (onward_paths_get_journal (self->paths));
  self->planner = (OnwardPlanner){
    .fetcher = self->fetcher,
    .install = self->install,
    .journal = self->journal,
    .repository = self->url,
    .max_retries = MOST_RETRIES,
  };
}

/* What the client trusts first, and what there is to learn for it. */
static void
publish (OnwardFaultScenario *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTargets) before = NULL;

  self->repository->pinned = TRUE;
  onward_test_repository_publish (self->repository, ONWARD_ROLE_TIMESTAMP);
  before = check (self, &error);
  g_assert_no_error (error);
  remember_trust (self);

  copy_files (self, "targets");
  copy_files (self, "packs");
  copy_targets (self, "2.targets.json");
  onward_test_repository_rotate (self->repository, ONWARD_ROLE_ROOT);
  onward_test_repository_publish (self->repository, ONWARD_ROLE_ROOT);
  onward_test_repository_publish (self->repository, ONWARD_ROLE_TARGETS);
}

static void
start_secure_server (OnwardFaultScenario *self)
{
  g_autoptr (OnwardTestAuthority) authority = onward_test_authority_new ();
  g_autoptr (GTlsCertificate) certificate =
      onward_test_authority_certify (authority, ONWARD_TEST_CERTIFICATE_GOOD);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);

  self->secure = onward_fault_server_new (nothing);
  onward_fault_server_set_certificate (self->secure, certificate);
}

/**
 * onward_fault_scenario_new:
 *
 * Returns: (transfer full): a client that is one update behind, and a server that is in order
 */
OnwardFaultScenario *
onward_fault_scenario_new (void)
{
  OnwardFaultScenario *self = g_new0 (OnwardFaultScenario, 1);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  g_autofree char *file = NULL;
  g_autoptr (GError) error = NULL;

  self->stored = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->site = onward_test_site_new ();
  onward_test_site_make_tree (self->site, "1.0.0", TREE_SIZE);
  onward_test_site_add (self->site, "1.0.0");
  self->repository = onward_test_repository_new ();
  self->server = onward_fault_server_new (nothing);
  onward_fault_server_set_files (self->server, self->repository->files);
  file = g_path_get_dirname (onward_fault_server_get_uri (self->server));
  self->url = g_steal_pointer (&file);
  start_secure_server (self);
  self->fetcher = onward_fetcher_new (FALSE);
  open_install (self);

  publish (self);
  self->targets = check (self, &error);
  g_assert_no_error (error);
  self->planner.targets = self->targets;
  g_assert_cmpint (g_mkdir_with_parents (onward_paths_get_parts (self->paths), 0755), ==, 0);
  self->document = fetch_document (self, &error);
  g_assert_no_error (error);
  return self;
}

/**
 * onward_fault_scenario_free:
 * @self: (transfer full): a scenario
 */
void
onward_fault_scenario_free (OnwardFaultScenario *self)
{
  onward_fault_server_free (self->server);
  onward_fault_server_free (self->secure);
  onward_release_document_unref (self->document);
  onward_targets_unref (self->targets);
  onward_journal_free (self->journal);
  onward_install_free (self->install);
  onward_paths_unref (self->paths);
  g_object_unref (self->fetcher);
  onward_test_repository_free (self->repository);
  onward_test_site_free (self->site);
  g_hash_table_unref (self->stored);
  g_free (self->install_dir);
  g_free (self->url);
  g_free (self);
}
