/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-notice.h"

#include <glib/gi18n-lib.h>

#include "onward-error-texts.h"
#include "onward-markdown.h"

static const char *const ids[] = {
  ONWARD_NOTICE_AVAILABLE,
  ONWARD_NOTICE_BACKGROUND,
  ONWARD_NOTICE_READY,
  ONWARD_NOTICE_FAILED,
};

static const char *
get_version (OnwardStatus *status)
{
  OnwardRelease *release = onward_status_get_release (status);

  return release != NULL ? onward_release_get_version (release) : "";
}

static GNotification *
new_available (OnwardStatus *status, const OnwardSubject *subject)
{
  OnwardRelease *release = onward_status_get_release (status);
  g_autofree char *title =
      g_strdup_printf (_ ("%s %s is available"), subject->name, get_version (status));
  g_autofree char *body = NULL;
  GNotification *notice = g_notification_new (title);

  if (release != NULL)
    body = onward_markdown_dup_first_line (
        onward_release_get_notes (release, g_get_language_names ()));
  if (body != NULL)
    g_notification_set_body (notice, body);
  g_notification_add_button (notice, _ ("Install"), "app.install");
  g_notification_add_button (notice, _ ("Later"), "app.later");
  return notice;
}

static GNotification *
new_background (OnwardStatus *status, const OnwardSubject *subject)
{
  g_autofree char *body =
      g_strdup_printf (_ ("Updating %s to %s"), subject->name, get_version (status));
  GNotification *notice = g_notification_new (_ ("The update goes on in the background"));

  g_notification_set_body (notice, body);
  return notice;
}

static GNotification *
new_ready (OnwardStatus *status, const OnwardSubject *subject)
{
  g_autofree char *title = g_strdup_printf (_ ("%s is ready to restart"), subject->name);
  g_autofree char *body =
      g_strdup_printf (_ ("%s %s is installed"), subject->name, get_version (status));
  GNotification *notice = g_notification_new (title);

  g_notification_set_body (notice, body);
  g_notification_add_button (notice, _ ("Restart Now"), "app.restart");
  return notice;
}

static GNotification *
new_failed (OnwardStatus *status, const OnwardSubject *subject)
{
  const GError *error = onward_status_get_error (status);
  g_autofree char *title = onward_error_texts_dup_title (error, status, subject);
  g_autofree char *body = onward_error_texts_dup_body (error, status, subject);
  GNotification *notice = g_notification_new (title);

  g_notification_set_body (notice, body);
  return notice;
}

/**
 * onward_notice_new:
 * @id: one of the ONWARD_NOTICE_ names
 * @status: the status to tell of
 * @subject: whose update it is
 *
 * Returns: (transfer full): a notification; a click on it shows the window.
 */
GNotification *
onward_notice_new (const char *id, OnwardStatus *status, const OnwardSubject *subject)
{
  GNotification *notice = NULL;

  g_return_val_if_fail (id != NULL, NULL);

  if (g_str_equal (id, ONWARD_NOTICE_AVAILABLE))
    notice = new_available (status, subject);
  else if (g_str_equal (id, ONWARD_NOTICE_BACKGROUND))
    notice = new_background (status, subject);
  else if (g_str_equal (id, ONWARD_NOTICE_READY))
    notice = new_ready (status, subject);
  else
    notice = new_failed (status, subject);
  g_notification_set_default_action (notice, "app.show");
  return notice;
}

/**
 * onward_notice_withdraw:
 * @application: who sent them
 *
 * Takes every notice back.
 */
void
onward_notice_withdraw (GApplication *application)
{
  g_return_if_fail (G_IS_APPLICATION (application));

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    g_application_withdraw_notification (application, ids[i]);
}
