/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-release-document.h"

G_BEGIN_DECLS

/* So many deltas make a chain at most. */
#define ONWARD_ROUTE_MAX_LINKS 3
/* What a request costs besides what it asks for. */
#define ONWARD_ROUTE_REQUEST 2048u

/**
 * OnwardRouteRepair:
 * @ONWARD_ROUTE_FULL: all that is needed from the new full pack
 * @ONWARD_ROUTE_OLD: the deltas, and what is damaged from the old full pack
 * @ONWARD_ROUTE_PART: what of a delta needs nothing damaged, the rest from the new full pack
 *
 * How to get by with damaged files; the first of equally cheap ways is taken.
 */
typedef enum
{
  ONWARD_ROUTE_FULL,
  ONWARD_ROUTE_OLD,
  ONWARD_ROUTE_PART,
} OnwardRouteRepair;

#define ONWARD_ROUTE_N_REPAIRS (ONWARD_ROUTE_PART + 1)

/* What a pack still costs; G_MAXUINT64 when it is not to be used. */
typedef guint64 (*OnwardRouteCost) (OnwardPackInfo *pack, gpointer user_data);

/**
 * OnwardRoutes:
 * @documents: (element-type OnwardReleaseDocument): those that are known
 * @from: the tree that is installed
 * @cost: what a pack costs
 * @cost_data: for @cost
 *
 * What is known of the ways from one tree to others.
 */
typedef struct
{
  GPtrArray *documents;
  const OnwardDigest *from;
  OnwardRouteCost cost;
  gpointer cost_data;
} OnwardRoutes;

GPtrArray *onward_route_find          (const OnwardRoutes *self, OnwardReleaseDocument *goal,
                                       guint64 *ret_cost);
gboolean   onward_route_may_be_better (const OnwardRoutes *self, OnwardReleaseDocument *goal,
                                       guint64 best, guint64 question);
gint       onward_route_next          (guint n_between, const guint8 *is_asked);
OnwardRouteRepair
           onward_route_choose_repair (const guint64 costs[ONWARD_ROUTE_N_REPAIRS]);

G_END_DECLS
