/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-pack-need.h"
#include "onward-pack-requirement.h"
#include "onward-part-file.h"
#include "onward-route.h"
#include "onward-selector.h"
#include "onward-thought-private.h"

/* So many release documents are asked for at most, only to look for a chain. */
#define MAX_QUESTIONS 8
/* The head of the full pack is worth reading when it costs less than this part of a chain. */
#define HEAD_SHARE 8

/* A pack that may give what is wanted. */
typedef struct
{
  OnwardPackInfo *pack;
  OnwardPackHead *head;
  gboolean only_whole; /* whether frames that start from what is not here are left alone */
} Source;

/* An OnwardRouteCost: all of a delta is needed. */
static guint64
cost_of_delta (OnwardPackInfo *pack, gpointer user_data)
{
  OnwardThought *self = user_data;
  g_autoptr (OnwardRanges) all = onward_ranges_new ();

  if (onward_thought_is_avoided (self, pack))
    return G_MAXUINT64;

  onward_ranges_add (all, 0, onward_pack_info_get_size (pack));
  return onward_thought_count_missing (self, pack, all);
}

static guint64
cost_of_plan (OnwardThought *self, OnwardPlan *plan)
{
  guint64 cost = 0;

  for (guint i = 0; i < plan->steps->len; i++)
    {
      OnwardPlanStep *step = onward_plan_get_step (plan, i);

      cost += onward_thought_count_missing (self, step->pack, step->ranges) + ONWARD_ROUTE_REQUEST;
    }
  return cost;
}

static void
ask_for_document (OnwardThought *self, OnwardTarget *target)
{
  g_hash_table_add (self->asked, target);
  self->ask_target = target;
}

/* Documents that cost nothing are learnt before anything is chosen. */
static void
load_known (OnwardThought *self)
{
  g_autoptr (GPtrArray) between = onward_thought_list_between (self);

  for (guint i = 0; i < between->len; i++)
    (void) onward_thought_is_known (self, g_ptr_array_index (between, i));
}

/* Another release to learn about, when a way over it may be better than @best. */
static OnwardTarget *
choose_question (OnwardThought *self, const OnwardRoutes *routes, guint64 best)
{
  g_autoptr (GPtrArray) between = onward_thought_list_between (self);
  g_autofree guint8 *is_asked = g_malloc0 (between->len + 1);
  guint n_asked = 0;
  OnwardTarget *target;
  gint next;

  for (guint i = 0; i < between->len; i++)
    {
      is_asked[i] = g_hash_table_contains (self->asked, g_ptr_array_index (between, i));
      n_asked += is_asked[i];
    }

  next = onward_route_next (between->len, is_asked);
  if (next < 0 || n_asked >= MAX_QUESTIONS)
    return NULL;
  target = g_ptr_array_index (between, next);
  return onward_route_may_be_better (routes, self->document, best,
                                     onward_target_get_length (target) + ONWARD_ROUTE_REQUEST)
             ? target
             : NULL;
}

/* The heads of a chain: each is read by the tree of the one before. */
static OnwardThoughtOutcome
learn_links (OnwardThought *self, GPtrArray *links, GArray *sources, GError **error)
{
  OnwardTree *tree = self->installed;

  for (guint i = 0; i < links->len; i++)
    {
      Source source = { .pack = g_ptr_array_index (links, i) };
      OnwardPackInfo *next = i + 1 < links->len ? g_ptr_array_index (links, i + 1) : NULL;
      OnwardThoughtOutcome outcome;

      source.head = onward_thought_learn_head (
          self, source.pack, tree,
          next != NULL ? onward_pack_info_get_from (next)
                       : onward_release_document_get_tree_digest (self->document),
          &outcome, error);
      if (source.head == NULL)
        return outcome;
      tree = onward_pack_head_get_tree (source.head);
      g_array_prepend_val (sources, source);
    }
  return ONWARD_THOUGHT_DONE;
}

static OnwardPlanStep *
take (OnwardThought *self, const Source *source, GHashTable *wanted)
{
  OnwardRanges *ranges = onward_ranges_new ();
  GHashTable *contents =
      onward_pack_need_take (source->head, self->here, wanted, source->only_whole, ranges);

  onward_ranges_add (ranges, 0, onward_pack_info_get_head_size (source->pack));
  return onward_plan_step_new (source->pack, source->head, ranges, contents);
}

/* The first source makes the tree, the others what it, and those before them, could not.
 * What no source gives is left in @ret_left. */
static OnwardPlan *
make_plan (OnwardThought *self, const Source *sources, guint n_sources, GHashTable **ret_left)
{
  OnwardPlan *plan = onward_plan_new (self->document);
  g_autoptr (GHashTable) wanted =
      onward_pack_need_list (onward_pack_head_get_tree (sources[0].head));

  onward_pack_need_remove (wanted, self->here);
  for (guint i = 0; i < n_sources; i++)
    {
      OnwardPlanStep *step = take (self, &sources[i], wanted);

      if (i == 0 || g_hash_table_size (step->contents) > 0)
        g_ptr_array_insert (plan->steps, 0, step);
      else
        onward_plan_step_free (step);
    }
  *ret_left = g_steal_pointer (&wanted);
  return plan;
}

static OnwardThoughtOutcome
plan_full (OnwardThought *self, GError **error)
{
  g_autoptr (GHashTable) left = NULL;
  Source source = { .pack = onward_release_document_get_full_pack (self->document) };
  OnwardThoughtOutcome outcome;

  source.head = onward_thought_learn_head (self, source.pack, NULL,
                                           onward_release_document_get_tree_digest (self->document),
                                           &outcome, error);
  if (source.head != NULL)
    self->plan = make_plan (self, &source, 1, &left);
  return outcome;
}

/* Of a chain that is chosen without asking, it is not known what the needed blocks of the full pack
 * would have cost: where that is cheap to find out, it is. (A single delta is only published when
 * it is smaller.) */
static OnwardThoughtOutcome
compare_with_full (OnwardThought *self, OnwardPlan *chain, GError **error)
{
  OnwardPackInfo *full = onward_release_document_get_full_pack (self->document);
  g_autoptr (OnwardPlan) plan = chain;
  g_autoptr (OnwardRanges) head = onward_ranges_new ();
  guint64 cost = cost_of_plan (self, plan);
  OnwardThoughtOutcome outcome;

  onward_ranges_add (head, 0, onward_pack_info_get_head_size (full));
  if (plan->steps->len > 1 && !onward_thought_is_avoided (self, full) &&
      onward_thought_count_missing (self, full, head) <= cost / HEAD_SHARE)
    {
      outcome = plan_full (self, NULL);
      if (outcome == ONWARD_THOUGHT_DONE &&
          (self->plan == NULL || cost_of_plan (self, self->plan) < cost))
        return ONWARD_THOUGHT_DONE;
    }

  g_clear_pointer (&self->plan, onward_plan_free);
  self->plan = g_steal_pointer (&plan);
  return ONWARD_THOUGHT_DONE;
}

/* What is here of a pack is not paid for again. */
static guint64
estimate (OnwardThought *self, OnwardPackInfo *pack, OnwardTree *tree, GHashTable *wanted)
{
  g_autoptr (OnwardRanges) received =
      onward_part_file_find_blocks (onward_install_get_paths (self->install), pack);
  guint64 cost = onward_pack_need_estimate (pack, tree, wanted);

  return onward_thought_is_avoided (self, pack)
             ? G_MAXUINT64
             : cost - MIN (cost, onward_ranges_get_length (received)) + ONWARD_ROUTE_REQUEST;
}

static guint64
add_costs (guint64 a, guint64 b)
{
  return a > G_MAXUINT64 - b ? G_MAXUINT64 : a + b;
}

/* What the old release's own pack would cost for @left; its document may have to be asked for. */
static guint64
estimate_old (OnwardThought *self, GHashTable *left, OnwardTarget **ret_question)
{
  OnwardReleaseDocument *document =
      onward_thought_find_document (self, onward_tree_get_digest (self->installed));
  OnwardRelease *release = onward_thought_find_installed (self);
  OnwardTarget *target =
      release != NULL ? onward_selector_find_target (self->targets, release) : NULL;

  if (document == NULL && target != NULL && onward_thought_is_known (self, target))
    document = onward_thought_find_document (self, onward_tree_get_digest (self->installed));
  if (document != NULL)
    return estimate (self, onward_release_document_get_full_pack (document), self->installed, left);
  if (target == NULL || g_hash_table_contains (self->asked, target))
    return G_MAXUINT64;

  *ret_question = target;
  return add_costs (estimate (self, onward_release_document_get_full_pack (self->document),
                              self->installed, left),
                    onward_target_get_length (target) + ONWARD_ROUTE_REQUEST);
}

/* Adds a full pack to the sources that could not give everything. */
static OnwardThoughtOutcome
complete (OnwardThought *self, GArray *sources, OnwardReleaseDocument *document, GError **error)
{
  g_autoptr (GHashTable) left = NULL;
  g_autoptr (OnwardPlan) plan = NULL;
  Source source = { .pack = onward_release_document_get_full_pack (document) };
  OnwardThoughtOutcome outcome;

  source.head = onward_thought_learn_head (
      self, source.pack, NULL, onward_release_document_get_tree_digest (document), &outcome, error);
  if (source.head == NULL)
    return outcome;

  g_array_append_val (sources, source);
  plan = make_plan (self, (const Source *) sources->data, sources->len, &left);
  if (g_hash_table_size (left) == 0)
    {
      self->plan = g_steal_pointer (&plan);
      return ONWARD_THOUGHT_DONE;
    }

  onward_thought_add_digest (self->avoided,
                             onward_pack_info_get_digest (g_array_index (sources, Source, 0).pack));
  return ONWARD_THOUGHT_AGAIN;
}

/* Files that the deltas start from, or that stay as they are, are damaged. Either they come from
 * the old release's full pack, or what they would have given from the new one's: beside what of the
 * deltas is still of use, or all of it. */
static OnwardThoughtOutcome
repair (OnwardThought *self, GArray *sources, OnwardPlan *plan, GHashTable *left, GError **error)
{
  OnwardPackInfo *full = onward_release_document_get_full_pack (self->document);
  Source *last = &g_array_index (sources, Source, 0);
  OnwardTree *tree = onward_pack_head_get_tree (last->head);
  Source rest = { last->pack, last->head, TRUE };
  g_autoptr (GHashTable) all = NULL;
  g_autoptr (GHashTable) others = NULL;
  g_autoptr (OnwardPlan) part = make_plan (self, &rest, 1, &others);
  OnwardTarget *question = NULL;
  OnwardRouteRepair choice;
  guint64 costs[ONWARD_ROUTE_N_REPAIRS];

  all = onward_pack_need_list (tree);
  onward_pack_need_remove (all, self->here);
  costs[ONWARD_ROUTE_FULL] = estimate (self, full, tree, all);
  costs[ONWARD_ROUTE_OLD] =
      add_costs (cost_of_plan (self, plan), estimate_old (self, left, &question));
  costs[ONWARD_ROUTE_PART] =
      add_costs (cost_of_plan (self, part), estimate (self, full, tree, others));
  choice = onward_route_choose_repair (costs);

  if (choice == ONWARD_ROUTE_FULL)
    return plan_full (self, error);
  if (choice == ONWARD_ROUTE_PART)
    {
      g_array_set_size (sources, 0);
      g_array_append_val (sources, rest);
      return complete (self, sources, self->document, error);
    }
  if (question == NULL)
    return complete (self, sources,
                     onward_thought_find_document (self, onward_tree_get_digest (self->installed)),
                     error);

  ask_for_document (self, question);
  return ONWARD_THOUGHT_DONE;
}

/* Leaves packs alone that require what this computer cannot do. */
static void
judge_packs (OnwardThought *self, OnwardReleaseDocument *document)
{
  GPtrArray *packs = onward_release_document_get_packs (document);

  for (guint i = 0; i < packs->len; i++)
    {
      OnwardPackInfo *pack = g_ptr_array_index (packs, i);
      const OnwardDigest *digest = onward_pack_info_get_digest (pack);

      if (g_hash_table_contains (self->judged, digest))
        continue;
      onward_thought_add_digest (self->judged, digest);
      if (!onward_pack_requirement_check (pack))
        onward_thought_add_digest (self->avoided, digest);
    }
}

/* The best chain of deltas that is known; none while there is a question. */
static GPtrArray *
find_links (OnwardThought *self)
{
  const OnwardRoutes routes = { self->documents, onward_tree_get_digest (self->installed),
                                cost_of_delta, self };
  g_autoptr (OnwardRanges) all = onward_ranges_new ();
  OnwardPackInfo *full = onward_release_document_get_full_pack (self->document);
  g_autoptr (GPtrArray) links = NULL;
  OnwardTarget *question;
  guint64 cost;

  onward_ranges_add (all, 0, onward_pack_info_get_size (full));
  load_known (self);
  for (guint i = 0; i < self->documents->len; i++)
    judge_packs (self, g_ptr_array_index (self->documents, i));
  links = onward_route_find (&routes, self->document, &cost);
  question =
      choose_question (self, &routes, MIN (cost, onward_thought_count_missing (self, full, all)));
  if (question != NULL)
    ask_for_document (self, question);
  return g_steal_pointer (&links);
}

static gboolean
may_use_deltas (OnwardThought *self)
{
  return self->use_deltas && self->installed != NULL &&
         !onward_digest_equal (onward_tree_get_digest (self->installed),
                               onward_release_document_get_tree_digest (self->document));
}

static OnwardThoughtOutcome
think (OnwardThought *self, GError **error)
{
  g_autoptr (GArray) sources = g_array_new (FALSE, TRUE, sizeof (Source));
  g_autoptr (GPtrArray) links = may_use_deltas (self) ? find_links (self) : NULL;
  g_autoptr (GHashTable) left = NULL;
  g_autoptr (OnwardPlan) plan = NULL;
  OnwardThoughtOutcome outcome;

  if (self->ask_target != NULL)
    return ONWARD_THOUGHT_DONE;
  if (links == NULL || links->len == 0)
    return plan_full (self, error);

  outcome = learn_links (self, links, sources, error);
  if (outcome != ONWARD_THOUGHT_DONE || self->ask_pack != NULL)
    return outcome;

  plan = make_plan (self, (const Source *) sources->data, sources->len, &left);
  return g_hash_table_size (left) == 0 ? compare_with_full (self, g_steal_pointer (&plan), error)
                                       : repair (self, sources, plan, left, error);
}

/**
 * onward_thought_run:
 * @self: a thought
 * @cancellable: (nullable): stops in the middle
 * @error: return location
 *
 * Thinks until there is a plan or a question. Blocking.
 *
 * Returns: FALSE when there is no way
 */
gboolean
onward_thought_run (OnwardThought *self, GCancellable *cancellable, GError **error)
{
  OnwardThoughtOutcome outcome;

  self->ask_target = NULL;
  g_clear_pointer (&self->ask_pack, onward_pack_info_unref);
  if (!onward_thought_look_at_install (self, cancellable, error))
    return FALSE;

  do
    {
      outcome = think (self, error);
    }
  while (outcome == ONWARD_THOUGHT_AGAIN);
  return outcome == ONWARD_THOUGHT_DONE;
}
