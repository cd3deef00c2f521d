/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-intents.h"

/**
 * onward_intents_send:
 * @client: the update
 * @intent: what is asked for
 * @seconds: when to remind, from now
 * @error: set when @client refuses
 *
 * Passes @intent on to @client. Returns at once; the client's status tells what becomes of it.
 *
 * Returns: whether @client took it; %FALSE without @error for an intent that does not concern it.
 */
gboolean
onward_intents_send (OnwardClient *client, OnwardIntent intent, guint seconds, GError **error)
{
  switch (intent)
    {
    case ONWARD_INTENT_START:
      return onward_client_start (client, error);
    case ONWARD_INTENT_PAUSE:
      return onward_client_pause (client, error);
    case ONWARD_INTENT_RESUME:
      return onward_client_resume (client, error);
    case ONWARD_INTENT_RETRY_NOW:
      return onward_client_retry_now (client, error);
    case ONWARD_INTENT_CANCEL:
      return onward_client_cancel (client, error);
    case ONWARD_INTENT_SKIP:
      return onward_client_skip (client, error);
    case ONWARD_INTENT_REMIND:
      return onward_client_remind_later (client, seconds, error);
    case ONWARD_INTENT_NONE:
    case ONWARD_INTENT_CHECK:
    case ONWARD_INTENT_TRY_AGAIN:
    case ONWARD_INTENT_SHOW_SKIPPED:
    case ONWARD_INTENT_DOWNLOAD_ALL:
    case ONWARD_INTENT_DOWNLOAD_ANYWAY:
    case ONWARD_INTENT_CONTINUE_ANYWAY:
    case ONWARD_INTENT_INSTALL_ANYWAY:
    case ONWARD_INTENT_BACKGROUND:
    case ONWARD_INTENT_RESTART:
    case ONWARD_INTENT_PREFERENCES:
    case ONWARD_INTENT_CLOSE:
    case ONWARD_INTENT_QUIT_APPLICATION:
    case ONWARD_INTENT_QUIT:
      return FALSE;
    }
  g_return_val_if_reached (FALSE);
}
