/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "onward-arguments.h"
#include "onward-date.h"
#include "onward-error.h"
#include "onward-paths.h"
#include "onward-report.h"
#include "onward-repository.h"
#include "onward-selector.h"
#include "onward-verbs.h"
#include "onward-version.h"

#define BUCKETS 100

typedef struct
{
  OnwardSelector selector; /* its strings are the members below */
  char *version;
  char *platform;
  char *channel;
  char *date;
  int bucket;
  gboolean json;
} Simulation;

static void
simulation_clear (Simulation *self)
{
  g_free (self->version);
  g_free (self->platform);
  g_free (self->channel);
  g_free (self->date);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Simulation, simulation_clear)

static char *
dup_turn (const OnwardSelector *selector, OnwardRelease *release)
{
  g_autoptr (GDateTime) turn =
      g_date_time_new_from_unix_utc (onward_selector_get_turn (selector, release));

  return turn == NULL ? g_strdup ("?") : g_date_time_format (turn, "%Y-%m-%dT%H:%M:%SZ");
}

/* The same questions, in the same order, as a client asks them. */
static char *
explain (const Simulation *self, GPtrArray *newer, OnwardRelease *installed, OnwardRelease *release)
{
  g_autofree char *turn = NULL;

  if (g_ptr_array_find (newer, release, NULL))
    return g_strdup (release == g_ptr_array_index (newer, 0) ? "offered" : "offered, after that");
  if (onward_release_is_withdrawn (release))
    return g_strdup (release == installed ? "installed, and withdrawn" : "withdrawn");
  if (release == installed)
    return g_strdup ("installed");
  if (!onward_release_is_supported (release))
    return g_strdup ("it needs a newer Onward");
  if (onward_selector_get_turn (&self->selector, release) <= self->selector.now)
    return g_strdup ("not newer than the installed one");

  turn = dup_turn (&self->selector, release);
  return g_strdup_printf ("rolled out, here from %s on", turn);
}

static void
print_release (const Simulation *self, GPtrArray *newer, OnwardRelease *installed,
               OnwardRelease *release)
{
  g_autofree char *why = explain (self, newer, installed, release);
  gboolean offered = g_ptr_array_find (newer, release, NULL);
  gboolean forced = offered && onward_release_forces (release, self->version);
  JsonBuilder *builder;

  if (!self->json)
    {
      printf ("%-16s %5" G_GUINT64_FORMAT "  %-10s %s%s\n", onward_release_get_version (release),
              onward_release_get_sequence (release), onward_release_get_channel (release), why,
              forced ? "; the installed one must not go on" : "");
      return;
    }

  builder = onward_report_begin ("verdict");
  onward_report_add_release (builder, release);
  onward_report_add_boolean (builder, "offered", offered);
  onward_report_add_boolean (builder, "forced", forced);
  onward_report_add_string (builder, "why", why);
  onward_report_print (builder);
}

static OnwardExit
simulate (const Simulation *self, OnwardTargets *targets)
{
  g_autoptr (GPtrArray) releases = onward_selector_list_releases (&self->selector, targets);
  g_autoptr (GPtrArray) newer = onward_selector_list_newer (&self->selector, releases);
  OnwardRelease *installed = onward_selector_find (releases, self->version);

  for (guint i = 0; i < releases->len; i++)
    print_release (self, newer, installed, g_ptr_array_index (releases, i));
  if (!self->json && installed == NULL)
    printf ("Version %s is not listed there: versions are compared, not sequences\n",
            self->version);
  if (!self->json && newer->len == 0)
    puts ("Nothing is offered");
  return newer->len > 0 ? ONWARD_EXIT_DONE : ONWARD_EXIT_NOTHING;
}

static gboolean
check (Simulation *self, GError **error)
{
  self->selector.now = g_get_real_time () / G_USEC_PER_SEC;
  if (!onward_arguments_require (self->version, "--version", error))
    return FALSE;
  if (!onward_version_is_valid (self->version))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "“%s” is not a version",
                 self->version);
  else if (self->bucket < 0 || self->bucket > BUCKETS)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--bucket takes a number from 1 to %d, or 0 for who asks by hand", BUCKETS);
  else if (self->date != NULL && !onward_date_parse (self->date, &self->selector.now, NULL))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "“%s” is not a date", self->date);
  else
    return TRUE;
  return FALSE;
}

static void
fill (Simulation *self)
{
  self->selector.version = self->version;
  self->selector.platform = self->platform == NULL ? onward_paths_get_platform () : self->platform;
  self->selector.channel = self->channel == NULL ? "stable" : self->channel;
  self->selector.bucket = (guint) self->bucket;
}

/**
 * onward_simulate_verb:
 * @argc: the number of arguments
 * @argv: the arguments
 * @error: return location
 *
 * Says what a client would be offered, now or at another time, and why not the other releases. The
 * repository is verified and the choice made by what clients use.
 */
OnwardExit
onward_simulate_verb (int argc, char **argv, GError **error)
{
  g_auto (Simulation) self = { .version = NULL };
  const GOptionEntry entries[] = {
    { "version", 0, 0, G_OPTION_ARG_STRING, &self.version, "The version that is installed", "V" },
    { "channel", 0, 0, G_OPTION_ARG_STRING, &self.channel, "The channel that is followed (stable)",
      "C" },
    { "platform", 0, 0, G_OPTION_ARG_STRING, &self.platform, "The platform (this computer's)",
      "P" },
    { "date", 0, 0, G_OPTION_ARG_STRING, &self.date, "When it asks (now)", "YYYY-MM-DD" },
    { "bucket", 0, 0, G_OPTION_ARG_INT, &self.bucket,
      "Its place in rollouts: 1 is among the first hundredth, 100 among the last; 0: it asks by "
      "hand",
      "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self.json, "Print one JSON object per line", NULL },
    { NULL },
  };
  g_autoptr (OnwardRepository) repository = NULL;
  g_autoptr (OnwardTargets) targets = NULL;

  if (!onward_arguments_parse ("REPO --version V", entries, 1, &argc, &argv, error) ||
      !check (&self, error))
    return ONWARD_EXIT_USAGE;

  fill (&self);
  repository = onward_repository_open_to_read (argv[1], error);
  if (repository != NULL)
    targets = onward_repository_verify_at (repository, self.selector.now, error);
  return targets == NULL ? ONWARD_EXIT_FAILED : simulate (&self, targets);
}
