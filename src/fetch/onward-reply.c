/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-reply.h"

/**
 * onward_reply_new:
 * @status: the HTTP status
 *
 * Returns: (transfer full): a reply without a body
 */
OnwardReply *
onward_reply_new (guint status)
{
  OnwardReply *self = g_new0 (OnwardReply, 1);

  self->status = status;
  self->length = -1;
  return self;
}

/**
 * onward_reply_free:
 * @self: (nullable): a reply; a body that was not read to its end is closed with its connection
 */
void
onward_reply_free (OnwardReply *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->body);
  g_free (self->entity_tag);
  g_free (self);
}
