/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-client-subject.h"

/* An icon of the application's own lies in its current version; any other name is a theme's. */
static char *
dup_icon (OnwardClient *client)
{
  const char *icon = onward_client_get_icon_name (client);
  g_autofree char *path = NULL;

  if (icon == NULL)
    return NULL;
  path = g_build_filename (onward_client_get_install_dir (client), "current", icon, NULL);
  return g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&path) : g_strdup (icon);
}

/**
 * onward_client_subject_new:
 * @client: an update
 *
 * Returns: (transfer full): whose update it is, as the install says.
 */
OnwardSubject *
onward_client_subject_new (OnwardClient *client)
{
  g_autofree char *icon = dup_icon (client);
  OnwardSubject *subject = onward_subject_new (onward_client_get_application_name (client),
                                               onward_client_get_version (client), icon,
                                               onward_client_get_install_dir (client));

  subject->current = onward_client_dup_current_release (client);
  subject->log_path = onward_client_dup_log_path (client);
  return subject;
}
