/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-state-private.h"

typedef struct
{
  const char *nick;
  OnwardState recover_as;
  gboolean working;
  gboolean cancellable;
} StateRow;

typedef struct
{
  OnwardState from;
  OnwardEvent event;
  OnwardState to;
} Edge;

/* A state is working while something is under way that ends with the process. */
/* clang-format off */
static const StateRow states[] = {
  [ONWARD_STATE_IDLE]         = { "idle",         ONWARD_STATE_IDLE,      FALSE, FALSE },
  [ONWARD_STATE_CHECKING]     = { "checking",     ONWARD_STATE_IDLE,      TRUE,  TRUE  },
  [ONWARD_STATE_AVAILABLE]    = { "available",    ONWARD_STATE_AVAILABLE, FALSE, FALSE },
  [ONWARD_STATE_DOWNLOADING]  = { "downloading",  ONWARD_STATE_PAUSED,    TRUE,  TRUE  },
  [ONWARD_STATE_PAUSED]       = { "paused",       ONWARD_STATE_PAUSED,    FALSE, TRUE  },
  [ONWARD_STATE_OFFLINE]      = { "offline",      ONWARD_STATE_PAUSED,    TRUE,  TRUE  },
  [ONWARD_STATE_RECONNECTING] = { "reconnecting", ONWARD_STATE_PAUSED,    TRUE,  TRUE  },
  [ONWARD_STATE_VERIFYING]    = { "verifying",    ONWARD_STATE_PAUSED,    TRUE,  TRUE  },
  [ONWARD_STATE_STAGING]      = { "staging",      ONWARD_STATE_PAUSED,    TRUE,  TRUE  },
  [ONWARD_STATE_READY]        = { "ready",        ONWARD_STATE_READY,     FALSE, FALSE },
  [ONWARD_STATE_APPLYING]     = { "applying",     ONWARD_STATE_READY,     TRUE,  FALSE },
  [ONWARD_STATE_APPLIED]      = { "applied",      ONWARD_STATE_APPLIED,   FALSE, FALSE },
  [ONWARD_STATE_FAILED]       = { "failed",       ONWARD_STATE_IDLE,      FALSE, FALSE },
};

static const char *const events[] = {
  [ONWARD_EVENT_CHECK]      = "check",
  [ONWARD_EVENT_FOUND]      = "found",
  [ONWARD_EVENT_UP_TO_DATE] = "up-to-date",
  [ONWARD_EVENT_START]      = "start",
  [ONWARD_EVENT_FETCHED]    = "fetched",
  [ONWARD_EVENT_PAUSE]      = "pause",
  [ONWARD_EVENT_RESUME]     = "resume",
  [ONWARD_EVENT_NET_LOST]   = "net-lost",
  [ONWARD_EVENT_NET_BACK]   = "net-back",
  [ONWARD_EVENT_STALLED]    = "stalled",
  [ONWARD_EVENT_FLOWING]    = "flowing",
  [ONWARD_EVENT_VERIFIED]   = "verified",
  [ONWARD_EVENT_STAGED]     = "staged",
  [ONWARD_EVENT_APPLY]      = "apply",
  [ONWARD_EVENT_SWITCHED]   = "switched",
  [ONWARD_EVENT_SUPERSEDED] = "superseded",
  [ONWARD_EVENT_CONFIRMED]  = "confirmed",
  [ONWARD_EVENT_REVERTED]   = "reverted",
  [ONWARD_EVENT_CANCEL]     = "cancel",
  [ONWARD_EVENT_DISMISS]    = "dismiss",
  [ONWARD_EVENT_FAIL]       = "fail",
};

/* What is not listed cannot happen. Ready has no CHECK edge, so that a background check never
 * loses a staged update; applying has no CANCEL edge, as its one rename cannot be half done, and
 * leads back to ready where it could not be begun: the application was started again. */
static const Edge edges[] = {
  { ONWARD_STATE_IDLE,         ONWARD_EVENT_CHECK,      ONWARD_STATE_CHECKING     },
  { ONWARD_STATE_CHECKING,     ONWARD_EVENT_FOUND,      ONWARD_STATE_AVAILABLE    },
  { ONWARD_STATE_CHECKING,     ONWARD_EVENT_UP_TO_DATE, ONWARD_STATE_IDLE         },
  { ONWARD_STATE_CHECKING,     ONWARD_EVENT_CANCEL,     ONWARD_STATE_IDLE         },
  { ONWARD_STATE_CHECKING,     ONWARD_EVENT_FAIL,       ONWARD_STATE_FAILED       },
  { ONWARD_STATE_AVAILABLE,    ONWARD_EVENT_START,      ONWARD_STATE_DOWNLOADING  },
  { ONWARD_STATE_AVAILABLE,    ONWARD_EVENT_CHECK,      ONWARD_STATE_CHECKING     },
  { ONWARD_STATE_AVAILABLE,    ONWARD_EVENT_DISMISS,    ONWARD_STATE_IDLE         },
  { ONWARD_STATE_DOWNLOADING,  ONWARD_EVENT_FETCHED,    ONWARD_STATE_VERIFYING    },
  { ONWARD_STATE_DOWNLOADING,  ONWARD_EVENT_PAUSE,      ONWARD_STATE_PAUSED       },
  { ONWARD_STATE_DOWNLOADING,  ONWARD_EVENT_NET_LOST,   ONWARD_STATE_OFFLINE      },
  { ONWARD_STATE_DOWNLOADING,  ONWARD_EVENT_STALLED,    ONWARD_STATE_RECONNECTING },
  { ONWARD_STATE_DOWNLOADING,  ONWARD_EVENT_CANCEL,     ONWARD_STATE_AVAILABLE    },
  { ONWARD_STATE_DOWNLOADING,  ONWARD_EVENT_FAIL,       ONWARD_STATE_FAILED       },
  { ONWARD_STATE_PAUSED,       ONWARD_EVENT_RESUME,     ONWARD_STATE_DOWNLOADING  },
  { ONWARD_STATE_PAUSED,       ONWARD_EVENT_CANCEL,     ONWARD_STATE_AVAILABLE    },
  { ONWARD_STATE_OFFLINE,      ONWARD_EVENT_NET_BACK,   ONWARD_STATE_RECONNECTING },
  { ONWARD_STATE_OFFLINE,      ONWARD_EVENT_PAUSE,      ONWARD_STATE_PAUSED       },
  { ONWARD_STATE_OFFLINE,      ONWARD_EVENT_CANCEL,     ONWARD_STATE_AVAILABLE    },
  { ONWARD_STATE_RECONNECTING, ONWARD_EVENT_FLOWING,    ONWARD_STATE_DOWNLOADING  },
  { ONWARD_STATE_RECONNECTING, ONWARD_EVENT_NET_LOST,   ONWARD_STATE_OFFLINE      },
  { ONWARD_STATE_RECONNECTING, ONWARD_EVENT_PAUSE,      ONWARD_STATE_PAUSED       },
  { ONWARD_STATE_RECONNECTING, ONWARD_EVENT_CANCEL,     ONWARD_STATE_AVAILABLE    },
  { ONWARD_STATE_RECONNECTING, ONWARD_EVENT_FAIL,       ONWARD_STATE_FAILED       },
  { ONWARD_STATE_VERIFYING,    ONWARD_EVENT_VERIFIED,   ONWARD_STATE_STAGING      },
  { ONWARD_STATE_VERIFYING,    ONWARD_EVENT_CANCEL,     ONWARD_STATE_AVAILABLE    },
  { ONWARD_STATE_VERIFYING,    ONWARD_EVENT_FAIL,       ONWARD_STATE_FAILED       },
  { ONWARD_STATE_STAGING,      ONWARD_EVENT_STAGED,     ONWARD_STATE_READY        },
  { ONWARD_STATE_STAGING,      ONWARD_EVENT_CANCEL,     ONWARD_STATE_AVAILABLE    },
  { ONWARD_STATE_STAGING,      ONWARD_EVENT_FAIL,       ONWARD_STATE_FAILED       },
  { ONWARD_STATE_READY,        ONWARD_EVENT_APPLY,      ONWARD_STATE_APPLYING     },
  { ONWARD_STATE_READY,        ONWARD_EVENT_SUPERSEDED, ONWARD_STATE_AVAILABLE    },
  { ONWARD_STATE_APPLYING,     ONWARD_EVENT_SWITCHED,   ONWARD_STATE_APPLIED      },
  { ONWARD_STATE_APPLYING,     ONWARD_EVENT_STAGED,     ONWARD_STATE_READY        },
  { ONWARD_STATE_APPLYING,     ONWARD_EVENT_FAIL,       ONWARD_STATE_FAILED       },
  { ONWARD_STATE_APPLIED,      ONWARD_EVENT_CONFIRMED,  ONWARD_STATE_IDLE         },
  { ONWARD_STATE_APPLIED,      ONWARD_EVENT_REVERTED,   ONWARD_STATE_FAILED       },
  { ONWARD_STATE_FAILED,       ONWARD_EVENT_CHECK,      ONWARD_STATE_CHECKING     },
  { ONWARD_STATE_FAILED,       ONWARD_EVENT_DISMISS,    ONWARD_STATE_IDLE         },
};
/* clang-format on */

G_STATIC_ASSERT (G_N_ELEMENTS (states) == ONWARD_STATE_LAST + 1);
G_STATIC_ASSERT (G_N_ELEMENTS (events) == ONWARD_EVENT_LAST + 1);
G_STATIC_ASSERT (G_N_ELEMENTS (edges) == 39);

/**
 * onward_state_get_nick:
 * @state: a state
 *
 * The stable name of @state, as the journal and `--json` write it.
 *
 * Returns: (transfer none): for example "downloading"
 */
const char *
onward_state_get_nick (OnwardState state)
{
  g_return_val_if_fail ((guint) state <= ONWARD_STATE_LAST, NULL);

  return states[state].nick;
}

/**
 * onward_state_from_nick:
 * @nick: what may be a name of a state
 * @ret_state: (out): the state
 *
 * Returns: FALSE when @nick names no state; @ret_state is then left untouched
 */
gboolean
onward_state_from_nick (const char *nick, OnwardState *ret_state)
{
  g_return_val_if_fail (nick != NULL, FALSE);
  g_return_val_if_fail (ret_state != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      if (g_str_equal (states[i].nick, nick))
        {
          *ret_state = (OnwardState) i;
          return TRUE;
        }
    }

  return FALSE;
}

/**
 * onward_event_get_nick:
 * @event: an event
 *
 * Returns: (transfer none): the stable name of @event, for example "net-lost"
 */
const char *
onward_event_get_nick (OnwardEvent event)
{
  g_return_val_if_fail ((guint) event <= ONWARD_EVENT_LAST, NULL);

  return events[event];
}

/**
 * onward_state_next:
 * @from: the present state
 * @event: what happened
 * @ret_to: (out): the state that follows
 *
 * The life of an update: a pure look-up in the table of edges (DESIGN.md §6).
 *
 * Returns: FALSE when @event is refused in @from; @ret_to is then left untouched
 */
gboolean
onward_state_next (OnwardState from, OnwardEvent event, OnwardState *ret_to)
{
  g_return_val_if_fail (ret_to != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (edges); i++)
    {
      if (edges[i].from == from && edges[i].event == event)
        {
          *ret_to = edges[i].to;
          return TRUE;
        }
    }

  return FALSE;
}

/**
 * onward_state_recover:
 * @state: a state found in the journal
 *
 * What is left of @state once its process is gone. It is the pessimistic answer; a look at the
 * disk promotes it.
 *
 * Returns: a state in which nothing is under way
 */
OnwardState
onward_state_recover (OnwardState state)
{
  g_return_val_if_fail ((guint) state <= ONWARD_STATE_LAST, ONWARD_STATE_IDLE);

  return states[state].recover_as;
}

/**
 * onward_state_is_working:
 * @state: a state
 *
 * Returns: whether something is under way in @state that ends with the process
 */
gboolean
onward_state_is_working (OnwardState state)
{
  g_return_val_if_fail ((guint) state <= ONWARD_STATE_LAST, FALSE);

  return states[state].working;
}

/**
 * onward_state_is_cancellable:
 * @state: a state
 *
 * Returns: whether ONWARD_EVENT_CANCEL is accepted in @state
 */
gboolean
onward_state_is_cancellable (OnwardState state)
{
  g_return_val_if_fail ((guint) state <= ONWARD_STATE_LAST, FALSE);

  return states[state].cancellable;
}
