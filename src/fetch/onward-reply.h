/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardReply:
 * @status: the HTTP status; a file: address gives 200, 206, 404 or 416
 * @body: (nullable): the bytes that follow
 * @length: how many bytes were promised, or -1 when the server did not say
 * @start: where in the file the body begins
 * @end: for a 206, where it ends
 * @total: for a 206, the size of the whole file
 * @entity_tag: (nullable): the entity tag, weak ones too
 * @is_page: whether the server calls it a page of HTML
 * @retry_after: for how many seconds the server wants to be left alone, or 0
 *
 * The final answer to one request, checked as far as one answer can be.
 */
typedef struct
{
  guint status;
  GInputStream *body;
  gint64 length;
  guint64 start;
  guint64 end;
  guint64 total;
  char *entity_tag;
  gboolean is_page;
  guint retry_after;
} OnwardReply;

OnwardReply *onward_reply_new  (guint status);
void         onward_reply_free (OnwardReply *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardReply, onward_reply_free)

G_END_DECLS
