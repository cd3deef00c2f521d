/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-chapters.h"
#include "onward-error.h"
#include "onward-number.h"

/* All chapters together may start from so many times all bytes, where each counts this besides: so
 * a hostile delta takes no longer than a large one. */
#define MAX_WORK     4
#define CHAPTER_COST 4096
/* More than this is no delta that anyone wants, nor would an array hold twice as much. */
#define MAX_DELTA (G_GUINT64_CONSTANT (1) << 31)
/* What a chapter has before its bytes, at most. */
#define MAX_LINE (4 * ONWARD_NUMBER_MAX_SIZE)

/* One chapter, as it stands in a delta. */
typedef struct
{
  guint64 old_start;
  guint64 old_size;
  guint64 new_size;
  guint64 stored_size;
} Chapter;

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, why);
  return FALSE;
}

/**
 * onward_chapters_append:
 * @old_start: where in the old bytes those that @chapter starts from begin
 * @old_size: how many
 * @new_size: how many new ones it makes
 * @chapter: a delta that is none of several
 * @delta: grows by it
 *
 * Writes the next chapter.
 *
 * Returns: whether the delta is not too large with it; else it stays as it is
 */
gboolean
onward_chapters_append (guint64 old_start, guint64 old_size, guint64 new_size, GBytes *chapter,
                        GByteArray *delta)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (chapter, &size);

  if (size > MAX_DELTA || (guint64) delta->len + MAX_LINE > MAX_DELTA - size)
    return FALSE;

  onward_number_append (delta, old_start);
  onward_number_append (delta, old_size);
  onward_number_append (delta, new_size);
  onward_number_append (delta, size);
  g_byte_array_append (delta, data, (guint) size);
  return TRUE;
}

/* The old bytes of a chapter, in the pieces in which they are there. */
static GPtrArray *
slice (const OnwardParts *old_parts, const Chapter *chapter)
{
  GPtrArray *contents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint64 done = 0; done < chapter->old_size;)
    {
      gsize size;
      const guint8 *data = onward_parts_look (old_parts, chapter->old_start + done, &size);

      size = MIN (size, chapter->old_size - done);
      g_ptr_array_add (contents, g_bytes_new_static (data, size));
      done += size;
    }
  return contents;
}

static gboolean
read_chapter (const guint8 *data, gsize size, gsize *position, Chapter *chapter, GError **error)
{
  if (!onward_number_read (data, size, position, &chapter->old_start) ||
      !onward_number_read (data, size, position, &chapter->old_size) ||
      !onward_number_read (data, size, position, &chapter->new_size) ||
      !onward_number_read (data, size, position, &chapter->stored_size) ||
      chapter->stored_size > size - *position)
    return refuse (error, "The delta is cut off");
  return TRUE;
}

static gboolean
check_chapter (const OnwardDeltaHeader *header, const Chapter *chapter, guint64 new_left,
               GError **error)
{
  if (chapter->old_start > header->old_size ||
      chapter->old_size > header->old_size - chapter->old_start || chapter->new_size == 0 ||
      chapter->new_size > new_left)
    return refuse (error, "A chapter of the delta lies outside its bounds");
  return TRUE;
}

/* Old bytes in very many pieces are work, too. */
static gboolean
take_work (guint64 old_size, guint n_pieces, guint64 *work_left, GError **error)
{
  guint64 cost = (guint64) MAX (n_pieces, 1) * CHAPTER_COST;

  if (*work_left < cost || old_size > *work_left - cost)
    return refuse (error, "The delta has too many chapters");

  *work_left -= old_size + cost;
  return TRUE;
}

/* A chapter neither has chapters nor inflates anything: what all of them take stays bounded. */
static gboolean
check_delta (GBytes *delta, GError **error)
{
  OnwardDeltaHeader header;
  gsize position;

  return onward_delta_header_read (&header, delta, &position, error) &&
         ((header.version < ONWARD_DELTA_CHAPTERS && !header.is_deflated) ||
          refuse (error, "A chapter of the delta is of a version that cannot be one"));
}

/**
 * onward_chapters_apply:
 * @old_parts: the old contents
 * @delta: a delta; hostile bytes do no harm
 * @position: where its header ends
 * @header: what that says
 * @sink: receives the new bytes in consecutive pieces
 * @user_data: for @sink
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Rebuilds new bytes, chapter by chapter. Blocking.
 *
 * Returns: whether exactly as many bytes as must were emitted
 */
gboolean
onward_chapters_apply (const OnwardParts *old_parts, GBytes *delta, gsize position,
                       const OnwardDeltaHeader *header, OnwardDeltaSink sink, gpointer user_data,
                       GCancellable *cancellable, GError **error)
{
  guint64 new_left = header->new_size;
  guint64 work_left = CHAPTER_COST;
  gsize size;
  const guint8 *data = g_bytes_get_data (delta, &size);

  if (new_left > G_MAXUINT64 / MAX_WORK / 2 || header->old_size > G_MAXUINT64 / MAX_WORK / 2)
    return refuse (error, "The delta is of more than there can be");

  work_left += MAX_WORK * (header->old_size + header->new_size);
  while (new_left > 0)
    {
      g_autoptr (GBytes) stored = NULL;
      g_autoptr (GPtrArray) contents = NULL;
      Chapter chapter;

      if (!read_chapter (data, size, &position, &chapter, error) ||
          !check_chapter (header, &chapter, new_left, error))
        return FALSE;

      stored = g_bytes_new_from_bytes (delta, position, chapter.stored_size);
      contents = slice (old_parts, &chapter);
      if (!take_work (chapter.old_size, contents->len, &work_left, error) ||
          !check_delta (stored, error) ||
          !onward_delta_apply (contents, stored, chapter.new_size, sink, user_data, cancellable,
                               error))
        return FALSE;
      position += chapter.stored_size;
      new_left -= chapter.new_size;
    }
  return position == size || refuse (error, "Something follows the delta");
}
