/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-application.h"
#include "onward-install.h"
#include "onward-journal.h"
#include "onward-plan.h"
#include "onward-targets.h"
#include "onward-transfer.h"

G_BEGIN_DECLS

/* Told of each transfer before it runs, to follow it. */
typedef void (*OnwardPlannerWatch) (OnwardTransfer *transfer, gpointer user_data);

/**
 * OnwardPlanner:
 * @fetcher: the HTTP session
 * @install: the install
 * @journal: where received ranges are remembered
 * @targets: (nullable): the verified targets, for whoever fetches a document
 * @repository: the repository's address
 * @max_retries: how many tries in a row may fail, or -1
 * @use_deltas: whether delta packs may be chosen
 * @releases: (nullable) (element-type OnwardRelease): all that @targets list for this install
 * @avoided: (nullable) (element-type OnwardDigest): packs that turned out to be of no use
 * @damaged: (nullable) (element-type OnwardDigest): what the installed version should hold and
 *   does not
 * @watch: (nullable): told of each transfer
 * @watch_data: for @watch
 *
 * What a plan is made with; all of it outlives the planning.
 */
typedef struct
{
  OnwardFetcher *fetcher;
  OnwardInstall *install;
  OnwardJournal *journal;
  OnwardTargets *targets;
  const char *repository;
  int max_retries;
  gboolean use_deltas;
  GPtrArray *releases;
  GHashTable *avoided;
  GHashTable *damaged;
  OnwardPlannerWatch watch;
  gpointer watch_data;
} OnwardPlanner;

void                   onward_planner_fetch_document_async  (const OnwardPlanner *self,
                                                             OnwardTarget *target,
                                                             GCancellable *cancellable,
                                                             GAsyncReadyCallback callback,
                                                             gpointer user_data);
OnwardReleaseDocument *onward_planner_fetch_document_finish (GAsyncResult *result, GError **error);
void                   onward_planner_run_async             (const OnwardPlanner *self,
                                                             OnwardReleaseDocument *document,
                                                             GCancellable *cancellable,
                                                             GAsyncReadyCallback callback,
                                                             gpointer user_data);
OnwardPlan            *onward_planner_run_finish            (GAsyncResult *result, GError **error);
OnwardPackInfo        *onward_planner_choose_pack           (const OnwardPlanner *self,
                                                             OnwardReleaseDocument *document);
OnwardTransfer        *onward_planner_make_transfer         (const OnwardPlanner *self,
                                                             OnwardPackInfo *pack);
void                   onward_planner_tell                  (const OnwardPlanner *self,
                                                             OnwardTransfer *transfer);
guint64                onward_planner_count_bytes_here      (const OnwardPlanner *self,
                                                             OnwardPlan *plan);
OnwardReleaseDocument *onward_planner_load_document         (OnwardPaths *paths,
                                                             OnwardTarget *target, GError **error);

G_END_DECLS
