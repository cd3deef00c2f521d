/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-wording.h"

#include <string.h>

#include "onward-clock.h"
#include "onward-error.h"
#include "onward-refusal-texts.h"
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
  { "available-lost", "Inkwell 2.4.0 is available",
    "You have version 2.1.0. Download size: 12.4" NBSP "MB.\n"
    "The new version no longer has these components: maps, voices." },
  { "forced-lost", "Inkwell must be updated",
    "Version 2.1.0 no longer works with the server. Download size: 12.4" NBSP "MB. Your documents stay as they are.\n"
    "The new version no longer has this component: voices." },
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
  { "closing", "Inkwell 2.4.0 is ready to install", "Restart Inkwell to use it.\nStill open: inkwell (4711)" },
  { "closing-another-users", "Inkwell 2.4.0 is ready to install", "Restart Inkwell to use it." },
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
    "It was not renewed since 24 February 2026. The makers of Inkwell may have stopped, or someone may be holding back updates." },
  { "error-stopped-plain", "Update Information Is Out of Date",
    "It should have been renewed by 3 March 2026. The makers of Inkwell may have stopped, or someone may be holding back updates." },
  { "error-root-expired", "The Publisher's Keys Have Expired",
    "The keys that updates of Inkwell are signed with ended on 3 March 2026. Its makers must renew them." },
  { "error-wrong-clock", "Check the Date and Time",
    "The clock of this computer shows 22 November 2031; check it. Updates of Inkwell were last signed on 24 February 2026." },
  { "error-other-repository", "This Update Cannot Be Trusted",
    "The server speaks for another publisher than the makers of Inkwell. This may be tampering. Version 2.1.0 stays as it was." },
  { "error-wrong-hash", "This Update Cannot Be Trusted",
    "The server's information is not what the makers of Inkwell signed, even when asked for again. This may be tampering. "
    "Version 2.1.0 stays as it was." },
  { "error-wrong-type", "Could Not Check for Updates",
    "The update server has one document in the place of another. Inkwell itself works as before." },
  { "error-wrong-version", "Could Not Check for Updates",
    "The update server has another version of a document than it announced. Inkwell itself works as before." },
  { "error-wrong-length", "Could Not Check for Updates",
    "The update server sent too little or too much of a document, twice. Inkwell itself works as before." },
  { "error-too-large", "Could Not Check for Updates",
    "The update server's answer is larger than it may be. Inkwell itself works as before." },
  { "error-upload-under-way", "Could Not Check for Updates",
    "An update of Inkwell is being uploaded at this moment. Try again in a few minutes." },
  { "error-unknown-authority", "No Secure Connection",
    "Nobody whom this computer knows vouches for the update server. Try another network." },
  { "error-wrong-host", "No Secure Connection",
    "The network led to another server than the update server. Try another network." },
  { "error-certificate-expired", "No Secure Connection",
    "The update server's certificate has expired, unless the clock of this computer, which shows 1 April 2026, is wrong." },
  { "error-certificate-not-yet-valid", "Check the Date and Time",
    "The clock of this computer shows 3 March 2019; check it. The update server's certificate is not valid yet." },
  { "error-bad-certificate", "No Secure Connection",
    "The update server's certificate was revoked, or is too weak. Try again later." },
  { "error-rolled-back", "Update Information Was Rolled Back",
    "The server's information is older than what this computer has already seen. This may be tampering. Version 2.1.0 stays as it was." },
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

/* Screens of which the sentence may say that somebody tampers. */
static const char *const alarming[] = {
  "error-untrusted",        "error-forced-untrusted", "error-rolled-back",
  "error-other-repository", "error-wrong-hash",       NULL,
};

static OnwardWording *
new_wording (const char *screen, const GError *refusal)
{
  g_autoptr (OnwardStatus) status = screens_new_status (screen);
  g_autoptr (OnwardSubject) subject = screens_new_subject ();

  g_assert_nonnull (status);
  return onward_wording_new (status, subject, refusal, onward_clock_get_time ());
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

/* What is no tampering is never called that, and no two refusals are told in the same words. */
static void
test_wording_of_refusals (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) names = screens_list ();

  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (OnwardWording) wording = new_wording (*name, NULL);
      g_autofree char *details = NULL;

      if (wording->error == NULL)
        continue;
      details = onward_refusal_texts_dup_details (wording->error);
      g_assert_nonnull (strstr (details, wording->error->message));
      if (!g_strv_contains (alarming, *name))
        g_assert_null (strstr (wording->body, "tamper"));
      g_assert_true (g_strv_contains (alarming, *name) == (strstr (details, "tampering") != NULL));
      if (strstr (details, "What it means: ") != NULL && strstr (*name, "forced") == NULL)
        g_assert_true (g_hash_table_add (seen, g_strdup (wording->body)));
    }
}

/* A date that nobody knows leaves no hole in a sentence. */
static void
test_wording_without_dates (void)
{
  static const int codes[] = { ONWARD_ERROR_ROOT_EXPIRED, ONWARD_ERROR_WRONG_CLOCK,
                               ONWARD_ERROR_CERTIFICATE_EXPIRED,
                               ONWARD_ERROR_CERTIFICATE_NOT_YET_VALID };
  g_autoptr (OnwardSubject) subject = screens_new_subject ();

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr (GError) error =
          g_error_new_literal (ONWARD_ERROR, codes[i], "the clock shows Tuesday");
      g_autofree char *body = onward_refusal_texts_dup_body (error, subject);

      g_assert_nonnull (body);
      g_assert_null (strpbrk (body, "{}"));
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
  g_autoptr (OnwardWording) closing = new_wording ("closing", busy);
  g_autoptr (OnwardWording) ready = new_wording ("ready", busy);
  g_autoptr (OnwardWording) unknown = new_wording ("up-to-date", foreign);

  g_assert_cmpint (refused->screen, ==, ONWARD_SCREEN_FAILED);
  g_assert_cmpstr (refused->title, ==, "Another Update Is Running");
  g_assert_cmpint (open->screen, ==, ONWARD_SCREEN_INSTALLED);
  g_assert_cmpstr (open->body, ==, "Inkwell did not close. Save your work there, then try again.");
  g_assert_true (onward_button_set_has (open->buttons, ONWARD_INTENT_RESTART));
  g_assert_cmpint (closing->screen, ==, ONWARD_SCREEN_READY);
  g_assert_cmpstr (closing->body, ==,
                   "Inkwell did not close. Save your work there, then try again.\n"
                   "Still open: inkwell (4711)");
  g_assert_true (onward_button_set_has (closing->buttons, ONWARD_INTENT_RESTART));
  g_assert_cmpint (ready->screen, ==, ONWARD_SCREEN_FAILED);
  g_assert_cmpstr (unknown->title, ==, "Could Not Check for Updates");
}

/* Whoever restarts an application of which several copies run is told so, unless one of them stays
 * open: then that is what counts. */
static void
test_wording_open (void)
{
  static const struct
  {
    guint n_open;
    const char *body;
  } counts[] = {
    { 0, "Restart Inkwell to use it." },
    { 1, "Restart Inkwell to use it." },
    { 2, "Inkwell is open in 2 windows. All of them are restarted." },
    { 31, "Inkwell is open in 31 windows. All of them are restarted." },
  };
  g_autoptr (GError) busy = g_error_new_literal (ONWARD_ERROR, ONWARD_ERROR_BUSY, "x");
  g_autoptr (OnwardStatus) status = screens_new_status ("installed");
  g_autoptr (OnwardSubject) subject = screens_new_subject ();

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autoptr (OnwardWording) wording = NULL;
      g_autoptr (OnwardWording) refused = NULL;

      subject->n_open = counts[i].n_open;
      wording = onward_wording_new (status, subject, NULL, 0);
      g_assert_cmpstr (wording->body, ==, counts[i].body);
      refused = onward_wording_new (status, subject, busy, 0);
      g_assert_true (g_str_has_prefix (refused->body, "Inkwell did not close."));
    }
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

/* What waits for power says so, whether it has not begun or is paused; what has come further goes
 * on. */
static void
test_wording_low_battery (void)
{
  static const struct
  {
    const char *name;
    OnwardScreen screen;
    const char *buttons;
    OnwardIntent escape;
  } waits[] = {
    { "available", ONWARD_SCREEN_LOW_BATTERY, "Install _Anyway|_Later*", ONWARD_INTENT_CLOSE },
    { "paused", ONWARD_SCREEN_LOW_BATTERY, "Install _Anyway|_Later*", ONWARD_INTENT_CLOSE },
    { "forced", ONWARD_SCREEN_LOW_BATTERY, "_Quit %s|Install _Anyway",
      ONWARD_INTENT_QUIT_APPLICATION },
    { "verifying", ONWARD_SCREEN_INSTALLING, "_Cancel|_Run in Background",
      ONWARD_INTENT_BACKGROUND },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (waits); i++)
    {
      g_autoptr (OnwardStatus) status = screens_new_status (waits[i].name);
      g_autoptr (OnwardSubject) subject = screens_new_subject ();
      g_autoptr (OnwardWording) wording = NULL;
      g_autoptr (GString) buttons = g_string_new (NULL);

      subject->battery = 14;
      wording = onward_wording_new (status, subject, NULL, 0);
      for (const OnwardButton *at = wording->buttons; at->intent != ONWARD_INTENT_NONE; at++)
        g_string_append_printf (buttons, "%s%s%s", buttons->len > 0 ? "|" : "", at->label,
                                at->flags & ONWARD_BUTTON_DEFAULT ? "*" : "");
      g_assert_cmpint (wording->screen, ==, waits[i].screen);
      g_assert_cmpstr (buttons->str, ==, waits[i].buttons);
      g_assert_cmpint (wording->escape, ==, waits[i].escape);
      if (waits[i].screen != ONWARD_SCREEN_LOW_BATTERY)
        continue;
      g_assert_cmpstr (wording->title, ==, "Battery Is Low (14 %)");
      g_assert_cmpstr (wording->body, ==, "Connect power, or install later.");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wording/screens", test_wording_screens);
  g_test_add_func ("/wording/all", test_wording_all);
  g_test_add_func ("/wording/refusals", test_wording_of_refusals);
  g_test_add_func ("/wording/without-dates", test_wording_without_dates);
  g_test_add_func ("/wording/announcements", test_wording_announcements);
  g_test_add_func ("/wording/hint", test_wording_hint);
  g_test_add_func ("/wording/refusal", test_wording_refusal);
  g_test_add_func ("/wording/open", test_wording_open);
  g_test_add_func ("/wording/date", test_wording_date);
  g_test_add_func ("/wording/low-battery", test_wording_low_battery);
  return g_test_run ();
}
