/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-fd.h"
#include "onward-repository.h"

#define ONWARD_REPOSITORY_MAX_METADATA 5000000u
#define ONWARD_REPOSITORY_TIMESTAMP    "metadata/timestamp.json"

/* For the files of the repository only. */
gboolean onward_repository_make_folder (OnwardRepository *self, const char *path, GError **error);

struct _OnwardRepository
{
  char *folder;        /* (owned): absolute */
  OnwardFd dirfd;      /* (owned): holds the publishers' lock */
  GKeyFile *settings;  /* (owned) */
  GPtrArray *order;    /* (owned): the paths of the documents to write, in their order */
  GHashTable *pending; /* (owned): path → GBytes */
};
