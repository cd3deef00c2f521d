/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <stdio.h>

#include "bench-memory.h"
#include "onward-deflate-table.h"
#include "onward-delta-header.h"
#include "onward-delta-make.h"
#include "onward-delta-stream.h"
#include "onward-number.h"
#include "onward-test-elf.h"

/* A function of the programs that are made, with its pointer. */
#define FUNCTION_SIZE 72

/* What goes into a delta. */
typedef struct
{
  GPtrArray *old_contents; /* (owned): of GBytes */
  GPtrArray *new_contents; /* (owned): of GBytes */
  guint64 new_size;
} Change;

/* Compares what comes out with what should. */
typedef struct
{
  GPtrArray *contents;
  guint index;
  gsize offset;
} Check;

/* The files that are named in a list, a path a line, mapped. */
static GPtrArray *
map_files (const char *list, guint64 *ret_size, GError **error)
{
  g_autoptr (GPtrArray) contents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree char *text = NULL;
  g_auto (GStrv) paths = NULL;

  if (!g_file_get_contents (list, &text, NULL, error))
    return NULL;

  paths = g_strsplit (g_strchomp (text), "\n", -1);
  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autoptr (GMappedFile) file = g_mapped_file_new (paths[i], FALSE, error);

      if (file == NULL)
        return NULL;
      g_ptr_array_add (contents, g_mapped_file_get_bytes (file));
      *ret_size += g_mapped_file_get_length (file);
    }
  return g_steal_pointer (&contents);
}

static gboolean
find_change (Change *self, const char *old_list, const char *new_list, GError **error)
{
  guint64 old_size = 0;

  self->old_contents = map_files (old_list, &old_size, error);
  if (self->old_contents != NULL)
    self->new_contents = map_files (new_list, &self->new_size, error);
  return self->new_contents != NULL;
}

static void
change_clear (Change *self)
{
  g_clear_pointer (&self->old_contents, g_ptr_array_unref);
  g_clear_pointer (&self->new_contents, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Change, change_clear)

static gboolean
check_piece (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  Check *check = user_data;
  const guint8 *piece = data;

  while (size > 0)
    {
      gsize content_size;
      const guint8 *content =
          g_bytes_get_data (g_ptr_array_index (check->contents, check->index), &content_size);
      gsize step = MIN (size, content_size - check->offset);

      g_assert_cmpmem (piece, step, content + check->offset, step);
      piece += step;
      size -= step;
      check->offset += step;
      if (check->offset < content_size)
        continue;
      check->offset = 0;
      check->index++;
    }
  return TRUE;
}

static gboolean
drop_piece (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  return TRUE;
}

static gboolean
make (const Change *change, const char *path, gboolean is_fast, GError **error)
{
  const OnwardDeltaMaker maker = { is_fast ? ONWARD_DELTA_FAST : ONWARD_DELTA_BEST };
  g_autoptr (GBytes) delta =
      onward_delta_make_run (&maker, change->old_contents, change->new_contents, NULL, error);

  return delta != NULL && g_file_set_contents (path, g_bytes_get_data (delta, NULL),
                                               (gssize) g_bytes_get_size (delta), error);
}

static gboolean
check (const Change *change, const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);
  g_autoptr (GBytes) delta = file != NULL ? g_mapped_file_get_bytes (file) : NULL;
  Check check = { change->new_contents };

  return delta != NULL && onward_delta_apply (change->old_contents, delta, change->new_size,
                                              check_piece, &check, NULL, error);
}

/* For the clock, and for the private memory, which is printed. */
static gboolean
apply (const Change *change, const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);
  g_autoptr (GBytes) delta = file != NULL ? g_mapped_file_get_bytes (file) : NULL;
  BenchMemory *memory = bench_memory_new ();
  gboolean ok = delta != NULL && onward_delta_apply (change->old_contents, delta, change->new_size,
                                                     drop_piece, NULL, NULL, error);
  double most = bench_memory_stop (memory);

  if (ok)
    printf ("{\"private\": %.1f}\n", most);
  return ok;
}

/* One line of the table of streams: how many bytes, compressed by which method to how many. */
static gboolean
print_stream (const char *name, guint64 size, const guint8 *data, gsize data_size, gsize *position)
{
  static const char *const methods[] = { "stored", "LZMA2", "zstd", "LZMA2, old" };
  guint64 method = 0, stored_size = 0;

  if (size > 0 && (!onward_number_read (data, data_size, position, &method) ||
                   !onward_number_read (data, data_size, position, &stored_size)))
    return FALSE;

  printf ("  %-12s %10" G_GUINT64_FORMAT " %10" G_GUINT64_FORMAT "  %s\n", name, size, stored_size,
          methods[MIN (method, G_N_ELEMENTS (methods) - 1)]);
  return TRUE;
}

static gboolean
print_streams (const guint8 *data, gsize size, gsize position)
{
  static const char *const names[] = { "files", "gaps",     "lengths",  "choices",
                                       "jumps", "literals", "spacings", "differences",
                                       "runs",  "guesses",  "misses",   "wide misses" };
  guint64 streams, small = 0;

  G_STATIC_ASSERT (G_N_ELEMENTS (names) == ONWARD_N_STREAMS);
  if (!onward_number_read (data, size, &position, &streams))
    return FALSE;

  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    {
      guint64 stream_size;

      if ((streams >> i & 1) == 0)
        continue;
      if (!onward_number_read (data, size, &position, &stream_size))
        return FALSE;
      if (stream_size > ONWARD_STREAM_MAX_SMALL)
        {
          if (!print_stream (names[i], stream_size, data, size, &position))
            return FALSE;
          continue;
        }
      printf ("  %-12s %10" G_GUINT64_FORMAT "\n", names[i], stream_size);
      small += stream_size;
    }
  return print_stream ("small ones", small, data, size, &position);
}

/* Tells what a delta consists of. */
static gboolean
show (const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);
  g_autoptr (GBytes) delta = file != NULL ? g_mapped_file_get_bytes (file) : NULL;
  g_autoptr (OnwardDeflateTable) table = NULL;
  OnwardDeltaHeader header;
  gsize position;

  if (delta == NULL || !onward_delta_header_read (&header, delta, &position, error))
    return FALSE;
  if (header.is_deflated)
    table = onward_deflate_table_new (delta, &position, error);
  printf ("  header and tables %" G_GSIZE_FORMAT " bytes\n", position);
  return print_streams (g_bytes_get_data (delta, NULL), g_bytes_get_size (delta), position);
}

/* Writes a program of @size MiB in which code was inserted here and there. */
static gboolean
make_program (const char *path, const char *size, const char *inserted, GError **error)
{
  guint64 bytes = g_ascii_strtoull (size, NULL, 10) * 1024 * 1024;
  g_autoptr (GBytes) program = onward_test_elf_new (EM_X86_64, 1, (guint) (bytes / FUNCTION_SIZE),
                                                    (guint) g_ascii_strtoull (inserted, NULL, 10));

  return g_file_set_contents (path, g_bytes_get_data (program, NULL),
                              (gssize) g_bytes_get_size (program), error);
}

static gboolean
run (const Change *change, const char *verb, const char *path, GError **error)
{
  if (g_str_equal (verb, "check"))
    return check (change, path, error);
  if (g_str_equal (verb, "apply"))
    return apply (change, path, error);
  return make (change, path, g_str_equal (verb, "fast"), error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_auto (Change) change = { 0 };

  if (argc == 3 && g_str_equal (argv[1], "show") && show (argv[2], &error))
    return 0;
  if (error == NULL && argc != 5)
    {
      g_printerr ("usage: bench-delta make|fast|check|apply OLD-LIST NEW-LIST DELTA\n"
                  "       bench-delta show DELTA\n"
                  "       bench-delta program FILE MIB INSERTED\n");
      return 2;
    }
  if (error == NULL && g_str_equal (argv[1], "program") &&
      make_program (argv[2], argv[3], argv[4], &error))
    return 0;
  if (error == NULL && find_change (&change, argv[2], argv[3], &error) &&
      run (&change, argv[1], argv[4], &error))
    return 0;

  g_printerr ("bench-delta: %s\n", error->message);
  return 1;
}
