/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-arguments.h"
#include "onward-change-mark.h"
#include "onward-ceremony.h"
#include "onward-error.h"
#include "onward-expiry.h"
#include "onward-metadata-writer.h"
#include "onward-notice.h"
#include "onward-role-status.h"
#include "onward-unlock.h"
#include "onward-verbs.h"

typedef struct
{
  OnwardRepository *repository; /* (owned) */
  OnwardPassphrase *passphrase; /* (owned) */
  OnwardKeyring *keyring;       /* (owned) */
} Refresh;

static void
refresh_clear (Refresh *self)
{
  g_clear_pointer (&self->keyring, onward_keyring_free);
  g_clear_pointer (&self->passphrase, onward_passphrase_free);
  g_clear_pointer (&self->repository, onward_repository_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Refresh, refresh_clear)

/* A key that is elsewhere is missed with a warning, ahead of the day when it is needed. */
static gboolean
is_elsewhere (const char *role, GError **error)
{
  if (!g_error_matches (*error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    return FALSE;

  onward_notice_warn ("The metadata of %s expires soon, and its keys are not here: %s", role,
                      (*error)->message);
  g_clear_error (error);
  return TRUE;
}

/* A computer that refreshes every day should have the online keys only: those of targets are
 * unlocked when these expire soon, if they are here at all. */
static gboolean
unlock (Refresh *self, gboolean *ret_with_targets, GError **error)
{
  g_autoptr (JsonObject) root = onward_repository_load_role (self->repository, "root", error);
  g_autoptr (GError) local_error = NULL;
  gboolean soon;

  if (root == NULL || !onward_expiry_is_soon (self->repository, "targets", &soon, error) ||
      !onward_unlock_online (self->keyring, root, self->passphrase, error))
    return FALSE;

  *ret_with_targets = soon && onward_keyring_unlock_role (self->keyring, "targets", root,
                                                          self->passphrase, &local_error);
  if (local_error == NULL || is_elsewhere ("targets", &local_error))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* What waits is what renews it, or somebody's to finish: neither keeps the rest from going on. */
static gboolean
is_under_way (GError **error)
{
  if (!g_error_matches (*error, ONWARD_ERROR, ONWARD_ERROR_BUSY))
    return FALSE;

  onward_notice_warn ("The root expires soon: %s", (*error)->message);
  g_clear_error (error);
  return TRUE;
}

/* Renews a root that expires soon, if its keys are here. */
static gboolean
renew_root (Refresh *self, GError **error)
{
  g_autoptr (JsonObject) root = onward_repository_load_role (self->repository, "root", error);
  g_autoptr (OnwardCeremony) ceremony = NULL;
  g_autoptr (GError) local_error = NULL;
  gboolean soon;

  if (root == NULL || !onward_expiry_is_soon (self->repository, "root", &soon, error))
    return FALSE;
  if (!soon)
    return TRUE;

  if (onward_keyring_unlock_role (self->keyring, "root", root, self->passphrase, &local_error))
    ceremony =
        onward_ceremony_begin (self->repository, self->keyring, self->passphrase, &local_error);
  if (ceremony != NULL)
    return onward_ceremony_finish (ceremony, error) != ONWARD_CEREMONY_FAILED;
  if (is_elsewhere ("root", &local_error) || is_under_way (&local_error))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* What only keys that were taken away have signed is signed anew by those that took their place
 * when it was here that they did, and not when somebody has put it back. */
static gboolean
may_finish (Refresh *self, gboolean is_signed, GError **error)
{
  g_autoptr (GBytes) root = onward_repository_verify_roots (self->repository, error);

  if (root == NULL || is_signed || onward_change_mark_is_of (self->repository, root))
    return root != NULL;
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_UNTRUSTED,
               "Signing what is in “%s”: only keys that were taken away have signed it, and it was "
               "not with the keys here that a change of them was cut off; put the metadata back "
               "from a copy that you know",
               onward_repository_get_folder (self->repository));
  return FALSE;
}

/* A new root is there without what its keys have to sign: clients would wait for it for ever. Takes
 * @cause over, which is why they do not trust what there is. */
static gboolean
finish_change (Refresh *self, GError *cause, GError **error)
{
  gboolean is_signed = FALSE;
  g_autoptr (OnwardTargets) targets =
      onward_repository_verify_cut_off (self->repository, &is_signed, NULL);
  g_autoptr (JsonObject) root = NULL;

  if (targets == NULL)
    {
      g_propagate_error (error, cause);
      return FALSE;
    }
  g_error_free (cause);
  if (!may_finish (self, is_signed, error))
    return FALSE;
  onward_notice_warn ("A change of the keys was cut off; it is finished now");
  root = onward_repository_load_role (self->repository, "root", error);
  if (root == NULL || !onward_unlock_online (self->keyring, root, self->passphrase, error) ||
      (!is_signed &&
       !onward_keyring_unlock_role (self->keyring, "targets", root, self->passphrase, error)) ||
      !onward_metadata_writer_put_finished (self->repository, self->keyring, targets, is_signed,
                                            error) ||
      !onward_repository_commit (self->repository, error))
    return FALSE;
  onward_change_mark_clear (self->repository);
  return TRUE;
}

static gboolean
refresh (Refresh *self, GError **error)
{
  gboolean with_targets = FALSE;
  g_autoptr (OnwardTargets) targets = NULL;
  GError *cause = NULL;

  /* Nothing is signed anew that was not signed before; that it expired is what brings one here. */
  targets = onward_repository_verify_at (self->repository, 0, &cause);
  if (targets == NULL)
    return finish_change (self, cause, error);
  return unlock (self, &with_targets, error) &&
         onward_metadata_writer_put_refreshed (self->repository, self->keyring, with_targets,
                                               error) &&
         onward_repository_commit (self->repository, error);
}

/**
 * onward_refresh_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Signs a new timestamp, what waits for one, and what else expires soon, which keeps the repository
 * from expiring.
 */
OnwardExit
onward_refresh_verb (int argc, char **argv, GError **error)
{
  g_auto (OnwardUnlock) options = ONWARD_UNLOCK_INIT;
  g_auto (Refresh) self = { NULL };
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print one JSON object per line", NULL },
    ONWARD_UNLOCK_ENTRIES (&options),
    { NULL },
  };

  if (!onward_arguments_parse (
          "REPO\n"
          "Signs a new timestamp, what waits for one, and what else expires soon. To be run every\n"
          "few weeks, or by a timer, where the online keys are. Finishes a change of the keys "
          "that\n"
          "was cut off.",
          entries, 1, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;

  self.passphrase = onward_unlock_make_passphrase (&options);
  self.repository = onward_unlock_open_repository (&options, argv[1], error);
  if (self.repository != NULL)
    self.keyring = onward_unlock_open_keyring (&options, self.repository, error);
  if (self.keyring == NULL || !renew_root (&self, error) || !refresh (&self, error))
    return ONWARD_EXIT_FAILED;

  onward_role_status_print (self.repository, "timestamp", json);
  return ONWARD_EXIT_DONE;
}
