/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>

#include "onward-field-finders.h"
#include "onward-field-value.h"
#include "onward-number.h"

#define PAGE_MASK (~(guint64) 0xfff)
/* How far an instruction may be from the adrp that it completes. */
#define REACH 16

/* What each register holds since its last adrp. */
typedef struct
{
  guint64 page;
  guint64 place;   /* of the adrp, in the section */
  guint64 expires; /* 0: it holds none */
  gboolean is_noted;
} Register;

typedef struct
{
  const OnwardImage *image;
  const OnwardSection *section;
  OnwardFields *fields;
  Register registers[32];
} Sweep;

static void
find_branch (Sweep *self, guint64 at, guint32 word)
{
  gint64 distance = (gint64) (gint32) (word << 6) >> 4;
  guint64 target = self->section->address + at + (guint64) distance;

  if (onward_space_has_code (&self->image->space, target))
    onward_fields_add (self->fields, self->section->offset + at, ONWARD_FIELD_BRANCH, 0);
}

static void
begin_page (Sweep *self, guint64 at, guint32 word)
{
  guint64 low = (word >> 29) & 3;
  guint64 high = (guint64) ((gint64) (gint32) (word << 8) >> 13) << 2;
  Register *reg = &self->registers[word & 31];

  reg->page = ((self->section->address + at) & PAGE_MASK) + ((high | low) << 12);
  reg->place = at;
  reg->expires = at + REACH * 4;
  reg->is_noted = FALSE;
}

/* An add or a load at a distance from a register with a page: together they name the target. */
static void
complete_page (Sweep *self, guint64 at, guint32 word, guint shift, OnwardFieldKind kind)
{
  Register *reg = &self->registers[(word >> 5) & 31];
  guint64 target = reg->page + ((guint64) ((word >> 10) & 0xfff) << shift);
  gint32 base;

  if (at >= reg->expires || !onward_space_has (&self->image->space, target))
    return;

  base = onward_fields_add_base (self->fields, target);
  if (!reg->is_noted)
    onward_fields_add (self->fields, self->section->offset + reg->place, ONWARD_FIELD_PAGE, base);
  reg->is_noted = TRUE;
  onward_fields_add (self->fields, self->section->offset + at, kind, base);
}

static void
sweep_word (Sweep *self, guint64 at, guint32 word)
{
  if ((word & 0x7c000000) == 0x14000000)
    find_branch (self, at, word);
  else if ((word & 0x9f000000) == 0x90000000)
    begin_page (self, at, word);
  else if ((word & 0xffc00000) == 0x91000000)
    complete_page (self, at, word, 0, ONWARD_FIELD_LOW);
  else if ((word & 0x3b000000) == 0x39000000)
    complete_page (self, at, word, onward_field_value_get_scale (word), ONWARD_FIELD_LOW_SCALED);
}

static void
sweep (const OnwardImage *image, const OnwardSection *section, OnwardFields *fields)
{
  Sweep self = { image, section, fields };

  for (guint64 at = 0; at + 4 <= section->size; at += 4)
    sweep_word (&self, at, onward_number_get_32 (section->data + at));
}

/**
 * onward_find_aarch64:
 * @image: an executable
 * @fields: grows by the instructions of AArch64 code that branch, or name an address in two steps
 *
 * An #OnwardFieldFinder.
 */
void
onward_find_aarch64 (const OnwardImage *image, OnwardFields *fields)
{
  for (guint i = 0; image->space.machine == EM_AARCH64 && i < image->n_sections; i++)
    if (image->sections[i].type == SHT_PROGBITS && (image->sections[i].flags & SHF_EXECINSTR) != 0)
      sweep (image, &image->sections[i], fields);
}
