/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <time.h>

#include "bench-loop.h"

/* The first source of all is asked first after a wait, and first before the next one. */
struct _BenchLoop
{
  GSource source;
  gint64 woke;
  gint64 woke_cpu;
  GArray *walls; /* of guint32 (owned): microseconds */
  GArray *cpus;  /* of guint32 (owned) */
};

static gint64
get_cpu_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (gint64) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static gboolean
on_woken (GSource *source)
{
  BenchLoop *self = (BenchLoop *) source;

  self->woke = g_get_monotonic_time ();
  self->woke_cpu = get_cpu_time ();
  return FALSE;
}

static gboolean
on_about_to_wait (GSource *source, int *ret_timeout)
{
  BenchLoop *self = (BenchLoop *) source;
  guint32 wall = (guint32) (g_get_monotonic_time () - self->woke);
  guint32 cpu = (guint32) (get_cpu_time () - self->woke_cpu);

  *ret_timeout = -1;
  if (self->woke == 0)
    return FALSE;
  self->woke = 0;
  g_array_append_val (self->walls, wall);
  g_array_append_val (self->cpus, cpu);
  return FALSE;
}

static gboolean
on_dispatched (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
on_finalized (GSource *source)
{
  BenchLoop *self = (BenchLoop *) source;

  g_array_unref (self->walls);
  g_array_unref (self->cpus);
}

BenchLoop *
bench_loop_new (void)
{
  static GSourceFuncs funcs = {
    .prepare = on_about_to_wait,
    .check = on_woken,
    .dispatch = on_dispatched,
    .finalize = on_finalized,
  };
  GSource *source = g_source_new (&funcs, sizeof (BenchLoop));
  BenchLoop *self = (BenchLoop *) source;

  self->walls = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->cpus = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_source_set_priority (source, G_MININT);
  g_source_attach (source, NULL);
  return self;
}

void
bench_loop_free (BenchLoop *self)
{
  g_source_destroy (&self->source);
  g_source_unref (&self->source);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const guint32 *one = a, *other = b;

  return (*one > *other) - (*one < *other);
}

/* The time that @share of all do not exceed, in milliseconds; sorts @times. */
static double
find (GArray *times, double share)
{
  if (times->len == 0)
    return 0;
  g_array_sort (times, compare);
  return g_array_index (times, guint32, (guint) (share * (times->len - 1))) / 1e3;
}

char *
bench_loop_print (BenchLoop *self)
{
  return g_strdup_printf ("{\"iterations\": %u, \"longest\": %.3f, \"p999\": %.3f, "
                          "\"longest_cpu\": %.3f, \"p999_cpu\": %.3f}",
                          self->walls->len, find (self->walls, 1), find (self->walls, 0.999),
                          find (self->cpus, 1), find (self->cpus, 0.999));
}
