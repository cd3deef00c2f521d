/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-repository.h"
#include "onward-test-site.h"
#include "onward-test.h"
#include "onward-tree.h"

G_BEGIN_DECLS

/* "repo" of the site, locked. */
OnwardRepository *publish_fixture_open        (OnwardTestSite *site);
OnwardKeyring    *publish_fixture_load_keys   (OnwardTestSite *site);
/* Publishes the site's "trees/VERSION", and may fail. */
gboolean          publish_fixture_add         (OnwardTestSite *site,
                                               const OnwardAdditionOptions *options,
                                               GError **error);
/* Every path below a folder with its kind, mode and content, sorted: equal texts, equal folders. */
char             *publish_fixture_snapshot    (const char *folder);
/* The only file of a folder whose name ends so. */
char             *publish_fixture_find        (const char *folder, const char *suffix);
/* Changes one byte of a file. */
void              publish_fixture_flip        (const char *path, gsize offset);
OnwardTree       *publish_fixture_scan        (const char *folder);

G_END_DECLS
