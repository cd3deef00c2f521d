/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-block-check.h"
#include "onward-block-map.h"
#include "onward-block-sink.h"
#include "onward-crowd.h"
#include "onward-deadline.h"
#include "onward-mirrors.h"
#include "onward-transfer.h"
#include "onward-vigil.h"
#include "onward-wait.h"

G_BEGIN_DECLS

typedef void (*OnwardTransferStep) (OnwardTransfer *self);

struct _OnwardTransfer
{
  GObject parent_instance;

  OnwardFetcher *fetcher;   /* (owned) */
  OnwardBlockFile *file;    /* (owned) */
  OnwardBlockMap *map;      /* (owned) */
  OnwardMirrors *mirrors;   /* (owned) */
  GNetworkMonitor *monitor; /* (owned) */
  char *path;               /* (owned) */
  int max_retries;
  GError *refusal; /* (owned) (nullable): why an address cannot be used */

  OnwardRanges *hints;    /* (owned): recorded by an earlier run, not checked yet */
  OnwardRanges *received; /* (owned): as it was told last */
  OnwardRanges *suspects; /* (owned): blocks that came wrong and have not come right since */
  GPtrArray *resting;     /* (owned) (element-type OnwardBlockSink): blocks that have begun */
  guint64 bytes_done;
  guint64 bytes_on_wire;
  char *validator; /* (owned) (nullable): of the first address */

  GTask *task;          /* (owned) (nullable): while running */
  OnwardBlockCheck *check; /* (owned) (nullable): while the file is looked at */
  OnwardDeadline *work; /* (owned) (nullable): what ends all lanes */
  GPtrArray *lanes;     /* (owned) (element-type OnwardTransferLane): at work */
  OnwardTransferStep go_on; /* what follows when a lane has ended */
  OnwardCrowd crowd;
  OnwardVigil vigil;
  OnwardWait *wait; /* (owned) (nullable): while waiting */
  gboolean is_over; /* nothing more is begun */
  GError *ending;   /* (owned) (nullable): what the run is about to fail with */
  GError *problem;  /* (owned) (nullable) */
  OnwardTransferPhase phase;
  gint64 retry_at;
  guint tries; /* that failed in a row */
  guint stale_answers;
  guint64 most_done; /* since the run began: what goes beyond it is progress */

  guint news;     /* a timer, while something is to be told */
  guint tick;     /* a timer, while lanes are at work */
  guint settling; /* a timer, after the network has changed */
  gulong network_changed;
};

void onward_transfer_tell        (OnwardTransfer *self);
void onward_transfer_set_phase   (OnwardTransfer *self, OnwardTransferPhase phase,
                                  gint64 retry_at);
void onward_transfer_set_problem (OnwardTransfer *self, GError *problem);
void onward_transfer_count_received (OnwardTransfer *self);
/* Replaces the monitor of the desktop, for tests. */
void onward_transfer_set_monitor (OnwardTransfer *self, GNetworkMonitor *monitor);

G_END_DECLS
