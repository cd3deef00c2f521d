/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-application.h"
#include "onward-install.h"
#include "onward-status.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_FLOW (onward_flow_get_type ())

/**
 * OnwardFlow:
 *
 * The one conductor: owns the state, runs one step at a time, saves the journal. For the main
 * thread only. Notifies "status".
 */
G_DECLARE_FINAL_TYPE (OnwardFlow, onward_flow, ONWARD, FLOW, GObject)

/**
 * OnwardCheckKind:
 * @ONWARD_CHECK_AUTOMATIC: by the application or a timer: skipped versions, reminders and rollouts
 *   count
 * @ONWARD_CHECK_MANUAL: asked for by the user: every newer version counts
 *
 * On whose behalf a check runs.
 */
typedef enum
{
  ONWARD_CHECK_AUTOMATIC,
  ONWARD_CHECK_MANUAL,
} OnwardCheckKind;

OnwardFlow        *onward_flow_new             (const char *install_dir, GError **error);
void               onward_flow_close           (OnwardFlow *self);
OnwardApplication *onward_flow_get_application (OnwardFlow *self);
OnwardPaths       *onward_flow_get_paths       (OnwardFlow *self);
const char        *onward_flow_get_version     (OnwardFlow *self);
OnwardStatus      *onward_flow_get_status      (OnwardFlow *self);
gboolean           onward_flow_was_interrupted (OnwardFlow *self);
OnwardRelease     *onward_flow_dup_current     (OnwardFlow *self);
void               onward_flow_set_retries     (OnwardFlow *self, int retries);
void               onward_flow_set_use_deltas  (OnwardFlow *self, gboolean use_deltas);

void     onward_flow_check_async     (OnwardFlow *self, OnwardCheckKind kind,
                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean onward_flow_check_finish    (OnwardFlow *self, GAsyncResult *result, GError **error);
void     onward_flow_describe_async  (OnwardFlow *self, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
gboolean onward_flow_describe_finish (OnwardFlow *self, GAsyncResult *result, GError **error);

gboolean onward_flow_start        (OnwardFlow *self, GError **error);
gboolean onward_flow_pause        (OnwardFlow *self, GError **error);
gboolean onward_flow_resume       (OnwardFlow *self, GError **error);
gboolean onward_flow_cancel       (OnwardFlow *self, GError **error);
gboolean onward_flow_retry_now    (OnwardFlow *self, GError **error);
gboolean onward_flow_may_update   (OnwardFlow *self, GError **error);
gboolean onward_flow_dismiss      (OnwardFlow *self, GError **error);
gboolean onward_flow_skip         (OnwardFlow *self, GError **error);
gboolean onward_flow_remind_later (OnwardFlow *self, guint seconds, GError **error);
gboolean onward_flow_choose       (OnwardFlow *self, const char *version, GError **error);
gboolean onward_flow_mark_good    (OnwardFlow *self, GError **error);

/* What the user has chosen for every update to come; kept in the journal. */
const char *onward_flow_choices_get_channel    (OnwardFlow *self);
gboolean    onward_flow_choices_set_channel    (OnwardFlow *self, const char *channel,
                                                GError **error);
char      **onward_flow_choices_list_skipped   (OnwardFlow *self);
gboolean    onward_flow_choices_forget_skipped (OnwardFlow *self, GError **error);
gint64      onward_flow_choices_get_last_check (OnwardFlow *self);
gboolean    onward_flow_choices_is_safe        (OnwardFlow *self);

/* Bytes a second of all downloads together, 0 for no limit; takes effect at once. */
guint64  onward_flow_get_rate_limit  (OnwardFlow *self);
void     onward_flow_set_rate_limit  (OnwardFlow *self, guint64 bytes_per_second);

/* Whether downloads may use networks that may charge for data. */
gboolean onward_flow_obstacle_get_use_metered (OnwardFlow *self);
void     onward_flow_obstacle_set_use_metered (OnwardFlow *self, gboolean use_metered);

/* Maintenance: blocking work of the install room in a worker, under the install's lock. */
typedef gboolean (*OnwardFlowChore) (OnwardInstall *install, gpointer data,
                                     GCancellable *cancellable, GError **error);
void     onward_flow_chore_async  (OnwardFlow *self, OnwardFlowChore chore, gpointer data,
                                   GDestroyNotify data_free, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
gboolean onward_flow_chore_finish (OnwardFlow *self, GAsyncResult *result, gpointer *ret_data,
                                   GError **error);

/* The copies of the application that run: (element-type OnwardRunning) (transfer full). */
void       onward_flow_running_async  (OnwardFlow *self, GAsyncReadyCallback callback,
                                       gpointer user_data);
GPtrArray *onward_flow_running_finish (OnwardFlow *self, GAsyncResult *result);

/* Makes the current version what its publisher has signed again, or only one component of it, which
 * may be absent before. */
typedef void (*OnwardFlowRepairProgress) (OnwardStatus *status, gpointer user_data);
void     onward_flow_repair_async  (OnwardFlow *self, const char *component,
                                    OnwardFlowRepairProgress progress, gpointer progress_data,
                                    GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean onward_flow_repair_finish (OnwardFlow *self, GAsyncResult *result, guint *ret_n_repaired,
                                    guint64 *ret_bytes, GError **error);

/* The components of the current version: (element-type OnwardComponent) (transfer full). */
void       onward_flow_component_list_async    (OnwardFlow *self, GAsyncReadyCallback callback,
                                                gpointer user_data);
GPtrArray *onward_flow_component_list_finish   (OnwardFlow *self, GAsyncResult *result,
                                                GError **error);
void       onward_flow_component_remove_async  (OnwardFlow *self, const char *name,
                                                GAsyncReadyCallback callback, gpointer user_data);
gboolean   onward_flow_component_remove_finish (OnwardFlow *self, GAsyncResult *result,
                                                GError **error);

G_END_DECLS
