/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-chapters-plan.h"
#include "onward-chapters.h"
#include "onward-delta-encoder.h"
#include "onward-delta-header.h"
#include "onward-delta-make.h"
#include "onward-error.h"
#include "onward-fingerprint.h"
#include "onward-heritage.h"
#include "onward-matcher.h"
#include "onward-parallel.h"
#include "onward-stream-packer.h"
#include "onward-unfolding.h"

/* So much is searched as one; it does not depend on the number of cores, as the result must not. */
#define SLICE_SIZE (2 * 1024 * 1024)
/* What an index and the compressors take besides. */
#define BASE_MEMORY (G_GUINT64_CONSTANT (200) * 1024 * 1024)
/* How many bytes, old and new together, are done in a second of one core. */
#define SPEED (G_GUINT64_CONSTANT (10) * 1024 * 1024)

/* Deflated bytes mostly give less than so many times as many. */
#define USUAL_RATIO 8

/* What each step takes of all the time, in tenths. */
#define TENTHS_OF_SORTING     3
#define TENTHS_OF_PRINTS      1
#define TENTHS_OF_MATCHING    4
#define TENTHS_OF_ENCODING    1
#define TENTHS_OF_COMPRESSING 1
#define TENTHS                10

/* One delta on its way. */
typedef struct
{
  const OnwardDeltaMaker *settings;
  OnwardUnfolding *unfolding; /* (owned) (nullable): nothing is inflated */
  OnwardParts *old_parts;     /* (owned) */
  OnwardParts *new_parts;     /* (owned) */
  guint64 old_size;           /* before anything was inflated */
  guint64 new_size;
  GCancellable *cancellable;
  guint64 before; /* how many new bytes are in chapters that are done, */
  guint64 total;  /* of how many */

  GBytes *old_prints;       /* (owned) (nullable): with fingerprints in their fields */
  GBytes *new_prints;       /* (owned) (nullable) */
  OnwardSuffixArray *array; /* (owned) (nullable): of @old_prints */
  OnwardMatcher matcher;
  GArray **slices; /* (owned): of OnwardCover each */
  guint n_slices;
  GMutex mutex; /* guards @done */
  guint64 done;
} Work;

/* What is only needed to find covers takes the most memory. */
static void
forget_data (Work *self)
{
  g_clear_pointer (&self->array, onward_suffix_array_free);
  g_clear_pointer (&self->old_prints, g_bytes_unref);
  g_clear_pointer (&self->new_prints, g_bytes_unref);
}

static void
work_clear (Work *self)
{
  forget_data (self);
  onward_unfolding_free (self->unfolding);
  onward_parts_free (self->old_parts);
  onward_parts_free (self->new_parts);
  for (guint i = 0; i < self->n_slices; i++)
    g_clear_pointer (&self->slices[i], g_array_unref);
  g_free (self->slices);
  g_mutex_clear (&self->mutex);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static guint64
get_window (const OnwardDeltaMaker *self)
{
  return self->window > 0 ? MIN (self->window, ONWARD_DELTA_MAX_WINDOW) : ONWARD_DELTA_MAX_WINDOW;
}

/* Of what is not looked at at once anyway, chapters that take half the memory do as well. */
static guint64
get_chapter_window (const OnwardDeltaMaker *self)
{
  return MAX (get_window (self) / 2, 1);
}

/* @size new bytes have gone through a step. */
static void
advance (Work *self, guint64 size, guint tenths)
{
  guint64 done;

  g_mutex_lock (&self->mutex);
  self->done += size * tenths;
  done = MIN (self->done / TENTHS, self->total - self->before);
  if (self->settings->progress != NULL)
    self->settings->progress (self->before + done, self->total, self->settings->progress_data);
  g_mutex_unlock (&self->mutex);
}

static void
advance_all (Work *self, guint tenths)
{
  advance (self, onward_parts_get_size (self->new_parts), tenths);
}

/* The old side and the new one, each on a core. */
static void
prepare_side (guint index, gpointer user_data)
{
  Work *work = user_data;

  if (index == 1)
    {
      work->new_prints = onward_fingerprint_parts (work->new_parts, work->cancellable);
      advance_all (work, TENTHS_OF_PRINTS);
      return;
    }

  work->old_prints = onward_fingerprint_parts (work->old_parts, work->cancellable);
  if (g_cancellable_is_cancelled (work->cancellable))
    return;

  work->array = onward_suffix_array_new (work->old_prints, work->cancellable);
  advance_all (work, TENTHS_OF_SORTING);
}

static void
match_slice (guint index, gpointer user_data)
{
  Work *work = user_data;
  gsize start = (gsize) index * SLICE_SIZE;
  gsize end = MIN (start + SLICE_SIZE, (gsize) onward_parts_get_size (work->new_parts));

  work->slices[index] = g_array_new (FALSE, FALSE, sizeof (OnwardCover));
  if (g_cancellable_is_cancelled (work->cancellable))
    return;

  onward_matcher_run (&work->matcher, start, end, work->slices[index], work->cancellable);
  advance (work, end - start, TENTHS_OF_MATCHING);
}

/* Whether a chapter is what it starts from. */
static gboolean
is_unchanged (const Work *self)
{
  g_autoptr (GBytes) old_bytes = NULL;
  g_autoptr (GBytes) new_bytes = NULL;

  if (onward_parts_get_n (self->old_parts) != 1 || onward_parts_get_n (self->new_parts) != 1)
    return FALSE;

  old_bytes = onward_parts_join (self->old_parts);
  new_bytes = onward_parts_join (self->new_parts);
  return g_bytes_equal (old_bytes, new_bytes);
}

/* What is in the old bytes, or like something there; NULL when cancelled. */
static GArray *
find_covers (Work *self, GError **error)
{
  gsize new_size = (gsize) onward_parts_get_size (self->new_parts);
  g_autoptr (GArray) covers = g_array_new (FALSE, FALSE, sizeof (OnwardCover));

  if (is_unchanged (self))
    {
      g_array_append_val (covers, ((OnwardCover){ .length = new_size }));
      advance_all (self, TENTHS_OF_SORTING + TENTHS_OF_PRINTS + TENTHS_OF_MATCHING);
      return g_steal_pointer (&covers);
    }

  onward_parallel_run (2, prepare_side, self);
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return NULL;

  self->matcher = (OnwardMatcher){ .array = self->array };
  self->matcher.old_data = g_bytes_get_data (self->old_prints, &self->matcher.old_size);
  self->matcher.new_data = g_bytes_get_data (self->new_prints, NULL);
  self->n_slices = (guint) ((new_size + SLICE_SIZE - 1) / SLICE_SIZE);
  self->slices = g_new0 (GArray *, self->n_slices + 1);
  onward_parallel_run (self->n_slices, match_slice, self);
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return NULL;

  for (guint i = 0; i < self->n_slices; i++)
    g_array_append_vals (covers, self->slices[i]->data, self->slices[i]->len);
  onward_matcher_prune (&self->matcher, covers);
  forget_data (self);
  return g_steal_pointer (&covers);
}

static GByteArray *
encode (Work *self, GArray *covers)
{
  g_autoptr (GArray) successions = onward_heritage_find (self->old_parts, self->new_parts, covers);
  g_autoptr (OnwardDeltaEncoder) encoder =
      onward_delta_encoder_new (self->old_parts, self->new_parts);
  g_autoptr (GBytes) old_bytes = NULL;
  GByteArray *encoded = g_byte_array_new ();

  if (onward_parts_get_size (self->old_parts) <= ONWARD_STREAM_MAX_OLD)
    old_bytes = onward_parts_join (self->old_parts);
  onward_delta_encoder_run (encoder, covers, successions);
  if (g_cancellable_is_cancelled (self->cancellable))
    return encoded;

  onward_stream_packer_append (onward_delta_encoder_get_streams (encoder), self->settings->effort,
                               old_bytes, encoded);
  return encoded;
}

/* Where the old bytes are few, looking back at them may be better than any cover; who is in a
 * hurry does not try. */
static GByteArray *
encode_best (Work *self, GArray *covers)
{
  g_autoptr (GByteArray) encoded = encode (self, covers);
  g_autoptr (GByteArray) without = NULL;

  if (covers->len == 0 || self->settings->effort == ONWARD_DELTA_FAST ||
      onward_parts_get_size (self->old_parts) > ONWARD_STREAM_MAX_OLD ||
      onward_parts_get_size (self->new_parts) > ONWARD_STREAM_MAX_OLD)
    return g_steal_pointer (&encoded);

  g_array_set_size (covers, 0);
  without = encode (self, covers);
  return without->len < encoded->len ? g_steal_pointer (&without) : g_steal_pointer (&encoded);
}

static OnwardParts *
join (GPtrArray *contents)
{
  g_autoptr (GPtrArray) list = contents;

  return onward_parts_new (list);
}

/* From here on, both sides are seen with what is deflated in them inflated, if anything is. */
static void
unfold (Work *self, GPtrArray *old_contents, GPtrArray *new_contents)
{
  self->unfolding = onward_unfolding_new (old_contents, new_contents, self->cancellable);
  if (self->unfolding == NULL)
    return;

  onward_parts_free (self->old_parts);
  onward_parts_free (self->new_parts);
  self->old_parts = join (onward_unfolding_list_old (self->unfolding));
  self->new_parts = join (onward_unfolding_list_new (self->unfolding));
}

/* Where the old bytes are few, they serve without covers, too. */
static void
append_unfolding (Work *self, GArray *covers, GByteArray *delta)
{
  if (onward_parts_get_size (self->old_parts) > ONWARD_STREAM_MAX_OLD)
    {
      onward_unfolding_prune (self->unfolding, covers);
      onward_parts_free (self->old_parts);
      self->old_parts = join (onward_unfolding_list_old (self->unfolding));
    }
  onward_unfolding_append (self->unfolding, self->settings->effort, delta);
}

static gboolean
append_covers (Work *self, GByteArray *delta, GError **error)
{
  g_autoptr (GArray) covers = find_covers (self, error);
  g_autoptr (GByteArray) encoded = NULL;

  if (covers == NULL)
    return FALSE;

  if (self->unfolding != NULL)
    append_unfolding (self, covers, delta);
  encoded = encode_best (self, covers);
  advance_all (self, TENTHS_OF_ENCODING + TENTHS_OF_COMPRESSING);
  g_byte_array_append (delta, encoded->data, encoded->len);
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

/* Whatever of these contents, @self's parts, is looked at at once. */
static GBytes *
make_whole (Work *self, GError **error)
{
  OnwardDeltaHeader header = { .version = ONWARD_DELTA_TOGETHER };
  g_autoptr (GByteArray) delta = g_byte_array_new ();

  header.old_size = self->old_size;
  header.new_size = self->new_size;
  header.is_deflated = self->unfolding != NULL;
  onward_delta_header_append (&header, delta);
  return append_covers (self, delta, error) ? g_byte_array_free_to_bytes (g_steal_pointer (&delta))
                                            : NULL;
}

static void
work_init (Work *self, GPtrArray *old_contents, GPtrArray *new_contents)
{
  g_mutex_init (&self->mutex);
  self->old_parts = onward_parts_new (old_contents);
  self->new_parts = onward_parts_new (new_contents);
  self->old_size = onward_parts_get_size (self->old_parts);
  self->new_size = onward_parts_get_size (self->new_parts);
}

static GPtrArray *
cut (GBytes *content, guint64 start, guint64 size)
{
  GPtrArray *contents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (contents, g_bytes_new_from_bytes (content, start, size));
  return contents;
}

static gboolean
append_chapter (const OnwardDeltaMaker *self, GBytes *old_bytes, GBytes *new_bytes,
                const OnwardChapter *chapter, GByteArray *delta, GCancellable *cancellable,
                GError **error)
{
  g_auto (Work) work = { .settings = self, .cancellable = cancellable };
  g_autoptr (GPtrArray) old_contents = cut (old_bytes, chapter->old_start, chapter->old_size);
  g_autoptr (GPtrArray) new_contents = cut (new_bytes, chapter->new_start, chapter->new_size);
  g_autoptr (GBytes) stored = NULL;

  work_init (&work, old_contents, new_contents);
  work.before = chapter->new_start;
  work.total = g_bytes_get_size (new_bytes);
  stored = make_whole (&work, error);
  if (stored == NULL)
    return FALSE;
  if (onward_chapters_append (chapter->old_start, chapter->old_size, chapter->new_size, stored,
                              delta))
    return TRUE;

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_TOO_LARGE,
                       "A delta of it would be too large");
  return FALSE;
}

/* What is larger than a window goes in chapters, from one old content to one new one. */
static GBytes *
make_chapters (const OnwardDeltaMaker *self, GBytes *old_bytes, GBytes *new_bytes,
               GCancellable *cancellable, GError **error)
{
  const OnwardDeltaHeader header = { ONWARD_DELTA_CHAPTERS, g_bytes_get_size (old_bytes),
                                     g_bytes_get_size (new_bytes), FALSE };
  g_autoptr (GArray) chapters =
      onward_chapters_plan_make (old_bytes, new_bytes, get_chapter_window (self), cancellable);
  g_autoptr (GByteArray) delta = g_byte_array_new ();

  onward_delta_header_append (&header, delta);
  for (guint i = 0; i < chapters->len; i++)
    if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
        !append_chapter (self, old_bytes, new_bytes, &g_array_index (chapters, OnwardChapter, i),
                         delta, cancellable, error))
      return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&delta));
}

/**
 * onward_delta_make_expect:
 * @size: how many bytes there are
 * @archived: how many of them are in files of which onward_deflates_begin() says so
 *
 * Returns: how many bytes there will probably be at most when what is deflated is inflated, for
 *   onward_delta_make_estimate()
 */
guint64
onward_delta_make_expect (guint64 size, guint64 archived)
{
  guint64 limit = MIN (ONWARD_DELTA_MAX_INFLATED,
                       ONWARD_DELTA_MAX_WINDOW - MIN (size, ONWARD_DELTA_MAX_WINDOW));

  return size + MIN (archived, limit / USUAL_RATIO) * USUAL_RATIO;
}

/**
 * onward_delta_make_estimate:
 * @old_size: how many old bytes there are, with what is deflated in them inflated
 * @new_size: how many new ones
 *
 * Returns: how many bytes of memory making a delta takes at most, besides the contents
 */
guint64
onward_delta_make_estimate (guint64 old_size, guint64 new_size)
{
  if (MAX (old_size, new_size) > ONWARD_DELTA_MAX_WINDOW)
    return BASE_MEMORY + (6 + 3) * ONWARD_DELTA_MAX_WINDOW / 2;
  return BASE_MEMORY + 6 * old_size + 3 * new_size;
}

/**
 * onward_delta_make_estimate_seconds:
 * @old_size: how many old bytes there are
 * @new_size: how many new ones
 *
 * Returns: about how many seconds of one core making a delta takes; it uses all of them
 */
guint64
onward_delta_make_estimate_seconds (guint64 old_size, guint64 new_size)
{
  return old_size / SPEED + new_size / SPEED + 1;
}

/**
 * onward_delta_make_run:
 * @self: how to make it
 * @old_contents: (element-type GBytes): the bytes the other side has
 * @new_contents: (element-type GBytes): the bytes it wants
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Makes what leads from @old_contents to @new_contents, each one behind the other. Executables are
 * known by their first bytes, so each must be a content of its own. More than a window of either is
 * only taken one for one, and in chapters. Equal input gives equal deltas on
 * every machine. The result may be larger than the new bytes compressed alone: the caller
 * compares. Blocking.
 *
 * Returns: (transfer full): the delta, for onward_delta_apply()
 */
GBytes *
onward_delta_make_run (const OnwardDeltaMaker *self, GPtrArray *old_contents,
                       GPtrArray *new_contents, GCancellable *cancellable, GError **error)
{
  g_auto (Work) work = { .settings = self, .cancellable = cancellable };

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (old_contents != NULL, NULL);
  g_return_val_if_fail (new_contents != NULL, NULL);

  work_init (&work, old_contents, new_contents);
  work.total = work.new_size;
  if (MAX (work.old_size, work.new_size) <= get_window (self))
    {
      unfold (&work, old_contents, new_contents);
      return make_whole (&work, error);
    }
  if (old_contents->len == 1 && new_contents->len == 1)
    return make_chapters (self, g_ptr_array_index (old_contents, 0),
                          g_ptr_array_index (new_contents, 0), cancellable, error);

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_FAILED, "Too much for one delta");
  return NULL;
}
