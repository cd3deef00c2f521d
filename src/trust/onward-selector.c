/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-digest.h"
#include "onward-selector.h"
#include "onward-version.h"

/* The facts of a target, when it is a release document that this Onward understands. A target it
 * does not understand is left out, so that newer kinds can join a repository. */
static OnwardRelease *
parse_target (OnwardTarget *target)
{
  JsonObject *custom = onward_target_get_custom (target);
  g_autoptr (OnwardRelease) release = NULL;
  g_autofree char *name = NULL;
  JsonNode *node = NULL;

  if (custom != NULL)
    node = json_object_get_member (custom, "onward");
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node) || onward_target_get_digest (target) == NULL)
    return NULL;

  release = onward_release_new_from_json (json_node_get_object (node), NULL);
  if (release == NULL)
    return NULL;

  name = onward_release_dup_document_name (release);
  if (!g_str_equal (name, onward_target_get_name (target)))
    return NULL;

  return g_steal_pointer (&release);
}

static int
compare_sequences (gconstpointer a, gconstpointer b)
{
  guint64 left = onward_release_get_sequence (*(OnwardRelease *const *) a);
  guint64 right = onward_release_get_sequence (*(OnwardRelease *const *) b);

  return left < right ? 1 : left > right ? -1 : 0;
}

static gboolean
follows (const OnwardSelector *self, OnwardRelease *release)
{
  const char *channel = onward_release_get_channel (release);

  return g_str_equal (onward_release_get_platform (release), self->platform) &&
         (g_str_equal (channel, self->channel) || g_str_equal (channel, "stable"));
}

/**
 * onward_selector_list_releases:
 * @self: what to choose by
 * @targets: the verified targets of the repository
 *
 * Returns: (transfer full) (element-type OnwardRelease): every release for this platform and
 *   channel, highest sequence first
 */
GPtrArray *
onward_selector_list_releases (const OnwardSelector *self, OnwardTargets *targets)
{
  GPtrArray *releases = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_release_unref);

  for (guint i = 0; i < onward_targets_get_n_targets (targets); i++)
    {
      g_autoptr (OnwardRelease) release = parse_target (onward_targets_get_target (targets, i));

      if (release != NULL && follows (self, release))
        g_ptr_array_add (releases, g_steal_pointer (&release));
    }

  g_ptr_array_sort (releases, compare_sequences);
  return releases;
}

/* Each release deals the installs anew, so that no install is always the first to try. */
static double
get_place (const OnwardSelector *self, OnwardRelease *release)
{
  g_autofree char *lot = NULL;
  OnwardDigest digest;
  guint32 place = 0;

  if (self->bucket > 0)
    return self->bucket / 100.0;

  lot = g_strdup_printf ("%s %s", self->secret, onward_release_get_version (release));
  onward_digest_of_data (lot, strlen (lot), &digest);
  memcpy (&place, digest.bytes, sizeof place);
  return (double) GUINT32_FROM_LE (place) / G_MAXUINT32;
}

/**
 * onward_selector_get_turn:
 * @self: what to choose by
 * @release: a release
 *
 * Returns: from when on the release is offered here, seconds since 1970; 0 when it is at once
 */
gint64
onward_selector_get_turn (const OnwardSelector *self, OnwardRelease *release)
{
  guint days = onward_release_get_rollout_days (release);

  if (days == 0 || (self->secret == NULL && self->bucket == 0))
    return 0;
  return onward_release_get_rollout_start (release) +
         (gint64) (get_place (self, release) * days * 86400);
}

static gboolean
is_offered (const OnwardSelector *self, OnwardRelease *release)
{
  return !onward_release_is_withdrawn (release) && onward_release_is_supported (release) &&
         self->now >= onward_selector_get_turn (self, release);
}

/* Sequence decides; the version only where the installed release is no longer listed. What a thief
 * published may have the highest version and sequence there can be: neither counts then. */
static gboolean
is_newer (const OnwardSelector *self, OnwardRelease *release, OnwardRelease *installed)
{
  if (installed == NULL && self->disowned)
    return TRUE;
  if (installed == NULL)
    return onward_version_compare (onward_release_get_version (release), self->version) > 0;
  return onward_release_get_sequence (release) > onward_release_get_sequence (installed);
}

/**
 * onward_selector_list_newer:
 * @self: what to choose by
 * @releases: (element-type OnwardRelease): what onward_selector_list_releases() gave
 *
 * The releases to offer. A withdrawn installed release with nothing newer is answered by the best
 * release below it: the only way back that a client takes by itself.
 *
 * Returns: (transfer full) (element-type OnwardRelease): newest first; empty when up to date
 */
GPtrArray *
onward_selector_list_newer (const OnwardSelector *self, GPtrArray *releases)
{
  GPtrArray *newer = g_ptr_array_new_with_free_func ((GDestroyNotify) onward_release_unref);
  OnwardRelease *installed = onward_selector_find (releases, self->version);

  for (guint i = 0; i < releases->len; i++)
    {
      OnwardRelease *release = g_ptr_array_index (releases, i);

      if (is_offered (self, release) && is_newer (self, release, installed))
        g_ptr_array_add (newer, onward_release_ref (release));
    }

  if (newer->len > 0 || installed == NULL || !onward_release_is_withdrawn (installed))
    return newer;

  for (guint i = 0; i < releases->len && newer->len == 0; i++)
    {
      OnwardRelease *release = g_ptr_array_index (releases, i);

      if (release != installed && is_offered (self, release))
        g_ptr_array_add (newer, onward_release_ref (release));
    }

  return newer;
}

/**
 * onward_selector_find:
 * @releases: (element-type OnwardRelease): some releases
 * @version: the version looked for
 *
 * Returns: (transfer none) (nullable): the release with this version
 */
OnwardRelease *
onward_selector_find (GPtrArray *releases, const char *version)
{
  for (guint i = 0; i < releases->len; i++)
    {
      OnwardRelease *release = g_ptr_array_index (releases, i);

      if (g_str_equal (onward_release_get_version (release), version))
        return release;
    }

  return NULL;
}

/**
 * onward_selector_forces:
 * @newer: (element-type OnwardRelease): the releases offered
 * @version: the installed version
 *
 * Returns: whether the installed version must not go on
 */
gboolean
onward_selector_forces (GPtrArray *newer, const char *version)
{
  for (guint i = 0; i < newer->len; i++)
    {
      if (onward_release_forces (g_ptr_array_index (newer, i), version))
        return TRUE;
    }

  return FALSE;
}

/* The lowest version that @release leaves safe to run. */
static const char *
get_floor (OnwardRelease *release)
{
  if (onward_release_is_withdrawn (release))
    return NULL;
  if (onward_release_get_severity (release) == ONWARD_SEVERITY_FORCED)
    return onward_release_get_version (release);
  return onward_release_get_minimum (release);
}

/**
 * onward_selector_dup_floor:
 * @releases: (element-type OnwardRelease): what onward_selector_list_releases() gave
 *
 * Returns: (transfer full) (nullable): the version below which the publisher wants none to go on
 */
char *
onward_selector_dup_floor (GPtrArray *releases)
{
  const char *floor = NULL;

  for (guint i = 0; i < releases->len; i++)
    {
      const char *other = get_floor (g_ptr_array_index (releases, i));

      if (other != NULL && (floor == NULL || onward_version_compare (other, floor) > 0))
        floor = other;
    }

  return g_strdup (floor);
}

/**
 * onward_selector_find_target:
 * @targets: the verified targets of the repository
 * @release: one of the releases they list
 *
 * Returns: (transfer none) (nullable): the target that is the document of @release
 */
OnwardTarget *
onward_selector_find_target (OnwardTargets *targets, OnwardRelease *release)
{
  g_autofree char *name = onward_release_dup_document_name (release);

  return onward_targets_lookup (targets, name);
}

/**
 * onward_selector_find_installed:
 * @self: what to choose by
 * @targets: the verified targets of the repository
 *
 * Who leaves a channel keeps the version that came from it until there is a newer one.
 *
 * Returns: (transfer none) (nullable): the target that is the document of the installed version for
 *   this platform, in whichever channel
 */
OnwardTarget *
onward_selector_find_installed (const OnwardSelector *self, OnwardTargets *targets)
{
  for (guint i = 0; i < onward_targets_get_n_targets (targets); i++)
    {
      OnwardTarget *target = onward_targets_get_target (targets, i);
      g_autoptr (OnwardRelease) release = parse_target (target);

      if (release != NULL && g_str_equal (onward_release_get_platform (release), self->platform) &&
          g_str_equal (onward_release_get_version (release), self->version))
        return target;
    }
  return NULL;
}

/**
 * onward_selector_is_behind:
 * @self: what to choose by
 * @targets: the verified targets of the repository
 *
 * Whoever takes a release back signs new targets for that, so targets which are older than the
 * installed version say nothing about it. They may be all that an install knows which has lost what
 * it trusted: genuine, not expired, and handed out again by somebody who wants to lead it back. The
 * time is this computer's, which no thief of keys can sign; one in the future is a clock's fault.
 *
 * Returns: whether @targets were signed before the installed version came
 */
gboolean
onward_selector_is_behind (const OnwardSelector *self, OnwardTargets *targets)
{
  return self->since <= self->now && onward_targets_get_issued (targets) < self->since;
}
