/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-catalogue.h"
#include "onward-error.h"
#include "onward-json.h"
#include "onward-metadata-writer.h"
#include "onward-paths.h"
#include "onward-release-edit.h"
#include "onward-release-private.h"

static OnwardRelease *
find_release (const OnwardReleaseEdit *self, GPtrArray *releases, GError **error)
{
  const char *platform = self->platform == NULL ? onward_paths_get_platform () : self->platform;
  OnwardRelease *release = onward_catalogue_find (releases, self->version, platform);

  if (release == NULL)
    g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                 "Looking for version %s: it is not published for %s", self->version, platform);
  return release;
}

/* What clients would not understand is refused before it is signed. */
static OnwardRelease *
change_facts (const OnwardReleaseEdit *self, JsonObject *target, GError **error)
{
  JsonObject *custom;
  JsonObject *facts;

  if (!onward_json_get_object (target, "custom", &custom, error) ||
      !onward_json_get_object (custom, "onward", &facts, error))
    return NULL;
  self->change (facts, self->user_data);
  return onward_release_new_from_json (facts, error);
}

static OnwardRelease *
put_change (const OnwardReleaseEdit *self, OnwardRepository *repository, OnwardKeyring *keyring,
            const char *name, GError **error)
{
  g_autoptr (JsonObject) content = onward_repository_load_role (repository, "targets", error);
  g_autoptr (OnwardRelease) changed = NULL;
  JsonObject *targets;
  JsonObject *target;

  if (content == NULL || !onward_json_get_object (content, "targets", &targets, error) ||
      !onward_json_get_object (targets, name, &target, error))
    return NULL;

  changed = change_facts (self, target, error);
  if (changed == NULL ||
      !onward_metadata_writer_put_targets (repository, keyring, targets, error) ||
      !onward_repository_commit (repository, error))
    return NULL;
  return g_steal_pointer (&changed);
}

static OnwardRelease *
edit (const OnwardReleaseEdit *self, OnwardRepository *repository, OnwardKeyring *keyring,
      GError **error)
{
  g_autoptr (OnwardTargets) targets = onward_repository_verify_ahead (repository, error);
  g_autoptr (GPtrArray) releases = NULL;
  g_autofree char *name = NULL;
  OnwardRelease *release;

  releases = targets == NULL ? NULL : onward_catalogue_list (targets, error);
  release = releases == NULL ? NULL : find_release (self, releases, error);
  if (release == NULL)
    return NULL;
  name = onward_release_dup_document_name (release);
  return put_change (self, repository, keyring, name, error);
}

/**
 * onward_release_edit_conduct:
 * @self: a change
 * @unlock: how to get at the keys
 * @folder: the repository
 * @error: return location: NOT_FOUND when there is no such release
 *
 * Signs and publishes what is said of a release from now on. Its document stays what it was: what
 * targets.json says is what clients choose by.
 *
 * Returns: (transfer full) (nullable): the release as it is described now
 */
OnwardRelease *
onward_release_edit_conduct (const OnwardReleaseEdit *self, const OnwardUnlock *unlock,
                             const char *folder, GError **error)
{
  g_autoptr (OnwardRepository) repository = onward_unlock_open_repository (unlock, folder, error);
  g_autoptr (OnwardPassphrase) passphrase = onward_unlock_make_passphrase (unlock);
  g_autoptr (OnwardKeyring) keyring = NULL;

  keyring = repository == NULL ? NULL : onward_unlock_open_keyring (unlock, repository, error);
  if (keyring == NULL || !onward_unlock_daily (keyring, repository, passphrase, error))
    return NULL;
  return edit (self, repository, keyring, error);
}
