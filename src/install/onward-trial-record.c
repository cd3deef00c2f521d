/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-install.h"
#include "onward-trial-record.h"

#define MAX_SIZE 768
#define LAST     "last\n"

/**
 * onward_trial_record_new:
 * @version: the version on trial
 * @previous: the version to fall back to
 * @tries_left: how many starts it has left, at most 9
 *
 * Returns: (transfer full): a record
 */
OnwardTrialRecord *
onward_trial_record_new (const char *version, const char *previous, guint tries_left)
{
  OnwardTrialRecord *self = g_new0 (OnwardTrialRecord, 1);

  self->version = g_strdup (version);
  self->previous = g_strdup (previous);
  self->tries_left = tries_left;
  return self;
}

/**
 * onward_trial_record_free:
 * @self: (transfer full): a record
 *
 * Frees @self.
 */
void
onward_trial_record_free (OnwardTrialRecord *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->version);
  g_free (self->previous);
  g_free (self);
}

static OnwardTrialRecord *
parse (const char *text)
{
  OnwardTrialRecord *self;
  g_auto (GStrv) lines = g_strsplit (text, "\n", 4);
  const char *tries;

  if (g_strv_length (lines) < 3 || !onward_install_is_version (lines[0]) ||
      !onward_install_is_version (lines[1]) || g_str_equal (lines[0], lines[1]))
    return NULL;

  /* var/reverted ends after the second line. */
  tries = lines[2];
  if (tries[0] == '\0')
    return onward_trial_record_new (lines[0], lines[1], 0);
  if (!g_ascii_isdigit (tries[0]) || tries[1] != '\0')
    return NULL;

  self = onward_trial_record_new (lines[0], lines[1], (guint) g_ascii_digit_value (tries[0]));
  self->is_last = g_strcmp0 (lines[3], LAST) == 0;
  return self;
}

/**
 * onward_trial_record_load:
 * @var_dirfd: INSTALL/var
 * @name: "trial" or "reverted"
 *
 * Returns: (transfer full) (nullable): what the file says; %NULL when it is absent or damaged
 */
OnwardTrialRecord *
onward_trial_record_load (int var_dirfd, const char *name)
{
  g_autoptr (GBytes) bytes = onward_file_read (var_dirfd, name, MAX_SIZE, NULL);
  g_autofree char *text = NULL;
  gconstpointer data;
  gsize size = 0;

  if (bytes == NULL)
    return NULL;

  data = g_bytes_get_data (bytes, &size);
  text = g_strndup (data, size);
  return parse (text);
}

/**
 * onward_trial_record_save:
 * @self: a record
 * @var_dirfd: INSTALL/var
 * @name: "trial" or "reverted"
 * @error: where to put ONWARD_ERROR
 *
 * Writes the file, atomically and durably.
 *
 * Returns: FALSE on failure
 */
gboolean
onward_trial_record_save (const OnwardTrialRecord *self, int var_dirfd, const char *name,
                          GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (self != NULL, FALSE);

  if (g_str_equal (name, "trial"))
    text = g_strdup_printf ("%s\n%s\n%u\n%s", self->version, self->previous, self->tries_left,
                            self->is_last ? LAST : "");
  else
    text = g_strdup_printf ("%s\n%s\n", self->version, self->previous);
  bytes = g_bytes_new (text, strlen (text));
  return onward_file_write (var_dirfd, name, bytes, 0644, error);
}

/**
 * onward_trial_record_remove:
 * @var_dirfd: INSTALL/var
 * @name: "trial" or "reverted"
 * @error: where to put ONWARD_ERROR
 *
 * Removes the file durably.
 *
 * Returns: FALSE when it is still there
 */
gboolean
onward_trial_record_remove (int var_dirfd, const char *name, GError **error)
{
  if (!onward_install_clear_folder (var_dirfd, name, error))
    return FALSE;
  if (unlinkat (var_dirfd, name, 0) == 0)
    return onward_file_sync (var_dirfd, "var", error);
  if (errno == ENOENT)
    return TRUE;
  onward_file_set_error (error, errno, "Removing", name);
  return FALSE;
}
