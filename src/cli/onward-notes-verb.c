/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-report.h"
#include "onward-status-report.h"
#include "onward-terminal.h"
#include "onward-verbs.h"

static void
print_notes (OnwardCommand *self, OnwardRelease *release)
{
  const char *notes = onward_release_get_notes (release, g_get_language_names ());
  g_autofree char *text = NULL;

  if (self->json)
    {
      JsonBuilder *builder = onward_report_begin ("notes");

      onward_report_add_release (builder, release);
      onward_report_add_string (builder, "notes", notes);
      onward_report_print (builder);
      return;
    }

  text = onward_terminal_escape_lines (notes == NULL ? "No release notes" : notes);
  printf ("Version %s (%s)\n\n%s\n\n", onward_release_get_version (release),
          onward_release_get_date (release), text);
}

static OnwardExit
print_current (OnwardCommand *self)
{
  g_autoptr (OnwardRelease) current = onward_client_dup_current_release (self->client);

  if (current == NULL)
    {
      if (self->json)
        onward_status_report_up_to_date (self->client);
      onward_terminal_say ("Nothing is known about version %s",
                           onward_client_get_version (self->client));
      return ONWARD_EXIT_NOTHING;
    }

  print_notes (self, current);
  return ONWARD_EXIT_DONE;
}

/**
 * onward_notes_verb:
 * @self: the command
 * @error: return location
 *
 * Prints the notes of every newer version, or those of the current one when there is none.
 */
OnwardExit
onward_notes_verb (OnwardCommand *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gboolean found = onward_command_check (self, &local_error);
  GPtrArray *releases;

  if (local_error == NULL && !found)
    return print_current (self);
  if (local_error != NULL || !onward_command_describe (self, &local_error))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return ONWARD_EXIT_FAILED;
    }

  releases = onward_status_get_releases (onward_client_get_status (self->client));
  for (guint i = 0; i < releases->len; i++)
    print_notes (self, g_ptr_array_index (releases, i));
  return ONWARD_EXIT_DONE;
}
