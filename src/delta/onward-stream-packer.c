/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lzma.h>
#include <zstd.h>

#include "onward-number.h"
#include "onward-parallel.h"
#include "onward-stream-packer.h"

#define BEST_ZSTD_LEVEL 22
#define FAST_ZSTD_LEVEL 12

/* The sets of LZMA's options that are tried: bits of the byte before, and of the position, that
 * a literal's probabilities depend on; and of the position for the rest. */
static const struct
{
  guint lc, lp, pb;
} lzma_options[] = { { 3, 0, 0 }, { 0, 0, 0 }, { 1, 0, 0 }, { 4, 0, 0 }, { 0, 2, 2 } };

/* The ways to compress: by zstd, then by LZMA with each set of options, then the same with the old
 * bytes to look back at. */
#define N_ALONE (1 + G_N_ELEMENTS (lzma_options))
#define N_WAYS  (N_ALONE + G_N_ELEMENTS (lzma_options))
/* Of what is larger, a sample of this size decides which way is taken. */
#define SAMPLE_SIZE (512 * 1024)
/* It is taken from so many places. */
#define N_SAMPLES 8

/* One stream, or the small ones together. */
typedef struct
{
  const GByteArray *bytes; /* (unowned) */
  GBytes *old_bytes;       /* (unowned) (nullable): what may be looked back at */
  guint window_log;
  OnwardStreamMethod method;
  GByteArray *stored; /* (owned) (nullable): NULL when @bytes are empty */
} Job;

typedef struct
{
  OnwardDeltaEffort effort;
  Job jobs[ONWARD_N_STREAMS + 1];
} Packing;

/* What @bytes become; NULL when that is not smaller. */
static GByteArray *
compress_lzma (const GByteArray *bytes, guint index, guint window_log, GBytes *old_bytes)
{
  g_autoptr (GByteArray) stored = g_byte_array_sized_new (bytes->len);
  lzma_options_lzma options;
  lzma_filter filters[] = { { LZMA_FILTER_LZMA2, &options }, { LZMA_VLI_UNKNOWN, NULL } };
  gsize old_size = 0;
  gsize size = 0;

  (void) lzma_lzma_preset (&options, 9 | LZMA_PRESET_EXTREME);
  if (old_bytes != NULL)
    options.preset_dict = g_bytes_get_data (old_bytes, &old_size);
  options.preset_dict_size = (guint32) old_size;
  options.dict_size = onward_delta_stream_get_dictionary (bytes->len, old_size, window_log);
  options.lc = lzma_options[index].lc;
  options.lp = lzma_options[index].lp;
  options.pb = lzma_options[index].pb;
  g_byte_array_set_size (stored, bytes->len);
  if (lzma_raw_buffer_encode (filters, NULL, bytes->data, bytes->len, stored->data, &size,
                              stored->len) != LZMA_OK)
    return NULL;

  g_byte_array_set_size (stored, (guint) size);
  return g_steal_pointer (&stored);
}

static GByteArray *
compress_zstd (const GByteArray *bytes, int level, guint window_log)
{
  g_autoptr (GByteArray) stored = g_byte_array_sized_new (bytes->len);
  ZSTD_CCtx *encoder = ZSTD_createCCtx ();
  size_t size;

  g_byte_array_set_size (stored, bytes->len);
  (void) ZSTD_CCtx_setParameter (encoder, ZSTD_c_compressionLevel, level);
  (void) ZSTD_CCtx_setParameter (encoder, ZSTD_c_windowLog,
                                 (int) CLAMP (g_bit_storage (bytes->len), 10, window_log));
  (void) ZSTD_CCtx_setParameter (encoder, ZSTD_c_contentSizeFlag, 0);
  size = ZSTD_compress2 (encoder, stored->data, stored->len, bytes->data, bytes->len);
  ZSTD_freeCCtx (encoder);
  if (ZSTD_isError (size))
    return NULL;

  g_byte_array_set_size (stored, (guint) size);
  return g_steal_pointer (&stored);
}

static GByteArray *
compress (const Job *job, const GByteArray *bytes, guint way, OnwardDeltaEffort effort)
{
  if (way >= N_ALONE)
    return compress_lzma (bytes, way - N_ALONE, job->window_log, job->old_bytes);
  if (way > 0)
    return compress_lzma (bytes, way - 1, job->window_log, NULL);
  return compress_zstd (bytes, effort == ONWARD_DELTA_FAST ? FAST_ZSTD_LEVEL : BEST_ZSTD_LEVEL,
                        job->window_log);
}

static void
try_way (Job *self, const GByteArray *bytes, guint way, OnwardDeltaEffort effort)
{
  g_autoptr (GByteArray) stored = compress (self, bytes, way, effort);

  if (stored == NULL || stored->len >= self->stored->len)
    return;

  g_byte_array_unref (self->stored);
  self->stored = g_steal_pointer (&stored);
  self->method = way == 0        ? ONWARD_STREAM_ZSTD
                 : way < N_ALONE ? ONWARD_STREAM_LZMA2
                                 : ONWARD_STREAM_LZMA2_OLD;
}

static GByteArray *
copy (const GByteArray *bytes)
{
  return g_byte_array_append (g_byte_array_sized_new (bytes->len), bytes->data, bytes->len);
}

static GByteArray *
take_sample (const GByteArray *bytes)
{
  GByteArray *sample = g_byte_array_sized_new (SAMPLE_SIZE);
  guint size = SAMPLE_SIZE / N_SAMPLES;

  for (guint i = 0; i < N_SAMPLES; i++)
    g_byte_array_append (sample, bytes->data + (bytes->len - size) / (N_SAMPLES - 1) * i, size);
  return sample;
}

/* The best way for @bytes, or for a sample of them; N_WAYS: none is of use. */
static guint
choose_way (Job *self, const GByteArray *bytes, OnwardDeltaEffort effort)
{
  guint n_ways = effort == ONWARD_DELTA_FAST ? 2 : self->old_bytes != NULL ? N_WAYS : N_ALONE;
  guint best = N_WAYS;

  g_clear_pointer (&self->stored, g_byte_array_unref);
  self->stored = copy (bytes);
  self->method = ONWARD_STREAM_STORED;
  for (guint way = 0; way < n_ways; way++)
    {
      guint before = self->stored->len;

      try_way (self, bytes, way, effort);
      if (self->stored->len < before)
        best = way;
    }
  return best;
}

static void
run_job (guint index, gpointer user_data)
{
  Packing *packing = user_data;
  Job *job = &packing->jobs[index];
  g_autoptr (GByteArray) sample = NULL;
  guint way;

  if (job->bytes->len == 0)
    return;
  if (job->bytes->len <= SAMPLE_SIZE)
    {
      (void) choose_way (job, job->bytes, packing->effort);
      return;
    }

  sample = take_sample (job->bytes);
  way = choose_way (job, sample, packing->effort);
  g_clear_pointer (&job->stored, g_byte_array_unref);
  job->stored = copy (job->bytes);
  job->method = ONWARD_STREAM_STORED;
  if (way < N_WAYS)
    try_way (job, job->bytes, way, packing->effort);
}

static gboolean
is_small (const GByteArray *stream)
{
  return stream->len <= ONWARD_STREAM_MAX_SMALL;
}

static void
append_how_stored (const Job *job, GByteArray *delta)
{
  if (job->stored == NULL)
    return;

  onward_number_append (delta, job->method);
  onward_number_append (delta, job->stored->len);
}

static void
append_stored (const Job *job, GByteArray *delta)
{
  if (job->stored != NULL)
    g_byte_array_append (delta, job->stored->data, job->stored->len);
}

static void
append_all (const Packing *self, GByteArray *const *streams, GByteArray *delta)
{
  guint there = 0;

  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    there |= (guint) (streams[i]->len > 0) << i;
  onward_number_append (delta, there);
  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    {
      if (streams[i]->len > 0)
        onward_number_append (delta, streams[i]->len);
      append_how_stored (&self->jobs[i], delta);
    }
  append_how_stored (&self->jobs[ONWARD_N_STREAMS], delta);

  append_stored (&self->jobs[ONWARD_N_STREAMS], delta);
  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    append_stored (&self->jobs[i], delta);
}

/**
 * onward_stream_packer_append:
 * @streams: (array fixed-size=12): the streams
 * @effort: how hard to try
 * @old_bytes: (nullable): all old bytes, when they are few
 * @delta: grows by the table and the streams
 *
 * Compresses each stream in several ways and keeps the smallest. Equal input gives equal bytes.
 * Blocking.
 */
void
onward_stream_packer_append (GByteArray *const *streams, OnwardDeltaEffort effort,
                             GBytes *old_bytes, GByteArray *delta)
{
  Packing packing = { .effort = effort };
  g_autoptr (GByteArray) none = g_byte_array_new ();
  g_autoptr (GByteArray) small = g_byte_array_new ();

  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    {
      packing.jobs[i].bytes = is_small (streams[i]) ? none : streams[i];
      packing.jobs[i].window_log = onward_delta_stream_get_window_log (i);
      if (is_small (streams[i]))
        g_byte_array_append (small, streams[i]->data, streams[i]->len);
    }
  packing.jobs[ONWARD_STREAM_LITERALS].old_bytes = old_bytes;
  packing.jobs[ONWARD_N_STREAMS].bytes = small;
  packing.jobs[ONWARD_N_STREAMS].old_bytes = old_bytes;
  packing.jobs[ONWARD_N_STREAMS].window_log = ONWARD_STREAM_WINDOW_LOG;

  onward_parallel_run (ONWARD_N_STREAMS + 1, run_job, &packing);
  append_all (&packing, streams, delta);
  for (guint i = 0; i <= ONWARD_N_STREAMS; i++)
    g_clear_pointer (&packing.jobs[i].stored, g_byte_array_unref);
}

/**
 * onward_stream_packer_append_pair:
 * @first: a stream
 * @second: another
 * @effort: how hard to try
 * @window_log: they are looked back at at most 2 to the power of this
 * @delta: grows by how they are stored, and by both
 *
 * Compresses two streams that belong to none of the kinds. Equal input gives equal bytes. Blocking.
 */
void
onward_stream_packer_append_pair (const GByteArray *first, const GByteArray *second,
                                  OnwardDeltaEffort effort, guint window_log, GByteArray *delta)
{
  Packing packing = { .effort = effort };

  packing.jobs[0].bytes = first;
  packing.jobs[1].bytes = second;
  for (guint i = 0; i < 2; i++)
    {
      packing.jobs[i].window_log = window_log;
      run_job (i, &packing);
      onward_number_append (delta, packing.jobs[i].bytes->len);
      append_how_stored (&packing.jobs[i], delta);
    }
  for (guint i = 0; i < 2; i++)
    {
      append_stored (&packing.jobs[i], delta);
      g_clear_pointer (&packing.jobs[i].stored, g_byte_array_unref);
    }
}
