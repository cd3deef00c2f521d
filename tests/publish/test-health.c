/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-health.h"

#include <string.h>

#include <glib/gstdio.h>

#include "onward-ceremony.h"
#include "onward-metadata-writer.h"
#include "publish-fixture.h"

#define DAY (G_GINT64_CONSTANT (24) * 60 * 60)

/* Damages what a site is made of. */
typedef void (*Damage) (OnwardTestSite *site);

static GPtrArray *
examine (OnwardTestSite *site)
{
  g_autofree char *repo = g_build_filename (site->dir, "repo", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardRepository) repository = onward_repository_open_to_read (repo, &error);
  g_autofree char *folder = onward_repository_dup_keys_path (repository);
  g_autoptr (OnwardKeyring) keyring = onward_keyring_open (folder, &error);
  GPtrArray *findings;

  g_assert_no_error (error);
  findings = onward_health_examine (repository, keyring);
  for (guint i = 0; i < findings->len; i++)
    {
      const OnwardFinding *finding = g_ptr_array_index (findings, i);

      g_test_message ("%d %s: %s (%s)", finding->urgency, finding->subject, finding->text,
                      finding->advice != NULL ? finding->advice : "");
      /* Whatever is urgent comes with what is to be done. */
      g_assert_cmpint (finding->urgency != ONWARD_URGENCY_NONE, ==, finding->advice != NULL);
    }
  return findings;
}

/* (nullable): the finding about @subject that says @text. */
static const OnwardFinding *
find (GPtrArray *findings, const char *subject, const char *text)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const OnwardFinding *finding = g_ptr_array_index (findings, i);

      if (g_str_equal (finding->subject, subject) && strstr (finding->text, text) != NULL)
        return finding;
    }
  return NULL;
}

static void
remove_file (OnwardTestSite *site, const char *name)
{
  g_autofree char *path = g_build_filename (site->dir, name, NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
change_mode (OnwardTestSite *site, const char *name, int mode)
{
  g_autofree char *path = g_build_filename (site->dir, name, NULL);

  g_assert_cmpint (g_chmod (path, mode), ==, 0);
}

/* The roles that a root gives, to be changed and put back. */
static JsonNode *
read_root (OnwardTestSite *site, JsonObject **ret_roles)
{
  g_autofree char *text = onward_test_read (site->dir, "repo/metadata/1.root.json");
  JsonNode *document = json_from_string (text, NULL);

  *ret_roles = json_object_get_object_member (
      json_object_get_object_member (json_node_get_object (document), "signed"), "roles");
  return document;
}

static void
write_root (OnwardTestSite *site, JsonNode *document)
{
  g_autofree char *text = json_to_string (document, FALSE);

  onward_test_write (site->dir, "repo/metadata/1.root.json", text);
}

static void
split (OnwardTestSite *site)
{
  JsonObject *roles;
  g_autoptr (JsonNode) document = read_root (site, &roles);
  JsonArray *ids = json_array_new ();

  json_array_add_string_element (ids, "another");
  json_object_set_array_member (json_object_get_object_member (roles, "targets"), "keyids", ids);
  write_root (site, document);
}

static void
ask_for_all_root_keys (OnwardTestSite *site)
{
  JsonObject *roles;
  g_autoptr (JsonNode) document = read_root (site, &roles);

  json_object_set_int_member (json_object_get_object_member (roles, "root"), "threshold", 2);
  write_root (site, document);
}

static void
open_key (OnwardTestSite *site)
{
  change_mode (site, "keys/online.pem", 0644);
}

static void
open_folder (OnwardTestSite *site)
{
  change_mode (site, "keys", 0755);
}

static void
lose_folder (OnwardTestSite *site)
{
  g_autofree char *from = g_build_filename (site->dir, "keys", NULL);
  g_autofree char *to = g_build_filename (site->dir, "elsewhere", NULL);

  g_assert_cmpint (g_rename (from, to), ==, 0);
}

static void
publish_folder (OnwardTestSite *site)
{
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autofree char *from = g_build_filename (site->dir, "keys", NULL);
  g_autofree char *to = g_build_filename (site->dir, "repo", "keys", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_rename (from, to), ==, 0);
  onward_repository_set_setting (repository, "Keys", to);
  onward_repository_commit (repository, &error);
  g_assert_no_error (error);
}

static void
damage_draft (OnwardTestSite *site)
{
  onward_test_write (site->dir, "keys/next-root.json", "{");
}

static void
lose_timestamp (OnwardTestSite *site)
{
  remove_file (site, "repo/metadata/timestamp.json");
}

static void
forge_snapshot (OnwardTestSite *site)
{
  g_autofree char *folder = g_build_filename (site->dir, "repo", "metadata", NULL);
  g_autofree char *path = publish_fixture_find (folder, ".snapshot.json");

  publish_fixture_flip (path, 200);
}

/* A new root for which neither root key is here. */
static void
begin_ceremony (OnwardTestSite *site)
{
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autofree char *folder = onward_repository_dup_keys_path (repository);
  g_autoptr (OnwardPassphrase) none = onward_passphrase_new_known (NULL);
  g_autoptr (OnwardKeyring) keyring = NULL;
  g_autoptr (OnwardCeremony) ceremony = NULL;
  g_autoptr (GError) error = NULL;

  remove_file (site, "keys/root.pem");
  remove_file (site, "keys/spare-root.pem");
  keyring = onward_keyring_open (folder, &error);
  g_assert_no_error (error);
  ceremony = onward_ceremony_begin (repository, keyring, none, &error);
  g_assert_no_error (error);
  g_assert_cmpint (onward_ceremony_finish (ceremony, &error), ==, ONWARD_CEREMONY_WAITING);
  g_assert_no_error (error);
}

/* Targets that nobody with the online keys has seen. */
static void
sign_offline (OnwardTestSite *site)
{
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autofree char *folder = onward_repository_dup_keys_path (repository);
  g_autoptr (OnwardPassphrase) none = onward_passphrase_new_known (NULL);
  g_autoptr (JsonObject) root = onward_repository_load_role (repository, "root", NULL);
  g_autoptr (JsonObject) targets = json_object_new ();
  g_autoptr (OnwardKeyring) keyring = NULL;
  g_autoptr (GError) error = NULL;

  remove_file (site, "keys/online.pem");
  keyring = onward_keyring_open (folder, &error);
  g_assert_true (onward_keyring_unlock_role (keyring, "targets", root, none, &error));
  g_assert_true (onward_metadata_writer_put_targets (repository, keyring, targets, &error));
  onward_repository_commit (repository, &error);
  g_assert_no_error (error);
}

/* A new repository is sound, but for the spare key, which is still beside the others. */
static void
test_health_of_a_new_repository (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (GPtrArray) findings = examine (site);
  guint n_urgent = 0;

  for (guint i = 0; i < findings->len; i++)
    {
      const OnwardFinding *finding = g_ptr_array_index (findings, i);

      n_urgent += finding->urgency != ONWARD_URGENCY_NONE;
    }
  g_assert_cmpuint (n_urgent, ==, 1);
  g_assert_cmpint (find (findings, "keys", "all root keys are on this computer")->urgency, ==,
                   ONWARD_URGENCY_SOON);
  g_assert_nonnull (find (findings, "clients", "they trust 0 targets"));
  g_clear_pointer (&findings, g_ptr_array_unref);

  remove_file (site, "keys/spare-root.pem");
  findings = examine (site);
  g_assert_null (find (findings, "keys", "all root keys are on this computer"));
}

/* Each thing that can be wrong is found, is as urgent as it is, and comes with what helps. */
static void
test_health_of_damage (void)
{
  /* clang-format off */
  static const struct
  {
    Damage damage; OnwardUrgency urgency; const char *subject, *text, *advice;
  } rows[] = {
    { open_key,              ONWARD_URGENCY_NOW,  "keys",      "others may read “",   "chmod 600" },
    { open_folder,           ONWARD_URGENCY_NOW,  "keys",      "others may look into", "chmod 700" },
    { publish_folder,        ONWARD_URGENCY_NOW,  "keys",      "inside what is published",
      "replace every one" },
    { lose_folder,           ONWARD_URGENCY_NONE, "keys",      "there is no folder",   NULL },
    { ask_for_all_root_keys, ONWARD_URGENCY_SOON, "keys",      "there are 2 root keys and 2 have",
      "key add REPO root" },
    { split,                 ONWARD_URGENCY_SOON, "keys",      "a root key is on this computer",
      "safe place" },
    { damage_draft,          ONWARD_URGENCY_NOW,  "waiting",   "next-root.json",       "key abort" },
    { begin_ceremony,        ONWARD_URGENCY_SOON, "waiting",   "waits for 1 signatures of the keys in",
      "key export" },
    { sign_offline,          ONWARD_URGENCY_SOON, "waiting",   "waits for the online keys",
      "onward-publish refresh" },
    { lose_timestamp,        ONWARD_URGENCY_NOW,  "timestamp", "timestamp.json",       "a copy" },
    { lose_timestamp,        ONWARD_URGENCY_NOW,  "clients",   "timestamp.json",       "a copy" },
    { forge_snapshot,        ONWARD_URGENCY_NOW,  "clients",   "snapshot.json",        "run it again" },
  };
  /* clang-format on */

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (OnwardTestSite) site = onward_test_site_new ();
      g_autoptr (GPtrArray) before = examine (site);
      g_autoptr (GPtrArray) after = NULL;
      const OnwardFinding *finding;

      g_assert_null (find (before, rows[i].subject, rows[i].text));
      rows[i].damage (site);
      after = examine (site);
      finding = find (after, rows[i].subject, rows[i].text);
      g_assert_nonnull (finding);
      g_assert_cmpint (finding->urgency, ==, rows[i].urgency);
      if (rows[i].advice != NULL)
        g_assert_nonnull (strstr (finding->advice, rows[i].advice));
    }
}

/* Lets a document expire that long from now; nobody signs it. */
static void
let_expire (OnwardTestSite *site, const char *file, const char *role, gint64 seconds)
{
  g_autofree char *name = g_strconcat ("repo/metadata/", file, NULL);
  g_autofree char *text = onward_test_read (site->dir, name);
  g_autoptr (JsonNode) document = json_from_string (text, NULL);
  g_autoptr (GDateTime) then =
      g_date_time_new_from_unix_utc (g_get_real_time () / G_USEC_PER_SEC + seconds);
  g_autofree char *expires = g_date_time_format (then, "%Y-%m-%dT%H:%M:%SZ");
  g_autofree char *changed = NULL;
  JsonObject *content = json_object_get_object_member (json_node_get_object (document), "signed");

  g_assert_cmpstr (json_object_get_string_member (content, "_type"), ==, role);
  json_object_set_string_member (content, "expires", expires);
  changed = json_to_string (document, FALSE);
  onward_test_write (site->dir, name, changed);
}

/* What expires is told in time, with the command that helps against it. */
static void
test_health_of_what_expires (void)
{
  /* clang-format off */
  static const struct
  {
    const char *role, *file; gint64 seconds; OnwardUrgency urgency; const char *text, *advice;
  } rows[] = {
    { "root",      "1.root.json",     200 * DAY + 60,  ONWARD_URGENCY_NONE, "expires in 200 days", NULL },
    { "root",      "1.root.json",     100 * DAY + 60,  ONWARD_URGENCY_SOON, "expires in 100 days",
      "onward-publish rotate" },
    { "root",      "1.root.json",     -3 * DAY - 60,   ONWARD_URGENCY_NOW,  "expired 3 days ago",
      "onward-publish rotate" },
    { "targets",   "1.targets.json",  80 * DAY + 60,   ONWARD_URGENCY_SOON, "expires in 80 days",
      "where the key of targets is" },
    { "snapshot",  "1.snapshot.json", -400 * DAY - 60, ONWARD_URGENCY_NOW,  "expired 400 days ago",
      "onward-publish refresh" },
    { "timestamp", "timestamp.json",  46 * DAY,        ONWARD_URGENCY_NONE, "it expires in 4", NULL },
    { "timestamp", "timestamp.json",  44 * DAY + 60,   ONWARD_URGENCY_SOON, "expires in 44 days",
      "onward-publish refresh" },
  };
  /* clang-format on */

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (OnwardTestSite) site = onward_test_site_new ();
      g_autoptr (GPtrArray) findings = NULL;
      const OnwardFinding *finding;

      let_expire (site, rows[i].file, rows[i].role, rows[i].seconds);
      findings = examine (site);
      finding = find (findings, rows[i].role, rows[i].text);
      g_assert_nonnull (finding);
      g_assert_cmpint (finding->urgency, ==, rows[i].urgency);
      if (rows[i].advice != NULL)
        g_assert_nonnull (strstr (finding->advice, rows[i].advice));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/health/of-a-new-repository", test_health_of_a_new_repository);
  g_test_add_func ("/health/of-damage", test_health_of_damage);
  g_test_add_func ("/health/of-what-expires", test_health_of_what_expires);
  return g_test_run ();
}
