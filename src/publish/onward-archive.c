/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <zstd.h>

#include "onward-archive.h"
#include "onward-error.h"

#define PIECE_SIZE (256 * 1024)
#define LEVEL      19

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ZSTD_CCtx, ZSTD_freeCCtx)

static gboolean
compress_piece (ZSTD_CCtx *context, gconstpointer data, gsize size, GOutputStream *output,
                GError **error)
{
  g_autofree char *buffer = g_malloc (PIECE_SIZE);
  ZSTD_EndDirective directive = size == 0 ? ZSTD_e_end : ZSTD_e_continue;
  ZSTD_inBuffer in = { data, size, 0 };
  gsize left;

  do
    {
      ZSTD_outBuffer out = { buffer, PIECE_SIZE, 0 };

      left = ZSTD_compressStream2 (context, &out, &in, directive);
      if (ZSTD_isError (left))
        {
          g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED, "Compressing the archive: %s",
                       ZSTD_getErrorName (left));
          return FALSE;
        }
      if (!g_output_stream_write_all (output, buffer, out.pos, NULL, NULL, error))
        return FALSE;
    }
  while (directive == ZSTD_e_end ? left != 0 : in.pos < in.size);

  return TRUE;
}

static gboolean
compress (GInputStream *input, GOutputStream *output, GCancellable *cancellable, GError **error)
{
  g_autofree char *buffer = g_malloc (PIECE_SIZE);
  g_autoptr (ZSTD_CCtx) context = ZSTD_createCCtx ();
  gboolean done = TRUE;
  gssize size = 1;

  (void) ZSTD_CCtx_setParameter (context, ZSTD_c_compressionLevel, LEVEL);
  (void) ZSTD_CCtx_setParameter (context, ZSTD_c_checksumFlag, 1);
  /* A library without threads refuses this and goes on with one. */
  (void) ZSTD_CCtx_setParameter (context, ZSTD_c_nbWorkers, (int) g_get_num_processors ());
  while (done && size > 0)
    {
      size = g_input_stream_read (input, buffer, PIECE_SIZE, cancellable, error);
      done = size >= 0 && compress_piece (context, buffer, (gsize) size, output, error);
    }

  return done;
}

static GSubprocess *
start_tar (const char *parent, const char *name, const char *date, GError **error)
{
  g_autofree char *mtime = g_strdup_printf ("--mtime=%s 00:00:00 UTC", date);

  return g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, error, "tar", "--create", "--file=-",
                           "--sort=name", "--owner=0", "--group=0", "--numeric-owner", mtime,
                           "--directory", parent, "--", name, NULL);
}

/**
 * onward_archive_write:
 * @parent: a folder
 * @name: the folder in it to archive
 * @date: the date that the files are given, as in "2026-10-02"
 * @output: the file to make; must not exist
 * @cancellable: (nullable): a cancellable
 * @error: return location
 *
 * Writes a .tar.zst with tar's own output, in a stable order, with one date and owned by root: the
 * same folder gives the same archive. After a failure a part of @output may be there. Blocking.
 */
gboolean
onward_archive_write (const char *parent, const char *name, const char *date, const char *output,
                      GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (output);
  g_autoptr (GFileOutputStream) stream = NULL;
  g_autoptr (GSubprocess) tar = start_tar (parent, name, date, error);

  if (tar == NULL)
    return FALSE;

  stream = g_file_create (file, G_FILE_CREATE_NONE, NULL, error);
  if (stream != NULL &&
      compress (g_subprocess_get_stdout_pipe (tar), G_OUTPUT_STREAM (stream), cancellable, error) &&
      g_subprocess_wait_check (tar, NULL, error) &&
      g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, error))
    return TRUE;

  g_subprocess_force_exit (tar);
  g_prefix_error (error, "Archiving “%s”: ", name);
  return FALSE;
}
