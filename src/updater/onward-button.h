/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-screen.h"

G_BEGIN_DECLS

/* What a button, a key or the window's × asks for. */
typedef enum
{
  ONWARD_INTENT_NONE,
  ONWARD_INTENT_CHECK,
  ONWARD_INTENT_TRY_AGAIN,
  ONWARD_INTENT_SHOW_SKIPPED,
  ONWARD_INTENT_START,
  ONWARD_INTENT_DOWNLOAD_ALL,
  ONWARD_INTENT_DOWNLOAD_ANYWAY,
  ONWARD_INTENT_CONTINUE_ANYWAY,
  ONWARD_INTENT_INSTALL_ANYWAY,
  ONWARD_INTENT_SKIP,
  ONWARD_INTENT_REMIND,
  ONWARD_INTENT_PAUSE,
  ONWARD_INTENT_RESUME,
  ONWARD_INTENT_RETRY_NOW,
  ONWARD_INTENT_CANCEL,
  ONWARD_INTENT_BACKGROUND,
  ONWARD_INTENT_RESTART,
  ONWARD_INTENT_PREFERENCES,
  ONWARD_INTENT_CLOSE,
  ONWARD_INTENT_QUIT_APPLICATION,
  ONWARD_INTENT_QUIT,
} OnwardIntent;

#define ONWARD_INTENT_LAST ONWARD_INTENT_QUIT

typedef enum
{
  ONWARD_BUTTON_PLAIN = 0,
  ONWARD_BUTTON_LEADING = 1 << 0, /* stands apart, at the start of the row */
  ONWARD_BUTTON_DEFAULT = 1 << 1, /* Enter presses it */
  ONWARD_BUTTON_MENU = 1 << 2,    /* has a menu of times beside it */
} OnwardButtonFlags;

/* One button of a screen. Sets of them end with ONWARD_INTENT_NONE. */
typedef struct
{
  OnwardIntent intent;
  const char *label; /* untranslated, with its mnemonic; %s stands for the application's name */
  OnwardButtonFlags flags;
} OnwardButton;

const char         *onward_intent_get_nick       (OnwardIntent intent);
const OnwardButton *onward_button_set_for_screen (OnwardScreen screen, OnwardStatus *status,
                                                  const GError *error);
OnwardIntent        onward_button_set_get_escape (const OnwardButton *set);
gboolean            onward_button_set_has        (const OnwardButton *set, OnwardIntent intent);
char               *onward_button_dup_label      (const OnwardButton *self, const char *name);
gboolean            onward_button_is_sensitive   (const OnwardButton *self, OnwardStatus *status,
                                                  gint64 now);

G_END_DECLS
