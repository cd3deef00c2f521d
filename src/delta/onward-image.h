/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-delta-header.h"
#include "onward-space.h"

G_BEGIN_DECLS

/**
 * OnwardSection:
 * @name: (unowned): its name
 * @type: what it holds, as in ELF
 * @flags: as in ELF
 * @link: the index of a section it refers to
 * @address: where it is in memory
 * @offset: where it is in the file
 * @size: its size; 0 when it has no bytes in the file
 * @data: (unowned): its bytes
 *
 * A section of an executable.
 */
typedef struct
{
  const char *name;
  guint32 type;
  guint64 flags;
  guint32 link;
  guint64 address;
  guint64 offset;
  guint64 size;
  const guint8 *data;
} OnwardSection;

/**
 * OnwardImage:
 * @data: (unowned): the file
 * @size: its size
 * @space: where its bytes are in memory
 * @version: of the deltas whose fields are looked for
 * @is_fixed: whether it only runs at the addresses it names
 * @n_sections: how many sections there are
 * @sections: (owned): they
 *
 * An executable file, taken apart.
 */
typedef struct
{
  const guint8 *data;
  gsize size;
  OnwardSpace space;
  OnwardDeltaVersion version;
  gboolean is_fixed;
  guint n_sections;
  OnwardSection *sections;
} OnwardImage;

OnwardImage         *onward_image_new          (const guint8 *data, gsize size,
                                                OnwardDeltaVersion version);
void                 onward_image_free         (OnwardImage *self);
const OnwardSection *onward_image_find_section (const OnwardImage *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardImage, onward_image_free)

G_END_DECLS
