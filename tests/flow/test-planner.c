/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>

#include "flow-fixture.h"
#include "onward-checker.h"
#include "onward-error.h"
#include "onward-file.h"
#include "onward-planner.h"
#include "onward-selector.h"
#include "onward-trust-store.h"

#define SIZE 400000

/* All that a planner borrows. */
typedef struct
{
  FlowFixture site;
  OnwardInstall *install;
  OnwardJournal *journal;
  OnwardFetcher *fetcher;
  OnwardTargets *targets;
  OnwardPlanner planner;
} PlannerFixture;

static void
make_versions (OnwardTestSite *site)
{
  OnwardAdditionOptions options = { .version = (char *) "1.1.0", .deltas = 1 };
  g_autofree char *old = g_build_filename (site->dir, "trees/1.0.0/share/data", NULL);
  g_autofree char *new = g_build_filename (site->dir, "trees/1.1.0/share/data", NULL);
  g_autofree char *data = NULL;
  gsize size = 0;

  onward_test_site_make_tree (site, "1.0.0", SIZE);
  onward_test_site_make_tree (site, "1.1.0", 100);
  g_assert_true (g_file_get_contents (old, &data, &size, NULL));
  data[5000]++;
  g_assert_true (g_file_set_contents (new, data, (gssize) size, NULL));

  options.compression = (char *) "zstd";
  onward_test_site_add (site, "1.0.0");
  onward_test_site_add_with (site, &options);
}

static OnwardTargets *
check (PlannerFixture *self)
{
  OnwardPaths *paths = onward_flow_get_paths (self->site.flow);
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *validator = NULL;
  g_autoptr (GError) error = NULL;
  OnwardTargets *targets;

  onward_checker_run_async (self->fetcher, paths, self->site.site->url, NULL,
                            g_get_real_time () / G_USEC_PER_SEC, NULL, onward_test_store_result,
                            &result);
  onward_test_await (&result);
  targets = onward_checker_run_finish (result, &validator, &error);
  g_assert_no_error (error);
  return targets;
}

static void
set_up (PlannerFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->site.site = onward_test_site_new ();
  make_versions (self->site.site);
  self->site.install = onward_test_site_install (self->site.site, "1.0.0");
  flow_fixture_open (&self->site);
  self->install = onward_install_open (onward_flow_get_paths (self->site.flow), &error);
  g_assert_no_error (error);
  self->journal = flow_fixture_load_journal (&self->site);
  self->fetcher = onward_fetcher_new (TRUE);
  self->targets = check (self);
  self->planner = (OnwardPlanner){
    .fetcher = self->fetcher,
    .install = self->install,
    .journal = self->journal,
    .targets = self->targets,
    .repository = self->site.site->url,
    .max_retries = 1,
    .use_deltas = TRUE,
  };
}

static void
tear_down (PlannerFixture *self, gconstpointer data)
{
  g_clear_pointer (&self->targets, onward_targets_unref);
  g_object_unref (self->fetcher);
  onward_journal_free (self->journal);
  onward_install_free (self->install);
  flow_fixture_clear (&self->site);
}

static OnwardTarget *
find_target (PlannerFixture *self)
{
  g_autofree char *name =
      g_strdup_printf ("releases/%s/stable/1.1.0.json", onward_paths_get_platform ());
  OnwardTarget *target = onward_targets_lookup (self->targets, name);

  g_assert_nonnull (target);
  return target;
}

static OnwardReleaseDocument *
fetch_document (PlannerFixture *self, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  onward_planner_fetch_document_async (&self->planner, find_target (self), NULL,
                                       onward_test_store_result, &result);
  onward_test_await (&result);
  return onward_planner_fetch_document_finish (result, error);
}

static OnwardPlan *
plan (PlannerFixture *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardReleaseDocument) document = fetch_document (self, &error);
  OnwardPlan *made;

  g_assert_no_error (error);
  onward_planner_run_async (&self->planner, document, NULL, onward_test_store_result, &result);
  onward_test_await (&result);
  made = onward_planner_run_finish (result, &error);
  g_assert_no_error (error);
  return made;
}

static char *
dup_delta_path (PlannerFixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardReleaseDocument) document = fetch_document (self, &error);
  GPtrArray *packs = onward_release_document_get_packs (document);

  for (guint i = 0; i < packs->len; i++)
    {
      OnwardPackInfo *pack = g_ptr_array_index (packs, i);
      g_autofree char *name = onward_pack_info_dup_file_name (pack);

      if (onward_pack_info_get_kind (pack) == ONWARD_PACK_DELTA)
        return g_build_filename (self->site.site->dir, "repo", "packs", name, NULL);
    }

  g_assert_not_reached ();
}

/* A document is asked for once; what is on the disk is verified again each time. */
static void
test_planner_document (PlannerFixture *self, gconstpointer data)
{
  OnwardPaths *paths = onward_flow_get_paths (self->site.flow);
  g_autofree char *digest = onward_digest_to_string (onward_target_get_digest (find_target (self)));
  g_autofree char *name = g_strconcat (digest, ".json", NULL);
  g_autoptr (OnwardReleaseDocument) document = NULL;
  g_autoptr (GError) error = NULL;
  guint before = self->site.site->n_requests;

  g_assert_null (onward_planner_load_document (paths, find_target (self), &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
  g_clear_error (&error);
  for (guint i = 0; i < 2; i++)
    {
      g_clear_pointer (&document, onward_release_document_unref);
      document = fetch_document (self, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (self->site.site->n_requests - before, ==, 1);
    }

  onward_test_write (onward_paths_get_parts (paths), name, "{\"tree\":\"another\"}");
  g_assert_null (onward_planner_load_document (paths, find_target (self), NULL));
  g_clear_pointer (&document, onward_release_document_unref);
  document = fetch_document (self, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (self->site.site->n_requests - before, ==, 2);
}

/* A document on its way outlives the check that named it. */
static void
test_planner_document_outlives_targets (PlannerFixture *self, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (OnwardReleaseDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  onward_planner_fetch_document_async (&self->planner, find_target (self), NULL,
                                       onward_test_store_result, &result);
  g_clear_pointer (&self->targets, onward_targets_unref);
  onward_test_await (&result);
  document = onward_planner_fetch_document_finish (result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (onward_release_get_version (onward_release_document_get_release (document)), ==,
                   "1.1.0");
}

/* The delta from what is installed is the cheapest way, where deltas may be used. */
static void
test_planner_chooses (PlannerFixture *self, gconstpointer data)
{
  g_autoptr (OnwardPlan) small = plan (self);
  g_autoptr (OnwardPlan) large = NULL;

  g_assert_cmpint (onward_pack_info_get_kind (onward_plan_get_last (small)->pack), ==,
                   ONWARD_PACK_DELTA);
  g_assert_cmpuint (onward_plan_get_download_size (small), <, SIZE / 4);

  self->planner.use_deltas = FALSE;
  large = plan (self);
  g_assert_cmpint (onward_pack_info_get_kind (onward_plan_get_last (large)->pack), ==,
                   ONWARD_PACK_FULL);
  g_assert_cmpuint (onward_plan_get_download_size (large), >, SIZE);
}

/* A delta that cannot be unpacked here is not what people are told the size of. */
static void
test_planner_leaves_what_is_of_no_use (PlannerFixture *self, gconstpointer data)
{
  const char *const names[] = { "zopfli", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardReleaseDocument) document = fetch_document (self, &error);
  OnwardPackInfo *full = onward_release_document_get_full_pack (document);
  GPtrArray *packs = onward_release_document_get_packs (document);

  g_assert_true (onward_planner_choose_pack (&self->planner, document) != full);
  for (guint i = 0; i < packs->len; i++)
    {
      OnwardPackInfo *pack = g_ptr_array_index (packs, i);

      if (pack == full)
        continue;
      g_ptr_array_index (packs, i) = onward_pack_info_new_requiring (pack, names);
      onward_pack_info_unref (pack);
    }
  g_assert_true (onward_planner_choose_pack (&self->planner, document) == full);
}

/* Of what planning itself has fetched nothing is fetched again. */
static void
test_planner_counts_what_is_here (PlannerFixture *self, gconstpointer data)
{
  g_autoptr (OnwardPlan) made = plan (self);

  g_assert_cmpuint (onward_planner_count_bytes_here (&self->planner, made), ==,
                    onward_plan_get_download_size (made));
  onward_journal_remove_transfer (self->journal,
                                  onward_pack_info_get_digest (onward_plan_get_last (made)->pack));
  g_assert_cmpuint (onward_planner_count_bytes_here (&self->planner, made), ==, 0);
}

/* A delta that is gone, or broken where its head should be, is planned without. */
static void
test_planner_falls_back (PlannerFixture *self, gconstpointer data)
{
  g_autofree char *path = dup_delta_path (self);
  g_autofree char *noise = NULL;
  g_autoptr (OnwardPlan) without = NULL;
  g_autoptr (OnwardPlan) broken = NULL;
  struct stat info;

  g_assert_cmpint (g_stat (path, &info), ==, 0);
  noise = g_strnfill ((gsize) info.st_size, 'x');
  g_assert_true (g_file_set_contents (path, noise, (gssize) info.st_size, NULL));
  broken = plan (self);
  g_assert_cmpint (onward_pack_info_get_kind (onward_plan_get_last (broken)->pack), ==,
                   ONWARD_PACK_FULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
  without = plan (self);
  g_assert_cmpint (onward_pack_info_get_kind (onward_plan_get_last (without)->pack), ==,
                   ONWARD_PACK_FULL);
}

/* Without the receipt of what is installed everything is needed, and that is possible. */
static void
test_planner_without_receipt (PlannerFixture *self, gconstpointer data)
{
  g_autofree char *receipt = g_build_filename (self->site.install, "receipts", "1.0.0", NULL);
  g_autoptr (OnwardPlan) made = NULL;

  g_assert_cmpint (g_unlink (receipt), ==, 0);
  made = plan (self);
  g_assert_cmpint (onward_pack_info_get_kind (onward_plan_get_last (made)->pack), ==,
                   ONWARD_PACK_FULL);
  g_assert_cmpuint (onward_plan_get_download_size (made), ==,
                    onward_pack_info_get_size (onward_plan_get_last (made)->pack));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (PlannerFixture *, gconstpointer);
  } tests[] = {
    { "/planner/document", test_planner_document },
    { "/planner/document-outlives-targets", test_planner_document_outlives_targets },
    { "/planner/chooses", test_planner_chooses },
    { "/planner/leaves-what-is-of-no-use", test_planner_leaves_what_is_of_no_use },
    { "/planner/counts-what-is-here", test_planner_counts_what_is_here },
    { "/planner/falls-back", test_planner_falls_back },
    { "/planner/without-receipt", test_planner_without_receipt },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "5", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, PlannerFixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
