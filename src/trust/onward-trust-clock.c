/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-trust-clock.h"

#include "onward-date.h"
#include "onward-error.h"

/* A publisher who is silent for longer has stopped, or it is the clock that ran away. */
#define LONGEST_SILENCE (G_GINT64_CONSTANT (2) * 365 * 24 * 60 * 60)

/**
 * onward_trust_clock_init:
 * @self: a clock
 * @now: what the computer says, seconds since 1970
 */
void
onward_trust_clock_init (OnwardTrustClock *self, gint64 now)
{
  g_return_if_fail (self != NULL);

  self->start = now;
  self->issued = 0;
}

/**
 * onward_trust_clock_learn:
 * @self: a clock
 * @metadata: a stored document that its role's present keys vouch for
 *
 * A document cannot have been stored before it was signed, so the present is later than that. To
 * rotate a role's keys is to forget what they said of the time: else a thief of the key who signs
 * in the far future would lock clients out for ever.
 */
void
onward_trust_clock_learn (OnwardTrustClock *self, OnwardMetadata *metadata)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (metadata != NULL);

  self->issued = MAX (self->issued, onward_metadata_get_issued (metadata));
  self->start = MAX (self->start, self->issued);
}

static void
set_wrong_clock (const OnwardTrustClock *self, gint64 issued, const char *expires, GError **error)
{
  g_autofree char *shown = onward_date_format (self->start);
  g_autofree char *signed_at = onward_date_format (issued);

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_WRONG_CLOCK,
               "it expired at %s: the clock shows %s, but nothing was signed since %s", expires,
               shown, signed_at);
}

static void
set_expired (const OnwardTrustClock *self, gint64 issued, OnwardRoleKind kind, const char *expires,
             GError **error)
{
  OnwardError code = kind == ONWARD_ROLE_ROOT ? ONWARD_ERROR_ROOT_EXPIRED : ONWARD_ERROR_EXPIRED;
  g_autofree char *shown = onward_date_format (self->start);
  g_autofree char *signed_at = onward_date_format (issued);

  if (issued > 0)
    g_set_error (error, ONWARD_ERROR, (int) code,
                 "it expired at %s: the clock shows %s, and nothing was signed since %s", expires,
                 shown, signed_at);
  else
    g_set_error (error, ONWARD_ERROR, (int) code, "it expired at %s: the clock shows %s", expires,
                 shown);
}

/**
 * onward_trust_clock_check:
 * @self: a clock
 * @metadata: a document
 * @kind: what it is
 * @error: return location for ONWARD_ERROR_EXPIRED, ROOT_EXPIRED or WRONG_CLOCK
 *
 * TUF specification 5.3.10, 5.4.4, 5.5.6 and 5.6.5. When years have passed since anything was
 * signed, it is more likely that the clock is wrong than that the publisher stopped.
 *
 * Returns: whether @metadata expires after the start of the run
 */
gboolean
onward_trust_clock_check (const OnwardTrustClock *self, OnwardMetadata *metadata,
                          OnwardRoleKind kind, GError **error)
{
  const char *expires;
  gint64 issued;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (metadata != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (onward_metadata_get_expiry (metadata) > self->start)
    return TRUE;

  expires = json_object_get_string_member (onward_metadata_get_content (metadata), "expires");
  issued = MAX (self->issued, onward_metadata_get_issued (metadata));
  if (issued > 0 && self->start - issued > LONGEST_SILENCE)
    set_wrong_clock (self, issued, expires, error);
  else
    set_expired (self, issued, kind, expires, error);
  return FALSE;
}
