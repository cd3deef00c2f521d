/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "install-fixture.h"

G_BEGIN_DECLS

/**
 * HostilePack:
 * @bytes: (owned): the file
 * @head_size: how long its head is said to be
 * @size: how long the file is said to be
 * @limit: how many bytes it may write into staging
 *
 * A pack as a release document tells of it, which may lie as much as the pack.
 */
typedef struct
{
  GBytes *bytes;
  guint64 head_size;
  guint64 size;
  guint64 limit;
} HostilePack;

/**
 * HostileVictim:
 * @fixture: an install of 1.0.0
 * @before: what stands in and around it, and where it will be looked for again
 * @memory: the most memory that reading a pack took so far, in KiB
 *
 * An install, with things beside it and above it that are nobody's business.
 */
typedef struct
{
  InstallFixture fixture;
  GHashTable *before;
  gsize memory;
} HostileVictim;

void     hostile_pack_clear      (HostilePack *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HostilePack, hostile_pack_clear)

/* What is in the file of 1.0.0 from which deltas may start. */
GBytes  *hostile_victim_make_old (void);
void     hostile_victim_set_up   (HostileVictim *self);
void     hostile_victim_tear_down (HostileVictim *self);
/* Updates to 2.0.0 by a pack, as flow does. */
gboolean hostile_victim_attack   (HostileVictim *self, const HostilePack *pack, GError **error);
/* Remembers everything as it is. */
void     hostile_victim_remember (HostileVictim *self);
/* Nothing outside staging is other than it was but, when @is_built, version 2.0.0. */
void     hostile_victim_judge    (HostileVictim *self, gboolean is_built, guint64 limit);

G_END_DECLS
