/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-file-info.h"
#include "onward-metadata.h"

G_BEGIN_DECLS

/**
 * OnwardTimestamp:
 *
 * A timestamp document its role vouched for (an immutable value): which snapshot is the present
 * one.
 */
typedef struct _OnwardTimestamp OnwardTimestamp;

OnwardTimestamp *onward_timestamp_new          (GBytes *bytes, OnwardRole *role, GError **error);
OnwardTimestamp *onward_timestamp_ref          (OnwardTimestamp *self);
void             onward_timestamp_unref        (OnwardTimestamp *self);
OnwardMetadata  *onward_timestamp_get_metadata (OnwardTimestamp *self);
OnwardFileInfo  *onward_timestamp_get_snapshot (OnwardTimestamp *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTimestamp, onward_timestamp_unref)

G_END_DECLS
