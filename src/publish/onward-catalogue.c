/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-catalogue.h"
#include "onward-error.h"
#include "onward-json.h"

static int
compare_sequences (gconstpointer a, gconstpointer b)
{
  guint64 left = onward_release_get_sequence (*(OnwardRelease *const *) a);
  guint64 right = onward_release_get_sequence (*(OnwardRelease *const *) b);

  return left < right ? 1 : left > right ? -1 : 0;
}

/**
 * onward_catalogue_list:
 * @targets: the verified targets
 * @error: return location
 *
 * Lists what is published. A release that cannot be read is an error: passed over, its sequence
 * would be given to another one. Targets that are no releases are somebody else's.
 *
 * Returns: (transfer full) (element-type OnwardRelease): every release of every platform and
 *   channel, newest first
 */
GPtrArray *
onward_catalogue_list (OnwardTargets *targets, GError **error)
{
  g_autoptr (GPtrArray) releases =
      g_ptr_array_new_with_free_func ((GDestroyNotify) onward_release_unref);

  for (guint i = 0; i < onward_targets_get_n_targets (targets); i++)
    {
      OnwardTarget *target = onward_targets_get_target (targets, i);
      JsonObject *custom = onward_target_get_custom (target);
      JsonObject *facts;
      OnwardRelease *release;

      if (custom == NULL || !onward_json_has (custom, "onward"))
        continue;

      if (!onward_json_get_object (custom, "onward", &facts, error) ||
          (release = onward_release_new_from_json (facts, error)) == NULL)
        {
          g_prefix_error (error, "Reading target “%s”: ", onward_target_get_name (target));
          return NULL;
        }
      g_ptr_array_add (releases, release);
    }

  g_ptr_array_sort (releases, compare_sequences);
  return g_steal_pointer (&releases);
}

/**
 * onward_catalogue_find:
 * @releases: (element-type OnwardRelease): all releases
 * @version: a version
 * @platform: a platform
 *
 * Returns: (transfer none) (nullable): the release
 */
OnwardRelease *
onward_catalogue_find (GPtrArray *releases, const char *version, const char *platform)
{
  for (guint i = 0; i < releases->len; i++)
    {
      OnwardRelease *release = g_ptr_array_index (releases, i);

      if (g_str_equal (onward_release_get_version (release), version) &&
          g_str_equal (onward_release_get_platform (release), platform))
        return release;
    }

  return NULL;
}

/**
 * onward_catalogue_load_document:
 * @repository: a repository
 * @targets: its verified targets
 * @release: one of its releases
 * @error: return location
 *
 * Returns: (transfer full): the release's document, verified
 */
OnwardReleaseDocument *
onward_catalogue_load_document (OnwardRepository *repository, OnwardTargets *targets,
                                OnwardRelease *release, GError **error)
{
  g_autofree char *name = onward_release_dup_document_name (release);
  OnwardTarget *target = onward_targets_lookup (targets, name);
  g_autofree char *quoted = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GBytes) bytes = NULL;
  OnwardReleaseDocument *document;

  if (target == NULL)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                   "Reading “%s”: it is not among the signed targets", name);
      return NULL;
    }

  quoted = onward_target_dup_path (target);
  path = g_uri_unescape_string (quoted, NULL);
  bytes = onward_repository_read (repository, path, ONWARD_RELEASE_DOCUMENT_MAX_SIZE, error);
  if (bytes == NULL || !onward_target_verify (target, bytes, error))
    return NULL;

  document = onward_release_document_parse (bytes, error);
  if (document == NULL)
    g_prefix_error (error, "Reading “%s”: ", path);
  return document;
}
