/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "install-fixture.h"
#include "onward-running.h"

static void
set_up (InstallFixture *self, gconstpointer data)
{
  install_fixture_set_up (self, data);
  install_fixture_add_version (self, "1.0.0");
  install_fixture_add_version (self, "1.1.0");
  install_fixture_set_current (self, "1.1.0");
}

/* Starts a copy as a launcher does: it shares the lock of its folder, becomes the program and hands
 * the lock down. "read" waits for its end of input. */
static pid_t
start (InstallFixture *self, const char *version, const char *script, int *ret_input)
{
  g_autofree char *folder = g_build_filename (self->dir, "versions", version, NULL);
  int input[2], output[2];
  char ready = 0;
  pid_t child;

  g_assert_cmpint (pipe (input), ==, 0);
  g_assert_cmpint (pipe (output), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      int fd = open (folder, O_RDONLY | O_DIRECTORY);

      if (flock (fd, LOCK_SH) == 0 && dup2 (input[0], 0) == 0 && dup2 (output[1], 1) == 1)
        {
          close (input[1]);
          execl ("/bin/sh", "sh", "-c", script, NULL);
        }
      _exit (1);
    }

  close (input[0]);
  close (output[1]);
  g_assert_cmpint (read (output[0], &ready, 1), ==, 1);
  close (output[0]);
  *ret_input = input[1];
  return child;
}

static void
end (pid_t child, int input)
{
  close (input);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
}

static const OnwardRunning *
get (GPtrArray *running, pid_t pid)
{
  for (guint i = 0; i < running->len; i++)
    {
      const OnwardRunning *copy = g_ptr_array_index (running, i);

      if (copy->pid == pid)
        return copy;
    }

  g_assert_not_reached ();
}

/* Where nothing runs, nothing is found, and no lock is left. */
static void
test_running_none (InstallFixture *self, gconstpointer data)
{
  g_autofree char *folder = install_fixture_path (self, "versions/1.0.0");
  g_autoptr (GPtrArray) running = onward_running_list (self->install);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpuint (running->len, ==, 0);
  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, 0);
  close (fd);
}

/* Each copy is known, by its process, its name and its version, for as long as it runs. */
static void
test_running_copies (InstallFixture *self, gconstpointer data)
{
  const char *waits = "echo; read -r line";
  int inputs[3];
  pid_t first = start (self, "1.0.0", waits, &inputs[0]);
  pid_t second = start (self, "1.1.0", waits, &inputs[1]);
  pid_t third = start (self, "1.0.0", waits, &inputs[2]);
  g_autoptr (GPtrArray) running = onward_running_list (self->install);

  g_assert_cmpuint (running->len, ==, 3);
  g_assert_cmpstr (get (running, first)->version, ==, "1.0.0");
  g_assert_cmpstr (get (running, second)->version, ==, "1.1.0");
  g_assert_cmpstr (get (running, third)->version, ==, "1.0.0");
  g_assert_cmpstr (get (running, first)->name, ==, "sh");

  end (third, inputs[2]);
  end (second, inputs[1]);
  g_ptr_array_unref (running);
  running = onward_running_list (self->install);
  g_assert_cmpuint (running->len, ==, 1);
  g_assert_cmpint (get (running, first)->pid, ==, first);
  end (first, inputs[0]);
}

/* What a copy has started itself is not another copy. */
static void
test_running_helpers (InstallFixture *self, gconstpointer data)
{
  int input;
  pid_t copy = start (self, "1.0.0", "exec 3<&0; cat <&3 & cat <&3 & echo; wait", &input);
  g_autoptr (GPtrArray) running = onward_running_list (self->install);

  g_assert_cmpuint (running->len, ==, 1);
  g_assert_cmpint (get (running, copy)->pid, ==, copy);
  end (copy, input);
}

static void
assert_left_behind (InstallFixture *self, pid_t copy)
{
  g_autoptr (GPtrArray) running = onward_running_list (self->install);
  const OnwardRunning *left;

  g_assert_cmpuint (running->len, ==, 1);
  left = g_ptr_array_index (running, 0);
  g_assert_cmpint (left->pid, !=, copy);
  g_assert_cmpstr (left->version, ==, "1.0.0");
}

/* Where the process that was started has ended, even if nobody has asked how, what it left running
 * stands for it. */
static void
test_running_left_behind (InstallFixture *self, gconstpointer data)
{
  int input;
  pid_t copy = start (self, "1.0.0", "exec 3<&0; (echo; exec cat <&3 >/dev/null) & exit 0", &input);
  siginfo_t info;

  g_assert_cmpint (waitid (P_PID, (id_t) copy, &info, WEXITED | WNOWAIT), ==, 0);
  assert_left_behind (self, copy);
  g_assert_cmpint (waitpid (copy, NULL, 0), ==, copy);
  assert_left_behind (self, copy);
  close (input);
}

/* Who only looks into a folder, or has locked another one, is no copy. */
static void
test_running_strangers (InstallFixture *self, gconstpointer data)
{
  g_autofree char *folder = install_fixture_path (self, "versions/1.0.0");
  g_autofree char *inner = install_fixture_path (self, "versions/1.0.0/bin");
  g_autoptr (GPtrArray) running = NULL;
  int looking = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int other = open (inner, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (flock (other, LOCK_SH), ==, 0);
  running = onward_running_list (self->install);
  g_assert_cmpuint (running->len, ==, 0);
  close (looking);
  close (other);
}

/* One copy of a version is found at a time, with words that tell it from others. */
static void
test_running_find (InstallFixture *self, gconstpointer data)
{
  int input;
  pid_t copy = start (self, "1.0.0", "echo; read -r line", &input);
  g_autoptr (OnwardRunning) found = onward_running_find (self->install, "1.0.0");
  g_autofree char *label = onward_running_dup_label (found);
  g_autofree char *expected = g_strdup_printf ("sh (%d)", copy);

  g_assert_cmpint (found->pid, ==, copy);
  g_assert_cmpstr (label, ==, expected);
  g_assert_null (onward_running_find (self->install, "1.1.0"));
  end (copy, input);
  g_assert_null (onward_running_find (self->install, "1.0.0"));
}

/* A lock without anybody who can be named, as another user's, is known all the same. */
static void
test_running_unknown (InstallFixture *self, gconstpointer data)
{
  g_autofree char *folder = install_fixture_path (self, "versions/1.0.0");
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (OnwardRunning) found = NULL;

  /* What is locked for oneself alone is no copy's lock. */
  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);
  found = onward_running_find (self->install, "1.0.0");
  g_assert_nonnull (found);
  g_assert_cmpint (found->pid, ==, 0);
  g_assert_null (onward_running_dup_label (found));
  close (fd);
}

/* What a process has inherited from a copy it can let go of; what is its own it keeps. */
static void
test_running_let_go (InstallFixture *self, gconstpointer data)
{
  g_autofree char *folder = install_fixture_path (self, "versions/1.0.0");
  int inherited = open (folder, O_RDONLY | O_DIRECTORY);
  int own = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  pid_t child = fork ();

  if (child == 0)
    _exit (flock (inherited, LOCK_SH) == 0 ? 0 : 1);
  end (child, -1);
  g_assert_cmpint (flock (own, LOCK_SH), ==, 0);

  onward_running_let_go (self->install, "1.1.0");
  g_assert_cmpint (fcntl (inherited, F_GETFD), >=, 0);
  onward_running_let_go (self->install, "1.0.0");
  g_assert_cmpint (fcntl (inherited, F_GETFD), <, 0);
  g_assert_cmpint (fcntl (own, F_GETFD), >=, 0);
  close (own);
  g_assert_null (onward_running_find (self->install, "1.0.0"));
}

int
main (int argc, char **argv)
{
  static const InstallTest tests[] = {
    { "/running/none", test_running_none },
    { "/running/copies", test_running_copies },
    { "/running/helpers", test_running_helpers },
    { "/running/left-behind", test_running_left_behind },
    { "/running/strangers", test_running_strangers },
    { "/running/find", test_running_find },
    { "/running/unknown", test_running_unknown },
    { "/running/let-go", test_running_let_go },
  };

  return install_fixture_run_tests (argc, argv, tests, G_N_ELEMENTS (tests), set_up);
}
