/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-cover-reader.h"
#include "onward-error.h"
#include "onward-number.h"

static gboolean
read_source (OnwardCoverReader *self, OnwardCover *cover, GError **error)
{
  OnwardStreamReader **readers = self->streams->readers;
  guint64 folded;
  gint64 jump;
  guint8 choice;

  if (!onward_stream_reader_read (readers[ONWARD_STREAM_CHOICES], &choice, 1, error) ||
      !onward_stream_reader_number (readers[ONWARD_STREAM_JUMPS], &folded, error))
    return FALSE;

  if (choice >= 2 * ONWARD_COVER_N_ENDS)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "A cover of the delta is counted from nowhere");
      return FALSE;
    }

  jump = onward_number_unfold (folded);
  cover->source =
      onward_cover_trail_foretell (&self->trail, choice, cover->target) + (guint64) jump;
  onward_cover_trail_follow (&self->trail, cover, choice, jump);
  return TRUE;
}

/**
 * onward_cover_reader_advance:
 * @self: a reader
 * @error: return location for an error
 *
 * Reads the next cover, if there is one, and checks that it lies within the old and the new bytes.
 *
 * Returns: whether all went well
 */
gboolean
onward_cover_reader_advance (OnwardCoverReader *self, GError **error)
{
  OnwardStreamReader **readers = self->streams->readers;
  guint64 end = self->next.target + self->next.length;
  OnwardCover cover;
  guint64 gap;

  self->has_next = onward_stream_reader_get_left (readers[ONWARD_STREAM_LENGTHS]) > 0;
  if (!self->has_next)
    return TRUE;

  if (!onward_stream_reader_number (readers[ONWARD_STREAM_LENGTHS], &cover.length, error) ||
      !onward_stream_reader_number (readers[ONWARD_STREAM_GAPS], &gap, error))
    return FALSE;

  if (gap <= self->new_size - end && cover.length > 0 && cover.length <= self->new_size - end - gap)
    {
      cover.target = end + gap;
      if (!read_source (self, &cover, error))
        return FALSE;
      self->next = cover;
      if (cover.source <= self->old_size && cover.length <= self->old_size - cover.source)
        return TRUE;
    }

  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                       "A cover of the delta lies outside its bounds");
  return FALSE;
}
