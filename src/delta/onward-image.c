/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <string.h>

#include "onward-image.h"
#include "onward-number.h"

#define GET_64(data, type, member) onward_number_get_64 ((data) + G_STRUCT_OFFSET (type, member))
#define GET_32(data, type, member) onward_number_get_32 ((data) + G_STRUCT_OFFSET (type, member))
#define GET_16(data, type, member) onward_number_get_16 ((data) + G_STRUCT_OFFSET (type, member))

static void
read_section (const OnwardImage *self, const guint8 *data, OnwardSection *section)
{
  section->name = "";
  section->type = GET_32 (data, Elf64_Shdr, sh_type);
  section->flags = GET_64 (data, Elf64_Shdr, sh_flags);
  section->link = GET_32 (data, Elf64_Shdr, sh_link);
  section->address = GET_64 (data, Elf64_Shdr, sh_addr);
  section->offset = GET_64 (data, Elf64_Shdr, sh_offset);
  section->size = GET_64 (data, Elf64_Shdr, sh_size);
  section->data = self->data;
  if (section->type != SHT_NOBITS && section->offset <= self->size &&
      section->size <= self->size - section->offset)
    section->data += section->offset;
  else
    section->size = 0;
}

/* A name counts only when it ends within its table. */
static void
read_names (OnwardImage *self, const guint8 *headers, guint table)
{
  const OnwardSection *names = table < self->n_sections ? &self->sections[table] : NULL;

  for (guint i = 0; names != NULL && i < self->n_sections; i++)
    {
      guint32 at = GET_32 (headers + i * sizeof (Elf64_Shdr), Elf64_Shdr, sh_name);

      if (at < names->size && memchr (names->data + at, '\0', names->size - at) != NULL)
        self->sections[i].name = (const char *) names->data + at;
    }
}

static void
read_sections (OnwardImage *self)
{
  guint64 start = GET_64 (self->data, Elf64_Ehdr, e_shoff);
  guint n = GET_16 (self->data, Elf64_Ehdr, e_shnum);

  if (start == 0 || start > self->size || n * sizeof (Elf64_Shdr) > self->size - start ||
      GET_16 (self->data, Elf64_Ehdr, e_shentsize) != sizeof (Elf64_Shdr))
    return;

  self->n_sections = n;
  self->sections = g_new0 (OnwardSection, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    read_section (self, self->data + start + i * sizeof (Elf64_Shdr), &self->sections[i]);
  read_names (self, self->data + start, GET_16 (self->data, Elf64_Ehdr, e_shstrndx));
}

/**
 * onward_image_new:
 * @data: a file, which must outlive the image
 * @size: its size
 * @version: of the deltas whose fields will be looked for
 *
 * Takes an executable apart. Hostile bytes do no harm.
 *
 * Returns: (transfer full) (nullable): the image; %NULL when the file is no executable
 */
OnwardImage *
onward_image_new (const guint8 *data, gsize size, OnwardDeltaVersion version)
{
  OnwardSpace space;
  OnwardImage *self;

  if (!onward_space_parse (&space, data, size, size))
    return NULL;

  self = g_new0 (OnwardImage, 1);
  self->data = data;
  self->size = size;
  self->space = space;
  self->version = version;
  self->is_fixed = GET_16 (data, Elf64_Ehdr, e_type) == ET_EXEC;
  read_sections (self);
  return self;
}

/**
 * onward_image_free:
 * @self: (transfer full) (nullable): an image
 *
 * Frees it.
 */
void
onward_image_free (OnwardImage *self)
{
  if (self == NULL)
    return;

  g_free (self->sections);
  g_free (self);
}

/**
 * onward_image_find_section:
 * @self: an image
 * @name: a section's name
 *
 * Returns: (transfer none) (nullable): the first section of that name
 */
const OnwardSection *
onward_image_find_section (const OnwardImage *self, const char *name)
{
  for (guint i = 0; i < self->n_sections; i++)
    if (strcmp (self->sections[i].name, name) == 0)
      return &self->sections[i];
  return NULL;
}
