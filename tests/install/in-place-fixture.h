/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "install-fixture.h"

G_BEGIN_DECLS

#define IN_PLACE_MARK ".onward-version"

/* 1.0.0 is current, in place; 1.1.0 and 2.0.0 stand beside it. */
void in_place_fixture_set_up         (InstallFixture *self, gconstpointer data);
void in_place_fixture_write_layout   (InstallFixture *self, const char *layout);
void in_place_fixture_rename_in      (InstallFixture *self, const char *from, const char *to);
/* Writes into a folder which version it is. */
void in_place_fixture_mark           (InstallFixture *self, const char *folder,
                                      const char *version);
/* A lock as a running copy has it; to be closed. */
int  in_place_fixture_pin            (InstallFixture *self, const char *folder);
void in_place_fixture_switch_to      (InstallFixture *self, const char *version);
/* What lies in a folder, by the program of its version. */
void in_place_fixture_assert_folder  (InstallFixture *self, const char *folder,
                                      const char *version);
/* Everything has the name that it ought to have: @current, and all others beside it. */
void in_place_fixture_assert_settled (InstallFixture *self, const char *current);

G_END_DECLS
