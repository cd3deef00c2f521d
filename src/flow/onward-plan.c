/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-plan.h"

/**
 * onward_plan_new:
 * @document: the release's verified document
 * @pack: one of its packs
 * @head: the head of @pack
 * @ranges: (transfer full): the bytes of @pack that are needed
 *
 * Returns: (transfer full): a new plan
 */
OnwardPlan *
onward_plan_new (OnwardReleaseDocument *document, OnwardPackInfo *pack, OnwardPackHead *head,
                 OnwardRanges *ranges)
{
  OnwardPlan *self = g_new0 (OnwardPlan, 1);

  self->document = onward_release_document_ref (document);
  self->pack = onward_pack_info_ref (pack);
  self->head = onward_pack_head_ref (head);
  self->ranges = ranges;
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
  onward_pack_info_unref (self->pack);
  onward_pack_head_unref (self->head);
  onward_ranges_free (self->ranges);
  g_free (self);
}

/* The ranges rounded out to whole blocks, as they are fetched and verified. */
static OnwardRanges *
make_blocks (const OnwardPlan *self)
{
  guint64 size = onward_pack_info_get_size (self->pack);
  guint64 block = onward_pack_info_get_block_size (self->pack);
  OnwardRanges *blocks = onward_ranges_new ();

  for (guint i = 0; i < onward_ranges_get_count (self->ranges); i++)
    {
      const OnwardRange *range = onward_ranges_get (self->ranges, i);
      guint64 end = (range->end + block - 1) / block * block;

      onward_ranges_add (blocks, range->start / block * block, MIN (end, size));
    }

  return blocks;
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
  g_autoptr (OnwardRanges) blocks = make_blocks (self);

  return onward_ranges_get_length (blocks);
}

/**
 * onward_plan_get_bytes_here:
 * @self: a plan
 * @received: what was received of its pack
 *
 * Returns: how many of the bytes that the plan costs are here already
 */
guint64
onward_plan_get_bytes_here (const OnwardPlan *self, const OnwardRanges *received)
{
  g_autoptr (OnwardRanges) missing = make_blocks (self);
  guint64 total = onward_ranges_get_length (missing);

  for (guint i = 0; i < onward_ranges_get_count (received); i++)
    {
      const OnwardRange *range = onward_ranges_get (received, i);

      onward_ranges_subtract (missing, range->start, range->end);
    }

  return total - onward_ranges_get_length (missing);
}
