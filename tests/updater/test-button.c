/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-button.h"

#include <string.h>

#include "onward-clock.h"
#include "onward-error.h"
#include "screens.h"

/* The buttons of a screen as "Label|Label*|…": the default has a star, what stands apart a dash. */
static char *
describe (const OnwardButton *set)
{
  GString *text = g_string_new (NULL);

  for (; set->intent != ONWARD_INTENT_NONE; set++)
    {
      g_autofree char *label = onward_button_dup_label (set, "Inkwell");

      g_string_append_printf (text, "%s%s%s%s", text->len > 0 ? "|" : "",
                              set->flags & ONWARD_BUTTON_LEADING ? "-" : "", label,
                              set->flags & ONWARD_BUTTON_DEFAULT ? "*" : "");
    }
  return g_string_free (text, FALSE);
}

static const OnwardButton *
get_set (OnwardStatus *status)
{
  return onward_button_set_for_screen (onward_screen_for_status (status), status,
                                       onward_status_get_error (status));
}

/* clang-format off */
static const struct
{
  const char *screen;
  const char *buttons;
  OnwardIntent escape;
} cases[] = {
  { "checking", "_Cancel", ONWARD_INTENT_CLOSE },
  { "available", "-_Skip This Version|Remind Me _Later|_Install Update*", ONWARD_INTENT_REMIND },
  { "available-security", "Remind Me _Later|_Install Update*", ONWARD_INTENT_REMIND },
  { "forced", "-_Quit Inkwell|_Update Now*", ONWARD_INTENT_QUIT_APPLICATION },
  { "downloading", "-_Cancel|_Pause|_Run in Background", ONWARD_INTENT_BACKGROUND },
  { "downloading-forced", "-_Cancel|_Pause|_Quit Inkwell", ONWARD_INTENT_QUIT_APPLICATION },
  { "reconnecting", "-_Cancel|_Pause|_Run in Background|_Try Now*", ONWARD_INTENT_BACKGROUND },
  { "reconnecting-forced", "-_Cancel|_Pause|_Quit Inkwell|_Try Now*", ONWARD_INTENT_QUIT_APPLICATION },
  { "offline", "-_Cancel|_Pause|_Run in Background|_Try Now*", ONWARD_INTENT_BACKGROUND },
  { "busy-server", "-_Cancel|_Pause|_Run in Background|_Try Now*", ONWARD_INTENT_BACKGROUND },
  { "sign-in", "-_Cancel|_Pause|_Run in Background|_Try Now*", ONWARD_INTENT_BACKGROUND },
  { "available-metered", "-_Skip This Version|Download _Anyway|Remind Me _Later*", ONWARD_INTENT_REMIND },
  { "available-security-metered", "Download _Anyway|Remind Me _Later*", ONWARD_INTENT_REMIND },
  { "forced-metered", "-_Quit Inkwell|_Update Now*", ONWARD_INTENT_QUIT_APPLICATION },
  { "metered", "-_Cancel|_Run in Background|Continue _Anyway", ONWARD_INTENT_BACKGROUND },
  { "metered-forced", "-_Cancel|_Quit Inkwell|Continue _Anyway", ONWARD_INTENT_QUIT_APPLICATION },
  { "paused", "-_Cancel|C_lose|_Resume*", ONWARD_INTENT_CLOSE },
  { "paused-forced", "-_Cancel|_Quit Inkwell|_Resume*", ONWARD_INTENT_QUIT_APPLICATION },
  { "verifying", "-_Cancel|_Run in Background", ONWARD_INTENT_BACKGROUND },
  { "installing", "-_Cancel|_Run in Background", ONWARD_INTENT_BACKGROUND },
  { "applying", "-_Cancel|_Run in Background", ONWARD_INTENT_BACKGROUND },
  { "ready", "_Later|_Install Update*", ONWARD_INTENT_CLOSE },
  { "ready-forced", "-_Quit Inkwell|_Install Update*", ONWARD_INTENT_QUIT_APPLICATION },
  { "closing", "_Later|_Restart Now*", ONWARD_INTENT_BACKGROUND },
  { "installed", "_Later|_Restart Now*", ONWARD_INTENT_CLOSE },
  { "up-to-date", "Check _Again|_Close*", ONWARD_INTENT_CLOSE },
  { "skipped", "-Check _Again|_Show It|_Close*", ONWARD_INTENT_CLOSE },
  { "error-server", "_Close|_Try Again*", ONWARD_INTENT_CLOSE },
  { "error-offline", "_Close|_Try Again*", ONWARD_INTENT_CLOSE },
  { "error-untrusted", "_Close*", ONWARD_INTENT_CLOSE },
  { "error-expired", "_Try Again|_Close*", ONWARD_INTENT_CLOSE },
  { "error-root-expired", "_Try Again|_Close*", ONWARD_INTENT_CLOSE },
  { "error-wrong-clock", "_Close|_Try Again*", ONWARD_INTENT_CLOSE },
  { "error-other-repository", "_Try Again|_Close*", ONWARD_INTENT_CLOSE },
  { "error-wrong-hash", "_Try Again|_Close*", ONWARD_INTENT_CLOSE },
  { "error-wrong-type", "_Try Again|_Close*", ONWARD_INTENT_CLOSE },
  { "error-wrong-version", "_Try Again|_Close*", ONWARD_INTENT_CLOSE },
  { "error-wrong-length", "_Try Again|_Close*", ONWARD_INTENT_CLOSE },
  { "error-too-large", "_Try Again|_Close*", ONWARD_INTENT_CLOSE },
  { "error-upload-under-way", "_Close|_Try Again*", ONWARD_INTENT_CLOSE },
  { "error-unknown-authority", "_Try Again|_Close*", ONWARD_INTENT_CLOSE },
  { "error-wrong-host", "_Try Again|_Close*", ONWARD_INTENT_CLOSE },
  { "error-certificate-expired", "_Close|_Try Again*", ONWARD_INTENT_CLOSE },
  { "error-certificate-not-yet-valid", "_Close|_Try Again*", ONWARD_INTENT_CLOSE },
  { "error-bad-certificate", "_Try Again|_Close*", ONWARD_INTENT_CLOSE },
  { "error-rolled-back", "_Try Again|_Close*", ONWARD_INTENT_CLOSE },
  { "error-corrupt", "_Close|_Download All*", ONWARD_INTENT_CLOSE },
  { "error-read-only-install", "_Close*", ONWARD_INTENT_CLOSE },
  { "error-not-permitted", "_Close*", ONWARD_INTENT_CLOSE },
  { "error-unsupported-format", "_Close*", ONWARD_INTENT_CLOSE },
  { "error-busy", "_Close*", ONWARD_INTENT_CLOSE },
  { "error-did-not-start", "_Close*", ONWARD_INTENT_CLOSE },
  { "error-no-space", "_Close|_Try Again*", ONWARD_INTENT_CLOSE },
  { "error-not-found", "_Close|_Try Again*", ONWARD_INTENT_CLOSE },
  { "error-sign-in", "_Close|_Try Again*", ONWARD_INTENT_CLOSE },
  { "error-server-busy", "_Close|_Try Again*", ONWARD_INTENT_CLOSE },
  { "error-forced", "-_Quit Inkwell|_Try Again*", ONWARD_INTENT_QUIT_APPLICATION },
  { "error-forced-untrusted", "_Quit Inkwell*", ONWARD_INTENT_QUIT_APPLICATION },
};
/* clang-format on */

/* Every screen has the buttons of its drawing, in their order, with their default and way out. */
static void
test_button_sets (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OnwardStatus) status = screens_new_status (cases[i].screen);
      const OnwardButton *set = get_set (status);
      g_autofree char *buttons = describe (set);

      g_assert_cmpstr (buttons, ==, cases[i].buttons);
      g_assert_cmpstr (onward_intent_get_nick (onward_button_set_get_escape (set)), ==,
                       onward_intent_get_nick (cases[i].escape));
    }
}

/* No two buttons of a screen share a mnemonic, and no screen has two defaults. */
static void
test_button_mnemonics (void)
{
  g_auto (GStrv) names = screens_list ();

  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (OnwardStatus) status = screens_new_status (*name);
      g_autoptr (GHashTable) keys = g_hash_table_new (NULL, NULL);
      guint defaults = 0;

      for (const OnwardButton *button = get_set (status); button->intent != ONWARD_INTENT_NONE;
           button++)
        {
          const char *mark = strchr (button->label, '_');

          g_assert_nonnull (mark);
          g_assert_true (
              g_hash_table_add (keys, GINT_TO_POINTER ((int) g_ascii_tolower (mark[1]))));
          defaults += (button->flags & ONWARD_BUTTON_DEFAULT) != 0;
        }
      g_assert_cmpuint (defaults, <=, 1);
    }
}

/* Nothing that is not trusted offers to go on, whatever else is the matter. */
static void
test_button_stop (void)
{
  static const char *const screens[] = { "error-untrusted", "error-forced-untrusted" };

  for (gsize i = 0; i < G_N_ELEMENTS (screens); i++)
    {
      g_autoptr (OnwardStatus) status = screens_new_status (screens[i]);
      const OnwardButton *set = get_set (status);

      g_assert_false (onward_button_set_has (set, ONWARD_INTENT_TRY_AGAIN));
      g_assert_false (onward_button_set_has (set, ONWARD_INTENT_START));
      g_assert_false (onward_button_set_has (set, ONWARD_INTENT_DOWNLOAD_ALL));
    }
}

static gboolean
is_sensitive (const char *screen, OnwardIntent intent)
{
  g_autoptr (OnwardStatus) status = screens_new_status (screen);

  for (const OnwardButton *button = get_set (status); button->intent != ONWARD_INTENT_NONE;
       button++)
    if (button->intent == intent)
      return onward_button_is_sensitive (button, status, onward_clock_get_time ());
  g_assert_not_reached ();
}

/* What cannot be had now cannot be pressed. */
static void
test_button_sensitive (void)
{
  g_assert_true (is_sensitive ("downloading", ONWARD_INTENT_CANCEL));
  g_assert_false (is_sensitive ("stopping", ONWARD_INTENT_CANCEL));
  g_assert_false (is_sensitive ("stopping", ONWARD_INTENT_PAUSE));
  g_assert_true (is_sensitive ("stopping", ONWARD_INTENT_BACKGROUND));
  g_assert_true (is_sensitive ("installing", ONWARD_INTENT_CANCEL));
  g_assert_false (is_sensitive ("applying", ONWARD_INTENT_CANCEL));
  g_assert_true (is_sensitive ("reconnecting", ONWARD_INTENT_RETRY_NOW));
  g_assert_true (is_sensitive ("offline", ONWARD_INTENT_RETRY_NOW));
  g_assert_false (is_sensitive ("connecting", ONWARD_INTENT_RETRY_NOW));
  g_assert_false (is_sensitive ("elsewhere", ONWARD_INTENT_PAUSE));
  g_assert_false (is_sensitive ("elsewhere", ONWARD_INTENT_CANCEL));
  g_assert_true (is_sensitive ("elsewhere", ONWARD_INTENT_BACKGROUND));
}

/* An application's name is a name, not a mnemonic and not a format. */
static void
test_button_hostile_name (void)
{
  g_autoptr (OnwardStatus) status = screens_new_status ("forced");
  const OnwardButton *quit = get_set (status);
  g_autofree char *label = onward_button_dup_label (quit, "my_app %s %n");

  g_assert_cmpstr (label, ==, "_Quit my__app %s %n");
}

/* Every intent has a name of its own. */
static void
test_button_nicks (void)
{
  g_autoptr (GHashTable) nicks = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i <= ONWARD_INTENT_LAST; i++)
    g_assert_true (g_hash_table_add (nicks, (gpointer) onward_intent_get_nick ((OnwardIntent) i)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/button/sets", test_button_sets);
  g_test_add_func ("/button/mnemonics", test_button_mnemonics);
  g_test_add_func ("/button/stop", test_button_stop);
  g_test_add_func ("/button/sensitive", test_button_sensitive);
  g_test_add_func ("/button/hostile-name", test_button_hostile_name);
  g_test_add_func ("/button/nicks", test_button_nicks);
  return g_test_run ();
}
