/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OnwardTestGolden:
 * @path: the test's name
 * @func: the test
 *
 * A test of a program that also keeps golden files.
 */
typedef struct
{
  const char *path;
  void (*func) (void);
} OnwardTestGolden;

/* Writes the golden files of the present format's version into @dir, and tells whether it could. */
typedef gboolean (*OnwardTestGoldenWriter) (const char *dir);

int onward_test_golden_run (int argc, char **argv, const OnwardTestGolden *tests, guint n_tests,
                            OnwardTestGoldenWriter writer);

G_END_DECLS
