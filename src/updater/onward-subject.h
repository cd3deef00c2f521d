/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-release.h"

G_BEGIN_DECLS

/**
 * OnwardSubject:
 * @name: the application's name, as people know it
 * @version: the installed version
 * @icon: (nullable): a themed icon's name or a file's path
 * @install_dir: the install folder
 * @current: (nullable): what is known of the installed version
 * @log_path: (nullable): where the log lies
 * @n_open: how many copies of the application run, as far as is known
 * @battery: what is left of a battery that an update has to wait for, in percent; 0 for none
 *
 * What the window says that a status does not know: whose update this is.
 */
typedef struct
{
  char *name;
  char *version;
  char *icon;
  char *install_dir;
  OnwardRelease *current;
  char *log_path;
  guint n_open;
  guint battery;
} OnwardSubject;

OnwardSubject *onward_subject_new  (const char *name, const char *version, const char *icon,
                                    const char *install_dir);
void           onward_subject_free (OnwardSubject *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardSubject, onward_subject_free)

G_END_DECLS
