/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-release.h"
#include "onward-unlock.h"

G_BEGIN_DECLS

/**
 * OnwardReleaseEdit:
 * @version: the version of a release
 * @platform: (nullable): its platform; this computer's
 * @change: changes the facts in @facts
 * @user_data: for @change
 *
 * A change of what is said of a release that is published; its files stay as they are.
 */
typedef struct
{
  const char *version;
  const char *platform;
  void (*change) (JsonObject *facts, gpointer user_data);
  gpointer user_data;
} OnwardReleaseEdit;

OnwardRelease *onward_release_edit_conduct (const OnwardReleaseEdit *self,
                                            const OnwardUnlock *unlock, const char *folder,
                                            GError **error);

G_END_DECLS
