/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-release-private.h"
#include "onward-targets.h"

G_BEGIN_DECLS

/**
 * OnwardSelector:
 * @version: the installed version
 * @platform: this computer's platform
 * @channel: the channel followed; stable releases are always followed too
 * @now: seconds since 1970
 * @secret: (nullable): what decides this install's place in a rollout; NULL takes part at once
 * @bucket: the hundredth of all installs to take this one for in rollouts, from 1 to 100, or 0 to
 *   let @secret decide
 * @since: when the installed version came, seconds since 1970, by this computer's clock; 0 when
 *   that is not known
 * @disowned: whether the installed version is listed nowhere, and the keys that vouched for it may
 *   have been taken away because they were stolen
 *
 * What a release is chosen by.
 */
typedef struct
{
  const char *version;
  const char *platform;
  const char *channel;
  gint64 now;
  const char *secret;
  guint bucket;
  gint64 since;
  gboolean disowned;
} OnwardSelector;

GPtrArray     *onward_selector_list_releases  (const OnwardSelector *self, OnwardTargets *targets);
GPtrArray     *onward_selector_list_newer     (const OnwardSelector *self, GPtrArray *releases);
gint64         onward_selector_get_turn       (const OnwardSelector *self, OnwardRelease *release);
OnwardRelease *onward_selector_find           (GPtrArray *releases, const char *version);
gboolean       onward_selector_forces         (GPtrArray *newer, const char *version);
char          *onward_selector_dup_floor      (GPtrArray *releases);
OnwardTarget  *onward_selector_find_target    (OnwardTargets *targets, OnwardRelease *release);
/* In whichever channel. */
OnwardTarget  *onward_selector_find_installed (const OnwardSelector *self, OnwardTargets *targets);
gboolean       onward_selector_is_behind      (const OnwardSelector *self, OnwardTargets *targets);

G_END_DECLS
