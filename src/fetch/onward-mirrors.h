/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ONWARD_MIRRORS_NO_BLOCK:
 *
 * No block in particular.
 */
#define ONWARD_MIRRORS_NO_BLOCK G_MAXUINT64

/**
 * OnwardMirrors:
 *
 * The addresses of one file and what became of asking each: pure policy, the time is given.
 *
 * A round asks each address until it fails, best first; when a round is over, there is a wait. What
 * is best is what an address delivered and how often it failed; before anything is known, the order
 * they were added in.
 */
typedef struct _OnwardMirrors OnwardMirrors;

OnwardMirrors *onward_mirrors_new              (void);
void           onward_mirrors_free             (OnwardMirrors *self);

void           onward_mirrors_add              (OnwardMirrors *self, GUri *address);
GUri          *onward_mirrors_get              (OnwardMirrors *self, guint index);
guint          onward_mirrors_get_count        (OnwardMirrors *self);

void           onward_mirrors_forgive          (OnwardMirrors *self);
void           onward_mirrors_begin_round      (OnwardMirrors *self);
int            onward_mirrors_pick             (OnwardMirrors *self, guint64 block, gint64 now);
gint64         onward_mirrors_get_busy_until   (OnwardMirrors *self, gint64 now);
void           onward_mirrors_forget_busy      (OnwardMirrors *self);
gboolean       onward_mirrors_are_all_missing  (OnwardMirrors *self);
gboolean       onward_mirrors_are_all_wrong    (OnwardMirrors *self, guint64 block);
gboolean       onward_mirrors_are_local        (OnwardMirrors *self);

void           onward_mirrors_note_begun       (OnwardMirrors *self, guint index);
void           onward_mirrors_note_ended       (OnwardMirrors *self, guint index, guint64 bytes,
                                                 gint64 microseconds);
gboolean       onward_mirrors_is_at_work       (OnwardMirrors *self, guint index);
void           onward_mirrors_note_useful      (OnwardMirrors *self, guint index);
void           onward_mirrors_note_failure     (OnwardMirrors *self, guint index);
void           onward_mirrors_note_busy        (OnwardMirrors *self, guint index, gint64 until);
void           onward_mirrors_note_missing     (OnwardMirrors *self, guint index);
void           onward_mirrors_note_found       (OnwardMirrors *self, guint index);
void           onward_mirrors_note_bad_block   (OnwardMirrors *self, guint index, guint64 block);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardMirrors, onward_mirrors_free)

G_END_DECLS
