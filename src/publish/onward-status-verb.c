/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-arguments.h"
#include "onward-catalogue.h"
#include "onward-notice.h"
#include "onward-report.h"
#include "onward-role-status.h"
#include "onward-verbs.h"

/* The document is not needed to list the release, so that one that is damaged hides no other. */
static OnwardReleaseDocument *
load_document (OnwardRepository *repository, OnwardTargets *targets, OnwardRelease *release)
{
  g_autoptr (GError) error = NULL;
  OnwardReleaseDocument *document =
      onward_catalogue_load_document (repository, targets, release, &error);

  if (document == NULL)
    onward_notice_warn ("Version %s: %s", onward_release_get_version (release), error->message);
  return document;
}

static void
print_release (OnwardRelease *release, OnwardReleaseDocument *document)
{
  g_autofree char *size = NULL;
  guint deltas = 0;

  if (document != NULL)
    {
      size = g_format_size (
          onward_pack_info_get_size (onward_release_document_get_full_pack (document)));
      deltas = onward_release_document_get_packs (document)->len - 1;
    }

  printf ("%-16s %5" G_GUINT64_FORMAT "  %-10s %-16s %-10s %10s  %u deltas%s\n",
          onward_release_get_version (release), onward_release_get_sequence (release),
          onward_release_get_channel (release), onward_release_get_platform (release),
          onward_release_get_date (release), size == NULL ? "?" : size, deltas,
          onward_release_is_withdrawn (release) ? "  withdrawn" : "");
}

static void
report_release (OnwardRelease *release, OnwardReleaseDocument *document)
{
  JsonBuilder *builder = onward_report_begin ("release");

  onward_report_add_release (builder, release);
  onward_report_add_boolean (builder, "withdrawn", onward_release_is_withdrawn (release));
  if (document != NULL)
    {
      OnwardPackInfo *full = onward_release_document_get_full_pack (document);

      onward_report_add_integer (builder, "size", (gint64) onward_pack_info_get_size (full));
      onward_report_add_integer (builder, "deltas",
                                 onward_release_document_get_packs (document)->len - 1);
    }
  onward_report_print (builder);
}

static gboolean
list_releases (OnwardRepository *repository, gboolean json, GError **error)
{
  g_autoptr (OnwardTargets) targets = onward_repository_verify_ahead (repository, error);
  g_autoptr (GPtrArray) releases = NULL;

  if (targets == NULL)
    return FALSE;
  releases = onward_catalogue_list (targets, error);
  if (releases == NULL)
    return FALSE;

  for (guint i = 0; i < releases->len; i++)
    {
      OnwardRelease *release = g_ptr_array_index (releases, i);
      g_autoptr (OnwardReleaseDocument) document = load_document (repository, targets, release);

      if (json)
        report_release (release, document);
      else
        print_release (release, document);
    }

  return TRUE;
}

/**
 * onward_status_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Lists the releases and what expires when. What is wrong with the repository is told after the
 * dates, which are often the reason.
 */
OnwardExit
onward_status_verb (int argc, char **argv, GError **error)
{
  static const char *const roles[] = { "root", "targets", "snapshot", "timestamp" };
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print one JSON object per line", NULL },
    { NULL },
  };
  g_autoptr (OnwardRepository) repository = NULL;

  if (!onward_arguments_parse ("REPO", entries, 1, &argc, &argv, error))
    return ONWARD_EXIT_USAGE;

  repository = onward_repository_open_to_read (argv[1], error);
  if (repository == NULL)
    return ONWARD_EXIT_FAILED;

  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    onward_role_status_print (repository, roles[i], json);
  return list_releases (repository, json, error) ? ONWARD_EXIT_DONE : ONWARD_EXIT_FAILED;
}
