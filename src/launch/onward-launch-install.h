/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define ONWARD_LAUNCH_VERSION_SIZE 256
#define ONWARD_LAUNCH_FOLDER_SIZE (ONWARD_LAUNCH_VERSION_SIZE + sizeof "versions/")

/* The install that the launcher lies in. */
typedef struct
{
  int fd;                 /* the install folder */
  int var_fd;             /* its var folder, or -1 */
  bool may_write;         /* whether no updater is at work on var and `current` */
  char path[PATH_MAX];    /* the install folder, absolute */
  char command[PATH_MAX]; /* the program, below a version's folder */
  bool supervise;         /* whether to stay beside a version on trial */
  int good_after;         /* seconds after which a version that lives is good, or 0 */
  bool wants_place;       /* whether `current` is to be a version's folder, not a link to it */
  bool in_place;          /* whether it is */
  char current[ONWARD_LAUNCH_VERSION_SIZE]; /* "" where nothing says which version that is */
  char folder[ONWARD_LAUNCH_FOLDER_SIZE];   /* of the current version, below the install */
} OnwardLaunchInstall;

bool onward_launch_install_find         (OnwardLaunchInstall *self);
bool onward_launch_install_read_config  (OnwardLaunchInstall *self);
void onward_launch_install_lock         (OnwardLaunchInstall *self);
void onward_launch_install_unlock       (OnwardLaunchInstall *self);
bool onward_launch_install_flock        (int fd, int operation, int seconds);
bool onward_launch_install_is_version   (const char *text);
int  onward_launch_install_open         (int dirfd, const char *path);
int  onward_launch_install_open_version (const OnwardLaunchInstall *self, const char *version);
bool onward_launch_install_has_version  (const OnwardLaunchInstall *self, const char *version);
bool onward_launch_install_is_running   (const OnwardLaunchInstall *self, const char *version);
bool onward_launch_install_get_program  (const OnwardLaunchInstall *self, char program[PATH_MAX]);
bool onward_launch_install_read_text    (int dirfd, const char *name, char *buffer, size_t size);
bool onward_launch_install_write_text   (const OnwardLaunchInstall *self, const char *name,
                                         const char *text);
