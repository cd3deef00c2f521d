/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-pack-reader.h"
#include "onward-pack-writer.h"
#include "onward-test-bytes.h"
#include "onward-test.h"

G_BEGIN_DECLS

/**
 * OnwardPackFixture:
 * @dir: (owned): a temporary folder with everything below
 * @packs: (owned): a folder for packs
 * @old_dir: (owned): a release's folder
 * @new_dir: (owned): the next release's folder
 *
 * Two folders to pack and a place for the packs.
 */
typedef struct
{
  OnwardTestDir *dir;
  char *packs;
  char *old_dir;
  char *new_dir;
} OnwardPackFixture;

OnwardPackFixture *onward_pack_fixture_new         (void);
void               onward_pack_fixture_free        (OnwardPackFixture *self);
void               onward_pack_fixture_write       (const char *dir, const char *name,
                                                    GBytes *bytes);
int                onward_pack_fixture_open        (const char *dir);
OnwardTree        *onward_pack_fixture_scan        (const char *dir);
OnwardPackInfo    *onward_pack_fixture_write_full  (OnwardPackFixture *self, const char *dir,
                                                    OnwardTree **ret_tree);
OnwardPackInfo    *onward_pack_fixture_write_delta (OnwardPackFixture *self, OnwardTree *tree);
OnwardPackInfo    *onward_pack_fixture_write_delta_from (OnwardPackFixture *self,
                                                         OnwardTree *old_tree, OnwardTree *tree);
char              *onward_pack_fixture_dup_path    (OnwardPackFixture *self, OnwardPackInfo *info);
GBytes            *onward_pack_fixture_read_pack   (OnwardPackFixture *self, OnwardPackInfo *info);
GBytes            *onward_pack_fixture_read_head   (OnwardPackFixture *self, OnwardPackInfo *info);
OnwardPackReader  *onward_pack_fixture_open_pack   (OnwardPackFixture *self, OnwardPackInfo *info);
guint              onward_pack_fixture_check       (OnwardPackFixture *self, OnwardPackInfo *info,
                                                    const char *dir);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardPackFixture, onward_pack_fixture_free)

G_END_DECLS
