/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-client-private.h"
#include "onward-file.h"
#include "onward-running.h"
#include "onward-switch.h"
#include "onward-verify.h"

#define LOG_MAX_SIZE (2 * 1024 * 1024)

typedef struct
{
  char *version; /* (owned) (nullable): output */
} Rollback;

typedef struct
{
  char *version;    /* (owned) */
  GStrv keep;       /* (owned) */
  GPtrArray *lines; /* (owned) (nullable): output */
} Verification;

static void
rollback_free (Rollback *rollback)
{
  g_free (rollback->version);
  g_free (rollback);
}

static void
verification_free (Verification *verification)
{
  g_free (verification->version);
  g_strfreev (verification->keep);
  g_clear_pointer (&verification->lines, g_ptr_array_unref);
  g_free (verification);
}

static gboolean
roll_back (OnwardInstall *install, gpointer data, GCancellable *cancellable, GError **error)
{
  Rollback *rollback = data;

  return onward_switch_back (install, &rollback->version, error);
}

static void
on_rolled_back (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  gpointer data = NULL;

  if (onward_flow_chore_finish (ONWARD_FLOW (source), result, &data, &error))
    g_task_return_pointer (task, g_steal_pointer (&((Rollback *) data)->version), g_free);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * onward_client_rollback_async:
 * @self: a client
 * @cancellable: (nullable): ends it
 * @callback: (scope async): called when it has ended
 * @user_data: for @callback
 *
 * Makes the version before the current one again.
 */
void
onward_client_rollback_async (OnwardClient *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ONWARD_IS_CLIENT (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, onward_client_rollback_async);
  onward_flow_chore_async (self->flow, roll_back, g_new0 (Rollback, 1),
                           (GDestroyNotify) rollback_free, cancellable, on_rolled_back,
                           g_steal_pointer (&task));
}

/**
 * onward_client_rollback_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full): the version that is current now
 */
char *
onward_client_rollback_finish (OnwardClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
add_lines (GPtrArray *lines, const char *what, GPtrArray *paths)
{
  for (guint i = 0; i < paths->len; i++)
    g_ptr_array_add (lines, g_strdup_printf ("%s %s", what, (char *) g_ptr_array_index (paths, i)));
}

static gboolean
verify (OnwardInstall *install, gpointer data, GCancellable *cancellable, GError **error)
{
  Verification *verification = data;
  g_autoptr (OnwardDifferences) differences = NULL;

  differences = onward_verify_version (
      install, verification->version, (const char *const *) verification->keep, cancellable, error);
  if (differences == NULL)
    return FALSE;

  verification->lines = g_ptr_array_new_with_free_func (g_free);
  add_lines (verification->lines, "changed", differences->changed);
  add_lines (verification->lines, "missing", differences->missing);
  add_lines (verification->lines, "extra", differences->extra);
  g_ptr_array_add (verification->lines, NULL);
  return TRUE;
}

static void
on_verified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  gpointer data = NULL;

  if (onward_flow_chore_finish (ONWARD_FLOW (source), result, &data, &error))
    {
      Verification *verification = data;

      g_task_return_pointer (task, g_ptr_array_free (g_steal_pointer (&verification->lines), FALSE),
                             (GDestroyNotify) g_strfreev);
      return;
    }

  g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * onward_client_verify_async:
 * @self: a client
 * @cancellable: (nullable): ends it
 * @callback: (scope async): called when it has ended
 * @user_data: for @callback
 *
 * Compares every file of the current version with what was installed.
 */
void
onward_client_verify_async (OnwardClient *self, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  OnwardApplication *application = onward_flow_get_application (self->flow);
  Verification *verification = g_new0 (Verification, 1);
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ONWARD_IS_CLIENT (self));

  verification->version = g_strdup (onward_flow_get_version (self->flow));
  verification->keep = g_strdupv ((GStrv) onward_application_get_keep (application));
  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, onward_client_verify_async);
  onward_flow_chore_async (self->flow, verify, verification, (GDestroyNotify) verification_free,
                           cancellable, on_verified, g_steal_pointer (&task));
}

/**
 * onward_client_verify_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full) (array zero-terminated=1): lines "changed PATH", "missing PATH" and
 *   "extra PATH"; empty when all is well
 */
char **
onward_client_verify_finish (OnwardClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_running (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) running = onward_flow_running_finish (ONWARD_FLOW (source), result);
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();

  for (guint i = 0; i < running->len; i++)
    {
      const OnwardRunning *copy = g_ptr_array_index (running, i);
      g_autofree char *line =
          g_strdup_printf ("%s %" G_GINT64_FORMAT " %s", copy->version, copy->pid, copy->name);

      g_strv_builder_add (lines, line);
    }
  g_task_return_pointer (task, g_strv_builder_end (lines), (GDestroyNotify) g_strfreev);
}

/**
 * onward_client_list_running_async:
 * @self: a client
 * @callback: (scope async): called with what was found
 * @user_data: for @callback
 *
 * Finds the copies of the application that run, whichever their version.
 */
void
onward_client_list_running_async (OnwardClient *self, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ONWARD_IS_CLIENT (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, onward_client_list_running_async);
  onward_flow_running_async (self->flow, on_running, g_steal_pointer (&task));
}

/**
 * onward_client_list_running_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full) (array zero-terminated=1): a line "VERSION PROCESS NAME" for each copy;
 *   what another user runs is not among them
 */
char **
onward_client_list_running_finish (OnwardClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

typedef struct
{
  guint n_repaired;
  guint64 n_bytes;
} Repair;

static void
on_repaired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Repair *repair = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (onward_flow_repair_finish (ONWARD_FLOW (source), result, &repair->n_repaired,
                                 &repair->n_bytes, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * onward_client_repair_async:
 * @self: a client
 * @cancellable: (nullable): ends it; what was fetched is kept
 * @callback: (scope async): called when it has ended
 * @user_data: for @callback
 *
 * Compares every file of the current version with what its publisher has signed, and fetches and
 * replaces what is changed or missing, and nothing else, also while the application runs. Files
 * that are not the release's stay. Asks the network only when something differs, and waits for it
 * like an update; #OnwardClient::maintenance-status tells of that. A version that came without a
 * receipt gets one.
 */
void
onward_client_repair_async (OnwardClient *self, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ONWARD_IS_CLIENT (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, onward_client_repair_async);
  g_task_set_task_data (task, g_new0 (Repair, 1), g_free);
  onward_flow_repair_async (self->flow, NULL, onward_client_components_tell, self, cancellable,
                            on_repaired, g_steal_pointer (&task));
}

/**
 * onward_client_repair_finish:
 * @self: a client
 * @result: what the callback got
 * @ret_n_repaired: (out) (optional): how many files, folders and links were put right
 * @ret_bytes: (out) (optional): how many bytes of content were fetched for that
 * @error: return location
 *
 * Returns: whether the current version is whole
 */
gboolean
onward_client_repair_finish (OnwardClient *self, GAsyncResult *result, guint *ret_n_repaired,
                             guint64 *ret_bytes, GError **error)
{
  const Repair *repair;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  repair = g_task_get_task_data (G_TASK (result));
  if (ret_n_repaired != NULL)
    *ret_n_repaired = repair->n_repaired;
  if (ret_bytes != NULL)
    *ret_bytes = repair->n_bytes;
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
prune (OnwardInstall *install, gpointer data, GCancellable *cancellable, GError **error)
{
  return onward_switch_prune (install, cancellable, error);
}

static void
on_pruned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (onward_flow_chore_finish (ONWARD_FLOW (source), result, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * onward_client_prune_async:
 * @self: a client
 * @cancellable: (nullable): ends it
 * @callback: (scope async): called when it has ended
 * @user_data: for @callback
 *
 * Removes old versions and leftovers; the current version, the one before it and those that run
 * stay.
 */
void
onward_client_prune_async (OnwardClient *self, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ONWARD_IS_CLIENT (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, onward_client_prune_async);
  onward_flow_chore_async (self->flow, prune, NULL, NULL, cancellable, on_pruned,
                           g_steal_pointer (&task));
}

/**
 * onward_client_prune_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location
 *
 * Returns: whether old versions were removed
 */
gboolean
onward_client_prune_finish (OnwardClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * onward_client_dup_current_release:
 * @self: a client
 *
 * Returns: (transfer full) (nullable): what the publisher says of the current version, as far as it
 *   is known without asking
 */
OnwardRelease *
onward_client_dup_current_release (OnwardClient *self)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), NULL);

  return onward_flow_dup_current (self->flow);
}

/**
 * onward_client_dup_log_path:
 * @self: a client
 *
 * Returns: (transfer full) (type filename): the path of the log
 */
char *
onward_client_dup_log_path (OnwardClient *self)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), NULL);

  return g_strdup (onward_paths_get_log (onward_flow_get_paths (self->flow)));
}

/**
 * onward_client_read_log:
 * @self: a client
 * @error: return location
 *
 * Returns: (transfer full): the text of the log, empty when nothing was logged yet
 */
char *
onward_client_read_log (OnwardClient *self, GError **error)
{
  const char *path = onward_paths_get_log (onward_flow_get_paths (self->flow));
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) local_error = NULL;

  g_return_val_if_fail (ONWARD_IS_CLIENT (self), NULL);

  bytes = onward_file_read (AT_FDCWD, path, LOG_MAX_SIZE, &local_error);
  if (bytes != NULL)
    return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  if (g_error_matches (local_error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    return g_strdup ("");

  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

/**
 * onward_client_mark_good:
 * @self: a client
 * @error: return location
 *
 * Tells that the running version works, so that it is not taken back. An application calls it when
 * its first window is shown and its main loop has lived for some seconds, with a client that it
 * made at its start. It does nothing when no version is on trial, or when another version has
 * become the current one meanwhile.
 *
 * Returns: whether it was remembered
 */
gboolean
onward_client_mark_good (OnwardClient *self, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return onward_flow_mark_good (self->flow, error);
}

static gboolean
spawn (const char *const *argv, GError **error)
{
  return g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, error);
}

/* The one that the application ships, and else the one of this computer. It is looked for in the
 * install, since what runs may be an interpreter, in a folder of its own. */
static char *
find_updater (OnwardClient *self)
{
  OnwardApplication *application = onward_flow_get_application (self->flow);
  g_autofree char *bin = g_path_get_dirname (onward_application_get_command (application));
  g_autofree char *shipped = g_build_filename (onward_client_get_install_dir (self), "current", bin,
                                               "onward-updater", NULL);

  if (g_file_test (shipped, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&shipped);
  return onward_paths_find_program ("onward-updater");
}

static gboolean
run_updater (OnwardClient *self, const char *option, GError **error)
{
  g_autofree char *program = find_updater (self);
  const char *argv[] = { program, "--install", onward_client_get_install_dir (self), option, NULL };

  if (program != NULL)
    return spawn (argv, error);

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                       "Opening the updater: “onward-updater” is neither beside the application's "
                       "program nor installed");
  return FALSE;
}

/**
 * onward_client_open_updater:
 * @self: a client
 * @error: return location
 *
 * Opens the updater's window for this install; a window that is open already comes to the front.
 * It is the onward-updater beside the application's program, or else the one that is installed.
 *
 * Returns: whether it was started
 */
gboolean
onward_client_open_updater (OnwardClient *self, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);

  return run_updater (self, NULL, error);
}

/**
 * onward_client_install_unasked:
 * @self: a client whose check has found a newer version
 *
 * Where the user has chosen that updates install by themselves, has the updater do so, without a
 * window: a notification says when the application can be restarted. An application asks for it
 * before it tells of the version itself.
 *
 * Returns: whether it was begun; %FALSE when the user is to be asked, as also who wants no checks
 *   that they did not ask for is
 */
gboolean
onward_client_install_unasked (OnwardClient *self)
{
  GSettings *settings;

  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);

  settings = onward_client_get_settings (self);
  return settings != NULL && g_settings_get_boolean (settings, "download-automatically") &&
         onward_client_preferences_are_due (self) && onward_client_may_update (self, NULL) &&
         run_updater (self, "--background", NULL);
}

/**
 * onward_client_start_application:
 * @self: a client
 * @error: return location
 *
 * Starts the application through its launcher, so in its current version.
 *
 * Returns: whether it was started
 */
gboolean
onward_client_start_application (OnwardClient *self, GError **error)
{
  OnwardApplication *application = onward_flow_get_application (self->flow);
  g_autofree char *name = NULL;
  g_autofree char *launcher = NULL;
  const char *argv[] = { NULL, NULL };

  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);

  name = g_path_get_basename (onward_application_get_command (application));
  launcher = g_build_filename (onward_client_get_install_dir (self), name, NULL);
  argv[0] = launcher;
  return spawn (argv, error);
}

/**
 * onward_client_may_update:
 * @self: a client
 * @error: return location; %ONWARD_ERROR_READ_ONLY_INSTALL says who may
 *
 * Asked before an update is offered: an install of another user, as those that all users of a
 * computer share mostly are, has news but is not this user's to change.
 *
 * Returns: whether this user may update the install
 */
gboolean
onward_client_may_update (OnwardClient *self, GError **error)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return onward_flow_may_update (self->flow, error);
}

/**
 * onward_client_is_safe:
 * @self: a client
 *
 * Asked when somebody has gone back to an older version: one below the minimum of a release, or
 * before a forced one, is not to go on.
 *
 * Returns: whether the publisher lets the current version go on, as far as that is known without
 *   asking the network
 */
gboolean
onward_client_is_safe (OnwardClient *self)
{
  g_return_val_if_fail (ONWARD_IS_CLIENT (self), FALSE);

  return onward_flow_choices_is_safe (self->flow);
}
