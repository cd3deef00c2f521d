/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <glib/gstdio.h>

#include "launch-fixture.h"

#define SCRIPT(rest) "#!/bin/sh\nprintf 2 >> \"$ONWARD_INSTALL/starts\"\n" rest
#define READY        "rm -f \"$ONWARD_INSTALL/var/trial\"\n"
#define N_STARTS     5

/* How a new version behaves, and which versions are started by each of five starts: "2|2|2|1|1" is
 * a new version that is started three times, and the old one twice. */
typedef struct
{
  const char *name;
  const char *contents;   /* NULL for no program at all */
  const char *alone;      /* the starts when the launcher becomes the application */
  const char *supervised; /* the starts when it stays beside it */
  const char *last;       /* the same where the old version must not be used any more */
  const char *last_supervised;
} Behaviour;

/* clang-format off */
static const Behaviour behaviours[] = {
  { "exits-at-once",     SCRIPT ("exit 1\n"),
    "2|2|2|1|1", "21|1|1|1|1", "2|2|2|2|2", "2|2|2|2|2" },
  { "ends-well",         SCRIPT ("exit 0\n"),
    "2|2|2|1|1", "2|2|2|1|1", "2|2|2|2|2", "2|2|2|2|2" },
  { "crashes",           SCRIPT ("kill -SEGV $$\n"),
    "2|2|2|1|1", "21|1|1|1|1", "2|2|2|2|2", "2|2|2|2|2" },
  { "no-program",        NULL,
    "1|1|1|1|1", "1|1|1|1|1", "||||", "||||" },
  { "no-interpreter",    "#!/nonexistent/interpreter\n",
    "1|1|1|1|1", "1|1|1|1|1", "||||", "||||" },
  { "wrong-format",      "\x7f" "ELF\x02\x01\x01 nothing that runs",
    "1|1|1|1|1", "1|1|1|1|1", "||||", "||||" },
  { "hangs",             SCRIPT ("read -r line\n"),
    "2|2|2|1|1", "2|2|2|1|1", "2|2|2|2|2", "2|2|2|2|2" },
  { "starts-slowly",     SCRIPT ("read -r line\n" READY),
    "2|2|2|2|2", "2|2|2|2|2", "2|2|2|2|2", "2|2|2|2|2" },
  { "crashes-when-ready", SCRIPT (READY "kill -SEGV $$\n"),
    "2|2|2|2|2", "2|2|2|2|2", "2|2|2|2|2", "2|2|2|2|2" },
};
/* clang-format on */

typedef struct
{
  const Behaviour *behaviour;
  gboolean is_supervised;
  gboolean is_last;
} Case;

static const char *
get_expected (const Case *self)
{
  if (self->is_last)
    return self->is_supervised ? self->behaviour->last_supervised : self->behaviour->last;
  return self->is_supervised ? self->behaviour->supervised : self->behaviour->alone;
}

static char *
dup_starts (const LaunchFixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->install, "starts", NULL);
  char *starts = NULL;

  if (!g_file_get_contents (path, &starts, NULL, NULL))
    starts = g_strdup ("");
  return starts;
}

/* Somebody who waits in vain for a window ends the program. */
static void
lose_patience (const LaunchFixture *fixture, GSubprocess *process, const char *before)
{
  g_autofree char *starts = dup_starts (fixture);
  g_autofree char *wanted = g_strconcat (before, "2", NULL);

  while (g_str_equal (starts, before) && g_subprocess_get_identifier (process) != NULL)
    {
      g_usleep (1000);
      g_free (starts);
      starts = dup_starts (fixture);
    }
  if (g_str_equal (starts, wanted))
    g_subprocess_send_signal (process, SIGTERM);
}

/* Whoever hangs is ended, whoever starts slowly gets what it waits for. */
static void
start_once (const LaunchFixture *fixture, const Case *self)
{
  g_autofree char *before = dup_starts (fixture);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE |
                                  G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                              &error, fixture->launcher, NULL);
  g_assert_no_error (error);
  if (g_str_equal (self->behaviour->name, "hangs"))
    lose_patience (fixture, process, before);
  else
    g_output_stream_close (g_subprocess_get_stdin_pipe (process), NULL, NULL);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
}

static void
set_up (const LaunchFixture *fixture, const Case *self)
{
  const LaunchBroken missing = { "missing", NULL, 0755 };

  if (self->is_supervised)
    onward_test_write (fixture->install, "onward.ini", LAUNCH_CONFIG "Supervise=true\n");
  onward_test_write (fixture->install, "var/trial",
                     self->is_last ? "2.0.0\n1.0.0\n3\nlast\n" : "2.0.0\n1.0.0\n3\n");
  launch_fixture_write_script (fixture, "1.0.0",
                               "#!/bin/sh\nprintf 1 >> \"$ONWARD_INSTALL/starts\"\n");
  if (self->behaviour->contents != NULL)
    launch_fixture_write_script (fixture, "2.0.0", self->behaviour->contents);
  else
    launch_fixture_break_program (fixture, "2.0.0", &missing);
}

/* Each kind of broken version is started exactly as often as it ought to be, and then never
 * again. */
static void
test_launch_behaviour (LaunchFixture *fixture, gconstpointer data)
{
  const Case *self = data;
  g_autoptr (GString) counts = g_string_new (NULL);
  gboolean comes_back = strchr (get_expected (self), '1') != NULL;

  set_up (fixture, self);
  for (guint i = 0; i < N_STARTS; i++)
    {
      g_autofree char *before = dup_starts (fixture);
      g_autofree char *after = NULL;

      start_once (fixture, self);
      after = dup_starts (fixture);
      g_string_append_printf (counts, "%s%s", i > 0 ? "|" : "", after + strlen (before));
    }

  g_assert_cmpstr (counts->str, ==, get_expected (self));
  launch_fixture_assert_current (fixture, comes_back ? "versions/1.0.0" : "versions/2.0.0");
  launch_fixture_assert_file (fixture, "var/reverted", comes_back ? "2.0.0\n1.0.0\n" : NULL);
  launch_fixture_assert_tidy (fixture);
}

static void
add_case (Case *self, const Behaviour *behaviour, gboolean is_supervised, gboolean is_last)
{
  g_autofree char *path =
      g_strdup_printf ("/launch/behaviour/%s/%s%s", is_supervised ? "supervised" : "alone",
                       behaviour->name, is_last ? "/last" : "");

  self->behaviour = behaviour;
  self->is_supervised = is_supervised;
  self->is_last = is_last;
  launch_fixture_add (path, self, test_launch_behaviour);
}

int
main (int argc, char **argv)
{
  Case cases[G_N_ELEMENTS (behaviours)][4];

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (behaviours); i++)
    {
      for (guint kind = 0; kind < 4; kind++)
        add_case (&cases[i][kind], &behaviours[i], (kind & 1) != 0, (kind & 2) != 0);
    }

  return g_test_run ();
}
