/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-planner.h"
#include "onward-staging.h"
#include "onward-worker.h"

typedef struct
{
  /* Input */
  OnwardPlanner planner;
  OnwardTargets *targets;          /* (owned) (nullable): those of the planner, and the target's */
  OnwardTarget *target;            /* (unowned) (nullable) */
  OnwardReleaseDocument *document; /* (owned) (nullable) */

  /* In progress */
  OnwardPackInfo *pack;     /* (owned) (nullable): the candidate */
  OnwardTransfer *transfer; /* (owned) (nullable) */
  char *path;               /* (owned) (nullable): of the part file */
  gboolean is_reread;       /* whether the disk has failed to give the head back once already */

  /* Output of the worker */
  OnwardPackHead *head; /* (owned) (nullable) */
  OnwardRanges *ranges; /* (owned) (nullable) */
} Planning;

static void fetch_head (GTask *task);

static void
planning_free (Planning *planning)
{
  g_clear_pointer (&planning->targets, onward_targets_unref);
  g_clear_pointer (&planning->document, onward_release_document_unref);
  g_clear_pointer (&planning->pack, onward_pack_info_unref);
  g_clear_object (&planning->transfer);
  g_clear_pointer (&planning->head, onward_pack_head_unref);
  g_clear_pointer (&planning->ranges, onward_ranges_free);
  g_free (planning->path);
  g_free (planning);
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

static void
watch (const OnwardPlanner *self, OnwardTransfer *transfer)
{
  if (self->watch != NULL)
    self->watch (transfer, self->watch_data);
}

static gboolean
load_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Planning *planning = data;

  planning->document = onward_planner_load_document (
      onward_install_get_paths (planning->planner.install), planning->target, error);
  return planning->document != NULL;
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
  Planning *planning = g_task_get_task_data (task);

  g_task_return_pointer (task, g_steal_pointer (&planning->document),
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
  Planning *planning = g_task_get_task_data (task);
  OnwardTarget *target = planning->target;

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

  planning->transfer = make_document_transfer (&planning->planner, target);
  watch (&planning->planner, planning->transfer);
  onward_transfer_run_async (planning->transfer, g_task_get_cancellable (task), on_document_fetched,
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
  Planning *planning = g_new0 (Planning, 1);

  planning->planner = *self;
  planning->targets = onward_targets_ref (self->targets);
  planning->planner.targets = planning->targets;
  planning->target = target;
  g_task_set_source_tag (task, onward_planner_fetch_document_async);
  g_task_set_task_data (task, planning, (GDestroyNotify) planning_free);
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

/**
 * onward_planner_dup_part_path:
 * @self: a planner
 * @pack: a pack
 *
 * Returns: (transfer full): the local file that the pack is fetched into
 */
char *
onward_planner_dup_part_path (const OnwardPlanner *self, OnwardPackInfo *pack)
{
  g_autofree char *name = onward_pack_info_dup_file_name (pack);
  OnwardPaths *paths = onward_install_get_paths (self->install);

  return g_build_filename (onward_paths_get_parts (paths), name, NULL);
}

/* The whole blocks that a sparse file holds: the journal, saved once a second, does not know of the
 * last ones when its writer was killed. A block that only looks whole is told by its digest. */
static void
add_found (OnwardRanges *ranges, const OnwardTransferSpec *spec)
{
  g_auto (OnwardFd) fd = open (spec->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  off_t start = 0, end = 0;

  while (fd >= 0 && (guint64) end < spec->size && (start = lseek (fd, end, SEEK_DATA)) >= 0 &&
         (end = lseek (fd, start, SEEK_HOLE)) > start)
    {
      guint64 blocks = ((guint64) start + spec->block_size - 1) / spec->block_size;
      guint64 from = blocks * spec->block_size;
      guint64 to = (guint64) end / spec->block_size * spec->block_size;

      if ((guint64) end >= spec->size)
        to = spec->size;
      if (from < to)
        onward_ranges_add (ranges, from, to);
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
  g_autofree char *name = onward_pack_info_dup_file_name (pack);
  g_autofree char *pack_path = g_build_filename ("packs", name, NULL);
  g_auto (GStrv) uris = make_uris (self, pack_path);
  g_autofree char *path = onward_planner_dup_part_path (self, pack);
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
  add_found (received, &spec);
  onward_transfer_set_received (transfer, validator, received);
  return transfer;
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
  g_autofree char *validator = NULL;
  g_autoptr (OnwardRanges) received = NULL;

  if (!onward_journal_get_transfer (self->journal, onward_pack_info_get_digest (plan->pack),
                                    onward_pack_info_get_size (plan->pack), &validator, &received))
    return 0;
  return onward_plan_get_bytes_here (plan, received);
}

static OnwardPackHead *
read_head (Planning *planning, GError **error)
{
  g_autofree char *current = onward_install_dup_current (planning->planner.install, NULL);
  g_autoptr (OnwardTree) installed = NULL;
  gsize size = onward_pack_info_get_head_size (planning->pack);
  g_auto (OnwardFd) fd = open (planning->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  g_autofree char *data = g_malloc (size);
  g_autoptr (GBytes) bytes = NULL;

  if (fd < 0 || pread (fd, data, size, 0) != (gssize) size)
    {
      onward_file_set_error (error, errno, "Reading the head of", planning->path);
      return NULL;
    }

  bytes = g_bytes_new_take (g_steal_pointer (&data), size);
  if (current != NULL)
    installed = onward_install_load_receipt (planning->planner.install, current, NULL);
  return onward_pack_head_parse (bytes, onward_pack_info_get_size (planning->pack), installed,
                                 error);
}

static gboolean
is_promised_tree (Planning *planning, GError **error)
{
  OnwardTree *tree = onward_pack_head_get_tree (planning->head);
  const OnwardDigest *promised = onward_release_document_get_tree_digest (planning->document);

  if (onward_digest_equal (onward_tree_get_digest (tree), promised) &&
      onward_pack_head_get_kind (planning->head) == onward_pack_info_get_kind (planning->pack))
    return TRUE;

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT,
               "Reading the head of “%s”: it is not the one that the release document names",
               planning->path);
  return FALSE;
}

static gboolean
plan_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Planning *planning = data;

  g_clear_pointer (&planning->head, onward_pack_head_unref);
  planning->head = read_head (planning, error);
  return planning->head != NULL && is_promised_tree (planning, error) &&
         onward_staging_plan (planning->planner.install, planning->head, &planning->ranges, error);
}

/* The full pack has all that a delta has: one that is gone or broken, or whose references are not
 * here, only costs bytes. */
static gboolean
is_replaceable (Planning *planning, const GError *error)
{
  return onward_pack_info_get_kind (planning->pack) == ONWARD_PACK_DELTA &&
         (g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND) ||
          g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT) ||
          g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED) ||
          g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_UNSUPPORTED_FORMAT));
}

static void
fail_planning (GTask *task, GError *error)
{
  Planning *planning = g_task_get_task_data (task);

  if (!is_replaceable (planning, error))
    {
      g_task_return_error (task, error);
      return;
    }

  g_error_free (error);
  onward_pack_info_unref (planning->pack);
  planning->pack =
      onward_pack_info_ref (onward_release_document_get_full_pack (planning->document));
  fetch_head (task);
}

static void
on_planned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Planning *planning = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!onward_worker_run_finish (result, &error))
    {
      if (g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_FAILED) && !planning->is_reread)
        {
          planning->is_reread = TRUE;
          fetch_head (task);
        }
      else
        fail_planning (task, g_steal_pointer (&error));
      return;
    }

  onward_ranges_add (planning->ranges, 0, onward_pack_info_get_head_size (planning->pack));
  g_task_return_pointer (task,
                         onward_plan_new (planning->document, planning->pack, planning->head,
                                          g_steal_pointer (&planning->ranges)),
                         (GDestroyNotify) onward_plan_free);
}

static void
on_head_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Planning *planning = g_task_get_task_data (task);
  OnwardTransfer *transfer = ONWARD_TRANSFER (source);
  g_autoptr (GError) error = NULL;

  if (!onward_transfer_run_finish (transfer, result, &error))
    {
      fail_planning (task, g_steal_pointer (&error));
      return;
    }

  onward_journal_set_transfer (
      planning->planner.journal, onward_pack_info_get_digest (planning->pack),
      onward_transfer_get_validator (transfer), onward_transfer_get_received (transfer));
  g_free (planning->path);
  planning->path = onward_planner_dup_part_path (&planning->planner, planning->pack);
  onward_worker_run_async (source, plan_in_thread, planning, NULL, g_task_get_cancellable (task),
                           on_planned, g_object_ref (task));
}

static void
fetch_head (GTask *task)
{
  Planning *planning = g_task_get_task_data (task);

  g_clear_object (&planning->transfer);
  planning->transfer = onward_planner_make_transfer (&planning->planner, planning->pack);
  onward_transfer_want (planning->transfer, 0, onward_pack_info_get_head_size (planning->pack));
  watch (&planning->planner, planning->transfer);
  onward_transfer_run_async (planning->transfer, g_task_get_cancellable (task), on_head_fetched,
                             g_object_ref (task));
}

/**
 * onward_planner_choose_pack:
 * @self: a planner
 * @document: a release's verified document
 *
 * Chooses a delta from the installed tree when there is one (the publisher drops deltas that do not
 * pay), else the full pack, of which only the parts that are not here yet are fetched. Blocking.
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
                               onward_tree_get_digest (installed)))
        return pack;
    }

  return onward_release_document_get_full_pack (document);
}

static gboolean
choose_in_thread (gpointer data, GCancellable *cancellable, GError **error)
{
  Planning *planning = data;

  planning->pack =
      onward_pack_info_ref (onward_planner_choose_pack (&planning->planner, planning->document));
  return TRUE;
}

static void
on_chosen (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  (void) onward_worker_run_finish (result, NULL);
  fetch_head (task);
}

/**
 * onward_planner_run_async:
 * @self: what to plan with; copied
 * @document: the verified document of the release to get to
 * @cancellable: (nullable): ends it
 * @callback: called when it has ended
 * @user_data: for @callback
 *
 * Chooses a pack, fetches its head and finds out which bytes of it this install needs.
 */
void
onward_planner_run_async (const OnwardPlanner *self, OnwardReleaseDocument *document,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self->fetcher, cancellable, callback, user_data);
  Planning *planning = g_new0 (Planning, 1);

  planning->planner = *self;
  planning->document = onward_release_document_ref (document);
  if (self->targets != NULL)
    planning->targets = onward_targets_ref (self->targets);
  g_task_set_source_tag (task, onward_planner_run_async);
  g_task_set_task_data (task, planning, (GDestroyNotify) planning_free);
  onward_worker_run_async (self->fetcher, choose_in_thread, planning, NULL, cancellable, on_chosen,
                           g_object_ref (task));
}

/**
 * onward_planner_run_finish:
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full): the plan
 */
OnwardPlan *
onward_planner_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
