/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <zstd.h>

#include "onward-archive.h"
#include "onward-error.h"

#define PIECE_SIZE (256 * 1024)
#define LEVEL      19

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
compress (GInputStream *input, GOutputStream *output, GError **error)
{
  g_autofree char *buffer = g_malloc (PIECE_SIZE);
  ZSTD_CCtx *context = ZSTD_createCCtx ();
  gboolean done = TRUE;
  gssize size = 1;

  (void) ZSTD_CCtx_setParameter (context, ZSTD_c_compressionLevel, LEVEL);
  (void) ZSTD_CCtx_setParameter (context, ZSTD_c_checksumFlag, 1);
  while (done && size > 0)
    {
      size = g_input_stream_read (input, buffer, PIECE_SIZE, NULL, error);
      done = size >= 0 && compress_piece (context, buffer, (gsize) size, output, error);
    }

  ZSTD_freeCCtx (context);
  return done;
}

/**
 * onward_archive_write:
 * @parent: a folder
 * @name: the folder in it to archive
 * @output: the file to write, replaced when it exists
 * @error: return location
 *
 * Writes a .tar.zst, with tar's own output in a stable order and owned by root.
 */
gboolean
onward_archive_write (const char *parent, const char *name, const char *output, GError **error)
{
  g_autoptr (GSubprocess) tar = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (output);
  g_autoptr (GFileOutputStream) stream = NULL;

  tar = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, error, "tar", "--create", "--file=-",
                          "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--directory",
                          parent, name, NULL);
  if (tar == NULL)
    return FALSE;

  stream = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, NULL, error);
  if (stream == NULL ||
      !compress (g_subprocess_get_stdout_pipe (tar), G_OUTPUT_STREAM (stream), error) ||
      !g_subprocess_wait_check (tar, NULL, error))
    {
      g_prefix_error (error, "Writing “%s”: ", output);
      return FALSE;
    }

  return g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, error);
}
