/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "onward-arguments.h"
#include "onward-catalogue.h"
#include "onward-error.h"
#include "onward-extractor.h"
#include "onward-file.h"
#include "onward-hasher.h"
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
      gssize length = read (fd, buffer + done, size - done);

      if (length <= 0)
        {
          g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT, "it is too short");
          return FALSE;
        }
      done += (gsize) length;
    }

  return TRUE;
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
  if (verify_content (fd, pack, error))
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
  if (tree == NULL)
    return FALSE;
  if (onward_digest_equal (onward_tree_get_digest (tree),
                           onward_release_document_get_tree_digest (document)))
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
               "Verifying version %s: the full pack holds another tree than the document names",
               onward_release_get_version (release));
  return FALSE;
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
  const GOptionEntry entries[] = { { NULL } };
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (GPtrArray) releases = NULL;

  if (!onward_arguments_parse ("REPO", entries, 1, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;

  repository = onward_repository_open (argv[1], error);
  targets = repository == NULL ? NULL : onward_repository_verify (repository, error);
  if (targets == NULL)
    return ONWARD_EXIT_FAILED;

  releases = onward_catalogue_list (targets);
  for (guint i = 0; i < releases->len; i++)
    {
      OnwardRelease *release = g_ptr_array_index (releases, i);

      if (!verify_release (repository, targets, release, error))
        return ONWARD_EXIT_FAILED;
      printf ("%s is as it was signed\n", onward_release_get_version (release));
    }

  printf ("%u releases verified\n", releases->len);
  return ONWARD_EXIT_DONE;
}
