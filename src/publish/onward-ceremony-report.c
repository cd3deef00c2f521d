/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-ceremony-report.h"
#include "onward-log.h"
#include "onward-report.h"
#include "onward-root-draft.h"

#define MAX_CHARS 300

static const char *
get_nick (OnwardCeremonyEnd end)
{
  switch (end)
    {
    case ONWARD_CEREMONY_PUBLISHED:
      return "published";
    case ONWARD_CEREMONY_STAGED:
      return "waits-for-online-keys";
    case ONWARD_CEREMONY_WAITING:
      return "waits-for-signatures";
    case ONWARD_CEREMONY_FAILED:
      return "failed";
    }
  g_return_val_if_reached ("failed");
}

static void
print_missing (OnwardRootRequest *request)
{
  guint before = onward_root_request_get_missing (request, FALSE);
  guint after = onward_root_request_get_missing (request, TRUE);

  printf ("It waits for %u more signatures of the root keys in force, and %u of the new ones.\n",
          before, after);
}

static void
print_end (OnwardRepository *repository, OnwardCeremonyEnd end, OnwardRootRequest *request)
{
  gint64 version = onward_repository_get_version (repository, "root");

  if (end == ONWARD_CEREMONY_PUBLISHED)
    printf ("Root %" G_GINT64_FORMAT " is published. Upload the repository: every client follows "
            "by itself.\n",
            version);
  else if (end == ONWARD_CEREMONY_STAGED)
    printf ("Root %" G_GINT64_FORMAT " is signed. It is published by “onward-publish refresh” "
            "where the online keys are.\n",
            version);
  else
    {
      print_missing (request);
      puts ("Take the file that “onward-publish key export” writes to the root keys, sign it there "
            "with\n“onward-publish key sign”, and bring it back with “onward-publish key import”.");
    }
}

static void
add_missing (JsonBuilder *builder, OnwardRootRequest *request)
{
  onward_report_add_integer (builder, "missing-before",
                             onward_root_request_get_missing (request, FALSE));
  onward_report_add_integer (builder, "missing-after",
                             onward_root_request_get_missing (request, TRUE));
}

/**
 * onward_ceremony_report_end:
 * @repository: a repository
 * @end: how a change of its root ended; not by failing
 * @json: for scripts
 *
 * Says what became of the change, and what is to be done next.
 *
 * Returns: the status to exit with
 */
OnwardExit
onward_ceremony_report_end (OnwardRepository *repository, OnwardCeremonyEnd end, gboolean json)
{
  g_autoptr (OnwardRootRequest) request =
      end == ONWARD_CEREMONY_WAITING ? onward_ceremony_load (repository, NULL) : NULL;
  JsonBuilder *builder;

  if (!json)
    {
      print_end (repository, end, request);
      return ONWARD_EXIT_DONE;
    }

  builder = onward_report_begin ("root");
  onward_report_add_string (builder, "state", get_nick (end));
  onward_report_add_integer (builder, "version",
                             onward_repository_get_version (repository, "root"));
  if (request != NULL)
    add_missing (builder, request);
  onward_report_print (builder);
  return ONWARD_EXIT_DONE;
}

/**
 * onward_ceremony_report_request:
 * @request: a root to sign
 * @json: for scripts
 *
 * Says what signing it would change.
 */
void
onward_ceremony_report_request (OnwardRootRequest *request, gboolean json)
{
  g_autoptr (GPtrArray) lines = onward_root_draft_describe (
      onward_root_request_get_before (request), onward_root_request_get_next (request));
  JsonBuilder *builder;

  for (guint i = 0; i < lines->len; i++)
    {
      g_autofree char *shown = onward_log_escape (g_ptr_array_index (lines, i), MAX_CHARS);

      if (!json)
        printf ("  %s\n", shown);
      else
        {
          builder = onward_report_begin ("change");
          onward_report_add_string (builder, "text", shown);
          onward_report_print (builder);
        }
    }
  if (!json)
    {
      print_missing (request);
      return;
    }
  builder = onward_report_begin ("request");
  add_missing (builder, request);
  onward_report_print (builder);
}
