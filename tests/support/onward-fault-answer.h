/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "onward-fault.h"

G_BEGIN_DECLS

/**
 * OnwardFaultAnswer:
 * @socket: the connection
 * @output: the same, to write to
 * @content: the file
 * @path: where it was asked for
 * @fault: what to do wrong
 * @stopping: cancelled when the server stops
 * @bytes: how many body bytes were sent
 *
 * One answer of a fault server.
 */
typedef struct
{
  GSocket *socket;
  GOutputStream *output;
  GBytes *content;
  const char *path;
  OnwardFault *fault;
  GCancellable *stopping;
  guint64 bytes;

  /*< private >*/
  guint64 start;
  guint64 end;
  gboolean is_range;
  GBytes *other; /* (owned) (nullable): what is sent instead of the file */
} OnwardFaultAnswer;

void  onward_fault_answer_send       (OnwardFaultAnswer *self, const char *head);
char *onward_fault_answer_dup_header (const char *head, const char *name);

G_END_DECLS
