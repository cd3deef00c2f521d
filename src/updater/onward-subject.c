/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-subject.h"

/**
 * onward_subject_new:
 * @name: the application's name
 * @version: the installed version
 * @icon: (nullable): a themed icon's name or a file's path
 * @install_dir: the install folder
 *
 * Returns: (transfer full): a new subject that knows no log.
 */
OnwardSubject *
onward_subject_new (const char *name, const char *version, const char *icon,
                    const char *install_dir)
{
  OnwardSubject *self = g_new0 (OnwardSubject, 1);

  self->name = g_strdup (name != NULL ? name : "");
  self->version = g_strdup (version != NULL ? version : "");
  self->icon = g_strdup (icon);
  self->install_dir = g_strdup (install_dir != NULL ? install_dir : "");
  return self;
}

/**
 * onward_subject_free:
 * @self: (nullable) (transfer full): a subject
 *
 * Frees @self and all it holds.
 */
void
onward_subject_free (OnwardSubject *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->version);
  g_free (self->icon);
  g_free (self->install_dir);
  g_clear_pointer (&self->current, onward_release_unref);
  g_free (self->log_path);
  g_free (self);
}
