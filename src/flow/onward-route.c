/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-route.h"

/* A question must cost less than this part of what it may save. */
#define SPECULATION 16

/* The best way to one tree that was found so far. */
typedef struct
{
  const OnwardRoutes *routes;
  OnwardPackInfo *links[ONWARD_ROUTE_MAX_LINKS]; /* the last one first */
  OnwardPackInfo *best[ONWARD_ROUTE_MAX_LINKS];
  guint n_best;
  guint64 best_cost;
} Search;

static guint64
cost_of (const OnwardRoutes *self, OnwardPackInfo *pack)
{
  guint64 cost = self->cost (pack, self->cost_data);

  return cost < G_MAXUINT64 - ONWARD_ROUTE_REQUEST ? cost + ONWARD_ROUTE_REQUEST : G_MAXUINT64;
}

static OnwardReleaseDocument *
find_document (const OnwardRoutes *self, const OnwardDigest *tree)
{
  for (guint i = 0; i < self->documents->len; i++)
    {
      OnwardReleaseDocument *document = g_ptr_array_index (self->documents, i);

      if (onward_digest_equal (onward_release_document_get_tree_digest (document), tree))
        return document;
    }
  return NULL;
}

static void
note_best (Search *search, guint n_links, guint64 cost)
{
  search->best_cost = cost;
  search->n_best = n_links;
  for (guint i = 0; i < n_links; i++)
    search->best[i] = search->links[i];
}

/* Backwards from @document, of which @cost bytes of @n_links deltas lead to the goal. */
static void
look_back (Search *search, OnwardReleaseDocument *document, guint n_links, guint64 cost)
{
  GPtrArray *packs = onward_release_document_get_packs (document);

  for (guint i = 0; i < packs->len; i++)
    {
      OnwardPackInfo *pack = g_ptr_array_index (packs, i);
      const OnwardDigest *from = onward_pack_info_get_from (pack);
      guint64 link = from != NULL ? cost_of (search->routes, pack) : G_MAXUINT64;
      OnwardReleaseDocument *before;

      if (link >= search->best_cost || cost >= search->best_cost - link)
        continue;
      search->links[n_links] = pack;
      if (onward_digest_equal (from, search->routes->from))
        note_best (search, n_links + 1, cost + link);
      else if (n_links + 1 < ONWARD_ROUTE_MAX_LINKS)
        {
          before = find_document (search->routes, from);
          if (before != NULL)
            look_back (search, before, n_links + 1, cost + link);
        }
    }
}

/**
 * onward_route_find:
 * @self: what is known
 * @goal: the document of the release to get to
 * @ret_cost: (out): what the way costs, requests included; %G_MAXUINT64 when there is none
 *
 * Finds the chain of at most %ONWARD_ROUTE_MAX_LINKS deltas that costs the fewest bytes.
 *
 * Returns: (transfer full) (element-type OnwardPackInfo): its packs, in the order of use; none when
 *   there is no way
 */
GPtrArray *
onward_route_find (const OnwardRoutes *self, OnwardReleaseDocument *goal, guint64 *ret_cost)
{
  GPtrArray *links = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_pack_info_unref);
  Search search = { .routes = self, .best_cost = G_MAXUINT64 };

  look_back (&search, goal, 0, 0);
  for (guint i = search.n_best; i-- > 0;)
    g_ptr_array_add (links, onward_pack_info_ref (search.best[i]));
  *ret_cost = search.best_cost;
  return links;
}

/**
 * onward_route_may_be_better:
 * @self: what is known
 * @goal: the document of the release to get to
 * @best: what the best way known costs
 * @question: what it costs to learn of another release
 *
 * Any way over a release that is not known yet ends with a delta that is known, from a tree that
 * is not: it costs no less than that and the question.
 *
 * Returns: whether there may be a way that makes up for the question
 */
gboolean
onward_route_may_be_better (const OnwardRoutes *self, OnwardReleaseDocument *goal, guint64 best,
                            guint64 question)
{
  GPtrArray *packs = onward_release_document_get_packs (goal);

  if (question > best / SPECULATION)
    return FALSE;

  for (guint i = 0; i < packs->len; i++)
    {
      OnwardPackInfo *pack = g_ptr_array_index (packs, i);
      const OnwardDigest *from = onward_pack_info_get_from (pack);

      if (from != NULL && !onward_digest_equal (from, self->from) &&
          cost_of (self, pack) < best - question)
        return TRUE;
    }
  return FALSE;
}

/**
 * onward_route_next:
 * @n_between: how many releases lie between what is installed and the goal
 * @is_asked: (array length=n_between): which of them were asked about, in order
 *
 * Deltas lead from the newest releases: the longer the way, the more likely it goes over the
 * middle.
 *
 * Returns: the one to ask about next, or -1
 */
gint
onward_route_next (guint n_between, const guint8 *is_asked)
{
  guint middle = n_between / 2;

  for (guint away = 0; away <= n_between; away++)
    {
      if (middle + away < n_between && !is_asked[middle + away])
        return (gint) (middle + away);
      if (away <= middle && away > 0 && !is_asked[middle - away])
        return (gint) (middle - away);
    }
  return -1;
}

/**
 * onward_route_choose_repair:
 * @costs: what each way costs; %G_MAXUINT64 where there is none
 *
 * Returns: the cheapest way
 */
OnwardRouteRepair
onward_route_choose_repair (const guint64 costs[ONWARD_ROUTE_N_REPAIRS])
{
  OnwardRouteRepair best = ONWARD_ROUTE_FULL;

  for (guint i = 1; i < ONWARD_ROUTE_N_REPAIRS; i++)
    if (costs[i] < costs[best])
      best = (OnwardRouteRepair) i;
  return best;
}
