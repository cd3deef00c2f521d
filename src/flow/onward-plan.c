/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-pack-need.h"
#include "onward-plan.h"

/**
 * onward_plan_step_new:
 * @pack: a pack
 * @head: its head
 * @ranges: (transfer full): the bytes of @pack that are needed
 * @contents: (transfer full) (nullable) (element-type OnwardDigest): what is made of it; of @head's
 *   tree
 *
 * Returns: (transfer full): a step
 */
OnwardPlanStep *
onward_plan_step_new (OnwardPackInfo *pack, OnwardPackHead *head, OnwardRanges *ranges,
                      GHashTable *contents)
{
  OnwardPlanStep *self = g_new0 (OnwardPlanStep, 1);

  self->pack = onward_pack_info_ref (pack);
  self->head = onward_pack_head_ref (head);
  self->ranges = ranges;
  self->contents = contents;
  return self;
}

/**
 * onward_plan_step_free:
 * @self: (transfer full) (nullable): a step
 *
 * Frees a step.
 */
void
onward_plan_step_free (OnwardPlanStep *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->contents, g_hash_table_unref);
  onward_pack_info_unref (self->pack);
  onward_pack_head_unref (self->head);
  onward_ranges_free (self->ranges);
  g_free (self);
}

/**
 * onward_plan_step_get_size:
 * @self: a step
 *
 * Returns: the bytes that it costs on a computer that has none of them: whole blocks
 */
guint64
onward_plan_step_get_size (const OnwardPlanStep *self)
{
  return onward_pack_need_count (self->pack, self->ranges, NULL);
}

/**
 * onward_plan_step_get_bytes_here:
 * @self: a step
 * @received: what was received of its pack
 *
 * Returns: how many of the bytes that it costs are here already
 */
guint64
onward_plan_step_get_bytes_here (const OnwardPlanStep *self, const OnwardRanges *received)
{
  return onward_plan_step_get_size (self) -
         onward_pack_need_count (self->pack, self->ranges, received);
}

/**
 * onward_plan_new:
 * @document: the release's verified document
 *
 * Returns: (transfer full): a plan without steps, which are added at its end
 */
OnwardPlan *
onward_plan_new (OnwardReleaseDocument *document)
{
  OnwardPlan *self = g_new0 (OnwardPlan, 1);

  self->document = onward_release_document_ref (document);
  self->steps = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_plan_step_free);
  return self;
}

/**
 * onward_plan_free:
 * @self: (transfer full) (nullable): a plan
 *
 * Frees a plan.
 */
void
onward_plan_free (OnwardPlan *self)
{
  if (self == NULL)
    return;

  onward_release_document_unref (self->document);
  g_ptr_array_unref (self->steps);
  g_free (self);
}

/**
 * onward_plan_get_step:
 * @self: a plan
 * @index: less than the number of steps
 *
 * Returns: (transfer none): that step
 */
OnwardPlanStep *
onward_plan_get_step (const OnwardPlan *self, guint index)
{
  g_return_val_if_fail (index < self->steps->len, NULL);

  return g_ptr_array_index (self->steps, index);
}

/**
 * onward_plan_get_last:
 * @self: a plan with steps
 *
 * Returns: (transfer none): the step that makes the tree
 */
OnwardPlanStep *
onward_plan_get_last (const OnwardPlan *self)
{
  return onward_plan_get_step (self, self->steps->len - 1);
}

/**
 * onward_plan_get_download_size:
 * @self: a plan
 *
 * Returns: the bytes that following the plan costs on a computer that has none of them
 */
guint64
onward_plan_get_download_size (const OnwardPlan *self)
{
  guint64 size = 0;

  for (guint i = 0; i < self->steps->len; i++)
    size += onward_plan_step_get_size (onward_plan_get_step (self, i));
  return size;
}

static guint64
measure_contents (const OnwardPlanStep *step)
{
  g_autoptr (GHashTable) seen = onward_pack_need_new_set ();
  OnwardTree *tree = onward_pack_head_get_tree (step->head);
  guint64 size = 0;

  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);

      if (g_hash_table_contains (step->contents, &entry->digest) &&
          g_hash_table_add (seen, (gpointer) &entry->digest))
        size += entry->size;
    }
  return size;
}

/**
 * onward_plan_get_shelf_size:
 * @self: a plan
 *
 * Returns: the bytes on the disk that all steps but the last make, until the version stands, and
 *   about what is inflated meanwhile
 */
guint64
onward_plan_get_shelf_size (const OnwardPlan *self)
{
  guint64 size = 0, scratch = 0;

  for (guint i = 0; i < self->steps->len; i++)
    {
      OnwardPlanStep *step = onward_plan_get_step (self, i);

      if (i + 1 < self->steps->len)
        size += measure_contents (step);
      scratch = MAX (scratch, onward_pack_need_scratch (step->pack, step->head));
    }
  return size + scratch;
}
