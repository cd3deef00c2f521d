/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-metadata.h"

G_BEGIN_DECLS

/**
 * OnwardTrustClock:
 * @start: what time it is for the whole run, seconds since 1970
 * @issued: when the newest document known was signed; 0 when none said so
 *
 * What time it is: what the computer says, and never before a moment that signed documents prove
 * to be past.
 */
typedef struct
{
  gint64 start;
  gint64 issued;
} OnwardTrustClock;

/* @now: what the computer says. */
void     onward_trust_clock_init  (OnwardTrustClock *self, gint64 now);
/* Takes note of when a stored document, which its role still vouches for, was signed. */
void     onward_trust_clock_learn (OnwardTrustClock *self, OnwardMetadata *metadata);
/* EXPIRED, ROOT_EXPIRED or WRONG_CLOCK unless @metadata holds at the start. */
gboolean onward_trust_clock_check (const OnwardTrustClock *self, OnwardMetadata *metadata,
                                   OnwardRoleKind kind, GError **error);

G_END_DECLS
