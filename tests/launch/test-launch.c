/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "onward-test.h"

#define CONFIG \
  "[Other]\nCommand=bin/wrong\n\n[Application]\nId=org.example.Demo\nCommand = bin/app\n"
/* The stub says which version it is, where it was told it lives, and its arguments. */
#define APP(version) "#!/bin/sh\necho \"" version " $ONWARD_INSTALL $*\"\n"

/* An install whose path has spaces, with 1.0.0 before and 2.0.0 current. */
typedef struct
{
  char *root;
  char *install;
  char *launcher;
} Fixture;

static void
write_program (const Fixture *self, const char *version, const char *contents, gsize length)
{
  g_autofree char *dir = g_build_filename (self->install, "versions", version, "bin", NULL);
  g_autofree char *path = g_build_filename (dir, "app", NULL);

  g_assert_cmpint (g_mkdir_with_parents (dir, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, contents, (gssize) length, NULL));
  g_assert_cmpint (chmod (path, 0755), ==, 0);
}

static void
write_script (const Fixture *self, const char *version, const char *script)
{
  write_program (self, version, script, strlen (script));
}

static void
point_current_at (const Fixture *self, const char *target)
{
  g_autofree char *path = g_build_filename (self->install, "current", NULL);

  (void) unlink (path);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
fixture_set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *binary = NULL;
  gsize length = 0;

  self->root = onward_test_make_dir ();
  self->install = g_build_filename (self->root, "my apps", "demo 2", NULL);
  self->launcher = g_build_filename (self->install, "demo app", NULL);
  onward_test_write (self->install, "onward.ini", CONFIG);
  onward_test_write (self->install, "var/.keep", "");
  g_assert_true (g_file_get_contents (ONWARD_LAUNCH, &binary, &length, NULL));
  g_assert_true (g_file_set_contents (self->launcher, binary, (gssize) length, NULL));
  g_assert_cmpint (chmod (self->launcher, 0755), ==, 0);
  write_script (self, "1.0.0", APP ("1.0.0"));
  write_script (self, "2.0.0", APP ("2.0.0"));
  point_current_at (self, "versions/2.0.0");
}

static void
fixture_tear_down (Fixture *self, gconstpointer data)
{
  onward_test_remove_dir (self->root);
  g_free (self->install);
  g_free (self->launcher);
}

/* Runs a command; returns its standard output without the newline at its end. */
static char *
run_command (const char *const *argv, int *ret_status, char **ret_errors)
{
  g_autoptr (GError) error = NULL;
  char *output = NULL;
  int status = 0;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, ret_errors,
                &status, &error);
  g_assert_no_error (error);
  if (ret_status != NULL)
    *ret_status = WIFEXITED (status) ? WEXITSTATUS (status) : -1;
  return g_strchomp (output);
}

static char *
run (const Fixture *self)
{
  const char *argv[] = { self->launcher, NULL };
  g_autofree char *errors = NULL;

  return run_command (argv, NULL, &errors);
}

/* The version that answers when the launcher is started, "" when none does. */
static char *
started_version (const Fixture *self)
{
  g_autofree char *output = run (self);

  return g_strndup (output, strcspn (output, " "));
}

static void
assert_starts (const Fixture *self, const char *version)
{
  g_autofree char *started = started_version (self);

  g_assert_cmpstr (started, ==, version);
}

static void
assert_current (const Fixture *self, const char *expected)
{
  g_autofree char *path = g_build_filename (self->install, "current", NULL);
  g_autofree char *target = g_file_read_link (path, NULL);

  g_assert_cmpstr (target, ==, expected);
}

static void
assert_file (const Fixture *self, const char *name, const char *expected)
{
  g_autofree char *path = g_build_filename (self->install, name, NULL);
  g_autofree char *contents = NULL;

  (void) g_file_get_contents (path, &contents, NULL, NULL);
  g_assert_cmpstr (contents, ==, expected);
}

/* No temporary file stays behind, whatever happened. */
static void
assert_tidy (const Fixture *self)
{
  g_autofree char *var = g_build_filename (self->install, "var", NULL);
  const char *const folders[] = { self->install, var };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autoptr (GDir) dir = g_dir_open (folders[i], 0, NULL);
      const char *name;

      while ((name = g_dir_read_name (dir)) != NULL)
        g_assert_false (name[0] == '.' && !g_str_equal (name, ".keep"));
    }
}

/* Without a trial the current version is started with the arguments it was given, and nothing is
 * written. */
static void
test_launch_current (Fixture *self, gconstpointer data)
{
  const char *argv[] = { self->launcher, "--open", "a file", NULL };
  g_autofree char *output = NULL;
  g_autofree char *expected = g_strdup_printf ("2.0.0 %s --open a file", self->install);

  output = run_command (argv, NULL, NULL);
  g_assert_cmpstr (output, ==, expected);
  assert_file (self, "var/trial", NULL);
  assert_tidy (self);
}

/* The program sees its own path as argv[0] and nothing new but ONWARD_INSTALL in its environment. */
static void
test_launch_environment (Fixture *self, gconstpointer data)
{
  const char *argv[] = { "env", "-i", "KEEP=1", self->launcher, NULL };
  g_autofree char *output = NULL;
  g_autofree char *expected = g_strdup_printf (
      "%s/versions/2.0.0/bin/app\nKEEP=1\nONWARD_INSTALL=%s", self->install, self->install);

  write_script (self, "2.0.0", "#!/bin/sh\necho \"$0\"; tr '\\0' '\\n' </proc/$$/environ\n");
  output = run_command (argv, NULL, NULL);
  g_assert_cmpstr (output, ==, expected);
}

/* The exit status and the signals of the program reach the caller, as exec keeps the process. */
static void
test_launch_exit_status (Fixture *self, gconstpointer data)
{
  const char *argv[] = { self->launcher, NULL };
  g_autofree char *output = NULL;
  int status = 0;

  write_script (self, "2.0.0", "#!/bin/sh\nexit 42\n");
  output = run_command (argv, &status, NULL);
  g_assert_cmpint (status, ==, 42);
}

/* The install is found through symbolic links, of the launcher and of the folder. */
static void
test_launch_symlink (Fixture *self, gconstpointer data)
{
  g_autofree char *bin = g_build_filename (self->root, "bin", NULL);
  g_autofree char *link = g_build_filename (bin, "demo", NULL);
  const char *argv[] = { link, "x", NULL };
  g_autofree char *output = NULL;
  g_autofree char *expected = g_strdup_printf ("2.0.0 %s x", self->install);

  g_assert_cmpint (g_mkdir (bin, 0755), ==, 0);
  g_assert_cmpint (symlink (self->launcher, link), ==, 0);
  output = run_command (argv, NULL, NULL);
  g_assert_cmpstr (output, ==, expected);
}

typedef struct
{
  const char *name;
  const char *contents; /* NULL for no file at all */
  int mode;
} BrokenProgram;

/* clang-format off */
static const BrokenProgram broken_programs[] = {
  { "missing",             NULL,                                  0755 },
  { "not-a-program",       "\x01\x02\x03 nothing that runs\n",    0755 },
  { "cut-elf",             "\x7f" "ELF\x02\x01\x01",              0755 },
  { "missing-interpreter", "#!/nonexistent/interpreter\necho x\n", 0755 },
  { "not-executable",      "#!/bin/sh\necho x\n",                 0644 },
  { "empty",               "",                                    0755 },
};
/* clang-format on */

static void
break_program (const Fixture *self, const char *version, const BrokenProgram *broken)
{
  g_autofree char *path = g_build_filename (self->install, "versions", version, "bin/app", NULL);

  if (broken->contents == NULL)
    g_assert_cmpint (unlink (path), ==, 0);
  else
    write_script (self, version, broken->contents);
  if (broken->contents != NULL)
    g_assert_cmpint (chmod (path, (mode_t) broken->mode), ==, 0);
}

/* A version on trial that cannot be started at all is left at once, in the same start. */
static void
test_launch_trial_exec_fails (Fixture *self, gconstpointer data)
{
  break_program (self, "2.0.0", data);
  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n3\n");

  assert_starts (self, "1.0.0");
  assert_current (self, "versions/1.0.0");
  assert_file (self, "var/reverted", "2.0.0\n1.0.0\n");
  assert_file (self, "var/trial", NULL);
  assert_tidy (self);
}

/* Without a trial there is nothing to go back to: one line says why, with the status of a shell. */
static void
test_launch_exec_fails (Fixture *self, gconstpointer data)
{
  const BrokenProgram *broken = data;
  const char *argv[] = { self->launcher, NULL };
  g_autofree char *errors = NULL;
  g_autofree char *output = NULL;
  int status = 0;
  gboolean is_missing = broken->contents == NULL || strstr (broken->name, "interpreter") != NULL;

  break_program (self, "2.0.0", broken);
  output = run_command (argv, &status, &errors);
  g_assert_cmpint (status, ==, is_missing ? 127 : 126);
  g_assert_nonnull (strstr (errors, "“bin/app” of version 2.0.0"));
  g_assert_cmpuint (strcspn (errors, "\n"), ==, strlen (errors) - 1);
  assert_current (self, "versions/2.0.0");
}

/* A version that exits at once gets exactly three starts; the fourth is the old version's. */
static void
test_launch_trial_exits (Fixture *self, gconstpointer data)
{
  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n3\n");
  write_script (self, "2.0.0", "#!/bin/sh\necho 2.0.0; exit 1\n");

  assert_starts (self, "2.0.0");
  assert_file (self, "var/trial", "2.0.0\n1.0.0\n2\n");
  assert_starts (self, "2.0.0");
  assert_file (self, "var/trial", "2.0.0\n1.0.0\n1\n");
  assert_starts (self, "2.0.0");
  assert_file (self, "var/trial", "2.0.0\n1.0.0\n0\n");
  assert_current (self, "versions/2.0.0");

  assert_starts (self, "1.0.0");
  assert_current (self, "versions/1.0.0");
  assert_file (self, "var/trial", NULL);
  assert_file (self, "var/reverted", "2.0.0\n1.0.0\n");
  assert_starts (self, "1.0.0");
  assert_tidy (self);
}

/* The count is on the disk before the version runs. */
static void
test_launch_trial_counted_before (Fixture *self, gconstpointer data)
{
  g_autofree char *output = NULL;

  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n3\n");
  write_script (self, "2.0.0", "#!/bin/sh\ncat \"$ONWARD_INSTALL/var/trial\"\n");
  output = run (self);
  g_assert_cmpstr (output, ==, "2.0.0\n1.0.0\n2");
}

/* A version that was marked good is started for ever. */
static void
test_launch_marked_good (Fixture *self, gconstpointer data)
{
  write_script (self, "2.0.0", "#!/bin/sh\nrm -f \"$ONWARD_INSTALL/var/trial\"; echo 2.0.0\n");
  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n1\n");
  for (guint i = 0; i < 5; i++)
    assert_starts (self, "2.0.0");
}

/* An interrupted fall-back (told, not yet switched) is finished by the next start. */
static void
test_launch_interrupted_fall_back (Fixture *self, gconstpointer data)
{
  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n0\n");
  onward_test_write (self->install, "var/reverted", "2.0.0\n1.0.0\n");
  assert_starts (self, "1.0.0");
  assert_current (self, "versions/1.0.0");
  assert_file (self, "var/trial", NULL);
}

/* clang-format off */
static const char *const garbage_trials[] = {
  "", "\n", "\n\n\n", "2.0.0", "2.0.0\n1.0.0", "2.0.0\n1.0.0\n", "2.0.0\n1.0.0\n-1\n",
  "2.0.0\n1.0.0\nx\n", "2.0.0\n1.0.0\n00\n", "2.0.0\n1.0.0\n0x\n", "2.0.0\n1.0.0\n99999999999\n",
  "2.0.0\n2.0.0\n0\n", "2.0.0\n9.9.9\n0\n", "2.0.0\n../1.0.0\n0\n", "2.0.0\n..\n0\n", "2.0.0\n.\n0\n",
  "2.0.0\n/\n0\n", "2.0.0\n1.0.0/bin\n0\n", "2.0.0\n1.0.0 \n0\n", "1.0.0\n2.0.0\n0\n",
  "../2.0.0\n1.0.0\n0\n", "\x7f\x45\x4c\x46\xff\xff\n\xff\n0\n", "2.0.0\r\n1.0.0\r\n0\r\n",
  "%s%s%n\n1.0.0\n0\n", "3.0.0\n1.0.0\n0\n",
};
/* clang-format on */

/* A trial file that makes no sense, or is not about the current version, changes nothing. */
static void
test_launch_garbage_trial (Fixture *self, gconstpointer data)
{
  g_autofree char *endless = g_strnfill (100000, '7');

  for (guint i = 0; i < G_N_ELEMENTS (garbage_trials); i++)
    {
      onward_test_write (self->install, "var/trial", garbage_trials[i]);
      assert_starts (self, "2.0.0");
      assert_current (self, "versions/2.0.0");
      assert_file (self, "var/trial", garbage_trials[i]);
    }
  onward_test_write (self->install, "var/trial", endless);
  assert_starts (self, "2.0.0");
  assert_file (self, "var/reverted", NULL);
}

/* Neither a pipe nor a folder nor a link in place of the trial stalls or misleads. */
static void
test_launch_planted_trial (Fixture *self, gconstpointer data)
{
  g_autofree char *trial = g_build_filename (self->install, "var/trial", NULL);

  g_assert_cmpint (mkfifo (trial, 0600), ==, 0);
  assert_starts (self, "2.0.0");
  g_assert_cmpint (unlink (trial), ==, 0);
  g_assert_cmpint (g_mkdir (trial, 0700), ==, 0);
  assert_starts (self, "2.0.0");
  g_assert_cmpint (g_rmdir (trial), ==, 0);
  onward_test_write (self->install, "elsewhere", "2.0.0\n1.0.0\n0\n");
  g_assert_cmpint (symlink ("../elsewhere", trial), ==, 0);
  assert_starts (self, "2.0.0");
  assert_current (self, "versions/2.0.0");
}

/* An install without a var folder starts. */
static void
test_launch_without_var (Fixture *self, gconstpointer data)
{
  g_autofree char *keep = g_build_filename (self->install, "var/.keep", NULL);
  g_autofree char *var = g_build_filename (self->install, "var", NULL);

  g_assert_cmpint (unlink (keep), ==, 0);
  g_assert_cmpint (g_rmdir (var), ==, 0);
  assert_starts (self, "2.0.0");
}

/* Runs the launcher where the install is mounted read-only; NULL when this system cannot mount. */
static char *
run_read_only (const Fixture *self)
{
  const char *script = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" "
                       "&& ! touch \"$1/probe\" 2>/dev/null && exec \"$2\"";
  const char *argv[] = { "unshare", "-Urm",        "sh",           "-c", script,
                         "sh",      self->install, self->launcher, NULL };
  g_autofree char *errors = NULL;
  g_autofree char *output = NULL;
  int status = 0;

  output = run_command (argv, &status, &errors);
  return status == 0 ? g_strndup (output, strcspn (output, " ")) : NULL;
}

/* On a read-only install the version on trial is started without being counted, and a version whose
 * tries are used up is left without a trace. */
static void
test_launch_read_only (Fixture *self, gconstpointer data)
{
  g_autofree char *on_trial = NULL;
  g_autofree char *used_up = NULL;

  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n2\n");
  on_trial = run_read_only (self);
  if (on_trial == NULL)
    {
      g_test_skip ("cannot mount here");
      return;
    }
  g_assert_cmpstr (on_trial, ==, "2.0.0");
  assert_file (self, "var/trial", "2.0.0\n1.0.0\n2\n");

  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n0\n");
  used_up = run_read_only (self);
  g_assert_cmpstr (used_up, ==, "1.0.0");
  assert_current (self, "versions/2.0.0");
}

/* On a full disk nothing can be counted, and the application starts. */
static void
test_launch_full_disk (Fixture *self, gconstpointer data)
{
  const char *script = "ulimit -f 0; trap '' XFSZ; exec \"$1\"";
  const char *argv[] = { "sh", "-c", script, "sh", self->launcher, NULL };
  g_autofree char *output = NULL;

  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n2\n");
  write_script (self, "2.0.0", "#!/bin/sh\necho 2.0.0\n");
  output = run_command (argv, NULL, NULL);
  g_assert_cmpstr (output, ==, "2.0.0");
  assert_file (self, "var/trial", "2.0.0\n1.0.0\n2\n");
  assert_tidy (self);
}

/* While an updater holds var, the launcher reads but never writes there. */
static void
test_launch_updater_at_work (Fixture *self, gconstpointer data)
{
  g_autofree char *var = g_build_filename (self->install, "var", NULL);
  int fd = open (var, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);
  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n2\n");
  assert_starts (self, "2.0.0");
  assert_file (self, "var/trial", "2.0.0\n1.0.0\n2\n");
  close (fd);
  assert_starts (self, "2.0.0");
  assert_file (self, "var/trial", "2.0.0\n1.0.0\n1\n");
}

/* While a version runs its folder is locked, and no longer once it has ended. */
static void
test_launch_pins_version (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (self->install, "versions/2.0.0", NULL);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  char ready[6] = "";
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  write_script (self, "2.0.0", "#!/bin/sh\necho ready; read -r line\n");
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                              &error, self->launcher, NULL);
  g_assert_no_error (error);
  g_input_stream_read_all (g_subprocess_get_stdout_pipe (process), ready, 5, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, -1);

  g_output_stream_close (g_subprocess_get_stdin_pipe (process), NULL, NULL);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, 0);
  close (fd);
}

/* After a fall-back only the version that runs is pinned, not the one that could not start. */
static void
test_launch_pins_restored_only (Fixture *self, gconstpointer data)
{
  g_autofree char *output = NULL;

  write_script (self, "1.0.0", "#!/bin/sh\nls -l /proc/$$/fd | grep -o 'versions/[0-9.]*$'\n");
  break_program (self, "2.0.0", &broken_programs[0]);
  onward_test_write (self->install, "var/trial", "2.0.0\n1.0.0\n3\n");
  output = run (self);
  g_assert_cmpstr (output, ==, "versions/1.0.0");
}

/* Closed standard descriptors are not replaced by a folder of ours. */
static void
test_launch_closed_streams (Fixture *self, gconstpointer data)
{
  const char *argv[] = { "sh", "-c", "exec \"$1\" <&-", "sh", self->launcher, NULL };
  g_autofree char *output = NULL;

  write_script (self, "2.0.0", "#!/bin/sh\n[ -d /proc/self/fd/0/. ] && echo folder || echo none\n");
  output = run_command (argv, NULL, NULL);
  g_assert_cmpstr (output, ==, "none");
}

typedef struct
{
  const char *name;
  const char *config;  /* NULL for none */
  const char *current; /* NULL for none */
  const char *message;
} BrokenInstall;

/* clang-format off */
static const BrokenInstall broken_installs[] = {
  { "no-config",         NULL,                                   "versions/2.0.0",     "onward.ini" },
  { "no-command",        "[Application]\nName=Demo\n",           "versions/2.0.0",     "Command" },
  { "other-group",       "[Other]\nCommand=bin/app\n",           "versions/2.0.0",     "Command" },
  { "absolute-command",  "[Application]\nCommand=/bin/true\n",   "versions/2.0.0",     "Command" },
  { "escaping-command",  "[Application]\nCommand=../x\n",        "versions/2.0.0",     "Command" },
  { "climbing-command",  "[Application]\nCommand=a/../../x\n",   "versions/2.0.0",     "Command" },
  { "no-current",        CONFIG,                                 NULL,                 "current" },
  { "absolute-current",  CONFIG,                                 "/tmp",               "current" },
  { "escaping-current",  CONFIG,                                 "versions/../../x",   "current" },
  { "hidden-current",    CONFIG,                                 "versions/..",        "current" },
  { "missing-version",   CONFIG,                                 "versions/3.0.0",     "3.0.0" },
};
/* clang-format on */

/* What cannot be started is said in one line, with status 127. */
static void
test_launch_broken_install (Fixture *self, gconstpointer data)
{
  const BrokenInstall *broken = data;
  g_autofree char *config = g_build_filename (self->install, "onward.ini", NULL);
  g_autofree char *current = g_build_filename (self->install, "current", NULL);
  const char *argv[] = { self->launcher, NULL };
  g_autofree char *errors = NULL;
  g_autofree char *output = NULL;
  int status = 0;

  g_assert_cmpint (unlink (config), ==, 0);
  g_assert_cmpint (unlink (current), ==, 0);
  if (broken->config != NULL)
    onward_test_write (self->install, "onward.ini", broken->config);
  if (broken->current != NULL)
    point_current_at (self, broken->current);

  output = run_command (argv, &status, &errors);
  g_assert_cmpstr (output, ==, "");
  g_assert_cmpint (status, ==, 127);
  g_assert_nonnull (strstr (errors, broken->message));
  g_assert_cmpuint (strcspn (errors, "\n"), ==, strlen (errors) - 1);
}

static void
add (const char *path, gconstpointer data, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, data, fixture_set_up, test, fixture_tear_down);
}

static void
add_tables (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (broken_programs); i++)
    {
      const BrokenProgram *broken = &broken_programs[i];
      g_autofree char *trial = g_strdup_printf ("/launch/trial-exec-fails/%s", broken->name);
      g_autofree char *plain = g_strdup_printf ("/launch/exec-fails/%s", broken->name);

      add (trial, broken, test_launch_trial_exec_fails);
      add (plain, broken, test_launch_exec_fails);
    }
  for (guint i = 0; i < G_N_ELEMENTS (broken_installs); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/launch/broken-install/%s", broken_installs[i].name);

      add (path, &broken_installs[i], test_launch_broken_install);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("/launch/current", NULL, test_launch_current);
  add ("/launch/environment", NULL, test_launch_environment);
  add ("/launch/exit-status", NULL, test_launch_exit_status);
  add ("/launch/symlink", NULL, test_launch_symlink);
  add ("/launch/trial-exits", NULL, test_launch_trial_exits);
  add ("/launch/trial-counted-before", NULL, test_launch_trial_counted_before);
  add ("/launch/marked-good", NULL, test_launch_marked_good);
  add ("/launch/interrupted-fall-back", NULL, test_launch_interrupted_fall_back);
  add ("/launch/garbage-trial", NULL, test_launch_garbage_trial);
  add ("/launch/planted-trial", NULL, test_launch_planted_trial);
  add ("/launch/without-var", NULL, test_launch_without_var);
  add ("/launch/read-only", NULL, test_launch_read_only);
  add ("/launch/full-disk", NULL, test_launch_full_disk);
  add ("/launch/updater-at-work", NULL, test_launch_updater_at_work);
  add ("/launch/pins-version", NULL, test_launch_pins_version);
  add ("/launch/pins-restored-only", NULL, test_launch_pins_restored_only);
  add ("/launch/closed-streams", NULL, test_launch_closed_streams);
  add_tables ();

  return g_test_run ();
}
