/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-error.h"
#include "onward-release.h"
#include "onward-state.h"
#include "onward-status.h"
#include "onward-visibility.h"

G_BEGIN_DECLS

#define ONWARD_TYPE_CLIENT (onward_client_get_type ())

/**
 * OnwardClient:
 *
 * The updates of one install of an application. Everything a window, a script or the application
 * itself does goes through it. For the main thread only.
 */
ONWARD_API
G_DECLARE_FINAL_TYPE (OnwardClient, onward_client, ONWARD, CLIENT, GObject)

/* Properties: "status" (OnwardStatus, read-only, notifies), "install-dir", "application-id",
 * "application-name", "icon-name", "version" (the current one), all read-only. */

ONWARD_API OnwardClient  *onward_client_new                  (const char *install_dir,
                                                              GError **error);
ONWARD_API OnwardClient  *onward_client_new_for_application  (GError **error);
ONWARD_API const char    *onward_client_get_install_dir      (OnwardClient *self);
ONWARD_API const char    *onward_client_get_application_id   (OnwardClient *self);
ONWARD_API const char    *onward_client_get_application_name (OnwardClient *self);
ONWARD_API const char    *onward_client_get_icon_name        (OnwardClient *self);
ONWARD_API const char    *onward_client_get_version          (OnwardClient *self);
ONWARD_API OnwardStatus  *onward_client_get_status           (OnwardClient *self);
ONWARD_API OnwardRelease *onward_client_dup_current_release  (OnwardClient *self);
ONWARD_API gboolean       onward_client_was_interrupted      (OnwardClient *self);
ONWARD_API char          *onward_client_dup_log_path         (OnwardClient *self);

/* Asks the repository. TRUE: a newer version exists (the status has it); FALSE without @error:
 * none. A skipped version, or one before its remind-at, does not count unless @all. */
ONWARD_API void     onward_client_check_async     (OnwardClient *self, gboolean all,
                                                   GCancellable *cancellable,
                                                   GAsyncReadyCallback callback,
                                                   gpointer user_data);
ONWARD_API gboolean onward_client_check_finish    (OnwardClient *self, GAsyncResult *result,
                                                   GError **error);
/* Fetches the notes of every newer release and the exact size of the download, which the status
 * then tells (onward_status_is_described()). A decision or a check in between ends it with
 * G_IO_ERROR_CANCELLED. */
ONWARD_API void     onward_client_describe_async  (OnwardClient *self, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback,
                                                   gpointer user_data);
ONWARD_API gboolean onward_client_describe_finish (OnwardClient *self, GAsyncResult *result,
                                                   GError **error);

ONWARD_API gboolean onward_client_may_update      (OnwardClient *self, GError **error);
ONWARD_API gboolean onward_client_is_safe         (OnwardClient *self);

/* Intents. They return at once; the status tells what becomes of them. FALSE with WRONG_STATE when
 * the intent does not fit the present state. */
ONWARD_API gboolean onward_client_start           (OnwardClient *self, GError **error);
ONWARD_API gboolean onward_client_pause           (OnwardClient *self, GError **error);
ONWARD_API gboolean onward_client_resume          (OnwardClient *self, GError **error);
ONWARD_API gboolean onward_client_cancel          (OnwardClient *self, GError **error);
ONWARD_API gboolean onward_client_retry_now       (OnwardClient *self, GError **error);
ONWARD_API gboolean onward_client_dismiss         (OnwardClient *self, GError **error);
ONWARD_API gboolean onward_client_skip            (OnwardClient *self, GError **error);
ONWARD_API gboolean onward_client_remind_later    (OnwardClient *self, guint seconds,
                                                   GError **error);
ONWARD_API gboolean onward_client_choose          (OnwardClient *self, const char *version,
                                                   GError **error);
ONWARD_API void     onward_client_set_retries     (OnwardClient *self, int retries);
ONWARD_API void     onward_client_set_use_deltas  (OnwardClient *self, gboolean use_deltas);
ONWARD_API gboolean onward_client_get_use_metered (OnwardClient *self);
ONWARD_API void     onward_client_set_use_metered (OnwardClient *self, gboolean use_metered);
ONWARD_API guint64  onward_client_get_rate_limit  (OnwardClient *self);
ONWARD_API void     onward_client_set_rate_limit  (OnwardClient *self, guint64 bytes_per_second);

/* What the user has chosen for every update to come. */
ONWARD_API GSettings  *onward_client_get_settings    (OnwardClient *self); /* nullable */
ONWARD_API char      **onward_client_list_channels   (OnwardClient *self); /* (transfer full) */
ONWARD_API const char *onward_client_get_channel     (OnwardClient *self);
ONWARD_API gboolean    onward_client_set_channel     (OnwardClient *self, const char *channel,
                                                      GError **error);
/* The versions that are not offered any more by themselves. (transfer full) */
ONWARD_API char      **onward_client_list_skipped    (OnwardClient *self);
ONWARD_API gboolean    onward_client_forget_skipped  (OnwardClient *self, GError **error);

/* For the application itself. */
ONWARD_API gboolean onward_client_mark_good       (OnwardClient *self, GError **error);
ONWARD_API gboolean onward_client_open_updater    (OnwardClient *self, GError **error);
ONWARD_API gboolean onward_client_install_unasked (OnwardClient *self);
ONWARD_API gboolean onward_client_start_application (OnwardClient *self, GError **error);

/* The parts of the application that can be left out. */
ONWARD_API void     onward_client_ensure_component_async  (OnwardClient *self, const char *name,
                                                           GCancellable *cancellable,
                                                           GAsyncReadyCallback callback,
                                                           gpointer user_data);
ONWARD_API gboolean onward_client_ensure_component_finish (OnwardClient *self,
                                                           GAsyncResult *result,
                                                           guint64 *ret_bytes, GError **error);
ONWARD_API void     onward_client_remove_component_async  (OnwardClient *self, const char *name,
                                                           GAsyncReadyCallback callback,
                                                           gpointer user_data);
ONWARD_API gboolean onward_client_remove_component_finish (OnwardClient *self,
                                                           GAsyncResult *result, GError **error);
/* Lines "present BYTES NAME" and "absent BYTES NAME". (transfer full) */
ONWARD_API void     onward_client_list_components_async   (OnwardClient *self,
                                                           GAsyncReadyCallback callback,
                                                           gpointer user_data);
ONWARD_API char   **onward_client_list_components_finish  (OnwardClient *self,
                                                           GAsyncResult *result, GError **error);

/* Maintenance. */
ONWARD_API void     onward_client_rollback_async  (OnwardClient *self, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback,
                                                   gpointer user_data);
/* The version that is current now. (transfer full) */
ONWARD_API char    *onward_client_rollback_finish (OnwardClient *self, GAsyncResult *result,
                                                   GError **error);
ONWARD_API void     onward_client_verify_async    (OnwardClient *self, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback,
                                                   gpointer user_data);
/* Lines "changed PATH", "missing PATH", "extra PATH"; empty when all is well. (transfer full) */
ONWARD_API char   **onward_client_verify_finish   (OnwardClient *self, GAsyncResult *result,
                                                   GError **error);
/* Lines "VERSION PROCESS NAME", one for each copy of the application that runs. (transfer full) */
ONWARD_API void     onward_client_list_running_async (OnwardClient *self,
                                                      GAsyncReadyCallback callback,
                                                      gpointer user_data);
ONWARD_API char   **onward_client_list_running_finish (OnwardClient *self, GAsyncResult *result,
                                                      GError **error);
/* Fetches and replaces what verify tells of as changed or missing. */
ONWARD_API void     onward_client_repair_async    (OnwardClient *self, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback,
                                                   gpointer user_data);
ONWARD_API gboolean onward_client_repair_finish   (OnwardClient *self, GAsyncResult *result,
                                                   guint *ret_n_repaired, guint64 *ret_bytes,
                                                   GError **error);
ONWARD_API void     onward_client_prune_async     (OnwardClient *self, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback,
                                                   gpointer user_data);
ONWARD_API gboolean onward_client_prune_finish    (OnwardClient *self, GAsyncResult *result,
                                                   GError **error);
/* The text of the log. (transfer full) */
ONWARD_API char    *onward_client_read_log        (OnwardClient *self, GError **error);

G_END_DECLS
