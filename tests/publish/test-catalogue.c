/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <string.h>

#include "onward-catalogue.h"
#include "onward-error.h"
#include "onward-metadata-writer.h"
#include "publish-fixture.h"

/* Targets with one more beside those of releases, that has this for its "custom". */
static OnwardTargets *
make_targets (OnwardTestSite *site, OnwardRepository *repository, const char *custom)
{
  g_autoptr (OnwardKeyring) keyring = publish_fixture_load_keys (site);
  g_autofree char *json =
      g_strdup_printf ("{\"other\":{\"length\":1,\"hashes\":{\"sha256\":\"%064d\"}%s%s}}", 0,
                       custom == NULL ? "" : ",\"custom\":", custom == NULL ? "" : custom);
  g_autoptr (JsonNode) node = json_from_string (json, NULL);
  g_autoptr (GError) error = NULL;
  OnwardTargets *targets;

  onward_metadata_writer_put_targets (repository, keyring, json_node_get_object (node), &error);
  g_assert_no_error (error);
  targets = onward_repository_verify (repository, &error);
  g_assert_no_error (error);
  return targets;
}

/* Files that are no releases are somebody else's; a release that cannot be read is an error, for
 * its sequence would be given away again. */
static void
test_catalogue_list (void)
{
  static const struct
  {
    const char *custom;
    gboolean expected;
  } cases[] = {
    { NULL, TRUE },
    { "{}", TRUE },
    { "{\"theirs\":{\"version\":\"x\"}}", TRUE },
    { "{\"onward\":{}}", FALSE },
    { "{\"onward\":\"1.0.0\"}", FALSE },
    { "{\"onward\":{\"version\":\"1\",\"sequence\":1}}", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardTestSite) site = onward_test_site_new ();
      g_autoptr (OnwardRepository) repository = publish_fixture_open (site);
      g_autoptr (OnwardTargets) targets = make_targets (site, repository, cases[i].custom);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) releases = onward_catalogue_list (targets, &error);

      g_assert_true ((releases != NULL) == cases[i].expected);
      if (cases[i].expected)
        g_assert_cmpuint (releases->len, ==, 0);
      else
        {
          g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
          g_assert_nonnull (strstr (error->message, "“other”"));
        }
    }
}

/* The newest comes first, whatever the names sort like; each is found by version and platform. */
static void
test_catalogue_order (void)
{
  static const char *const versions[] = { "1.9.0", "1.10.0", "2.0.0-rc.1+b.5" };
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (GPtrArray) releases = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      onward_test_site_make_tree (site, versions[i], 10);
      onward_test_site_add (site, versions[i]);
    }

  repository = publish_fixture_open (site);
  targets = onward_repository_verify (repository, &error);
  g_assert_no_error (error);
  releases = onward_catalogue_list (targets, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (releases->len, ==, G_N_ELEMENTS (versions));
  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      OnwardRelease *release = g_ptr_array_index (releases, G_N_ELEMENTS (versions) - 1 - i);
      const char *platform = onward_release_get_platform (release);
      g_autoptr (OnwardReleaseDocument) document =
          onward_catalogue_load_document (repository, targets, release, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (onward_release_get_version (release), ==, versions[i]);
      g_assert_true (onward_catalogue_find (releases, versions[i], platform) == release);
      g_assert_null (onward_catalogue_find (releases, versions[i], "linux-pdp11"));
    }
  g_assert_null (onward_catalogue_find (releases, "1.9", "linux-x86_64"));
}

/* A document is believed only when it is the one that was signed. */
static void
test_catalogue_document (void)
{
  g_autoptr (OnwardTestSite) site = onward_test_site_new ();
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (GPtrArray) releases = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  OnwardRelease *release;

  onward_test_site_make_tree (site, "1.0.0", 10);
  onward_test_site_add (site, "1.0.0");
  repository = publish_fixture_open (site);
  targets = onward_repository_verify (repository, &error);
  releases = onward_catalogue_list (targets, &error);
  g_assert_no_error (error);
  release = g_ptr_array_index (releases, 0);

  folder = g_build_filename (site->dir, "repo", "targets", "releases",
                             onward_release_get_platform (release), "stable", NULL);
  path = publish_fixture_find (folder, ".json");
  publish_fixture_flip (path, 20);
  g_assert_null (onward_catalogue_load_document (repository, targets, release, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (onward_error_get_remedy (error), ==, ONWARD_REMEDY_STOP);
  g_clear_error (&error);

  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_null (onward_catalogue_load_document (repository, targets, release, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/catalogue/list", test_catalogue_list);
  g_test_add_func ("/catalogue/order", test_catalogue_order);
  g_test_add_func ("/catalogue/document", test_catalogue_document);
  return g_test_run ();
}
