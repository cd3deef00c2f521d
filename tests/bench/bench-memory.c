/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>
#include <string.h>

#include "bench-memory.h"

/* Between looks at the memory, in microseconds. */
#define LOOK_INTERVAL 3000

struct _BenchMemory
{
  GThread *thread; /* (owned) */
  guint64 most;    /* KiB */
  int is_over;     /* atomic */
};

static void
look (BenchMemory *self)
{
  g_autofree char *status = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    return;

  line = strstr (status, "RssAnon:");
  if (line != NULL)
    self->most = MAX (self->most, strtoull (line + strlen ("RssAnon:"), NULL, 10));
}

/* Looks again and again, since the most is needed in between. */
static gpointer
watch (gpointer user_data)
{
  BenchMemory *self = user_data;

  while (g_atomic_int_get (&self->is_over) == 0)
    {
      look (self);
      g_usleep (LOOK_INTERVAL);
    }
  return NULL;
}

BenchMemory *
bench_memory_new (void)
{
  BenchMemory *self = g_new0 (BenchMemory, 1);

  self->thread = g_thread_new ("memory", watch, self);
  return self;
}

double
bench_memory_stop (BenchMemory *self)
{
  double most;

  g_atomic_int_set (&self->is_over, 1);
  (void) g_thread_join (self->thread);
  most = (double) self->most / 1024;
  g_free (self);
  return most;
}
