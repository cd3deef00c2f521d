/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-delta-window.h"
#include "onward-frame-content.h"
#include "onward-frame-queue.h"
#include "onward-pack-location.h"
#include "onward-pack-output.h"
#include "onward-pack-writer.h"
#include "onward-reference-index.h"

/* One pack on its way. */
typedef struct
{
  const OnwardPackWriter *settings; /* (unowned) */
  const char *dir;                  /* (unowned) */
  int dirfd;                        /* (unowned): the new files */
  OnwardPackOutput *output;         /* (owned) */
  GHashTable *locations;            /* (owned): OnwardDigest of a tree → OnwardPackLocation */
  guint64 done;
  guint64 total;
} Work;

static void
work_clear (Work *self)
{
  g_clear_pointer (&self->output, onward_pack_output_free);
  g_clear_pointer (&self->locations, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static gboolean
work_init (Work *self, const OnwardPackWriter *settings, int dirfd, const char *dir,
           GPtrArray *contents, GError **error)
{
  self->settings = settings;
  self->dir = dir;
  self->dirfd = dirfd;
  self->locations = g_hash_table_new_full (onward_digest_hash, onward_digest_equal, NULL, g_free);
  for (guint i = 0; i < contents->len; i++)
    self->total += ((const OnwardTreeEntry *) g_ptr_array_index (contents, i))->size;
  self->output = onward_pack_output_new (dir, error);
  return self->output != NULL;
}

static void
tell (Work *self, guint64 done)
{
  if (self->settings->progress != NULL)
    self->settings->progress (done, self->total, self->settings->progress_data);
}

static void
advance (Work *self, guint64 size)
{
  self->done += size;
  tell (self, self->done);
}

/* A delta takes long: it is told how far it is, but not that it is done. */
static void
on_tick (const OnwardFrameJob *job, gpointer user_data)
{
  Work *work = user_data;
  guint64 permille = (guint64) g_atomic_int_get (&job->permille);

  if (permille > 0)
    tell (work, work->done + job->size / 1001 * permille);
}

static void
add_contents (GPtrArray *contents, OnwardTree *tree, gboolean of_components,
              OnwardReferenceIndex *index, GHashTable *seen)
{
  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);

      if (entry->kind == ONWARD_ENTRY_FILE && entry->size > 0 &&
          (entry->component[0] != '\0') == of_components &&
          (index == NULL || !onward_reference_index_contains (index, &entry->digest)) &&
          g_hash_table_add (seen, (gpointer) &entry->digest))
        g_ptr_array_add (contents, (gpointer) entry);
    }
}

/* The files of @tree whose content the pack must carry: each content once, none that is empty or
 * that @index has. What everybody needs lies where everybody gets it. */
static GPtrArray *
list_contents (OnwardTree *tree, OnwardReferenceIndex *index)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (onward_digest_hash, onward_digest_equal);
  GPtrArray *contents = g_ptr_array_new ();

  add_contents (contents, tree, FALSE, index, seen);
  add_contents (contents, tree, TRUE, index, seen);
  return contents;
}

/* Notes where each of the job's files is in the frame that was just appended. */
static void
note_locations (Work *self, const OnwardFrameJob *job)
{
  guint64 offset = 0;

  for (guint i = 0; i < job->entries->len; i++)
    {
      const OnwardTreeEntry *entry = g_ptr_array_index (job->entries, i);
      OnwardPackLocation *location = g_new (OnwardPackLocation, 1);

      location->digest = entry->digest;
      location->frame = onward_pack_output_get_n_frames (self->output) - 1;
      location->offset = offset;
      offset += entry->size;
      g_hash_table_insert (self->locations, (gpointer) &entry->digest, location);
    }
}

/* Appends a job's frame, or keeps its files for @ret_left when it made none. */
static gboolean
take_result (Work *self, const OnwardFrameJob *job, GPtrArray *ret_left, GError **error)
{
  if (job->stored == NULL)
    {
      g_ptr_array_extend (ret_left, job->entries, NULL, NULL);
      return TRUE;
    }

  if (!onward_pack_output_append (self->output, &job->frame, job->stored, error))
    return FALSE;

  note_locations (self, job);
  advance (self, job->size);
  return TRUE;
}

/* Runs @jobs, @n_threads at a time; their frames go into the pack in order. The array is left
 * empty. */
static gboolean
run_jobs (Work *self, GPtrArray *jobs, guint n_threads, GPtrArray *ret_left,
          GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardFrameQueue) queue = onward_frame_queue_new (n_threads, cancellable);
  guint n_jobs = jobs->len;
  guint n_pushed = 0;

  for (guint i = 0; i < n_jobs; i++)
    {
      g_autoptr (OnwardFrameJob) job = NULL;

      while (n_pushed < n_jobs && onward_frame_queue_wants (queue))
        onward_frame_queue_push (queue, g_steal_pointer (&g_ptr_array_index (jobs, n_pushed++)));
      job = onward_frame_queue_pop (queue, on_tick, self, error);
      if (job == NULL || !take_result (self, job, ret_left, error))
        return FALSE;
    }
  return TRUE;
}

static GPtrArray *
new_jobs (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) onward_frame_job_free);
}

/* The jobs that make ordinary frames of @contents. */
static GPtrArray *
list_ordinary (Work *self, GPtrArray *contents, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) groups =
      onward_frame_layout_make (self->dirfd, contents, cancellable, error);
  g_autoptr (GPtrArray) jobs = new_jobs ();

  if (groups == NULL)
    return NULL;

  for (guint i = 0; i < groups->len; i++)
    {
      const OnwardFrameGroup *group = g_ptr_array_index (groups, i);

      g_ptr_array_add (jobs, onward_frame_job_new (self->settings->compression, self->dir,
                                                   self->dirfd, group->entries, group->method));
    }
  return g_steal_pointer (&jobs);
}

static void
tell_forecast (Work *self, guint64 memory, double seconds)
{
  if (self->settings->forecast != NULL)
    self->settings->forecast (memory, (guint64) seconds, self->settings->forecast_data);
}

/* Each core takes what the largest frame does. */
static void
forecast_ordinary (Work *self, const GPtrArray *jobs)
{
  guint64 memory = 0;
  double seconds = 0.0;

  for (guint i = 0; i < jobs->len; i++)
    {
      const OnwardFrameJob *job = g_ptr_array_index (jobs, i);

      memory = MAX (memory, onward_frame_job_estimate (job));
      seconds += onward_frame_job_estimate_seconds (job);
    }
  if (jobs->len > 0)
    tell_forecast (self, memory * MIN (jobs->len, g_get_num_processors ()), seconds);
}

/* @may_tell: whether this is all there is to do */
static gboolean
pack_ordinary (Work *self, GPtrArray *contents, gboolean may_tell, GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GPtrArray) jobs = list_ordinary (self, contents, cancellable, error);

  if (jobs == NULL)
    return FALSE;

  if (may_tell)
    forecast_ordinary (self, jobs);
  return run_jobs (self, jobs, 0, NULL, cancellable, error);
}

static OnwardFrameJob *
new_delta_job (Work *self, const OnwardDeltaWindow *window, int old_dirfd)
{
  OnwardFrameJob *job = onward_frame_job_new (self->settings->compression, self->dir, self->dirfd,
                                              window->new_entries, ONWARD_FRAME_LZMA2);

  job->old_dirfd = old_dirfd;
  job->old_entries = g_ptr_array_ref (window->old_entries);
  job->effort = self->settings->effort;
  return job;
}

/* So many bytes a delta will look at: archives are inflated. */
static guint64
expect (int dirfd, GPtrArray *entries, guint64 size)
{
  guint64 archived = 0;

  for (guint i = 0; i < entries->len; i++)
    {
      const OnwardTreeEntry *entry = g_ptr_array_index (entries, i);

      if (onward_frame_content_is_archive (dirfd, entry))
        archived += entry->size;
    }
  return onward_delta_make_expect (size, archived);
}

/* The windows come one after the other, and then, by all cores, the files in none. */
static void
forecast (Work *self, GPtrArray *windows, GPtrArray *left, int old_dirfd)
{
  g_autoptr (OnwardFrameJob) rest = onward_frame_job_new (self->settings->compression, self->dir,
                                                          self->dirfd, left, ONWARD_FRAME_LZMA2);
  guint64 memory = 0, seconds = 0;

  for (guint i = 0; i < windows->len; i++)
    {
      const OnwardDeltaWindow *window = g_ptr_array_index (windows, i);
      guint64 old_size = expect (old_dirfd, window->old_entries, window->old_size);
      guint64 new_size = expect (self->dirfd, window->new_entries, window->new_size);

      memory = MAX (memory, onward_delta_make_estimate (old_size, new_size));
      seconds += onward_delta_make_estimate_seconds (old_size, new_size);
    }
  if (left->len > 0)
    memory =
        MAX (memory, onward_frame_job_estimate (rest) * MIN (left->len, g_get_num_processors ()));
  if (windows->len > 0 || left->len > 0)
    tell_forecast (self, memory, (double) seconds + onward_frame_job_estimate_seconds (rest));
}

/* Rebuilds what it can from old files; the files of @contents that are left go to @ret_left. Each
 * delta uses all cores: several at a time would only take more memory. */
static gboolean
pack_deltas (Work *self, GPtrArray *contents, int old_dirfd, OnwardReferenceIndex *index,
             OnwardTree *tree, GPtrArray *ret_left, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) windows =
      onward_delta_window_list (index, tree, contents, ONWARD_DELTA_WINDOW_SIZE, old_dirfd,
                                self->dirfd, ret_left, cancellable);
  g_autoptr (GPtrArray) jobs = new_jobs ();

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  forecast (self, windows, ret_left, old_dirfd);
  for (guint i = 0; i < windows->len; i++)
    g_ptr_array_add (jobs, new_delta_job (self, g_ptr_array_index (windows, i), old_dirfd));
  return run_jobs (self, jobs, 1, ret_left, cancellable, error);
}

/* The scanned tree with every content's place in the full pack. */
static OnwardTree *
locate_tree (Work *self, OnwardTree *scanned, GError **error)
{
  guint n_entries = onward_tree_get_n_entries (scanned);
  g_autoptr (GArray) entries =
      g_array_sized_new (FALSE, FALSE, sizeof (OnwardTreeEntry), n_entries);

  for (guint i = 0; i < n_entries; i++)
    {
      OnwardTreeEntry entry = *onward_tree_get_entry (scanned, i);
      const OnwardPackLocation *location = g_hash_table_lookup (self->locations, &entry.digest);

      if (entry.kind == ONWARD_ENTRY_FILE && location != NULL)
        {
          entry.frame = location->frame;
          entry.offset = location->offset;
        }
      g_array_append_val (entries, entry);
    }
  return onward_tree_new (entries, error);
}

static GArray *
list_locations (Work *self)
{
  GArray *locations = g_array_new (FALSE, FALSE, sizeof (OnwardPackLocation));
  GHashTableIter iter;
  gpointer location;

  g_hash_table_iter_init (&iter, self->locations);
  while (g_hash_table_iter_next (&iter, NULL, &location))
    g_array_append_vals (locations, location, 1);
  g_array_sort (locations, onward_pack_location_compare);
  return locations;
}

/**
 * onward_pack_writer_write_full:
 * @self: how to write
 * @dirfd: the folder
 * @scanned: its tree, from onward_tree_scan()
 * @packs_dir: (type filename): the folder for the pack, with room for twice its size
 * @ret_tree: (out) (transfer full): @scanned with each content located in the pack
 * @ret_info: (out) (transfer full): what a release document says of the pack
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Writes the pack that carries a whole release, on all cores, in bounded memory (about 200 MB a
 * core). A file that is not what @scanned says is an error that names it. The same folder gives the
 * same bytes. On failure nothing is left in @packs_dir. @self's progress is told on this thread.
 * Blocking.
 *
 * Returns: whether the pack is there
 */
gboolean
onward_pack_writer_write_full (const OnwardPackWriter *self, int dirfd, OnwardTree *scanned,
                               const char *packs_dir, OnwardTree **ret_tree,
                               OnwardPackInfo **ret_info, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) contents = NULL;
  g_autoptr (OnwardTree) tree = NULL;
  OnwardPackInfo *info;
  g_auto (Work) work = { 0 };

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (dirfd >= 0, FALSE);
  g_return_val_if_fail (scanned != NULL, FALSE);
  g_return_val_if_fail (packs_dir != NULL, FALSE);

  contents = list_contents (scanned, NULL);
  if (!work_init (&work, self, dirfd, packs_dir, contents, error) ||
      !pack_ordinary (&work, contents, TRUE, cancellable, error))
    return FALSE;

  tree = locate_tree (&work, scanned, error);
  if (tree == NULL)
    return FALSE;

  info = onward_pack_output_finish (work.output, tree, NULL, NULL, cancellable, error);
  if (info == NULL)
    return FALSE;

  *ret_tree = g_steal_pointer (&tree);
  *ret_info = info;
  return TRUE;
}

/**
 * onward_pack_writer_write_delta:
 * @self: how to write
 * @old_dirfd: the folder of the old release
 * @old_tree: its tree
 * @new_dirfd: the folder of the new release
 * @tree: its tree, as onward_pack_writer_write_full() gave it
 * @packs_dir: (type filename): the folder for the pack
 * @ret_info: (out) (transfer full): what a release document says of the pack
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Writes the pack that makes @tree for who has @old_tree: without content that is anywhere in
 * @old_tree; of the rest, all together as one delta from all that changed or vanished, or as
 * several when it is much; as in a full pack where that is smaller. A file of
 * either folder that is not what its tree says is an error that names it. The same folders give
 * the same bytes. The pack may be larger than the full one: the caller compares. Blocking.
 *
 * Returns: whether the pack is there
 */
gboolean
onward_pack_writer_write_delta (const OnwardPackWriter *self, int old_dirfd, OnwardTree *old_tree,
                                int new_dirfd, OnwardTree *tree, const char *packs_dir,
                                OnwardPackInfo **ret_info, GCancellable *cancellable,
                                GError **error)
{
  g_autoptr (OnwardReferenceIndex) index = NULL;
  g_autoptr (GPtrArray) contents = NULL;
  g_autoptr (GPtrArray) left = g_ptr_array_new ();
  g_autoptr (GArray) locations = NULL;
  OnwardPackInfo *info;
  g_auto (Work) work = { 0 };

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (old_dirfd >= 0 && new_dirfd >= 0, FALSE);
  g_return_val_if_fail (old_tree != NULL && tree != NULL, FALSE);
  g_return_val_if_fail (packs_dir != NULL, FALSE);

  index = onward_reference_index_new (old_tree);
  contents = list_contents (tree, index);
  if (!work_init (&work, self, new_dirfd, packs_dir, contents, error) ||
      !pack_deltas (&work, contents, old_dirfd, index, tree, left, cancellable, error) ||
      !pack_ordinary (&work, left, FALSE, cancellable, error))
    return FALSE;

  locations = list_locations (&work);
  info = onward_pack_output_finish (work.output, tree, old_tree, locations, cancellable, error);
  if (info == NULL)
    return FALSE;

  *ret_info = info;
  return TRUE;
}
