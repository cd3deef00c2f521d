/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <string.h>

#include "onward-field-finders.h"
#include "onward-number.h"

/* Encodings of DWARF: four signed bytes, relative to themselves or to the section. */
#define RELATIVE_TO_SELF    0x1b
#define RELATIVE_TO_SECTION 0x3b

/* One entry of the section: a length, then as many bytes. */
typedef struct
{
  const OnwardSection *section;
  guint64 at;  /* where its bytes begin, with the distance back to its CIE */
  guint64 end; /* where they end */
} Entry;

static gboolean
skip_number (const Entry *entry, guint64 *at)
{
  while (*at < entry->end)
    if (entry->section->data[(*at)++] < 0x80)
      return TRUE;
  return FALSE;
}

/* How a CIE's functions say where their data for exceptions is; 0xff: there is none. */
static guint8
read_data_encoding (const Entry *cie)
{
  const guint8 *data = cie->section->data;
  guint64 text = cie->at + 5;
  guint64 at = text;
  guint8 encoding = 0xff;

  while (at < cie->end && data[at] != 0)
    at++;
  if (at++ >= cie->end || data[text] != 'z' || !skip_number (cie, &at) || !skip_number (cie, &at) ||
      !skip_number (cie, &at) || !skip_number (cie, &at))
    return 0xff;

  for (text++; data[text] != 0 && at < cie->end; text++)
    switch (data[text])
      {
      case 'L':
        encoding = data[at++];
        break;
      case 'P':
        at += 5;
        break;
      case 'R':
        at++;
        break;
      default:
        break;
      }
  return encoding;
}

static gboolean
read_entry (const OnwardSection *section, guint64 at, Entry *ret_entry)
{
  guint32 length;

  if (at + 8 > section->size)
    return FALSE;

  length = onward_number_get_32 (section->data + at);
  *ret_entry = (Entry){ section, at + 4, at + 4 + length };
  return length <= section->size - at - 4;
}

/* Whether the entry's CIE says that its functions name data for exceptions, as a distance. */
static gboolean
names_data (const Entry *entry, guint32 back)
{
  Entry cie;

  return read_entry (entry->section, entry->at - back, &cie) && cie.end - cie.at > 8 &&
         onward_number_get_32 (cie.section->data + cie.at) == 0 &&
         (read_data_encoding (&cie) & 0x7f) == RELATIVE_TO_SELF;
}

static void
find_in_entry (const OnwardImage *image, const Entry *entry, OnwardFields *fields)
{
  const guint8 *data = entry->section->data + entry->at;
  guint64 place = entry->section->offset + entry->at;
  guint32 back = onward_number_get_32 (data);
  guint64 start;

  if (back == 0 || entry->end - entry->at < 12)
    return;

  if (back <= entry->at)
    onward_fields_add (fields, place, ONWARD_FIELD_BACKWARD, 0);
  start = entry->section->address + entry->at + 4 +
          (guint64) (gint64) (gint32) onward_number_get_32 (data + 4);
  if (onward_space_has (&image->space, start))
    onward_fields_add (fields, place + 4, ONWARD_FIELD_RELATIVE, 0);

  if (entry->end - entry->at >= 17 && back >= 4 && back <= entry->at && data[12] >= 4 &&
      data[12] < 0x80 && onward_number_get_32 (data + 13) != 0 && names_data (entry, back))
    onward_fields_add (fields, place + 13, ONWARD_FIELD_RELATIVE, 0);
}

static void
find_in_frames (const OnwardImage *image, const OnwardSection *section, OnwardFields *fields)
{
  guint64 at = 0;

  while (at + 8 <= section->size)
    {
      Entry entry;

      if (onward_number_get_32 (section->data + at) == 0)
        {
          at += 4;
          continue;
        }
      if (!read_entry (section, at, &entry))
        return;
      if (entry.end - entry.at >= 4)
        find_in_entry (image, &entry, fields);
      at = entry.end;
    }
}

/* A sorted table: where each function begins, and where its entry is. */
static void
find_in_index (const OnwardSection *section, OnwardFields *fields)
{
  guint64 n;
  gint32 base;

  if (section->size <= 12 || section->data[0] != 1 || section->data[3] != RELATIVE_TO_SECTION)
    return;

  onward_fields_add (fields, section->offset + 4, ONWARD_FIELD_RELATIVE, 0);
  base = onward_fields_add_base (fields, section->address);
  n = MIN ((guint64) onward_number_get_32 (section->data + 8) * 2, (section->size - 12) / 4);
  for (guint64 i = 0; i < n; i++)
    onward_fields_add (fields, section->offset + 12 + i * 4, ONWARD_FIELD_BASED, base);
}

/**
 * onward_find_unwinding:
 * @image: an executable
 * @fields: grows by what .eh_frame and .eh_frame_hdr point at
 *
 * An #OnwardFieldFinder.
 */
void
onward_find_unwinding (const OnwardImage *image, OnwardFields *fields)
{
  for (guint i = 0; i < image->n_sections; i++)
    if (strcmp (image->sections[i].name, ".eh_frame") == 0)
      find_in_frames (image, &image->sections[i], fields);
    else if (strcmp (image->sections[i].name, ".eh_frame_hdr") == 0)
      find_in_index (&image->sections[i], fields);
}
