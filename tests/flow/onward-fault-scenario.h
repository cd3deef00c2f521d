/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-checker.h"
#include "onward-fault-server.h"
#include "onward-planner.h"
#include "onward-test-repository.h"
#include "onward-test-site.h"

G_BEGIN_DECLS

/* What is fetched on the way to an update. */
typedef enum
{
  ONWARD_FAULT_ROOT,
  ONWARD_FAULT_TIMESTAMP,
  ONWARD_FAULT_TARGETS,
  ONWARD_FAULT_DOCUMENT,
  ONWARD_FAULT_PACK,
} OnwardFaultThing;

#define ONWARD_FAULT_N_THINGS (ONWARD_FAULT_PACK + 1)

/**
 * OnwardFaultScenario:
 * @server: hands out a repository that has a new root, a new timestamp, new targets, and in them a
 *   release
 * @secure: another one, whose certificate nobody knows
 * @repository: what is on it
 * @planner: what fetches documents and packs
 * @stored: what the client trusts before: names to contents
 * @targets: what it trusts afterwards
 * @on_wire: how many bytes came for the pack in the last run
 * @kept: how many of them stay
 *
 * A client that is one update behind, and the server it asks.
 */
typedef struct
{
  OnwardTestSite *site;
  OnwardTestRepository *repository;
  OnwardFaultServer *server;
  OnwardFaultServer *secure;
  char *url;
  char *install_dir;
  OnwardPaths *paths;
  OnwardInstall *install;
  OnwardJournal *journal;
  OnwardFetcher *fetcher;
  OnwardTargets *targets;
  OnwardReleaseDocument *document;
  OnwardPlanner planner;
  GHashTable *stored;
  guint64 on_wire;
  guint64 kept;
} OnwardFaultScenario;

OnwardFaultScenario *onward_fault_scenario_new   (void);
void                 onward_fault_scenario_free  (OnwardFaultScenario *self);
const char          *onward_fault_scenario_get_name (OnwardFaultThing thing);
/* Makes everything as it was, and the server play @lines to those who ask for @thing. */
void                 onward_fault_scenario_begin (OnwardFaultScenario *self, OnwardFaultThing thing,
                                                  const char *const *lines);
/* Fetches it, as the client does. */
gboolean             onward_fault_scenario_fetch (OnwardFaultScenario *self, OnwardFaultThing thing,
                                                  GError **error);
guint64              onward_fault_scenario_get_pack_size (OnwardFaultScenario *self);
/* The contents of a document in the trust store; (nullable) (transfer full). */
char                *onward_fault_scenario_dup_stored (OnwardFaultScenario *self,
                                                       OnwardRoleKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardFaultScenario, onward_fault_scenario_free)

G_END_DECLS
