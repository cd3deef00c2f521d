/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <sys/stat.h>

#include "install-fixture.h"

G_BEGIN_DECLS

/* Two releases and their packs, made once for all tests. */
typedef struct
{
  char *root;
  char *old_folder;
  char *new_folder;
  TestPack *old;
  TestPack *new;
  TestPack *delta;
} Releases;

/* An install in which the first of the releases is installed and current. */
typedef struct
{
  InstallFixture fixture;
  const char *old_folder;
  const char *new_folder;
  TestPack *old;
  TestPack *new;
  TestPack *delta;
} Update;

typedef struct
{
  const char *path;
  void (*test) (Update *, gconstpointer);
} UpdateTest;

void          update_releases_init  (Releases *self);
void          update_releases_clear (Releases *self);
/* @root: (nullable): where to make the install, instead of the folder for temporary files. */
void          update_init           (Update *self, const Releases *releases, const char *root);
void          update_set_up         (Update *self, gconstpointer data);
void          update_tear_down      (Update *self, gconstpointer data);
/* The whole of a test program: runs tests, each with an install of its own. @more: (nullable): adds
 * others that need the releases. */
int           update_run_tests      (int argc, char **argv, const UpdateTest *tests, guint n_tests,
                                     void (*more) (Releases *releases));

gboolean      update_build          (Update *self, TestPack *pack, const char *version,
                                     GHashTable **ret_damaged, GError **error);
OnwardRanges *update_plan           (Update *self, TestPack *pack);
void          update_assert_builds  (Update *self, TestPack *pack, const char *version);
/* The version is the publisher's folder, and its receipt says so. */
void          update_assert_version (Update *self, const char *version, const char *folder);
/* The update is complete, the old version as it was, and nothing else is left. */
void          update_assert_updated (Update *self);

void          update_stat_file      (Update *self, const char *name, struct stat *info);
/* Changes one byte of a file, in place. */
void          update_flip_byte      (const char *path, off_t offset);
/* Makes a range of a file other than it was; twice makes it as it was. */
void          update_spoil          (const char *path, const OnwardRange *range);
/* Changes a byte in the middle of a file of the install. */
void          update_damage         (Update *self, const char *name);

G_END_DECLS
