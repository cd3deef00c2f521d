/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-block-file.h"
#include "onward-mirrors.h"
#include "onward-transfer.h"
#include "onward-wait.h"

G_BEGIN_DECLS

typedef void (*OnwardTransferStep) (OnwardTransfer *self);

struct _OnwardTransfer
{
  GObject parent_instance;

  OnwardFetcher *fetcher;   /* (owned) */
  OnwardBlockFile *file;    /* (owned): touched by one side at a time */
  OnwardMirrors *mirrors;   /* (owned) */
  GNetworkMonitor *monitor; /* (owned) */
  char *path;               /* (owned) */
  int max_retries;
  GError *refusal; /* (owned) (nullable): why an address cannot be used */

  OnwardRanges *hints;    /* (owned): recorded by an earlier run, not checked yet */
  OnwardRanges *received; /* (owned): the main thread's copy */
  guint64 bytes_done;
  guint64 bytes_on_wire;
  guint64 most_done; /* since the run began: what goes beyond it is progress */
  guint stale_answers;
  char *validator; /* (owned) (nullable) */
  guint validator_mirror;

  GTask *task;      /* (owned) (nullable): while running */
  OnwardTransferStep go_on; /* what follows an attempt and a wait */
  OnwardWait *wait; /* (owned) (nullable): while waiting */
  GError *ending;   /* (owned) (nullable): what the run is about to fail with */
  GError *problem;  /* (owned) (nullable) */
  OnwardTransferPhase phase;
  gint64 retry_at;
  guint news; /* a timer, while something is to be told */
  guint mirror;
  guint tries; /* that failed in a row */
};

void onward_transfer_tell           (OnwardTransfer *self);
void onward_transfer_set_phase      (OnwardTransfer *self, OnwardTransferPhase phase,
                                     gint64 retry_at);
void onward_transfer_count_received (OnwardTransfer *self);
/* Replaces the monitor of the desktop, for tests. */
void onward_transfer_set_monitor    (OnwardTransfer *self, GNetworkMonitor *monitor);

G_END_DECLS
