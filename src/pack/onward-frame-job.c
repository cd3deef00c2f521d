/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-delta-make.h"
#include "onward-error.h"
#include "onward-frame-codec.h"
#include "onward-frame-content.h"
#include "onward-frame-job.h"
#include "onward-lzma.h"
#include "onward-sample.h"
#include "onward-spool.h"

/* What a delta costs besides its bytes: its line in the head's table, and that its file is then
 * not compressed together with others. */
#define DELTA_COST 128

/* Of so large a content a sample from all over it tells how small it may get. */
#define LARGE_SIZE (16u * 1024 * 1024)
/* A delta that is so many times smaller than that needs no comparison. */
#define CLEARLY_SMALLER 3

/* What compressing takes at most, and how many bytes are compressed in a second of a core of these
 * years. */
#define ZSTD_MEMORY (128u * 1024 * 1024)
#define ZSTD_SPEED  1.7e6
#define LZMA_SPEED  1.5e6

/* Compares what a decoder gives with what it should give. */
typedef struct
{
  const guint8 *expected;
  gsize left;
} Check;

/**
 * onward_frame_job_new:
 * @compression: how to compress
 * @spool_dir: a folder for temporary files, which must outlive the job
 * @dirfd: the folder with the files, which must outlive the job
 * @entries: (element-type OnwardTreeEntry): the files, whose tree must outlive the job
 * @method: how LZMA compresses them
 *
 * Returns: (transfer full): a job that makes one frame of @entries
 */
OnwardFrameJob *
onward_frame_job_new (OnwardCompression compression, const char *spool_dir, int dirfd,
                      GPtrArray *entries, OnwardFrameMethod method)
{
  OnwardFrameJob *self = g_new0 (OnwardFrameJob, 1);

  self->compression = compression;
  self->spool_dir = spool_dir;
  self->dirfd = dirfd;
  self->entries = g_ptr_array_ref (entries);
  self->method = method;
  for (guint i = 0; i < entries->len; i++)
    self->size += ((const OnwardTreeEntry *) g_ptr_array_index (entries, i))->size;
  return self;
}

/**
 * onward_frame_job_free:
 * @self: (transfer full) (nullable): a job that is not running
 *
 * Frees it with its result.
 */
void
onward_frame_job_free (OnwardFrameJob *self)
{
  if (self == NULL)
    return;

  g_ptr_array_unref (self->entries);
  g_clear_pointer (&self->old_entries, g_ptr_array_unref);
  g_clear_pointer (&self->frame.references, g_array_unref);
  g_clear_pointer (&self->stored, g_bytes_unref);
  g_clear_error (&self->error);
  g_free (self);
}

/**
 * onward_frame_job_estimate:
 * @self: a job without old files
 *
 * Returns: about how many bytes of memory it takes; mapped files do not count
 */
guint64
onward_frame_job_estimate (const OnwardFrameJob *self)
{
  return self->compression == ONWARD_COMPRESSION_ZSTD ? ZSTD_MEMORY
                                                      : onward_lzma_estimate (self->size);
}

/**
 * onward_frame_job_estimate_seconds:
 * @self: a job without old files
 *
 * Returns: about how many seconds of a core it takes
 */
double
onward_frame_job_estimate_seconds (const OnwardFrameJob *self)
{
  return (double) self->size /
         (self->compression == ONWARD_COMPRESSION_ZSTD ? ZSTD_SPEED : LZMA_SPEED);
}

static OnwardFrameMethod
choose_method (const OnwardFrameJob *self)
{
  return self->compression == ONWARD_COMPRESSION_ZSTD ? ONWARD_FRAME_ZSTD : self->method;
}

/* Compresses @content into less than @bound bytes. When it needs more, it stops there and leaves
 * @ret_stored NULL, which is no error. */
static gboolean
encode_below (const OnwardFrameJob *self, const OnwardDeltaInput *content, guint64 bound,
              GBytes **ret_stored, GCancellable *cancellable, GError **error)
{
  g_autoptr (OnwardSpool) spool = onward_spool_new (self->spool_dir, bound - 1, error);
  g_autoptr (GError) local_error = NULL;

  if (spool == NULL)
    return FALSE;

  if (!onward_frame_codec_encode (choose_method (self), content, onward_spool_write, spool,
                                  cancellable, &local_error))
    {
      if (onward_spool_is_full (spool))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  *ret_stored = onward_spool_map (spool, error);
  return *ret_stored != NULL;
}

static gboolean
check_piece (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  Check *check = user_data;

  if (size > check->left || memcmp (check->expected, data, size) != 0)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                           "Packing: What was compressed does not come back");
      return FALSE;
    }

  check->expected += size;
  check->left -= size;
  return TRUE;
}

/* No frame leaves this house that was not unpacked once. */
static gboolean
check_result (const OnwardFrameJob *self, GBytes *content, GPtrArray *old_contents,
              GCancellable *cancellable, GError **error)
{
  Check check = { 0 };

  check.expected = g_bytes_get_data (content, &check.left);
  if (old_contents != NULL)
    return onward_delta_apply (old_contents, self->stored, check.left, check_piece, &check,
                               cancellable, error);
  return onward_frame_codec_decode (self->frame.method, &(OnwardDeltaInput){ self->stored },
                                    check.left, check_piece, &check, cancellable, error);
}

static void
set_result (OnwardFrameJob *self, OnwardFrameMethod method, GBytes *stored)
{
  self->frame.method = method;
  self->frame.size = self->size;
  self->frame.stored_size = g_bytes_get_size (stored);
  self->stored = g_bytes_ref (stored);
}

static void
note_progress (guint64 done, guint64 total, gpointer user_data)
{
  OnwardFrameJob *self = user_data;

  if (total > 0)
    g_atomic_int_set (&self->permille, (int) (done * 1000 / total));
}

/* How far the compressor has looked is how far it is. */
static gboolean
note_look (gsize end, gpointer user_data, GCancellable *cancellable, GError **error)
{
  OnwardFrameJob *self = user_data;

  note_progress (end, self->size, self);
  return TRUE;
}

static gboolean
make_ordinary (OnwardFrameJob *self, GBytes *content, GCancellable *cancellable, GError **error)
{
  g_autoptr (GBytes) stored = NULL;

  if (!encode_below (self, &(OnwardDeltaInput){ content, note_look, self }, self->size, &stored,
                     cancellable, error))
    return FALSE;

  if (stored != NULL)
    set_result (self, choose_method (self), stored);
  else
    set_result (self, ONWARD_FRAME_STORED, content);
  return check_result (self, content, NULL, cancellable, error);
}

/* The contents of @entries, which lie one behind the other in @bytes. */
static GPtrArray *
slice (GBytes *bytes, const GPtrArray *entries)
{
  GPtrArray *contents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  gsize offset = 0;

  for (guint i = 0; i < entries->len; i++)
    {
      gsize size = ((const OnwardTreeEntry *) g_ptr_array_index (entries, i))->size;

      g_ptr_array_add (contents, g_bytes_new_from_bytes (bytes, offset, size));
      offset += size;
    }
  return contents;
}

static GPtrArray *
load_old (const OnwardFrameJob *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GBytes) bytes = onward_frame_content_load (self->old_dirfd, self->old_entries,
                                                        self->spool_dir, cancellable, error);

  return bytes != NULL ? slice (bytes, self->old_entries) : NULL;
}

static void
set_references (OnwardFrameJob *self)
{
  self->frame.references = g_array_new (FALSE, TRUE, sizeof (OnwardReference));
  for (guint i = 0; i < self->old_entries->len; i++)
    {
      const OnwardTreeEntry *entry = g_ptr_array_index (self->old_entries, i);
      OnwardReference reference = { entry->digest, entry->size };

      g_array_append_val (self->frame.references, reference);
    }
}

/* About how small the content gets when it is compressed alone. */
static gboolean
estimate_ordinary (const OnwardFrameJob *self, GBytes *content, guint64 *ret_size,
                   GCancellable *cancellable, GError **error)
{
  g_autoptr (GBytes) sample = onward_sample_take (content);
  g_autoptr (GBytes) stored = NULL;

  if (!encode_below (self, &(OnwardDeltaInput){ sample }, g_bytes_get_size (sample), &stored,
                     cancellable, error))
    return FALSE;

  *ret_size = stored == NULL ? self->size
                             : self->size / g_bytes_get_size (sample) * g_bytes_get_size (stored);
  return TRUE;
}

/* Whether compressing the content alone takes less than @cost. That only goes on while it still
 * may, and is not begun where it hardly can: it takes as long as the delta. */
static gboolean
compare_with_ordinary (const OnwardFrameJob *self, GBytes *content, guint64 cost,
                       gboolean *ret_is_smaller, GCancellable *cancellable, GError **error)
{
  g_autoptr (GBytes) ordinary = NULL;
  guint64 estimate = 0;

  *ret_is_smaller = FALSE;
  if (self->size >= LARGE_SIZE)
    {
      if (!estimate_ordinary (self, content, &estimate, cancellable, error))
        return FALSE;
      if (cost < estimate / (self->effort == ONWARD_DELTA_FAST ? 1 : CLEARLY_SMALLER))
        return TRUE;
    }

  if (!encode_below (self, &(OnwardDeltaInput){ content }, cost, &ordinary, cancellable, error))
    return FALSE;
  *ret_is_smaller = ordinary != NULL;
  return TRUE;
}

static gboolean
make_delta (OnwardFrameJob *self, GBytes *content, GCancellable *cancellable, GError **error)
{
  const OnwardDeltaMaker maker = { self->effort, note_progress, self };
  g_autoptr (GPtrArray) old_contents = load_old (self, cancellable, error);
  g_autoptr (GPtrArray) new_contents = slice (content, self->entries);
  g_autoptr (GBytes) delta = NULL;
  g_autoptr (GError) local_error = NULL;
  gboolean is_smaller;
  guint64 cost;

  if (old_contents == NULL)
    return FALSE;

  delta = onward_delta_make_run (&maker, old_contents, new_contents, cancellable, &local_error);
  if (g_error_matches (local_error, ONWARD_ERROR, ONWARD_ERROR_TOO_LARGE))
    return TRUE;
  if (delta == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  cost = g_bytes_get_size (delta) + DELTA_COST;
  if (cost >= self->size)
    return TRUE;
  if (!compare_with_ordinary (self, content, cost, &is_smaller, cancellable, error))
    return FALSE;
  if (is_smaller)
    return TRUE;

  set_result (self, self->old_entries->len == 1 ? ONWARD_FRAME_DELTA : ONWARD_FRAME_TREE_DELTA,
              delta);
  set_references (self);
  return check_result (self, content, old_contents, cancellable, error);
}

/**
 * onward_frame_job_run:
 * @self: a job
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Reads the files, checks them against the tree, compresses them, and unpacks the result once to
 * be sure of it. What does not get smaller is stored as it is. With old files, the result is a
 * delta, or none when compressing the files alone is as good. Blocking.
 *
 * Returns: whether all went well
 */
gboolean
onward_frame_job_run (OnwardFrameJob *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GBytes) content =
      onward_frame_content_load (self->dirfd, self->entries, self->spool_dir, cancellable, error);

  if (content == NULL)
    return FALSE;
  if (self->old_entries != NULL)
    return make_delta (self, content, cancellable, error);
  return make_ordinary (self, content, cancellable, error);
}
