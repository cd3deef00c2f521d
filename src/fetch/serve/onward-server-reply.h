/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <libsoup/soup.h>

#include "onward-fd.h"

G_BEGIN_DECLS

/* Private to the server: one answer, sent in small pieces so that a file of any size needs the
 * memory of one piece only. */

/**
 * OnwardServerPace:
 * @rate: body bytes a second on each connection, or 0 for no limit
 * @drop_after: the connection is cut after this many body bytes of a larger answer, or 0
 * @latency: milliseconds before an answer begins
 *
 * How slow and how unreliable answers are.
 */
typedef struct
{
  guint64 rate;
  guint64 drop_after;
  guint latency;
} OnwardServerPace;

typedef struct _OnwardServerReply OnwardServerReply;

void    onward_server_reply_begin    (SoupServerMessage *message, const OnwardServerPace *pace,
                                      int dirfd, const char *path);
guint64 onward_server_reply_get_sent (SoupServerMessage *message);

G_END_DECLS
