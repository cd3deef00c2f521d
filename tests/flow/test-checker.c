/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>

#include "flow-fixture.h"
#include "onward-checker.h"
#include "onward-error.h"

#define SIZE 1000

/* An install and what checks it; the flow only tells where things are. */
typedef struct
{
  FlowFixture site;
  OnwardFetcher *fetcher;
  char *validator;
} CheckerFixture;

static void
set_up (CheckerFixture *self, gconstpointer data)
{
  flow_fixture_init (&self->site, SIZE);
  self->fetcher = onward_fetcher_new (TRUE);
  self->validator = NULL;
}

static void
tear_down (CheckerFixture *self, gconstpointer data)
{
  g_free (self->validator);
  g_object_unref (self->fetcher);
  flow_fixture_clear (&self->site);
}

static OnwardTargets *
check (CheckerFixture *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *validator = NULL;
  OnwardTargets *targets;

  onward_checker_run_async (
      self->fetcher, onward_flow_get_paths (self->site.flow), self->site.site->url, self->validator,
      g_get_real_time () / G_USEC_PER_SEC, cancellable, onward_test_store_result, &result);
  onward_test_await (&result);
  targets = onward_checker_run_finish (result, &validator, error);
  if (targets != NULL)
    {
      g_free (self->validator);
      self->validator = g_steal_pointer (&validator);
    }
  return targets;
}

static void
assert_checks (CheckerFixture *self, guint n_targets, guint n_requests)
{
  guint before = self->site.site->n_requests;
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTargets) targets = check (self, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (onward_targets_get_n_targets (targets), ==, n_targets);
  g_assert_nonnull (self->validator);
  g_assert_cmpuint (self->site.site->n_requests - before, ==, n_requests);
}

/* One request tells that nothing has changed; what has changed costs a few. */
static void
test_checker_asks_little (CheckerFixture *self, gconstpointer data)
{
  assert_checks (self, 2, 4);
  assert_checks (self, 2, 1);
  assert_checks (self, 2, 1);

  onward_test_site_make_tree (self->site.site, "1.2.0", SIZE);
  onward_test_site_add (self->site.site, "1.2.0");
  assert_checks (self, 3, 4);
  assert_checks (self, 3, 1);
}

/* A validator without the metadata that it stands for leads to asking for everything. */
static void
test_checker_validator_without_store (CheckerFixture *self, gconstpointer data)
{
  static const char *const files[] = { "timestamp.json", "snapshot.json", "targets.json" };
  const char *trust = onward_paths_get_trust (onward_flow_get_paths (self->site.flow));

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (trust, files[i], NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (OnwardTargets) targets = check (self, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpint (g_unlink (path), ==, 0);
      g_clear_pointer (&targets, onward_targets_unref);
      targets = check (self, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (onward_targets_get_n_targets (targets), ==, 2);
    }
}

/* Metadata that somebody has changed on the disk is not believed. */
static void
test_checker_changed_store (CheckerFixture *self, gconstpointer data)
{
  const char *trust = onward_paths_get_trust (onward_flow_get_paths (self->site.flow));

  assert_checks (self, 2, 4);
  onward_test_write (trust, "targets.json", "{}");
  assert_checks (self, 2, 4);
}

static void
write_metadata (CheckerFixture *self, const char *name, const char *contents)
{
  g_autofree char *folder = g_build_filename (self->site.site->dir, "repo", "metadata", NULL);

  onward_test_write (folder, name, contents);
}

/* Whatever a server sends instead of metadata is refused, with an error of ours. */
static void
test_checker_hostile_timestamp (CheckerFixture *self, gconstpointer data)
{
  static const char *const texts[] = {
    "", "{}", "[]", "null", "<html>Log in, please</html>", "{\"signed\":{},\"signatures\":[]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OnwardTargets) targets = NULL;

      write_metadata (self, "timestamp.json", texts[i]);
      targets = check (self, NULL, &error);
      g_assert_null (targets);
      g_assert_true (error != NULL && error->domain == ONWARD_ERROR);
    }
}

/* A timestamp of any size is read up to its limit only. */
static void
test_checker_endless_timestamp (CheckerFixture *self, gconstpointer data)
{
  g_autofree char *text = g_strnfill (1000000, ' ');
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTargets) targets = NULL;

  write_metadata (self, "timestamp.json", text);
  targets = check (self, NULL, &error);
  g_assert_null (targets);
  g_assert_true (error != NULL && error->domain == ONWARD_ERROR);
}

/* A folder that is no repository is said to be none. */
static void
test_checker_no_repository (CheckerFixture *self, gconstpointer data)
{
  g_autofree char *path =
      g_build_filename (self->site.site->dir, "repo/metadata/timestamp.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTargets) targets = NULL;

  g_assert_cmpint (g_unlink (path), ==, 0);
  targets = check (self, NULL, &error);
  g_assert_null (targets);
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND);
}

/* A cancelled check says so, whenever it was cancelled, and the next one works. */
static void
test_checker_cancelled (CheckerFixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *validator = NULL;
  g_autoptr (GError) error = NULL;
  guint before = self->site.site->n_requests;

  onward_checker_run_async (self->fetcher, onward_flow_get_paths (self->site.flow),
                            self->site.site->url, NULL, g_get_real_time () / G_USEC_PER_SEC,
                            cancellable, onward_test_store_result, &result);
  while (self->site.site->n_requests < before + 2)
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (cancellable);
  onward_test_await (&result);
  g_assert_null (onward_checker_run_finish (result, &validator, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  assert_checks (self, 2, 4);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (CheckerFixture *, gconstpointer);
  } tests[] = {
    { "/checker/asks-little", test_checker_asks_little },
    { "/checker/validator-without-store", test_checker_validator_without_store },
    { "/checker/changed-store", test_checker_changed_store },
    { "/checker/hostile-timestamp", test_checker_hostile_timestamp },
    { "/checker/endless-timestamp", test_checker_endless_timestamp },
    { "/checker/no-repository", test_checker_no_repository },
    { "/checker/cancelled", test_checker_cancelled },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, CheckerFixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
