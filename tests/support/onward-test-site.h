/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-addition.h"
#include "onward-server.h"

G_BEGIN_DECLS

/**
 * OnwardTestSite:
 * @dir: a temporary folder: "repo", "keys" and whatever a test puts there
 * @server: hands "repo" out on the loopback
 * @url: where
 * @n_requests: how many requests were answered
 * @n_bytes: how many body bytes went out
 *
 * A real repository with real keys, for tests of what reads it.
 */
typedef struct
{
  char *dir;             /* (owned) */
  OnwardServer *server;  /* (owned) (nullable) */
  char *url;             /* (owned) */
  guint n_requests;
  guint64 n_bytes;
} OnwardTestSite;

OnwardTestSite *onward_test_site_new        (void);
void                  onward_test_site_free       (OnwardTestSite *self);
void                  onward_test_site_make_tree  (OnwardTestSite *self,
                                                         const char *version, guint size);
void                  onward_test_site_add        (OnwardTestSite *self,
                                                         const char *version);
void                  onward_test_site_add_with   (OnwardTestSite *self,
                                                         OnwardAdditionOptions *options);
char                 *onward_test_site_install    (OnwardTestSite *self,
                                                         const char *version);
void                  onward_test_site_start      (OnwardTestSite *self);
void                  onward_test_site_stop       (OnwardTestSite *self);
OnwardKeyring        *onward_test_site_load_keys  (OnwardRepository *repository);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTestSite, onward_test_site_free)

G_END_DECLS
