/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-repository.h"

G_BEGIN_DECLS

/**
 * OnwardBundleOptions:
 * @version: the version to install
 * @platform: (nullable): this computer's when NULL
 * @channel: (nullable): the channel that the install follows; the release's when NULL
 * @url: where clients find the repository
 * @output: a new folder, or a file that ends in .tar.zst
 * @allow_http: whether clients may use plain http
 * @keep: (nullable): globs of the user's own files in a version folder
 * @layout: (nullable): "side-by-side" when NULL, or "in-place"
 * @supervise: whether the launcher stays beside a version on trial
 * @good_after: seconds after which a version that lives is good, or 0
 * @without: (nullable): components that are not in it
 * @with: (nullable): components that are, though they come on demand only
 * @cancellable: (nullable): what an interrupt cancels
 *
 * What the first install is made of.
 */
typedef struct
{
  char *version;
  char *platform;
  char *channel;
  char *url;
  char *output;
  gboolean allow_http;
  char **keep;
  char *layout;
  gboolean supervise;
  int good_after;
  char **without;
  char **with;
  GCancellable *cancellable; /* (unowned) */
} OnwardBundleOptions;

gboolean onward_bundle_write (const OnwardBundleOptions *options, OnwardRepository *repository,
                              GError **error);

G_END_DECLS
