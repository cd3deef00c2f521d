/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-inhibition.h"

#include <glib/gi18n-lib.h>

/**
 * onward_inhibition_update:
 * @application: the application that installs
 * @window: its window
 * @inhibition: what this returned the last time, at first 0
 * @installing: whether an update is being installed
 * @name: the name of the application that it is for
 *
 * Holds up logging out and going to sleep while an update is being installed.
 *
 * Returns: what to pass the next time
 */
guint
onward_inhibition_update (GtkApplication *application, GtkWindow *window, guint inhibition,
                          gboolean installing, const char *name)
{
  g_autofree char *reason = NULL;

  if (installing == (inhibition != 0))
    return inhibition;
  if (!installing)
    {
      gtk_application_uninhibit (application, inhibition);
      return 0;
    }
  reason = g_strdup_printf (_ ("Installing an update of %s"), name);
  return gtk_application_inhibit (application, window,
                                  GTK_APPLICATION_INHIBIT_LOGOUT | GTK_APPLICATION_INHIBIT_SUSPEND,
                                  reason);
}
