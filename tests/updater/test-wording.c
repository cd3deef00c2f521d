/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-wording.h"

#include <string.h>

#include "onward-error.h"
#include "screens.h"

#define NBSP "\u00a0"

/* clang-format off */
static const struct
{
  const char *screen;
  const char *title;
  const char *body; /* nullable */
} cases[] = {
  { "checking", "Checking for updates…", NULL },
  { "available", "Inkwell 2.4.0 is available", "You have version 2.1.0. Download size: 12.4" NBSP "MB." },
  { "available-security", "Inkwell 2.4.0 is available",
    "You have version 2.1.0. Download size: 12.4" NBSP "MB.\nThis update fixes security problems." },
  { "available-waiting", "Inkwell 2.4.0 is available", "You have version 2.1.0." },
  { "available-partly", "Inkwell 2.4.0 is available",
    "You have version 2.1.0. Download size: 12.4" NBSP "MB. 5.1" NBSP "MB are already downloaded." },
  { "forced", "Inkwell must be updated",
    "Version 2.1.0 no longer works with the server. Download size: 12.4" NBSP "MB. Your documents stay as they are." },
  { "downloading", "Updating Inkwell to 2.4.0", NULL },
  { "reconnecting", "Updating Inkwell to 2.4.0", NULL },
  { "metered", "Updating Inkwell to 2.4.0", NULL },
  { "available-metered", "Inkwell 2.4.0 is available", "You have version 2.1.0. Download size: 12.4" NBSP "MB." },
  { "available-at-most", "Inkwell 2.4.0 is available",
    "You have version 2.1.0. Download size: at most 12.4" NBSP "MB." },
  { "paused", "Update to Inkwell 2.4.0 is paused", NULL },
  { "installing", "Updating Inkwell to 2.4.0", NULL },
  { "ready", "Inkwell 2.4.0 is ready to install", "The download is complete and was checked." },
  { "installed", "Inkwell 2.4.0 is installed", "Restart Inkwell to use it." },
  { "up-to-date", "Inkwell is up to date", "Version 2.1.0 is the newest version.\nLast checked: just now" },
  { "skipped", "Inkwell is up to date", "Version 2.4.0 is available but skipped." },
  { "error-server", "Could Not Check for Updates",
    "The update server did not answer. Inkwell itself works as before." },
  { "error-offline", "Could Not Check for Updates",
    "The update server did not answer. Inkwell itself works as before." },
  { "error-download", "Could Not Download the Update",
    "The update server did not answer. Inkwell itself works as before. 5.1 of 12.4" NBSP "MB are kept." },
  { "error-untrusted", "This Update Cannot Be Trusted",
    "It is not signed by the makers of Inkwell and was not installed. Version 2.1.0 stays as it was." },
  { "error-expired", "Update Information Is Out of Date",
    "The server's information is older than it may be. Someone may be holding back updates." },
  { "error-rolled-back", "Update Information Is Out of Date",
    "The server's information is older than it may be. Someone may be holding back updates." },
  { "error-corrupt", "The Download Was Damaged", "The whole app (68" NBSP "MB) can be downloaded instead." },
  { "error-read-only-install", "Permission Is Needed",
    "This copy is in /opt/inkwell, which belongs to the administrator." },
  { "error-not-permitted", "Permission Is Needed",
    "An administrator must approve installing to /opt/inkwell." },
  { "error-unsupported-format", "This Computer Is Too Old for 2.4.0",
    "The update needs something that this system lacks. Version 2.1.0 still works here." },
  { "error-busy", "Another Update Is Running",
    "Inkwell is being updated in another window (or by another user)." },
  { "error-did-not-start", "Inkwell 2.4.0 Did Not Start",
    "Version 2.1.0 was restored. 2.4.0 is not offered again." },
  { "error-no-space", "Not Enough Disk Space",
    "380" NBSP "MB are needed, 120" NBSP "MB are free. 5.1 of 12.4" NBSP "MB are kept." },
  { "error-no-space-unmeasured", "Not Enough Disk Space", "Make room on the disk, then try again." },
  { "error-not-found", "Could Not Check for Updates",
    "The update server does not know Inkwell. The app itself works as before." },
  { "error-malformed", "Could Not Check for Updates",
    "The update server's answer makes no sense. Inkwell itself works as before." },
  { "error-interrupted", "The Update Was Interrupted", "What was already downloaded is kept." },
  { "error-failed", "Could Not Install the Update", "Version 2.1.0 stays as it was." },
  { "error-sign-in", "Sign In to the Network",
    "This network asks for a sign-in before it lets anything through. Open any web page to sign "
    "in, then try again." },
  { "error-server-busy", "Could Not Check for Updates",
    "The update server is busy. Try again later. Inkwell itself works as before." },
  { "error-forced", "Inkwell must be updated",
    "Version 2.1.0 no longer works with the server. Your documents stay as they are.\n"
    "The update server did not answer. Inkwell itself works as before." },
  { "error-forced-untrusted", "This Update Cannot Be Trusted",
    "It is not signed by the makers of Inkwell and was not installed. Version 2.1.0 stays as it was." },
};
/* clang-format on */

static OnwardWording *
new_wording (const char *screen, const GError *refusal)
{
  g_autoptr (OnwardStatus) status = screens_new_status (screen);
  g_autoptr (OnwardSubject) subject = screens_new_subject ();

  g_assert_nonnull (status);
  return onward_wording_new (status, subject, refusal, g_get_monotonic_time ());
}

/* Every screen says exactly its sentences. */
static void
test_wording_screens (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardWording) wording = new_wording (cases[i].screen, NULL);

      g_assert_cmpstr (wording->title, ==, cases[i].title);
      g_assert_cmpstr (wording->body, ==, cases[i].body);
    }
}

/* No screen is without words, and none says what a hole was not filled with. */
static void
test_wording_all (void)
{
  g_auto (GStrv) names = screens_list ();

  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (OnwardWording) wording = new_wording (*name, NULL);

      g_assert_cmpuint (strlen (wording->title), >, 5);
      g_assert_cmpuint (strlen (wording->announcement), >, 5);
      g_assert_null (strstr (wording->title, "(null)"));
      g_assert_null (strstr (wording->announcement, "(null)"));
      g_assert_nonnull (wording->buttons);
      g_assert_cmpint (wording->escape, !=, ONWARD_INTENT_CANCEL);
    }
}

/* Screen readers are told what happened, not what the percentage is. */
static void
test_wording_announcements (void)
{
  static const struct
  {
    const char *screen;
    const char *expected;
  } announced[] = {
    { "available",
      "Inkwell 2.4.0 is available. You have version 2.1.0. Download size: 12.4" NBSP "MB." },
    { "downloading", "Downloading Inkwell 2.4.0" },
    { "reconnecting", "Connection lost. Trying again in 12 seconds" },
    { "paused", "Paused" },
    { "installing", "Installing" },
    { "installed", "Inkwell 2.4.0 is installed" },
    { "up-to-date", "Inkwell is up to date" },
    { "error-busy", "Another Update Is Running. Inkwell is being updated in another window (or by "
                    "another user)." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (announced); i++)
    {
      g_autoptr (OnwardWording) wording = new_wording (announced[i].screen, NULL);

      g_assert_cmpstr (wording->announcement, ==, announced[i].expected);
    }
}

/* Who wonders why the download is so small finds the whole size. */
static void
test_wording_hint (void)
{
  g_autoptr (OnwardWording) available = new_wording ("available", NULL);
  g_autoptr (OnwardWording) waiting = new_wording ("available-waiting", NULL);

  g_assert_cmpstr (available->hint, ==,
                   "Only changed parts are downloaded. The whole app is 68" NBSP "MB.");
  g_assert_null (waiting->hint);
  g_assert_cmpstr (available->notes_title, ==, "What's new since version 2.1.0");
}

/* A refused intent shows as a failure; an application that stays open is told on its screen. */
static void
test_wording_refusal (void)
{
  g_autoptr (GError) busy = g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_BUSY, "x");
  g_autoptr (GError) foreign = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "x");
  g_autoptr (OnwardWording) refused = new_wording ("available", busy);
  g_autoptr (OnwardWording) open = new_wording ("installed", busy);
  g_autoptr (OnwardWording) unknown = new_wording ("up-to-date", foreign);

  g_assert_cmpint (refused->screen, ==, ONWARD_SCREEN_FAILED);
  g_assert_cmpstr (refused->title, ==, "Another Update Is Running");
  g_assert_cmpint (open->screen, ==, ONWARD_SCREEN_INSTALLED);
  g_assert_cmpstr (open->body, ==, "Inkwell did not close. Save your work there, then try again.");
  g_assert_true (onward_button_set_has (open->buttons, ONWARD_INTENT_RESTART));
  g_assert_cmpstr (unknown->title, ==, "Could Not Check for Updates");
}

/* A date is read as a day; what is none is left out. */
static void
test_wording_date (void)
{
  static const char *const dates[][2] = {
    { "2026-10-02", "2 October 2026" },
    { "2026-06-03T23:59:59Z", "3 June 2026" },
    { "2026-13-02", "" },
    { "soon", "" },
    { "", "" },
    { "２０２６年１０月", "" },
  };
  g_autofree char *nothing = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (dates); i++)
    {
      g_autofree char *day = onward_wording_dup_date (dates[i][0]);

      g_assert_cmpstr (day, ==, dates[i][1]);
    }

  nothing = onward_wording_dup_date (NULL);
  g_assert_cmpstr (nothing, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wording/screens", test_wording_screens);
  g_test_add_func ("/wording/all", test_wording_all);
  g_test_add_func ("/wording/announcements", test_wording_announcements);
  g_test_add_func ("/wording/hint", test_wording_hint);
  g_test_add_func ("/wording/refusal", test_wording_refusal);
  g_test_add_func ("/wording/date", test_wording_date);
  return g_test_run ();
}
