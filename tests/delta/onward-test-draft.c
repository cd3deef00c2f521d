/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-chapters.h"
#include "onward-number.h"
#include "onward-test-draft.h"

OnwardTestDraft *
onward_test_draft_new (guint64 old_size, guint64 new_size)
{
  OnwardTestDraft *self = g_new0 (OnwardTestDraft, 1);

  self->header = (OnwardDeltaHeader){ ONWARD_DELTA_TOGETHER, old_size, new_size, FALSE };
  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    self->streams[i] = g_byte_array_new ();
  return self;
}

void
onward_test_draft_free (OnwardTestDraft *self)
{
  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    g_byte_array_unref (self->streams[i]);
  g_free (self);
}

void
onward_test_draft_say (OnwardTestDraft *self, OnwardDeltaStreamKind kind, guint64 number)
{
  onward_number_append (self->streams[kind], number);
}

/* A new executable, so far from the last one's end; the old one counted from the one after the
 * last. */
void
onward_test_draft_say_file (OnwardTestDraft *self, guint64 gap, gint64 part, gint64 growth)
{
  onward_number_append (self->streams[ONWARD_STREAM_FILES], gap);
  onward_number_append_signed (self->streams[ONWARD_STREAM_FILES], part);
  onward_number_append_signed (self->streams[ONWARD_STREAM_FILES], growth);
}

void
onward_test_draft_say_cover (OnwardTestDraft *self, guint64 gap, guint64 length, gint64 jump)
{
  onward_test_draft_say (self, ONWARD_STREAM_GAPS, gap);
  onward_test_draft_say (self, ONWARD_STREAM_LENGTHS, length);
  onward_test_draft_say (self, ONWARD_STREAM_CHOICES, 0);
  onward_number_append_signed (self->streams[ONWARD_STREAM_JUMPS], jump);
}

static void
append_streams (const OnwardTestDraft *self, GByteArray *delta)
{
  gsize size = 0;

  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    {
      onward_number_append (delta, self->streams[i]->len);
      size += self->streams[i]->len;
    }
  if (size > 0)
    {
      onward_number_append (delta, ONWARD_STREAM_STORED);
      onward_number_append (delta, size);
    }
  for (guint i = 0; i < ONWARD_N_STREAMS; i++)
    g_byte_array_append (delta, self->streams[i]->data, self->streams[i]->len);
}

static GBytes *
finish_whole (const OnwardTestDraft *self, const OnwardDeltaHeader *header)
{
  GByteArray *delta = g_byte_array_new ();

  onward_delta_header_append (header, delta);
  if (header->is_deflated)
    {
      onward_number_append (delta, 0);
      onward_number_append (delta, header->new_size);
      onward_number_append (delta, 0);
      onward_number_append (delta, 0);
    }
  if (header->version >= ONWARD_DELTA_TOGETHER)
    onward_number_append (delta, ONWARD_ALL_STREAMS);
  append_streams (self, delta);
  return g_byte_array_free_to_bytes (delta);
}

GBytes *
onward_test_draft_finish (const OnwardTestDraft *self)
{
  OnwardDeltaHeader header = self->header;
  g_autoptr (GBytes) chapter = NULL;
  GByteArray *delta;

  if (header.version != ONWARD_DELTA_CHAPTERS)
    return finish_whole (self, &header);

  delta = g_byte_array_new ();
  onward_delta_header_append (&header, delta);
  header.version = ONWARD_DELTA_TOGETHER;
  chapter = finish_whole (self, &header);
  g_assert_true (onward_chapters_append (0, header.old_size, header.new_size, chapter, delta));
  return g_byte_array_free_to_bytes (delta);
}
