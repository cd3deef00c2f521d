/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-button.h"
#include "onward-status.h"
#include "onward-subject.h"

G_BEGIN_DECLS

/**
 * OnwardWording:
 * @screen: the screen
 * @error: (nullable): what failed
 * @title: its one sentence
 * @body: (nullable): what else is to be known
 * @hint: (nullable): more on the body, for who asks
 * @notes_title: (nullable): what stands above the notes
 * @announcement: what a screen reader says when the screen appears
 * @buttons: its buttons, ended by ONWARD_INTENT_NONE
 * @escape: what Esc and × mean
 *
 * Every word of a screen that is not progress, and its buttons.
 */
typedef struct
{
  OnwardScreen screen;
  GError *error;
  char *title;
  char *body;
  char *hint;
  char *notes_title;
  char *announcement;
  const OnwardButton *buttons;
  OnwardIntent escape;
} OnwardWording;

OnwardWording *onward_wording_new      (OnwardStatus *status, const OnwardSubject *subject,
                                        const GError *refusal, gint64 now);
void           onward_wording_free     (OnwardWording *self);
/* A date as in a release, "2026-10-02" or longer, for reading; "" when it is not one. */
char          *onward_wording_dup_date (const char *date);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardWording, onward_wording_free)

G_END_DECLS
