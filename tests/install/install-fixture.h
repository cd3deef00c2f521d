/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"
#include "onward-pack-reader.h"
#include "onward-pack-writer.h"
#include "onward-test.h"

G_BEGIN_DECLS

/**
 * InstallFixture:
 * @root: a temporary folder that holds all the rest
 * @dir: the install
 * @install: opened
 *
 * An install of no version yet, which keeps what is in "user" and the files named "*.cfg".
 */
typedef struct
{
  char *root;
  char *dir;
  OnwardInstall *install;
} InstallFixture;

/**
 * TestPack:
 * @path: the file
 * @head: its head
 * @tree: its tree
 *
 * A pack written from a folder.
 */
typedef struct
{
  char *path;
  OnwardPackHead *head;
  OnwardTree *tree;
} TestPack;

typedef struct
{
  const char *path;
  void (*test) (InstallFixture *, gconstpointer);
} InstallTest;

/* The whole of a test program: runs tests, each with an install of its own. */
int               install_fixture_run_tests     (int argc, char **argv, const InstallTest *tests,
                                                 guint n_tests,
                                                 void (*set_up) (InstallFixture *, gconstpointer));
void              install_fixture_set_up        (InstallFixture *self, gconstpointer data);
void              install_fixture_tear_down     (InstallFixture *self, gconstpointer data);
/* A new handle on the same install, as another process has it. */
OnwardInstall    *install_fixture_open          (InstallFixture *self);
/* The path of something below the install, or below the root. */
char             *install_fixture_path          (InstallFixture *self, const char *name);
char             *install_fixture_root_path     (InstallFixture *self, const char *name);
/* Makes versions/@version with bin/app and its receipt, without a pack. */
void              install_fixture_add_version   (InstallFixture *self, const char *version);
/* The receipt of what is there now. */
void              install_fixture_write_receipt (InstallFixture *self, const char *version);
void              install_fixture_set_current   (InstallFixture *self, const char *version);
void              install_fixture_assert_current (InstallFixture *self, const char *version);
gboolean          install_fixture_exists        (InstallFixture *self, const char *name);
/* The folders of two releases that differ in every way there is, made below @root. */
char             *install_fixture_make_old      (const char *root);
char             *install_fixture_make_new      (const char *root);
/* Whether two folders have the same entries, modes and contents. */
void              install_fixture_assert_same   (const char *a, const char *b);

TestPack         *test_pack_new_full            (const char *root, const char *folder);
TestPack         *test_pack_new_delta           (const char *root, const char *old_folder,
                                                 TestPack *old, const char *folder, TestPack *full);
/* A copy of the pack, below the fixture's root, with nothing in it but @ranges. */
TestPack         *test_pack_new_partial         (InstallFixture *self, TestPack *whole,
                                                 OnwardRanges *ranges);
/* Fills in more of a partial pack. */
void              test_pack_fetch               (TestPack *self, TestPack *whole,
                                                 OnwardRanges *ranges);
void              test_pack_free                (TestPack *self);
OnwardPackReader *test_pack_read                (TestPack *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestPack, test_pack_free)

G_END_DECLS
