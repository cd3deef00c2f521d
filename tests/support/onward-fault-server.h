/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardFaultServer:
 *
 * An HTTP server on the loopback that hands out one file and plays a script: the first request is
 * answered by its first line, the second by its second, and those beyond by the last. See
 * onward-fault.h for the words of a line. It runs in threads of its own and writes to plain
 * sockets, so that it can do what no HTTP library would.
 *
 * It may hand out many files instead, each at its path, and play its script to those who ask for
 * one of them only: then those requests alone count.
 */
typedef struct _OnwardFaultServer OnwardFaultServer;

OnwardFaultServer *onward_fault_server_new            (GBytes *content);
void               onward_fault_server_free           (OnwardFaultServer *self);
void               onward_fault_server_script         (OnwardFaultServer *self, const char *first,
                                                       ...) G_GNUC_NULL_TERMINATED;
void               onward_fault_server_script_lines   (OnwardFaultServer *self,
                                                       const char *const *lines);
/* @files: path without its first slash → GBytes; not changed while the server has it. */
void               onward_fault_server_set_files      (OnwardFaultServer *self, GHashTable *files);
void               onward_fault_server_set_certificate (OnwardFaultServer *self,
                                                        GTlsCertificate *certificate);
/* @path: a part of the path of the requests that the script is for; (nullable): all of them. */
void               onward_fault_server_aim            (OnwardFaultServer *self, const char *path);
void               onward_fault_server_stop           (OnwardFaultServer *self);
void               onward_fault_server_restart        (OnwardFaultServer *self);

const char        *onward_fault_server_get_uri        (OnwardFaultServer *self);
guint              onward_fault_server_count_requests (OnwardFaultServer *self);
guint64            onward_fault_server_count_bytes    (OnwardFaultServer *self);
/* The value of a header of a request, counted from 0. */
char              *onward_fault_server_dup_header     (OnwardFaultServer *self, guint request,
                                                       const char *name);

char              *onward_fault_server_dup_first_line (OnwardFaultServer *self, guint request);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardFaultServer, onward_fault_server_free)

G_END_DECLS
