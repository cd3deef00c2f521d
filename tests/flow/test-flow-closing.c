/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "flow-fixture.h"
#include "onward-file.h"

#define SMALL 1000

/* A copy of the application, as far as its lock says. */
typedef struct
{
  FlowFixture *fixture;
  pid_t process;
  int input;
} Copy;

/* The install of the fixture, in place: 1.0.0 is `current`. */
static void
init_in_place (FlowFixture *fixture)
{
  g_autofree char *current = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *mark = NULL;
  g_autofree char *config = NULL;
  g_autoptr (GString) text = NULL;

  flow_fixture_init (fixture, SMALL);
  current = g_build_filename (fixture->install, "current", NULL);
  folder = g_build_filename (fixture->install, "versions", "1.0.0", NULL);
  mark = g_build_filename (current, ".onward-version", NULL);
  g_assert_cmpint (unlink (current), ==, 0);
  g_assert_cmpint (rename (folder, current), ==, 0);
  g_assert_cmpint (symlink ("versions/1.0.0", mark), ==, 0);

  config = onward_test_read (fixture->install, "onward.ini");
  text = g_string_new (config);
  g_string_replace (text, "Layout=side-by-side\n", "", 0);
  g_string_replace (text, "[Application]\n", "[Application]\nLayout=in-place\n", 0);
  onward_test_write (fixture->install, "onward.ini", text->str);
  flow_fixture_open (fixture);
}

/* It runs until it is ended, or its parent has. */
static void
start_copy (Copy *self, FlowFixture *fixture)
{
  g_autofree char *folder = g_build_filename (fixture->install, "current", NULL);
  int input[2], output[2];
  char byte = 0;

  g_assert_cmpint (pipe2 (input, O_CLOEXEC), ==, 0);
  g_assert_cmpint (pipe2 (output, O_CLOEXEC), ==, 0);
  self->fixture = fixture;
  self->process = fork ();
  g_assert_cmpint (self->process, >=, 0);
  if (self->process == 0)
    {
      int fd = open (folder, O_RDONLY | O_DIRECTORY);

      close (input[1]);
      if (flock (fd, LOCK_SH) != 0 || write (output[1], "", 1) != 1)
        _exit (1);
      (void) !read (input[0], &byte, 1);
      _exit (0);
    }

  close (input[0]);
  close (output[1]);
  g_assert_cmpint (read (output[0], &byte, 1), ==, 1);
  close (output[0]);
  self->input = input[1];
}

static void
end_copy (Copy *self)
{
  close (self->input);
  g_assert_cmpint (kill (self->process, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (self->process, NULL, 0), ==, self->process);
}

static void
begin (FlowFixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (flow_fixture_check (fixture, ONWARD_CHECK_MANUAL, &error));
  g_assert_no_error (error);
  onward_flow_start (fixture->flow, &error);
  g_assert_no_error (error);
}

static gboolean
is_waiting (FlowFixture *fixture)
{
  OnwardStatus *status = onward_flow_get_status (fixture->flow);

  return onward_status_get_state (status) == ONWARD_STATE_READY &&
         onward_status_get_obstacle (status) == ONWARD_OBSTACLE_RUNNING;
}

static gboolean
is_waiting_for (FlowFixture *fixture, const Copy *copy)
{
  g_autofree char *end = g_strdup_printf (" (%d)", copy->process);
  const char *told = onward_status_get_waiting_for (onward_flow_get_status (fixture->flow));

  return is_waiting (fixture) && g_str_has_suffix (told, end);
}

static void
wait_for_wait (FlowFixture *fixture, const Copy *copy)
{
  while (!is_waiting (fixture))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (is_waiting_for (fixture, copy));
}

static void
assert_applied (FlowFixture *fixture, const char *version)
{
  OnwardStatus *status = onward_flow_get_status (fixture->flow);

  flow_fixture_run_until (fixture, ONWARD_STATE_APPLIED);
  status = onward_flow_get_status (fixture->flow);
  g_assert_cmpint (onward_status_get_obstacle (status), ==, ONWARD_OBSTACLE_NONE);
  g_assert_null (onward_status_get_waiting_for (status));
  flow_fixture_let_go (fixture);
  flow_fixture_assert_current (fixture, version);
}

/* The switch comes when the copy has ended; until then the status names it. */
static void
test_closing_waits (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  Copy copy;

  init_in_place (&fixture);
  start_copy (&copy, &fixture);
  begin (&fixture);
  wait_for_wait (&fixture, &copy);
  flow_fixture_assert_current (&fixture, "1.0.0");
  end_copy (&copy);
  assert_applied (&fixture, "1.1.0");
}

static void
start_when_applying (OnwardFlow *flow, GParamSpec *pspec, Copy *copy)
{
  if (copy->process == 0 &&
      onward_status_get_state (onward_flow_get_status (flow)) == ONWARD_STATE_APPLYING)
    start_copy (copy, copy->fixture);
}

/* Started in the very moment of the switch, a copy is waited for as any other. */
static void
test_closing_started_again (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  Copy copy = { &fixture, 0, -1 };
  gulong handler;

  init_in_place (&fixture);
  handler =
      g_signal_connect (fixture.flow, "notify::status", G_CALLBACK (start_when_applying), &copy);
  begin (&fixture);
  wait_for_wait (&fixture, &copy);
  flow_fixture_assert_current (&fixture, "1.0.0");
  end_copy (&copy);
  assert_applied (&fixture, "1.1.0");
  g_signal_handler_disconnect (fixture.flow, handler);
}

/* Who stops waiting leaves an update that is ready, for the next run. */
static void
test_closing_left (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;
  Copy copy;

  init_in_place (&fixture);
  start_copy (&copy, &fixture);
  begin (&fixture);
  wait_for_wait (&fixture, &copy);
  flow_fixture_open (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_READY);

  onward_flow_start (fixture.flow, &error);
  g_assert_no_error (error);
  wait_for_wait (&fixture, &copy);
  end_copy (&copy);
  assert_applied (&fixture, "1.1.0");
}

/* Another version chosen meanwhile is what is installed, and the one that waited is not. */
static void
test_closing_chosen_anew (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;
  Copy copy;

  init_in_place (&fixture);
  onward_test_site_make_tree (fixture.site, "1.2.0", SMALL);
  onward_test_site_add (fixture.site, "1.2.0");
  start_copy (&copy, &fixture);
  begin (&fixture);
  wait_for_wait (&fixture, &copy);
  onward_flow_choose (fixture.flow, "1.1.0", &error);
  g_assert_no_error (error);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_AVAILABLE);

  end_copy (&copy);
  onward_flow_start (fixture.flow, &error);
  g_assert_no_error (error);
  assert_applied (&fixture, "1.1.0");
}

/* As the launcher does when the current version does not start. */
static void
fall_back_to (FlowFixture *fixture, const char *version)
{
  g_autofree char *current = g_build_filename (fixture->install, "current", NULL);
  g_autofree char *other = g_build_filename (fixture->install, "versions", "1.0.0", NULL);
  g_autofree char *mark = g_build_filename (current, ".onward-version", NULL);
  g_autofree char *target = g_strconcat ("versions/", version, NULL);

  g_assert_cmpint (rename (current, other), ==, 0);
  onward_test_write (current, "share/version", version);
  g_assert_cmpint (symlink (target, mark), ==, 0);
}

/* What the launcher went back to while an update waited is waited for as well. */
static void
test_closing_fallen_back (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  Copy copy, other;

  init_in_place (&fixture);
  start_copy (&copy, &fixture);
  begin (&fixture);
  wait_for_wait (&fixture, &copy);
  fall_back_to (&fixture, "0.9.0");
  start_copy (&other, &fixture);
  end_copy (&copy);
  while (!is_waiting_for (&fixture, &other))
    g_main_context_iteration (NULL, TRUE);
  flow_fixture_assert_current (&fixture, "0.9.0");
  end_copy (&other);
  assert_applied (&fixture, "1.1.0");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/closing/waits", test_closing_waits);
  g_test_add_func ("/closing/started-again", test_closing_started_again);
  g_test_add_func ("/closing/left", test_closing_left);
  g_test_add_func ("/closing/chosen-anew", test_closing_chosen_anew);
  g_test_add_func ("/closing/fallen-back", test_closing_fallen_back);
  return g_test_run ();
}
