/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

#include "onward-obstacle.h"
#include "onward-release.h"
#include "onward-state.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_STATUS (onward_status_get_type ())

/**
 * OnwardStatus:
 *
 * An immutable snapshot of an update: all that a window needs to draw itself.
 */
typedef struct _OnwardStatus OnwardStatus;

ONWARD_API GType          onward_status_get_type         (void);
ONWARD_API OnwardStatus  *onward_status_ref              (OnwardStatus *self);
ONWARD_API void           onward_status_unref            (OnwardStatus *self);
ONWARD_API OnwardState    onward_status_get_state        (OnwardStatus *self);
ONWARD_API OnwardRelease *onward_status_get_release      (OnwardStatus *self);
ONWARD_API GPtrArray     *onward_status_get_releases     (OnwardStatus *self);
ONWARD_API gboolean       onward_status_is_forced        (OnwardStatus *self);
ONWARD_API gboolean       onward_status_is_described     (OnwardStatus *self);
ONWARD_API double         onward_status_get_progress     (OnwardStatus *self);
ONWARD_API guint64        onward_status_get_bytes_done   (OnwardStatus *self);
ONWARD_API guint64        onward_status_get_bytes_total  (OnwardStatus *self);
ONWARD_API guint64        onward_status_get_full_size    (OnwardStatus *self);
ONWARD_API guint          onward_status_get_files_done   (OnwardStatus *self);
ONWARD_API guint          onward_status_get_files_total  (OnwardStatus *self);
ONWARD_API guint64        onward_status_get_rate         (OnwardStatus *self);
ONWARD_API gint           onward_status_get_time_left    (OnwardStatus *self);
ONWARD_API gint64         onward_status_get_retry_at     (OnwardStatus *self);
ONWARD_API const GError  *onward_status_get_error        (OnwardStatus *self);
ONWARD_API OnwardObstacle onward_status_get_obstacle     (OnwardStatus *self);
ONWARD_API const char    *onward_status_get_waiting_for  (OnwardStatus *self); /* nullable */
/* The components that are here and that the release lacks; nullable. */
ONWARD_API const char * const *
                          onward_status_get_lost_components (OnwardStatus *self);
ONWARD_API gboolean       onward_status_is_stopping      (OnwardStatus *self);
ONWARD_API gboolean       onward_status_is_elsewhere     (OnwardStatus *self);
ONWARD_API gboolean       onward_status_is_restart_due   (OnwardStatus *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardStatus, onward_status_unref)

G_END_DECLS
