/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-json.h"
#include "onward-log.h"
#include "onward-notice.h"
#include "onward-report.h"
#include "onward-role-status.h"

#define MAX_DATE_CHARS 32

static gboolean
read_role (JsonObject *content, gint64 *ret_version, const char **ret_expires, GError **error)
{
  return onward_json_get_integer (content, "version", 1, G_MAXINT64, ret_version, error) &&
         onward_json_get_string (content, "expires", ret_expires, error);
}

/**
 * onward_role_status_print:
 * @repository: a repository
 * @role: root, targets, snapshot or timestamp
 * @json: for scripts
 *
 * Prints the version of a role's metadata and when it expires. It is not verified here, and one
 * that cannot be read gives a warning.
 */
void
onward_role_status_print (OnwardRepository *repository, const char *role, gboolean json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) content = onward_repository_load_role (repository, role, &error);
  g_autofree char *shown = NULL;
  JsonBuilder *builder;
  const char *expires;
  gint64 version;

  if (content == NULL || !read_role (content, &version, &expires, &error))
    {
      onward_notice_warn ("The metadata of %s cannot be read: %s", role, error->message);
      return;
    }

  if (!json)
    {
      shown = onward_log_escape (expires, MAX_DATE_CHARS);
      printf ("%-10s version %-5" G_GINT64_FORMAT " expires %s\n", role, version, shown);
      return;
    }

  builder = onward_report_begin ("role");
  onward_report_add_string (builder, "role", role);
  onward_report_add_integer (builder, "version", version);
  onward_report_add_string (builder, "expires", expires);
  onward_report_print (builder);
}
