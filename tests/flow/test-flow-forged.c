/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "flow-fixture.h"
#include "onward-json.h"
#include "onward-metadata-writer.h"

#define LARGE 200000

/* A delta in the repository that is not what it was, and the document that names it. */
typedef struct
{
  OnwardTestSite *site;
  OnwardRepository *repository; /* (owned) */
  const char *name;             /* (unowned): of the document among them */
} Forgery;

static char *
get_path (OnwardTestSite *site, const char *folder, const char *name)
{
  return g_build_filename (site->dir, "repo", folder, name, NULL);
}

/* The same pack with some other bytes, as if its maker had made it so. */
static OnwardPackInfo *
forge_pack (OnwardTestSite *site, OnwardPackInfo *info, guint64 from)
{
  g_autofree char *name = onward_pack_info_dup_file_name (info);
  g_autofree char *path = get_path (site, "packs", name);
  g_autofree char *forged_name = NULL;
  g_autofree char *forged_path = NULL;
  g_autofree char *data = NULL;
  g_autoptr (GBytes) blocks = NULL;
  OnwardPackInfo *forged;
  OnwardDigest digest;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_cmpuint (size, <=, onward_pack_info_get_block_size (info));
  for (gsize at = from; at < size; at += 7)
    data[at] ^= 0x55;
  onward_digest_of_data (data, size, &digest);
  blocks = g_bytes_new (digest.bytes, sizeof digest.bytes);
  forged = onward_pack_info_new (ONWARD_PACK_DELTA, onward_pack_info_get_from (info), &digest, size,
                                 onward_pack_info_get_head_size (info),
                                 onward_pack_info_get_block_size (info), blocks);
  forged_name = onward_pack_info_dup_file_name (forged);
  forged_path = get_path (site, "packs", forged_name);
  g_assert_true (g_file_set_contents (forged_path, data, (gssize) size, NULL));
  return forged;
}

static OnwardReleaseDocument *
load_document (const Forgery *self, JsonObject *hashes)
{
  g_autofree char *folder = g_path_get_dirname (self->name);
  g_autofree char *base = g_path_get_basename (self->name);
  g_autofree char *path = g_strdup_printf ("targets/%s/%s.%s", folder,
                                           json_object_get_string_member (hashes, "sha256"), base);
  g_autoptr (GBytes) bytes =
      onward_repository_read (self->repository, path, ONWARD_RELEASE_DOCUMENT_MAX_SIZE, NULL);

  g_assert_nonnull (bytes);
  return onward_release_document_parse (bytes, NULL);
}

/* What a release says, with each delta forged: in its body, or also in its head. */
static GBytes *
forge_document (const Forgery *self, OnwardReleaseDocument *document, gboolean in_head)
{
  GPtrArray *packs = onward_release_document_get_packs (document);
  g_autoptr (GPtrArray) forged =
      g_ptr_array_new_with_free_func ((GDestroyNotify) onward_pack_info_unref);
  g_autoptr (OnwardReleaseDocument) other = NULL;

  for (guint i = 0; i < packs->len; i++)
    {
      OnwardPackInfo *info = g_ptr_array_index (packs, i);

      if (onward_pack_info_get_from (info) == NULL)
        g_ptr_array_add (forged, onward_pack_info_ref (info));
      else
        g_ptr_array_add (forged,
                         forge_pack (self->site, info,
                                     in_head ? 24 : onward_pack_info_get_head_size (info) + 9));
    }
  g_assert_cmpuint (forged->len, ==, 2);
  other = onward_release_document_new (onward_release_document_get_release (document),
                                       onward_release_document_get_tree_digest (document),
                                       onward_release_document_get_tree_size (document), forged);
  return onward_release_document_serialize (other);
}

static void
put_document (const Forgery *self, GBytes *bytes, JsonObject *target, JsonObject *hashes)
{
  g_autofree char *folder = g_path_get_dirname (self->name);
  g_autofree char *base = g_path_get_basename (self->name);
  g_autofree char *hex = NULL;
  g_autofree char *path = NULL;
  OnwardDigest digest;

  onward_digest_of_bytes (bytes, &digest);
  hex = onward_digest_to_string (&digest);
  path = g_strdup_printf ("targets/%s/%s.%s", folder, hex, base);
  onward_repository_put (self->repository, path, bytes);
  json_object_set_string_member (hashes, "sha256", hex);
  json_object_set_int_member (target, "length", (gint64) g_bytes_get_size (bytes));
}

/* Signs a release whose delta is not what its maker made, as only the publisher's own keys can. */
static void
forge (OnwardTestSite *site, const char *version, gboolean in_head)
{
  g_autofree char *folder = g_build_filename (site->dir, "repo", NULL);
  g_autofree char *ending = g_strconcat ("/", version, ".json", NULL);
  g_autoptr (OnwardRepository) repository = onward_repository_open (folder, NULL);
  g_autoptr (OnwardKeyring) keyring = onward_test_site_load_keys (repository);
  g_autoptr (JsonObject) content = onward_repository_load_role (repository, "targets", NULL);
  JsonObject *targets = json_object_get_object_member (content, "targets");
  g_autoptr (GList) names = json_object_get_members (targets);
  g_autoptr (GError) error = NULL;

  for (GList *at = names; at != NULL; at = at->next)
    {
      const Forgery forgery = { site, repository, at->data };
      JsonObject *target = json_object_get_object_member (targets, at->data);
      JsonObject *hashes = json_object_get_object_member (target, "hashes");
      g_autoptr (OnwardReleaseDocument) document = NULL;
      g_autoptr (GBytes) bytes = NULL;

      if (!g_str_has_suffix (at->data, ending))
        continue;
      document = load_document (&forgery, hashes);
      bytes = forge_document (&forgery, document, in_head);
      put_document (&forgery, bytes, target, hashes);
    }
  g_assert_true (onward_metadata_writer_put_targets (repository, keyring, targets, &error));
  g_assert_true (onward_repository_commit (repository, &error));
  g_assert_no_error (error);
}

/* Text of which a line differs, so that there is a delta. */
static void
write_text (OnwardTestSite *site, const char *version)
{
  g_autofree char *tree = g_build_filename (site->dir, "trees", version, NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (GString) text = g_string_new (version);

  while (text->len < LARGE)
    g_string_append_printf (text, "%u\n", g_rand_int (random));
  onward_test_write (tree, "share/text", text->str);
}

/* A delta that is signed, arrives as it was signed and makes nonsense, wherever it is wrong, gives
 * way to blocks of the full pack, in the same update. */
static void
test_flow_forged (gconstpointer data)
{
  OnwardAdditionOptions options = { .version = (char *) "1.1.0", .deltas = 1 };
  gboolean in_head = GPOINTER_TO_INT (data);
  FlowFixture fixture = { .site = onward_test_site_new () };
  g_autoptr (GError) error = NULL;

  onward_test_site_make_tree (fixture.site, "1.0.0", 1000);
  onward_test_site_make_tree (fixture.site, "1.1.0", 1000);
  write_text (fixture.site, "1.0.0");
  write_text (fixture.site, "1.1.0");
  onward_test_site_add (fixture.site, "1.0.0");
  fixture.install = onward_test_site_install (fixture.site, "1.0.0");
  onward_test_site_add_with (fixture.site, &options);
  forge (fixture.site, "1.1.0", in_head);
  fixture.site->n_bytes = 0;
  flow_fixture_open (&fixture);

  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (fixture.flow, &error));
  g_assert_no_error (error);
  flow_fixture_settle (&fixture);
  g_assert_no_error (onward_status_get_error (onward_flow_get_status (fixture.flow)));
  flow_fixture_assert_current (&fixture, "1.1.0");
  g_assert_cmpuint (fixture.site->n_bytes, >, LARGE / 3);
  flow_fixture_clear (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_data_func ("/flow-forged/body", GINT_TO_POINTER (FALSE), test_flow_forged);
  g_test_add_data_func ("/flow-forged/head", GINT_TO_POINTER (TRUE), test_flow_forged);
  return g_test_run ();
}
