/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

#include "onward-visibility.h"

G_BEGIN_DECLS

/**
 * OnwardSeverity:
 * @ONWARD_SEVERITY_NORMAL: an ordinary release
 * @ONWARD_SEVERITY_SECURITY: it fixes a security problem
 * @ONWARD_SEVERITY_FORCED: older versions must not go on
 *
 * How urgent a release is.
 */
typedef enum
{
  ONWARD_SEVERITY_NORMAL,
  ONWARD_SEVERITY_SECURITY,
  ONWARD_SEVERITY_FORCED,
} OnwardSeverity;

#define ONWARD_TYPE_RELEASE (onward_release_get_type ())

/**
 * OnwardRelease:
 *
 * One published version for one platform: an immutable value.
 */
typedef struct _OnwardRelease OnwardRelease;

ONWARD_API GType          onward_release_get_type        (void);
ONWARD_API OnwardRelease *onward_release_ref             (OnwardRelease *self);
ONWARD_API void           onward_release_unref           (OnwardRelease *self);
ONWARD_API const char    *onward_release_get_version     (OnwardRelease *self);
ONWARD_API guint64        onward_release_get_sequence    (OnwardRelease *self);
ONWARD_API const char    *onward_release_get_channel     (OnwardRelease *self);
ONWARD_API const char    *onward_release_get_platform    (OnwardRelease *self);
ONWARD_API const char    *onward_release_get_date        (OnwardRelease *self);
ONWARD_API OnwardSeverity onward_release_get_severity    (OnwardRelease *self);
ONWARD_API gboolean       onward_release_is_withdrawn    (OnwardRelease *self);
ONWARD_API const char    *onward_release_get_minimum     (OnwardRelease *self);
ONWARD_API const char    *onward_release_get_reason      (OnwardRelease *self,
                                                          const char * const *languages);
ONWARD_API guint          onward_release_get_grace_days  (OnwardRelease *self);
ONWARD_API const char    *onward_release_get_notes       (OnwardRelease *self,
                                                          const char * const *languages);
ONWARD_API gboolean       onward_release_forces          (OnwardRelease *self,
                                                          const char *installed_version);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardRelease, onward_release_unref)

G_END_DECLS
