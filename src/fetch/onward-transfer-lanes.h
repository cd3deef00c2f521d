/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-transfer.h"

G_BEGIN_DECLS

/* Called each time a lane has ended, with what ended it for reasons of our own. (transfer full) */
typedef void (*OnwardTransferLaneEnded) (OnwardTransfer *self, GError *error);

/* Private to the transfer: which lane fetches what. */
GPtrArray *onward_transfer_lanes_new           (void);
void       onward_transfer_lanes_fill          (OnwardTransfer *self,
                                                OnwardTransferLaneEnded ended);
guint      onward_transfer_lanes_count_flowing (OnwardTransfer *self);
guint64    onward_transfer_lanes_count_bytes   (OnwardTransfer *self);
void       onward_transfer_lanes_mark          (OnwardTransfer *self);
void       onward_transfer_lanes_drop          (OnwardTransfer *self, const char *why,
                                                gboolean only_stale);
void       onward_transfer_lanes_add_begun     (OnwardTransfer *self,
                                                OnwardRanges *inout_received);

G_END_DECLS
