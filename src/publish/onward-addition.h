/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-repository.h"

G_BEGIN_DECLS

/**
 * OnwardAdditionOptions:
 *
 * What the publisher says of a new release; strings are owned, NULL where nothing was said.
 */
typedef struct
{
  char *version;
  char *channel;
  char *platform;
  char **notes;
  char *minimum;
  char **reasons;
  int grace_days;
  char *severity;
  int deltas;
  char **delta_from;
  char *compression;
  char *effort;
  char **components; /* NAME=FOLDER */
  char **on_demand;  /* NAME */
  gboolean json;
  GCancellable *cancellable; /* (unowned) (nullable): what an interrupt cancels */
} OnwardAdditionOptions;

void     onward_addition_options_clear (OnwardAdditionOptions *options);
gboolean onward_addition_run           (const OnwardAdditionOptions *options,
                                        OnwardRepository *repository, OnwardKeyring *keyring,
                                        const char *folder, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OnwardAdditionOptions, onward_addition_options_clear)

G_END_DECLS
