/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-fd.h"
#include "onward-repository.h"

#define ONWARD_REPOSITORY_MAX_METADATA 5000000u
#define ONWARD_REPOSITORY_TIMESTAMP    "metadata/timestamp.json"
#define ONWARD_REPOSITORY_SETTINGS     "publish.ini"

/* For the files of the repository only. */
gboolean onward_repository_make_folder   (OnwardRepository *self, const char *path, GError **error);
gint64   onward_repository_parse_version (const char *name, const char *role);
void     onward_repository_stage_load   (OnwardRepository *self);
gboolean onward_repository_stage_write   (OnwardRepository *self, GError **error);
void     onward_repository_stage_drop   (OnwardRepository *self);

struct _OnwardRepository
{
  char *folder;        /* (owned): absolute */
  OnwardFd dirfd;      /* (owned): holds the publishers' lock */
  GKeyFile *settings;  /* (owned) */
  GPtrArray *order;    /* (owned): the paths of the documents to write, in their order */
  GHashTable *pending; /* (owned): path → GBytes */
  GHashTable *staged;  /* (owned): path → GBytes: signed, but waiting for a timestamp */
  char *keys;          /* (owned) (nullable): where the keys are, if not where publish.ini says */
};
