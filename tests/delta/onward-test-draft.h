/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-header.h"
#include "onward-delta-stream.h"

G_BEGIN_DECLS

/**
 * OnwardTestDraft:
 * @header: what the delta begins with
 * @streams: (owned): what it says
 *
 * A delta of versions 2 to 5 put together by hand: all its streams are small ones, and stored.
 */
typedef struct
{
  OnwardDeltaHeader header;
  GByteArray *streams[ONWARD_N_STREAMS];
} OnwardTestDraft;

/* One of version 4 that says nothing yet. */
OnwardTestDraft *onward_test_draft_new       (guint64 old_size, guint64 new_size);
void             onward_test_draft_free      (OnwardTestDraft *self);
void             onward_test_draft_say       (OnwardTestDraft *self, OnwardDeltaStreamKind kind,
                                              guint64 number);
void             onward_test_draft_say_file  (OnwardTestDraft *self, guint64 gap, gint64 part,
                                              gint64 growth);
void             onward_test_draft_say_cover (OnwardTestDraft *self, guint64 gap, guint64 length,
                                              gint64 jump);
/* In what its header says: beside tables that deflate nothing, or in a single chapter. */
GBytes          *onward_test_draft_finish    (const OnwardTestDraft *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTestDraft, onward_test_draft_free)

G_END_DECLS
