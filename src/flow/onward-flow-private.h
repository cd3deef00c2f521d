/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-flow.h"
#include "onward-journal.h"
#include "onward-planner.h"
#include "onward-rate.h"
#include "onward-saver.h"
#include "onward-selector.h"
#include "onward-state-private.h"
#include "onward-status-private.h"
#include "onward-targets.h"
#include "onward-wait.h"

G_BEGIN_DECLS

/* What the user wants of the running step; the edge is taken when the step has really ended. To
 * leave takes no edge: nobody is there any more, and the next run goes on. */
typedef enum
{
  ONWARD_INTENT_GO_ON,
  ONWARD_INTENT_PAUSE,
  ONWARD_INTENT_CANCEL,
  ONWARD_INTENT_LEAVE,
} OnwardIntent;

typedef struct _OnwardFlowStage OnwardFlowStage;
typedef void (*OnwardFlowNext) (OnwardFlow *self);

/* Any change of the status may be answered by the next intent before the change has returned: what
 * takes an edge has let go of everything before, and touches nothing of the step afterwards. */
struct _OnwardFlow
{
  GObject parent_instance;

  OnwardPaths *paths;             /* (owned) */
  OnwardApplication *application; /* (owned) */
  OnwardInstall *install;         /* (owned) */
  OnwardJournal *journal;         /* (owned) */
  OnwardSaver *saver;             /* (owned): of the journal */
  OnwardFetcher *fetcher;         /* (owned) */
  char *version;                  /* (owned): the current one */
  char *started;                  /* (owned): the one that was current when this flow began */
  gboolean interrupted;
  int retries;
  gboolean use_deltas;

  gboolean use_metered;
  guint64 rate_limit;

  GNetworkMonitor *monitor; /* (owned) (nullable): what knows about the network */
  OnwardObstacle held_by;   /* what a pause is due to, when it is not the user's */

  OnwardStatus *status; /* (owned): the one place of truth */

  OnwardTargets *targets; /* (owned) (nullable): of the last check */
  GPtrArray *releases;    /* (owned) (nullable): all that they list for this install */
  char **present;         /* (owned) (nullable): the components that were here then */
  OnwardPlan *plan;       /* (owned) (nullable): for the release in the status */

  GCancellable *cancellable; /* (owned) (nullable): of the running step */
  GCancellable *describing;  /* (owned) (nullable): of a description under way */
  GTask *described_next;     /* (owned) (nullable): a description that waits for that to end */
  gboolean is_planning;      /* whether that looks into a pack */
  gboolean is_limited;       /* whether it must not any more: the network may charge for that */
  gboolean deferred;         /* whether an update waits for that to end */
  OnwardIntent intent;
  guint holds;       /* how many operations need the install's lock */
  gboolean is_locked; /* also while the journal is written that says how the last one ended */
  GPtrArray *answers; /* (owned) (nullable): what is told when the lock is let go */
  guint chores;      /* how many of them are maintenance */
  gboolean updating; /* whether one of them is an update, running or paused */
  OnwardTransfer *transfer; /* (owned) (nullable): the running one */
  OnwardWait *wait;         /* (owned) (nullable): for a server that asked to be left alone */
  gboolean is_reread;       /* whether the pack was looked at anew in this update already */
  guint step;               /* of the plan: which one is being fetched */
  guint64 fetched;          /* what the steps before it cost */
  GHashTable *avoided;      /* (owned): OnwardDigest: packs that are of no use for this update */
  GHashTable *damaged;      /* (owned) (nullable): OnwardDigest: what files here do not hold */
  OnwardFlowStage *stage;   /* (unowned) (nullable): while a version is being put together */
  GError *failure;          /* (owned) (nullable): what the update waits with for the end of that */
  OnwardRate rate;
  guint64 spent; /* bytes that came for plans which this update has given up */
  guint watching; /* source id: another process is at work, which the status tells of */
  guint closing; /* source id: a copy of the application is waited for */
  guint saving;  /* source id: a save of the journal is due */
  guint ticking; /* source id: progress of the worker is read */
  int files_done;  /* (atomic): told by the worker */
  int files_total; /* (atomic) */
};

gboolean       onward_flow_post            (OnwardFlow *self, OnwardEvent event, GError **error);
gboolean       onward_flow_post_with       (OnwardFlow *self, OnwardEvent event,
                                            const OnwardStatusFields *fields, GError **error);
void           onward_flow_fail            (OnwardFlow *self, const GError *error);
void           onward_flow_take_fields     (OnwardFlow *self, OnwardStatusFields *fields);
void           onward_flow_remember        (OnwardFlow *self);
void           onward_flow_save            (OnwardFlow *self);
void           onward_flow_save_soon       (OnwardFlow *self);
gboolean       onward_flow_load_targets    (OnwardFlow *self, GError **error);
OnwardPlanner  onward_flow_get_planner     (OnwardFlow *self);
OnwardSelector onward_flow_get_selector    (OnwardFlow *self, OnwardCheckKind kind);
GPtrArray     *onward_flow_list_newer      (OnwardFlow *self, OnwardCheckKind kind);
gboolean       onward_flow_refresh_version (OnwardFlow *self);
void           onward_flow_recover         (OnwardFlow *self);
gboolean       onward_flow_recover_release (OnwardFlow *self, OnwardStatusFields *fields);

gboolean       onward_flow_lock_acquire    (OnwardFlow *self, GError **error);
typedef void (*OnwardFlowLocked) (GTask *task, GError *error);
void           onward_flow_lock_acquire_for (OnwardFlow *self, GTask *task,
                                             OnwardFlowLocked locked);
void           onward_flow_lock_release    (OnwardFlow *self);
void           onward_flow_lock_release_for (OnwardFlow *self, GTask *task, gboolean value,
                                             GError *error);
void           onward_flow_lock_settle     (OnwardFlow *self);
void           onward_flow_lock_drop       (OnwardFlow *self);
void           onward_flow_lock_catch_up   (OnwardFlow *self);

/* Another process that is at work (onward-flow-elsewhere.c). */
gboolean       onward_flow_elsewhere_look   (OnwardFlow *self);
gboolean       onward_flow_elsewhere_is     (OnwardFlow *self);
gboolean       onward_flow_elsewhere_refuse (OnwardFlow *self, GError **error);
void           onward_flow_elsewhere_stop   (OnwardFlow *self);

/* What stands in the way, and what follows from that (onward-flow-obstacle.c). */
void           onward_flow_obstacle_watch       (OnwardFlow *self, GNetworkMonitor *monitor);
void           onward_flow_obstacle_review      (OnwardFlow *self);
gboolean       onward_flow_obstacle_is_metered  (OnwardFlow *self);
gboolean       onward_flow_obstacle_hold        (OnwardFlow *self);
OnwardObstacle onward_flow_obstacle_of_state    (OnwardFlow *self, OnwardState state);
OnwardObstacle onward_flow_obstacle_of_transfer (OnwardFlow *self, OnwardState state,
                                                 OnwardTransfer *transfer);

/* What a status says of a transfer, whatever it is for (onward-flow-transfer.c). */
OnwardState    onward_flow_transfer_get_state (OnwardTransfer *transfer, OnwardState present);
void           onward_flow_transfer_describe  (OnwardFlow *self, OnwardTransfer *transfer,
                                               OnwardStatusFields *fields);
void           onward_flow_transfer_measure   (OnwardTransfer *transfer, OnwardRate *rate,
                                               guint64 total, OnwardStatusFields *fields);

/* What a check has found (onward-flow-check.c). */
void           onward_flow_check_take_targets (OnwardFlow *self, OnwardTargets *targets,
                                               const char *validator);
gboolean       onward_flow_check_is_disowned  (OnwardFlow *self, const OnwardSelector *selector);
void           onward_flow_check_read_present (OnwardFlow *self);
char         **onward_flow_check_dup_lost     (OnwardFlow *self, OnwardRelease *release);

/* A server that wants to be left alone (onward-flow-busy.c). */
void           onward_flow_busy_note          (OnwardFlow *self, GAsyncResult *check,
                                               const GError *error);
gboolean       onward_flow_busy_refuse        (OnwardFlow *self, OnwardCheckKind kind,
                                               GError **error);
void           onward_flow_busy_tell          (OnwardFlow *self, const GError *error);
gint64         onward_flow_busy_get_wait      (OnwardFlow *self);
gboolean       onward_flow_busy_wait          (OnwardFlow *self, OnwardWaitOver over);

/* Maintenance, which holds the lock from its beginning to its end (onward-flow-chore.c). */
gboolean       onward_flow_chore_begin        (OnwardFlow *self, GError **error);
gboolean       onward_flow_chore_begin_writing (OnwardFlow *self, GError **error);
void           onward_flow_chore_start_over   (OnwardFlow *self);
void           onward_flow_chore_end          (OnwardFlow *self, GTask *task, gboolean done,
                                               GError *error);

/* Ends a description under way, if there is one (onward-flow-describe.c). */
void           onward_flow_describe_stop   (OnwardFlow *self);
void           onward_flow_describe_limit  (OnwardFlow *self);

/* The way from START to the downloaded pack (onward-flow-update.c). */
void           onward_flow_update_run           (OnwardFlow *self);
void           onward_flow_update_download      (OnwardFlow *self);
void           onward_flow_update_again         (OnwardFlow *self);
gboolean       onward_flow_update_avoid         (OnwardFlow *self, guint step,
                                                 const GError *error);
void           onward_flow_update_interrupt     (OnwardFlow *self, OnwardIntent intent);
gboolean       onward_flow_update_follow_intent (OnwardFlow *self);
void           onward_flow_update_try_now       (OnwardFlow *self);
void           onward_flow_update_watch         (OnwardTransfer *transfer, gpointer flow);
void           onward_flow_update_fail          (OnwardFlow *self, const GError *error);
void           onward_flow_update_end           (OnwardFlow *self, OnwardEvent event);

/* Metadata that is not fresh any more is asked for before an update goes on
 * (onward-flow-refresh.c). */
gboolean       onward_flow_refresh_is_due       (OnwardFlow *self);
void           onward_flow_refresh_run          (OnwardFlow *self);

/* Copies of an application that must live at one path (onward-flow-closing.c). */
typedef void (*OnwardFlowClosed) (OnwardFlow *self, gboolean is_old);
void           onward_flow_closing_wait        (OnwardFlow *self, OnwardFlowClosed closed,
                                                gboolean is_old);

/* The way from there to the switch (onward-flow-install.c). */
void           onward_flow_install_preflight_async (OnwardFlow *self, GAsyncReadyCallback callback);
void           onward_flow_install_run             (OnwardFlow *self);
void           onward_flow_install_apply           (OnwardFlow *self);
void           onward_flow_install_take_staged     (OnwardFlow *self, GHashTable *damaged,
                                                    const GError *error);

/* A version is put together while its bytes still arrive (onward-flow-stage.c). */
void           onward_flow_stage_begin   (OnwardFlow *self);
void           onward_flow_stage_prove   (OnwardFlow *self, guint step,
                                          const OnwardRanges *proven);
void           onward_flow_stage_confirm (OnwardFlow *self);
void           onward_flow_stage_stop    (OnwardFlow *self, OnwardFlowNext next);

G_END_DECLS
