/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "onward-arguments.h"
#include "onward-catalogue.h"
#include "onward-error.h"
#include "onward-extractor.h"
#include "onward-file.h"
#include "onward-hasher.h"
#include "onward-notice.h"
#include "onward-report.h"
#include "onward-verbs.h"

static gboolean
verify_block (OnwardPackInfo *pack, guint index, const guint8 *data, gsize size, GError **error)
{
  GBytes *blocks = onward_pack_info_get_blocks (pack);
  const guint8 *expected = g_bytes_get_data (blocks, NULL);
  OnwardDigest digest;

  onward_digest_of_data (data, size, &digest);
  if (memcmp (digest.bytes, expected + (gsize) index * ONWARD_DIGEST_SIZE, ONWARD_DIGEST_SIZE) == 0)
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT, "block %u differs from its digest",
               index);
  return FALSE;
}

static gboolean
read_fully (int fd, guint8 *buffer, gsize size, GError **error)
{
  gsize done = 0;

  while (done < size)
    {
      gssize length = TEMP_FAILURE_RETRY (read (fd, buffer + done, size - done));

      if (length < 0)
        {
          onward_file_set_error (error, errno, "Reading", NULL);
          return FALSE;
        }
      if (length == 0)
        {
          g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT, "it is too short");
          return FALSE;
        }
      done += (gsize) length;
    }

  return TRUE;
}

static gboolean
verify_size (int fd, OnwardPackInfo *pack, GError **error)
{
  struct stat info;

  if (fstat (fd, &info) == 0 && (guint64) info.st_size == onward_pack_info_get_size (pack))
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
               "it is not of the size that was signed, %" G_GUINT64_FORMAT " bytes",
               onward_pack_info_get_size (pack));
  return FALSE;
}

static gboolean
verify_content (int fd, OnwardPackInfo *pack, GError **error)
{
  guint32 block_size = onward_pack_info_get_block_size (pack);
  guint64 size = onward_pack_info_get_size (pack);
  g_autofree guint8 *buffer = g_malloc (block_size);
  g_autoptr (OnwardHasher) hasher = onward_hasher_new ();
  OnwardDigest digest;
  guint index = 0;

  for (guint64 offset = 0; offset < size; offset += block_size, index++)
    {
      gsize length = (gsize) MIN (block_size, size - offset);

      if (!read_fully (fd, buffer, length, error) ||
          !verify_block (pack, index, buffer, length, error))
        return FALSE;
      onward_hasher_update (hasher, buffer, length);
    }

  onward_hasher_finish (hasher, &digest);
  if (onward_digest_equal (&digest, onward_pack_info_get_digest (pack)))
    return TRUE;

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT, "it differs from its digest");
  return FALSE;
}

static gboolean
verify_pack (OnwardRepository *repository, OnwardPackInfo *pack, GError **error)
{
  g_autofree char *name = onward_pack_info_dup_file_name (pack);
  g_autofree char *path = g_build_filename ("packs", name, NULL);
  g_auto (OnwardFd) fd =
      onward_file_open_beneath (onward_repository_get_dirfd (repository), path, O_RDONLY, 0, error);

  if (fd < 0)
    return FALSE;
  if (verify_size (fd, pack, error) && verify_content (fd, pack, error))
    return TRUE;

  g_prefix_error (error, "Verifying “%s”: ", path);
  return FALSE;
}

static gboolean
verify_release (OnwardRepository *repository, OnwardTargets *targets, OnwardRelease *release,
                GError **error)
{
  g_autoptr (OnwardReleaseDocument) document =
      onward_catalogue_load_document (repository, targets, release, error);
  g_autoptr (OnwardTree) tree = NULL;
  GPtrArray *packs;

  if (document == NULL)
    return FALSE;

  packs = onward_release_document_get_packs (document);
  for (guint i = 0; i < packs->len; i++)
    {
      if (!verify_pack (repository, g_ptr_array_index (packs, i), error))
        return FALSE;
    }

  tree = onward_extractor_read_tree (repository, document, error);
  return tree != NULL;
}

static void
report (OnwardRelease *release, const GError *problem, gboolean json)
{
  const char *version = onward_release_get_version (release);
  JsonBuilder *builder;

  if (problem != NULL)
    onward_notice_error (problem);
  if (!json && problem == NULL)
    printf ("%s is as it was signed\n", version);
  if (!json)
    return;

  builder = onward_report_begin (problem == NULL ? "verified" : "damaged");
  onward_report_add_release (builder, release);
  if (problem != NULL)
    onward_report_add_error (builder, problem);
  onward_report_print (builder);
}

/* Every release is looked at, whatever is wrong with another. Returns how many are damaged, and the
 * first problem in @ret_problem. */
static guint
verify_all (OnwardRepository *repository, OnwardTargets *targets, GPtrArray *releases,
            gboolean json, GError **ret_problem)
{
  guint damaged = 0;

  for (guint i = 0; i < releases->len; i++)
    {
      OnwardRelease *release = g_ptr_array_index (releases, i);
      g_autoptr (GError) problem = NULL;

      if (!verify_release (repository, targets, release, &problem))
        damaged++;
      report (release, problem, json);
      if (problem != NULL && *ret_problem == NULL)
        *ret_problem = g_steal_pointer (&problem);
    }

  return damaged;
}

static OnwardExit
conclude (guint releases, guint damaged, const GError *problem, gboolean json, GError **error)
{
  if (damaged > 0)
    {
      g_set_error (error, problem->domain, problem->code, "%u of %u releases are damaged", damaged,
                   releases);
      return ONWARD_EXIT_FAILED;
    }

  if (json)
    {
      JsonBuilder *builder = onward_report_begin ("all-verified");

      onward_report_add_integer (builder, "releases", releases);
      onward_report_print (builder);
    }
  else
    printf ("%u releases verified\n", releases);
  return ONWARD_EXIT_DONE;
}

/**
 * onward_verify_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Checks every byte of a repository as clients do.
 */
OnwardExit
onward_verify_verb (int argc, char **argv, GError **error)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print one JSON object per line", NULL },
    { NULL },
  };
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (GPtrArray) releases = NULL;
  g_autoptr (GError) problem = NULL;
  guint damaged;

  if (!onward_arguments_parse ("REPO", entries, 1, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;

  repository = onward_repository_open_to_read (argv[1], error);
  targets = repository == NULL ? NULL : onward_repository_verify (repository, error);
  releases = targets == NULL ? NULL : onward_catalogue_list (targets, error);
  if (releases == NULL)
    return ONWARD_EXIT_FAILED;

  damaged = verify_all (repository, targets, releases, json, &problem);
  return conclude (releases->len, damaged, problem, json, error);
}
