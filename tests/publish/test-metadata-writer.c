/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <string.h>

#include "onward-date.h"
#include "onward-error.h"
#include "onward-expiry.h"
#include "onward-metadata-writer.h"
#include "publish-fixture.h"

#define FAR_DAYS 300

static gint64
get_version (OnwardRepository *repository, const char *role)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) content = onward_repository_load_role (repository, role, &error);

  g_assert_no_error (error);
  return json_object_get_int_member (content, "version");
}

/* How many days the metadata of a role is still good for. */
static gint64
get_days (OnwardRepository *repository, const char *role)
{
  g_autoptr (JsonObject) content = onward_repository_load_role (repository, role, NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) expires =
      g_date_time_new_from_iso8601 (json_object_get_string_member (content, "expires"), NULL);

  return g_date_time_difference (expires, now) / G_TIME_SPAN_DAY;
}

static GBytes *
sign_with_expiry (OnwardRepository *repository, OnwardKeyring *keyring, JsonObject *content,
                  const char *role, int days)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) then = g_date_time_add_days (now, days);
  g_autofree char *expires = g_date_time_format (then, "%Y-%m-%dT%H:%M:%SZ");
  g_autoptr (GError) error = NULL;
  GBytes *bytes;

  json_object_set_string_member (content, "expires", expires);
  bytes = onward_signer_sign (content, onward_keyring_get_signers (keyring, role), &error);
  g_assert_no_error (error);
  return bytes;
}

static void
refer (JsonObject *above, const char *name, GBytes *document)
{
  JsonObject *meta = json_object_get_object_member (above, "meta");
  JsonObject *entry = json_object_get_object_member (meta, name);
  JsonObject *hashes = json_object_get_object_member (entry, "hashes");
  g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, document);

  json_object_set_string_member (hashes, "sha256", digest);
  json_object_set_int_member (entry, "length", (gint64) g_bytes_get_size (document));
}

static void
overwrite (OnwardTestSite *site, const char *name, GBytes *document)
{
  g_autofree char *path = g_build_filename (site->dir, "repo", "metadata", name, NULL);

  g_assert_true (g_file_set_contents (path, g_bytes_get_data (document, NULL),
                                      (gssize) g_bytes_get_size (document), NULL));
}

/* Makes a fresh repository one whose metadata expires in so many days. */
static void
age (OnwardTestSite *site, int targets_days, int snapshot_days, int timestamp_days)
{
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autoptr (OnwardKeyring) keyring = publish_fixture_load_keys (site);
  g_autoptr (JsonObject) targets = onward_repository_load_role (repository, "targets", NULL);
  g_autoptr (JsonObject) snapshot = onward_repository_load_role (repository, "snapshot", NULL);
  g_autoptr (JsonObject) timestamp = onward_repository_load_role (repository, "timestamp", NULL);
  g_autoptr (GBytes) targets_bytes =
      sign_with_expiry (repository, keyring, targets, "targets", targets_days);
  g_autoptr (GBytes) snapshot_bytes = NULL;
  g_autoptr (GBytes) timestamp_bytes = NULL;

  refer (snapshot, "targets.json", targets_bytes);
  snapshot_bytes = sign_with_expiry (repository, keyring, snapshot, "snapshot", snapshot_days);
  refer (timestamp, "snapshot.json", snapshot_bytes);
  timestamp_bytes = sign_with_expiry (repository, keyring, timestamp, "timestamp", timestamp_days);
  overwrite (site, "1.targets.json", targets_bytes);
  overwrite (site, "1.snapshot.json", snapshot_bytes);
  overwrite (site, "timestamp.json", timestamp_bytes);
}

/* A refresh signs anew what expires soon, and keeps a repository alive that had expired. */
static void
test_metadata_writer_refresh (void)
{
  static const struct
  {
    int targets_days;
    int snapshot_days;
    int timestamp_days;
    gboolean with_root;
    gint64 targets_version;
    gint64 snapshot_version;
  } cases[] = {
    { FAR_DAYS, FAR_DAYS, FAR_DAYS, TRUE, 1, 1 },
    { FAR_DAYS, FAR_DAYS, -1, FALSE, 1, 1 },
    { FAR_DAYS, 30, 30, FALSE, 1, 2 },
    { FAR_DAYS, -1, -1, FALSE, 1, 2 },
    { 30, FAR_DAYS, 30, TRUE, 2, 2 },
    { -1, -1, -1, TRUE, 2, 2 },
    { 30, FAR_DAYS, 30, FALSE, 1, 1 },
    { 30, 30, 30, FALSE, 1, 2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTestSite) site = onward_test_site_new ();
      g_autoptr (OnwardKeyring) keyring = publish_fixture_load_keys (site);
      g_autoptr (OnwardRepository) repository = NULL;
      g_autoptr (GError) error = NULL;
      gboolean soon = FALSE;

      age (site, cases[i].targets_days, cases[i].snapshot_days, cases[i].timestamp_days);
      repository = publish_fixture_open (site);
      onward_expiry_is_soon (repository, "targets", &soon, &error);
      g_assert_no_error (error);
      g_assert_true (soon == (cases[i].targets_days < FAR_DAYS));

      onward_metadata_writer_put_refreshed (repository, keyring, cases[i].with_root, &error);
      g_assert_no_error (error);
      onward_repository_commit (repository, &error);
      g_assert_no_error (error);
      g_assert_cmpint (get_version (repository, "targets"), ==, cases[i].targets_version);
      g_assert_cmpint (get_version (repository, "snapshot"), ==, cases[i].snapshot_version);
      g_assert_cmpint (get_version (repository, "timestamp"), ==, 2);
      g_assert_cmpint (get_days (repository, "timestamp"), >=, 100);
      if (cases[i].snapshot_version == 2)
        g_assert_cmpint (get_days (repository, "snapshot"), >=, FAR_DAYS);
      if (cases[i].targets_version == 2)
        g_assert_cmpint (get_days (repository, "targets"), >=, FAR_DAYS);
    }
}

/* What expired and cannot be signed anew here stays refused, as clients would refuse it. */
static void
test_metadata_writer_refresh_without_root (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardKeyring) keyring = publish_fixture_load_keys (site);
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (GError) error = NULL;

  age (site, -1, FAR_DAYS, FAR_DAYS);
  repository = publish_fixture_open (site);
  onward_metadata_writer_put_refreshed (repository, keyring, FALSE, &error);
  g_assert_no_error (error);
  g_assert_false (onward_repository_commit (repository, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_EXPIRED);
}

/* The releases are the same after a refresh, also after one that signs the targets anew. */
static void
test_metadata_writer_refresh_keeps_releases (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardKeyring) keyring = publish_fixture_load_keys (site);
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (GError) error = NULL;

  age (site, 30, 30, 30);
  onward_test_site_make_tree (site, "1.0.0", 1000);
  onward_test_site_add (site, "1.0.0");
  repository = publish_fixture_open (site);
  for (guint i = 0; i < 2; i++)
    {
      onward_metadata_writer_put_refreshed (repository, keyring, TRUE, &error);
      g_assert_no_error (error);
      onward_repository_commit (repository, &error);
      g_assert_no_error (error);
    }

  targets = onward_repository_verify (repository, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (onward_targets_get_n_targets (targets), ==, 1);
}

/* A timestamp that cannot be read is no reason to begin again at 1, which clients would refuse. */
static void
test_metadata_writer_lost_timestamp (void)
{
  static const char *const contents[] = {
    NULL,
    "",
    "{}",
    "{\"signed\":{}}",
    "{\"signed\":[]}",
    "{\"signed\":{\"version\":\"1\"}}",
    "{\"signed\":{\"version\":1,\"meta\":{\"snapshot.json\":{\"version\":true}}}}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autoptr (OnwardTestSite) site = onward_test_site_new ();
      g_autofree char *metadata = g_build_filename (site->dir, "repo", "metadata", NULL);
      g_autofree char *path = g_build_filename (metadata, "timestamp.json", NULL);
      g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
      g_autoptr (OnwardKeyring) keyring = publish_fixture_load_keys (site);
      g_autoptr (JsonObject) targets = json_object_new ();
      g_autoptr (GError) error = NULL;

      if (contents[i] == NULL)
        g_assert_cmpint (g_unlink (path), ==, 0);
      else
        onward_test_write (metadata, "timestamp.json", contents[i]);

      g_assert_false (onward_metadata_writer_put_refreshed (repository, keyring, TRUE, &error));
      g_assert_nonnull (error);
      g_clear_error (&error);
      if (i != G_N_ELEMENTS (contents) - 1)
        {
          g_assert_false (
              onward_metadata_writer_put_targets (repository, keyring, targets, &error));
          g_assert_nonnull (error);
        }
    }
}

/* The root lets clients ask for what never changes, and every role is good for its time. */
static void
test_metadata_writer_root (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  g_autoptr (JsonObject) root = onward_repository_load_role (repository, "root", NULL);

  g_assert_true (json_object_get_boolean_member (root, "consistent_snapshot"));
  g_assert_cmpstr (json_object_get_string_member (root, "_type"), ==, "root");
  g_assert_cmpint (get_days (repository, "root"), >, 1000);
  g_assert_cmpint (get_days (repository, "targets"), >, FAR_DAYS);
  g_assert_cmpint (get_days (repository, "snapshot"), >, FAR_DAYS);
  g_assert_cmpint (get_days (repository, "timestamp"), >, 100);
}

/* Timestamp and targets say when they were signed, so that clients notice a wrong clock. */
static void
test_metadata_writer_issued (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
  static const char *const roles[] = { "timestamp", "targets" };
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  for (gsize i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      g_autoptr (JsonObject) content = onward_repository_load_role (repository, roles[i], NULL);
      gint64 issued = 0;

      g_assert_true (
          onward_date_parse (json_object_get_string_member (content, "x-issued"), &issued, NULL));
      g_assert_cmpint (issued, <=, now);
      g_assert_cmpint (issued, >, now - 3600);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metadata-writer/refresh", test_metadata_writer_refresh);
  g_test_add_func ("/metadata-writer/refresh-without-root",
                   test_metadata_writer_refresh_without_root);
  g_test_add_func ("/metadata-writer/refresh-keeps-releases",
                   test_metadata_writer_refresh_keeps_releases);
  g_test_add_func ("/metadata-writer/lost-timestamp", test_metadata_writer_lost_timestamp);
  g_test_add_func ("/metadata-writer/root", test_metadata_writer_root);
  g_test_add_func ("/metadata-writer/issued", test_metadata_writer_issued);
  return g_test_run ();
}
