/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-file.h"
#include "onward-pack-requirement.h"
#include "onward-part-file.h"
#include "onward-planner.h"
#include "onward-worker.h"

typedef struct
{
  OnwardPlanner planner;
  OnwardTargets *targets;   /* (owned): those of the planner, and the target's */
  OnwardTarget *target;     /* (unowned) */
  OnwardTransfer *transfer; /* (owned) (nullable) */

  OnwardReleaseDocument *document; /* (owned) (nullable): output of the worker */
} Fetching;

static void
fetching_free (Fetching *fetching)
{
  g_clear_pointer (&fetching->targets, onward_targets_unref);
  g_clear_pointer (&fetching->document, onward_release_document_unref);
  g_clear_object (&fetching->transfer);
  g_free (fetching);
}

static char *
dup_document_path (OnwardPaths *paths, OnwardTarget *target)
{
  g_autofree char *digest = onward_digest_to_string (onward_target_get_digest (target));
  g_autofree char *name = g_strdup_printf ("%s.json", digest);

  return g_build_filename (onward_paths_get_parts (paths), name, NULL);
}

/**
 * onward_planner_load_document:
 * @paths: the paths of the install
 * @target: the target that is a release document
 * @error: return location
 *
 * Reads a release document fetched earlier. What is on disk is verified again.
 *
 * Returns: (transfer full): the document
 */
OnwardReleaseDocument *
onward_planner_load_document (OnwardPaths *paths, OnwardTarget *target, GError **error)
{
  g_autofree char *path = dup_document_path (paths, target);
  g_autoptr (GBytes) bytes = NULL;
  OnwardReleaseDocument *document;

  bytes = onward_file_read (AT_FDCWD, path, ONWARD_RELEASE_DOCUMENT_MAX_SIZE, error);
  if (bytes == NULL || !onward_target_verify (target, bytes, error))
    return NULL;

  document = onward_release_document_parse (bytes, error);
  if (document == NULL)
    g_prefix_error (error, "Reading “%s”: ", onward_target_get_name (target));
  return document;
}

/**
 * onward_planner_tell:
 * @self: a planner
 * @transfer: a transfer that is about to run
 *
 * Tells who watches.
 */
void
onward_planner_tell (const OnwardPlanner *self, OnwardTransfer *transfer)
{
  if (self->watch != NULL)
    self->watch (transfer, self->watch_data);
}

static gboolean
load_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Fetching *fetching = data;

  fetching->document = onward_planner_load_document (
      onward_install_get_paths (fetching->planner.install), fetching->target, error);
  return fetching->document != NULL;
}

/* A document may be of some megabytes: to parse it takes longer than a window may stand still. */
static void
load (GTask *task, GAsyncReadyCallback callback)
{
  onward_worker_run_async (NULL, load_in_thread, g_task_get_task_data (task), NULL,
                           g_task_get_cancellable (task), callback, g_object_ref (task));
}

static void
return_document (GTask *task)
{
  Fetching *fetching = g_task_get_task_data (task);

  g_task_return_pointer (task, g_steal_pointer (&fetching->document),
                         (GDestroyNotify) onward_release_document_unref);
}

static void
on_document_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (onward_worker_run_finish (result, &error))
    return_document (task);
  else
    g_task_return_error (task, error);
}

static void
on_document_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (onward_transfer_run_finish (ONWARD_TRANSFER (source), result, &error))
    load (task, on_document_read);
  else
    g_task_return_error (task, error);
}

/* The same file of the repository and of its mirrors. */
static GStrv
make_uris (const OnwardPlanner *self, const char *path)
{
  GPtrArray *uris = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (uris, g_strdup (self->repository));
  if (self->targets != NULL)
    onward_targets_add_mirrors (self->targets, uris);

  for (guint i = 0; i < uris->len; i++)
    {
      g_autofree char *address = g_ptr_array_index (uris, i);

      g_ptr_array_index (uris, i) = g_strdup_printf ("%s/%s", address, path);
    }

  g_ptr_array_add (uris, NULL);
  return (GStrv) g_ptr_array_free (uris, FALSE);
}

/* A document is a file of one block whose digest is the target's own. */
static OnwardTransfer *
make_document_transfer (const OnwardPlanner *self, OnwardTarget *target)
{
  g_autofree char *name = onward_target_dup_path (target);
  g_auto (GStrv) uris = make_uris (self, name);
  g_autofree char *path = dup_document_path (onward_install_get_paths (self->install), target);
  g_autoptr (GBytes) blocks = g_bytes_new (onward_target_get_digest (target), ONWARD_DIGEST_SIZE);
  guint64 size = onward_target_get_length (target);
  OnwardTransferSpec spec = {
    .uris = (const char *const *) uris,
    .path = path,
    .size = size,
    .block_size = (guint32) size,
    .blocks = blocks,
    .max_retries = self->max_retries,
  };
  OnwardTransfer *transfer = onward_transfer_new (self->fetcher, &spec);

  onward_transfer_want (transfer, 0, size);
  return transfer;
}

/* What an earlier run has left is taken as it is; else it is fetched. */
static void
on_document_looked_for (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Fetching *fetching = g_task_get_task_data (task);
  OnwardTarget *target = fetching->target;

  if (onward_worker_run_finish (result, NULL))
    {
      return_document (task);
      return;
    }
  if (g_task_return_error_if_cancelled (task))
    return;
  if (onward_target_get_length (target) == 0 ||
      onward_target_get_length (target) > ONWARD_RELEASE_DOCUMENT_MAX_SIZE)
    {
      g_task_return_new_error (task, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                               "Fetching “%s”: its length of %" G_GUINT64_FORMAT
                               " bytes is not one of a release document",
                               onward_target_get_name (target), onward_target_get_length (target));
      return;
    }

  fetching->transfer = make_document_transfer (&fetching->planner, target);
  onward_planner_tell (&fetching->planner, fetching->transfer);
  onward_transfer_run_async (fetching->transfer, g_task_get_cancellable (task), on_document_fetched,
                             g_object_ref (task));
}

/**
 * onward_planner_fetch_document_async:
 * @self: what to fetch with; copied
 * @target: one of the targets of @self, which is a release document
 * @cancellable: (nullable): ends it
 * @callback: called when it has ended
 * @user_data: for @callback
 *
 * Gets a release document: from an earlier run's file, else over the network.
 */
void
onward_planner_fetch_document_async (const OnwardPlanner *self, OnwardTarget *target,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self->fetcher, cancellable, callback, user_data);
  Fetching *fetching = g_new0 (Fetching, 1);

  fetching->planner = *self;
  fetching->targets = onward_targets_ref (self->targets);
  fetching->planner.targets = fetching->targets;
  fetching->target = target;
  g_task_set_source_tag (task, onward_planner_fetch_document_async);
  g_task_set_task_data (task, fetching, (GDestroyNotify) fetching_free);
  load (task, on_document_looked_for);
}

/**
 * onward_planner_fetch_document_finish:
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full): the verified document
 */
OnwardReleaseDocument *
onward_planner_fetch_document_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
add_ranges (OnwardRanges *ranges, const OnwardRanges *more)
{
  for (guint i = 0; i < onward_ranges_get_count (more); i++)
    {
      const OnwardRange *range = onward_ranges_get (more, i);

      onward_ranges_add (ranges, range->start, range->end);
    }
}

/**
 * onward_planner_make_transfer:
 * @self: a planner
 * @pack: a pack
 *
 * Returns: (transfer full): a transfer of @pack that goes on from what earlier runs received
 */
OnwardTransfer *
onward_planner_make_transfer (const OnwardPlanner *self, OnwardPackInfo *pack)
{
  OnwardPaths *paths = onward_install_get_paths (self->install);
  g_autoptr (OnwardRanges) found = onward_part_file_find_blocks (paths, pack);
  g_autofree char *name = onward_pack_info_dup_file_name (pack);
  g_autofree char *pack_path = g_build_filename ("packs", name, NULL);
  g_auto (GStrv) uris = make_uris (self, pack_path);
  g_autofree char *path = onward_part_file_dup_path (paths, pack);
  g_autofree char *validator = NULL;
  g_autoptr (OnwardRanges) received = NULL;
  OnwardTransferSpec spec = {
    .uris = (const char *const *) uris,
    .path = path,
    .size = onward_pack_info_get_size (pack),
    .block_size = onward_pack_info_get_block_size (pack),
    .blocks = onward_pack_info_get_blocks (pack),
    .max_retries = self->max_retries,
  };
  OnwardTransfer *transfer = onward_transfer_new (self->fetcher, &spec);

  if (!onward_journal_get_transfer (self->journal, onward_pack_info_get_digest (pack), spec.size,
                                    &validator, &received))
    received = onward_ranges_new ();
  add_ranges (received, found);
  onward_transfer_set_received (transfer, validator, received);
  return transfer;
}

static guint64
count_step (const OnwardPlanner *self, OnwardPlanStep *step)
{
  g_autofree char *validator = NULL;
  g_autoptr (OnwardRanges) received = NULL;

  if (!onward_journal_get_transfer (self->journal, onward_pack_info_get_digest (step->pack),
                                    onward_pack_info_get_size (step->pack), &validator, &received))
    return 0;
  return onward_plan_step_get_bytes_here (step, received);
}

/**
 * onward_planner_count_bytes_here:
 * @self: a planner
 * @plan: a plan
 *
 * Returns: how many of the bytes that the plan costs an earlier run has recorded as received
 */
guint64
onward_planner_count_bytes_here (const OnwardPlanner *self, OnwardPlan *plan)
{
  guint64 bytes = 0;

  for (guint i = 0; i < plan->steps->len; i++)
    bytes += count_step (self, onward_plan_get_step (plan, i));
  return bytes;
}

/**
 * onward_planner_choose_pack:
 * @self: a planner
 * @document: a release's verified document
 *
 * Chooses a delta from the installed tree when there is one that can be unpacked here (publishers
 * drop deltas that do not pay), else the full pack, of which only the parts that are not here yet
 * are fetched. Blocking.
 *
 * Returns: (transfer none): the pack to plan with; no plan costs more than its size
 */
OnwardPackInfo *
onward_planner_choose_pack (const OnwardPlanner *self, OnwardReleaseDocument *document)
{
  GPtrArray *packs = onward_release_document_get_packs (document);
  g_autofree char *current = onward_install_dup_current (self->install, NULL);
  g_autoptr (OnwardTree) installed = NULL;

  if (current != NULL && self->use_deltas)
    installed = onward_install_load_receipt (self->install, current, NULL);

  for (guint i = 0; installed != NULL && i < packs->len; i++)
    {
      OnwardPackInfo *pack = g_ptr_array_index (packs, i);

      if (onward_pack_info_get_kind (pack) == ONWARD_PACK_DELTA &&
          onward_digest_equal (onward_pack_info_get_from (pack),
                               onward_tree_get_digest (installed)) &&
          onward_pack_requirement_check (pack))
        return pack;
    }

  return onward_release_document_get_full_pack (document);
}
