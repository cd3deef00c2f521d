/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-state.h"

G_BEGIN_DECLS

typedef enum
{
  ONWARD_EVENT_CHECK,
  ONWARD_EVENT_FOUND,
  ONWARD_EVENT_UP_TO_DATE,
  ONWARD_EVENT_START,
  ONWARD_EVENT_FETCHED,
  ONWARD_EVENT_PAUSE,
  ONWARD_EVENT_RESUME,
  ONWARD_EVENT_NET_LOST,
  ONWARD_EVENT_NET_BACK,
  ONWARD_EVENT_STALLED,
  ONWARD_EVENT_FLOWING,
  ONWARD_EVENT_VERIFIED,
  ONWARD_EVENT_STAGED,
  ONWARD_EVENT_APPLY,
  ONWARD_EVENT_SWITCHED,
  ONWARD_EVENT_SUPERSEDED,
  ONWARD_EVENT_CONFIRMED,
  ONWARD_EVENT_REVERTED,
  ONWARD_EVENT_CANCEL,
  ONWARD_EVENT_DISMISS,
  ONWARD_EVENT_FAIL,
} OnwardEvent;

#define ONWARD_EVENT_LAST ONWARD_EVENT_FAIL

const char *onward_event_get_nick  (OnwardEvent event);
/* FALSE when @event is refused in @from; @ret_to is then left untouched. */
gboolean    onward_state_next      (OnwardState from, OnwardEvent event, OnwardState *ret_to);
/* What a state found in the journal after a crash becomes: never a working state. */
OnwardState onward_state_recover   (OnwardState state);
gboolean    onward_state_is_working (OnwardState state);
gboolean    onward_state_is_cancellable (OnwardState state);
gboolean    onward_state_from_nick (const char *nick, OnwardState *ret_state);

G_END_DECLS
