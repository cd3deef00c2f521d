/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-test.h"

G_BEGIN_DECLS

#define LAUNCH_CONFIG                                                                              \
  "[Other]\nCommand=bin/wrong\n\n[Application]\nId=org.example.Demo\nCommand = bin/app\n"

/* An install whose path has spaces, with 1.0.0 before and 2.0.0 current. */
typedef struct
{
  char *root;
  char *install;
  char *launcher;
} LaunchFixture;

/* A program that cannot be started. */
typedef struct
{
  const char *name;
  const char *contents; /* NULL for no file at all */
  int mode;
} LaunchBroken;

void  launch_fixture_set_up           (LaunchFixture *self, gconstpointer data);
void  launch_fixture_tear_down        (LaunchFixture *self, gconstpointer data);
void  launch_fixture_add              (const char *path, gconstpointer data,
                                       void (*test) (LaunchFixture *, gconstpointer));
/* One test for every way in which a program can be broken; its data is the LaunchBroken. */
void  launch_fixture_add_broken       (const char *prefix,
                                       void (*test) (LaunchFixture *, gconstpointer));

void  launch_fixture_write_script     (const LaunchFixture *self, const char *version,
                                       const char *script);
void  launch_fixture_break_program    (const LaunchFixture *self, const char *version,
                                       const LaunchBroken *broken);
void  launch_fixture_point_current_at (const LaunchFixture *self, const char *target);
/* Runs a command; its standard output without the newline at its end. */
char *launch_fixture_run_command      (const char *const *argv, int *ret_status, char **ret_errors);
char *launch_fixture_run              (const LaunchFixture *self);
/* The version that answers when the launcher is started, "" when none does. */
char *launch_fixture_started_version  (const LaunchFixture *self);
void  launch_fixture_assert_starts    (const LaunchFixture *self, const char *version);
void  launch_fixture_assert_current   (const LaunchFixture *self, const char *expected);
/* @expected: (nullable): NULL when there must be none */
void  launch_fixture_assert_file      (const LaunchFixture *self, const char *name,
                                       const char *expected);
/* No temporary file stays behind, whatever happened. */
void  launch_fixture_assert_tidy      (const LaunchFixture *self);

G_END_DECLS
