/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "onward-bundle.h"
#include "onward-metadata-writer.h"
#include "onward-test-site.h"
#include "onward-test.h"

static char *
get_path (OnwardTestSite *self, const char *name)
{
  return g_build_filename (self->dir, name, NULL);
}

static void
make_repository (OnwardTestSite *self)
{
  g_autofree char *folder = get_path (self, "repo");
  g_autofree char *keys = get_path (self, "keys");
  g_autoptr (GKeyFile) settings = g_key_file_new ();
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardKeyring) keyring = NULL;
  g_autoptr (JsonObject) targets = json_object_new ();
  g_autoptr (GError) error = NULL;

  g_key_file_set_string (settings, "Publisher", "Id", "io.github.onward.Test");
  g_key_file_set_string (settings, "Publisher", "Name", "Test");
  g_key_file_set_string (settings, "Publisher", "Command", "bin/app");
  g_key_file_set_string (settings, "Publisher", "Keys", keys);
  repository = onward_repository_create (folder, settings, &error);
  g_assert_no_error (error);
  keyring = onward_keyring_generate (keys, NULL, &error);
  g_assert_no_error (error);

  onward_metadata_writer_put_root (repository, keyring, &error);
  g_assert_no_error (error);
  onward_metadata_writer_put_targets (repository, keyring, targets, &error);
  g_assert_no_error (error);
  onward_repository_commit (repository, &error);
  g_assert_no_error (error);
}

static void
on_request (OnwardServer *server, const char *method, const char *path, guint status, guint64 bytes,
            OnwardTestSite *self)
{
  self->n_requests++;
  self->n_bytes += bytes;
}

/**
 * onward_test_site_start:
 * @self: a repository
 *
 * Serves it, after a stop at the same address as before.
 */
void
onward_test_site_start (OnwardTestSite *self)
{
  g_autofree char *folder = get_path (self, "repo");
  g_autoptr (GError) error = NULL;
  guint port = 0;

  if (self->url != NULL)
    port = (guint) g_ascii_strtoull (strrchr (self->url, ':') + 1, NULL, 10);

  self->server = onward_server_new (folder, &error);
  g_assert_no_error (error);
  g_signal_connect (self->server, "request", G_CALLBACK (on_request), self);
  onward_server_listen (self->server, NULL, port, &error);
  g_assert_no_error (error);

  g_free (self->url);
  self->url = g_strdup_printf ("http://127.0.0.1:%u", onward_server_get_port (self->server));
}

/**
 * onward_test_site_stop:
 * @self: a repository
 *
 * Stops serving it.
 */
void
onward_test_site_stop (OnwardTestSite *self)
{
  onward_server_stop (self->server);
  g_clear_object (&self->server);
}

/**
 * onward_test_site_new:
 *
 * Returns: (transfer full): a new, empty repository that is being served
 */
OnwardTestSite *
onward_test_site_new (void)
{
  OnwardTestSite *self = g_new0 (OnwardTestSite, 1);

  self->dir = onward_test_make_dir ();
  make_repository (self);
  onward_test_site_start (self);
  return self;
}

/**
 * onward_test_site_free:
 * @self: (transfer full): a repository
 *
 * Stops and removes it.
 */
void
onward_test_site_free (OnwardTestSite *self)
{
  if (self->server != NULL)
    onward_test_site_stop (self);
  onward_test_remove_dir (self->dir);
  g_free (self->url);
  g_free (self);
}

/**
 * onward_test_site_make_tree:
 * @self: a repository
 * @version: a version
 * @size: how many bytes no compression makes smaller
 *
 * Makes the folder of a version: a program that prints its version, a file that never changes, and
 * one that is new in each version.
 */
void
onward_test_site_make_tree (OnwardTestSite *self, const char *version, guint size)
{
  g_autofree char *tree = g_build_filename (self->dir, "trees", version, NULL);
  g_autofree char *program = g_build_filename (tree, "bin", "app", NULL);
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\necho %s\n", version);
  g_autofree char *data_path = g_build_filename (tree, "share", "data", NULL);
  g_autofree guint32 *data = g_malloc (size + sizeof (guint32));
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_str_hash (version));
  g_autoptr (GError) error = NULL;

  onward_test_write (tree, "bin/app", script);
  onward_test_write (tree, "share/same", "This file is the same in every version.\n");
  onward_test_write (tree, "share/version", version);
  g_assert_cmpint (g_chmod (program, 0755), ==, 0);

  for (guint i = 0; i <= size / sizeof (guint32); i++)
    data[i] = g_rand_int (rand);
  g_file_set_contents (data_path, (const char *) data, size, &error);
  g_assert_no_error (error);
}

/* The tables for people would stand between the lines of the test's own report. */
static gboolean
add_quietly (const OnwardAdditionOptions *options, OnwardRepository *repository,
             OnwardKeyring *keyring, const char *tree, GError **error)
{
  int null = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  int saved;
  gboolean added;

  fflush (stdout);
  saved = dup (STDOUT_FILENO);
  g_assert_cmpint (dup2 (null, STDOUT_FILENO), ==, STDOUT_FILENO);
  added = onward_addition_run (options, repository, keyring, tree, error);
  fflush (stdout);
  g_assert_cmpint (dup2 (saved, STDOUT_FILENO), ==, STDOUT_FILENO);
  close (saved);
  close (null);
  return added;
}

/**
 * onward_test_site_load_keys:
 * @repository: a repository whose keys are not encrypted
 *
 * Returns: (transfer full): its keys, unlocked for every role, or for none when a test has damaged
 *   the root
 */
OnwardKeyring *
onward_test_site_load_keys (OnwardRepository *repository)
{
  static const char *const roles[] = { "root", "targets", "snapshot", "timestamp" };
  g_autofree char *folder = onward_repository_dup_keys_path (repository);
  g_autoptr (OnwardPassphrase) none = onward_passphrase_new_known (NULL);
  g_autoptr (JsonObject) root = onward_repository_load_role (repository, "root", NULL);
  g_autoptr (GError) error = NULL;
  OnwardKeyring *keyring = onward_keyring_open (folder, &error);

  g_assert_no_error (error);
  for (gsize i = 0; root != NULL && i < G_N_ELEMENTS (roles); i++)
    {
      onward_keyring_unlock_role (keyring, roles[i], root, none, &error);
      g_assert_no_error (error);
    }
  return keyring;
}

/**
 * onward_test_site_add_with:
 * @self: a repository
 * @options: what the publisher says; the folder of its version was made before
 *
 * Publishes a version.
 */
void
onward_test_site_add_with (OnwardTestSite *self, OnwardAdditionOptions *options)
{
  g_autofree char *folder = get_path (self, "repo");
  g_autofree char *tree = g_build_filename (self->dir, "trees", options->version, NULL);
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardKeyring) keyring = NULL;
  g_autoptr (GError) error = NULL;

  repository = onward_repository_open (folder, &error);
  g_assert_no_error (error);
  keyring = onward_test_site_load_keys (repository);
  add_quietly (options, repository, keyring, tree, &error);
  g_assert_no_error (error);
}

/**
 * onward_test_site_add:
 * @self: a repository
 * @version: a version whose folder was made before
 *
 * Publishes a version of which nothing special is said.
 */
void
onward_test_site_add (OnwardTestSite *self, const char *version)
{
  OnwardAdditionOptions options = { .version = (char *) version, .deltas = 0 };

  options.compression = (char *) "zstd";
  onward_test_site_add_with (self, &options);
}

/**
 * onward_test_site_install:
 * @self: a repository
 * @version: a published version
 *
 * Returns: (transfer full): a new install of @version
 */
char *
onward_test_site_install (OnwardTestSite *self, const char *version)
{
  g_autofree char *folder = get_path (self, "repo");
  g_autofree char *name = g_strdup_printf ("install-%08x", g_random_int ());
  g_autofree char *output = get_path (self, name);
  OnwardBundleOptions options = {
    .version = (char *) version,
    .url = self->url,
    .output = output,
  };
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (GError) error = NULL;

  repository = onward_repository_open (folder, &error);
  g_assert_no_error (error);
  onward_bundle_write (&options, repository, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&output);
}
