/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  ONWARD_LAYOUT_SIDE_BY_SIDE,
  ONWARD_LAYOUT_IN_PLACE,
} OnwardLayout;

/**
 * OnwardApplication:
 *
 * What onward.ini says of an application (an immutable value). An update never writes it.
 *
 * Keys of the group [Application]: Id, Name, Icon, Command, Repository, Channel, Layout,
 * AllowHttp, Keep, Supervise, GoodAfter; the last two are for the launcher. Trust does not rest on
 * this file but on root.json.
 */
typedef struct _OnwardApplication OnwardApplication;

OnwardApplication *onward_application_load           (const char *path, GError **error);
OnwardApplication *onward_application_load_at        (int dirfd, const char *path, GError **error);
OnwardApplication *onward_application_parse          (const char *text, gsize size, GError **error);
OnwardApplication *onward_application_ref            (OnwardApplication *self);
void               onward_application_unref          (OnwardApplication *self);
const char        *onward_application_get_id         (OnwardApplication *self);
const char        *onward_application_get_name       (OnwardApplication *self);
const char        *onward_application_get_icon       (OnwardApplication *self); /* nullable */
const char        *onward_application_get_command    (OnwardApplication *self);
/* The URL of the repository, without a slash at its end. https:, file:, or http: for loopback
 * addresses and with AllowHttp=true; anything else is refused when the file is read. */
const char        *onward_application_get_repository (OnwardApplication *self);
const char        *onward_application_get_channel    (OnwardApplication *self);
OnwardLayout       onward_application_get_layout     (OnwardApplication *self);
const char *const *onward_application_get_keep       (OnwardApplication *self);
gboolean           onward_application_allows_http    (OnwardApplication *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardApplication, onward_application_unref)

G_END_DECLS
